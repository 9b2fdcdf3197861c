"""The database file: one SQLite file that holds every entry, and what the entries come to.

A store is made of parts: the history, the case files worked out from it, the tables derived from those, the lists read from
them, the calendars, the digests and the checks. What touches more than one part stands here.

Whatever is written is written inside one BEGIN IMMEDIATE, so that what was read to decide on it cannot have changed.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile, Changed
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import read_instant, written
from escalate.storage import chain, upkeep
from escalate.storage.calendar_changes import ChangeableCalendars
from escalate.storage.case_files import CaseFiles
from escalate.storage.derived import DerivedTables
from escalate.storage.engines import connected
from escalate.storage.entries import index_rows
from escalate.storage.interface import TO_WIPE, Database, DecidedTooEarly
from escalate.storage.lists import Lists, Reading
from escalate.storage.places import Place
from escalate.storage.settings_used import SettingsUsed

if TYPE_CHECKING:  # no cycle, but few commands need these, and reading protocols costs 8 ms
    from escalate.domain.deadlines.search_results import Found
    from escalate.domain.deadlines.shifts import Move
    from escalate.domain.reporting.left import Departure
    from escalate.storage.checks import Checks
    from escalate.storage.digest_log import DigestLog
    from escalate.storage.evidence import Evidence
    from escalate.storage.files.protocols import ProtocolFile
    from escalate.storage.looks import Looks
    from escalate.storage.reasons import Reasons
    from escalate.storage.records import NewEntry

OPENED_AT_ONCE = 500
"""How many new cases are written together: more would save no time, only take room."""

Made = TypeVar("Made")


class Store:
    """An open database file. Made by `open_store`."""

    def __init__(
        self, database: Database, settings: Callable[[], Mapping[str, str]] = dict, clock: datetime | None = None
    ) -> None:
        self.database = database
        self._settings = settings
        self._clock = clock
        self.name = database.name
        self.agency = database.agency
        """The agency whose cases are all that can be seen, by its name; None where all are."""
        self.calendars = ChangeableCalendars(database, clock)
        self.lists = Lists(database, self.calendars)
        self._case_files = CaseFiles(database, self.calendars, clock)
        self.history = self._case_files.history
        self.derived = DerivedTables(database, self._case_files)
        self.settings_used = SettingsUsed(database)
        self.has_written = False
        """Something was written since it was opened, and not only tried."""

    @property
    def path(self) -> Path:
        """The file that holds all of it. Raises Refused where it is none."""
        return self.database.file

    @property
    def digests(self) -> "DigestLog":
        """Which digests were made and sent."""
        from escalate.storage.digest_log import DigestLog

        return DigestLog(self.database)

    @property
    def looks(self) -> "Looks":
        """Who looked at names."""
        from escalate.storage.looks import Looks

        return Looks(self.database, self._clock)

    @property
    def reasons(self) -> "Reasons":
        """Why calendars were changed."""
        from escalate.storage.reasons import Reasons

        return Reasons(self.database)

    @property
    def checks(self) -> "Checks":
        """What can be looked for in the file."""
        from escalate.storage.checks import Checks

        return Checks(self.database, self._case_files, self.derived)

    # -- reading

    def find(self, text: str) -> str:
        """The case a person means by its reference, its number, or a unique ending. Raises UnknownName, Ambiguous."""
        return self.history.find(text)

    def case(self, ref: str, known_at: datetime | None = None, *, identify: bool = False) -> CaseFile:
        """A case, as far as it had been recorded by an instant if one is given; names only with `identify`. Raises Refused."""
        return self._case_files.one(ref, known_at, identify=identify)

    def files(self, known_at: datetime | None = None, *, identify: bool = False) -> Iterator[CaseFile]:
        """All cases, or those recorded by an instant as they were then, the oldest first; names only with `identify`."""
        return self._case_files.all(known_at, identify=identify)

    def files_of(self, refs: Sequence[str]) -> Iterator[CaseFile]:
        """These cases as they are, in the order of the references, without names; several are read at a time."""
        return self._case_files.of(refs)

    def changes(self, since: datetime, until: datetime) -> Iterator[Changed]:
        """The cases that had entries recorded after one instant and up to another, as they were known before and are now."""
        return self._case_files.changes(since, until)

    def left(self, since: datetime, until: datetime) -> "list[Departure]":
        """The cases that the agency of whoever asks sees no more, where it is on a server, because of an entry recorded between two instants."""
        from escalate.domain.reporting.left import Departure  # only a digest tells of it

        return [
            Departure(row["case_ref"], row["seq"], read_instant(row["recorded_at"]), row["by"])
            for row in self.database.cases_left(written(since), written(until))
        ]

    def lists_as_known(self, at: datetime | None) -> Reading:
        """The lists as they were known at an instant; today's if none is given."""
        if at is None:
            return self.lists
        from escalate.storage.as_known import ListsAsKnown

        return ListsAsKnown(self._case_files, self.calendars, at)

    def search(self, phrases: Sequence[str], *, identify: bool = False) -> "list[Found]":
        """The cases in which every phrase stands somewhere, the newest first; in names only with `identify`.

        The last word of a phrase may be the beginning of one.
        """
        from escalate.domain.deadlines.search_results import Found, called_before
        from escalate.storage import origins

        passages = self.derived.index.find(phrases, self.history.taken_back, identify=identify)
        if len(phrases) == 1:
            was = phrases[0].strip().upper()
            for ref in origins.called_before(self.database, was):
                passages.setdefault(ref, []).append(called_before(was))
        lines = self.lists.cases(identify=identify)
        return [Found(line, tuple(passages[line.ref])) for line in lines if line.ref in passages]

    def calendar(self, name: str) -> Calendar | None:
        """A calendar the file holds, with all it was before, or None. Raises NotOurFile."""
        return self.calendars.named(name)

    def to_recount(self, calendars: Iterable[str]) -> list[str]:
        """The cases in which something can move when these calendars change."""
        from escalate.storage import recounting

        return recounting.concerned(self.database, calendars)

    def recounted(
        self, refs: Iterable[str], now: datetime, calendars: Mapping[str, Calendar]
    ) -> "Iterator[tuple[CaseFile, list[Move]]]":
        """Cases counted on these calendars instead of those of the same names, each with what moves in it."""
        from escalate.storage import recounting

        return recounting.recounted(self.database, self._case_files, refs, now, calendars)

    def is_ours(self, raising: str | None, receiving: str | None) -> bool:
        """Whether whoever opened it may open a case that one agency raises with another: on a server it is one of theirs."""
        return self.database.is_ours(raising, receiving)

    def with_evidence(self, ref: str) -> "tuple[CaseFile, Evidence]":
        """A case, and what is recorded of all that its dates rest on, as both are at one moment. Raises NotOurFile."""
        from escalate.storage.evidence import evidence_of

        with self.database.reading():
            file = self.case(ref)
            return file, evidence_of(self.database, file.case)

    @property
    def own_id(self) -> str:
        """What tells this file from every other: the references of its cases are its own affair alone."""
        return chain.file_name(self.database)

    @property
    def head(self) -> str:
        """What stands for all that was recorded: written down elsewhere, it shows later that nothing before it was changed."""
        return chain.head(self.database)

    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Make something slow of the file as it is at one moment, without making writers wait."""
        return self.database.as_it_is(make)

    # -- writing

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. Raises StoreReplaced."""
        with self.database.writing(dry_run), self.history.held():
            yield
        self.has_written |= not dry_run

    def decided(self, decide: Callable[[], Made], dry_run: bool = False) -> Made:
        """What `decide` reads in a case and records in it happens, or nothing does; what it returns. Raises StoreReplaced.

        On a server it is decided before anybody has to wait for it, and again where somebody recorded meanwhile: it asks and tells nobody.
        """
        for _ in range(self.database.early_tries):
            try:
                with self.database.deciding(dry_run), self.history.held():
                    made = decide()
            except DecidedTooEarly:
                self.calendars.forget()
            else:
                self.has_written |= not dry_run
                return made
        with self.writing(dry_run):
            return decide()

    def next_ref(self, agency: str | None = None) -> str:
        """The reference that the next case gets which an agency raises: `E0007`. None is ever used twice. Inside `writing`."""
        return self.next_refs([agency])[0]

    def next_refs(self, agencies: Sequence[str | None]) -> list[str]:
        """The references that the next cases get, each by the agency that raises it. Inside `writing`."""
        return self.database.next_refs(agencies)

    def append(self, entry: Entry, *more: Entry, under: "ProtocolFile | None" = None) -> CaseFile:
        """Add entries of a case, and bring what is derived from it up to date; the text of the file that the case is `under` is kept with them.

        Inside `writing`. Raises BeyondCalendar.
        """
        before = self._case_files.read_already(entry.case) if self.database.is_shared else None
        if entry.seq == 1:
            self.history.begins(entry.case)
        self._add([(each.case, each) for each in (entry, *more)], under)
        file = self.case(entry.case)
        if not before or self.derived.differs(
            before, file
        ):  # a note changes nothing, and on a server others wait meanwhile
            self.derived.update(file)
        return file

    def open_worked_out(self, files: Iterable[tuple[str, CaseFile]]) -> None:
        """Add new cases, each with the reference it gets, with deadlines that were worked out by what this file holds.

        They are not read back, nor worked out again: of thousands that would be most of the work. Inside `writing`.
        """
        left = iter(files)
        while some := list(islice(left, OPENED_AT_ONCE)):
            self._add([(ref, entry) for ref, file in some for entry in file.case.history])
            self.derived.add_new(some)

    def take_over(self, entries: "Sequence[NewEntry]") -> list[str]:
        """Add entries as they were recorded elsewhere, and what they come to; returns the references of their cases. Inside `writing`.

        Raises NotOurFile, BeyondCalendar.
        """
        self.database.record(entries)
        refs = list(dict.fromkeys(each.ref for each in entries))
        files = map(self._case_files.made_of, self.history.of_each(refs))
        self.derived.add_new(list(zip(refs, files, strict=True)))
        return refs

    def _add(self, entries: Sequence[tuple[str, Entry]], under: "ProtocolFile | None" = None) -> None:
        """Add entries to the history and to the index, each of the case with a reference. All that is read for that is read first."""
        last = entries[-1][1]
        self.settings_used.keep(last.by, last.recorded_at, self._settings())
        if under:
            self.keep_edition(under, last.recorded_at)
        if self._clock:
            entries = [(ref, entry._replace(clock=entry.clock or self._clock)) for ref, entry in entries]
        self.history.add(entries)

    def erase(self, entries: Sequence[Entry]) -> None:
        """Erase all that was said in words in cases, each with the entry that says so, and in looks at names in them.

        Inside `writing`, and `wipe` after it.
        """
        refs = [entry.case for entry in entries]
        self.history.erase(refs)
        if entries:
            of_them = {name for name, look in self.looks.with_words().items() if not set(refs).isdisjoint(look.cases)}
            self.looks.erase(of_them, entries[-1].by, entries[-1].recorded_at, refs)
        for entry in entries:
            self.database.index(index_rows(entry.case, self.history.entries(entry.case, identify=True)))
            self.append(entry)
        self.database.renew_index()
        self.database.set_fact(TO_WIPE, "1")

    def erase_looks(self, keys: Collection[str], by: str, at: datetime) -> None:
        """Erase what was said of people in looks at names, where it is there still. Inside `writing`, and `wipe` after it."""
        left = self.looks.with_words().keys() & set(keys)
        if left:
            self.looks.erase(left, by, at)
            self.database.set_fact(TO_WIPE, "1")

    def erase_reasons(self, keys: Collection[str], by: str, at: datetime) -> None:
        """Erase why calendars were changed, where it is there still. Inside `writing`, and `wipe` after it."""
        left = {each.key for each in self.reasons.all()} & set(keys)
        if left:
            from escalate.storage.looks import ERASE

            self.looks.add(by, at, ERASE, (), self.reasons.erase(left))
            self.calendars.forget()
            self.database.set_fact(TO_WIPE, "1")

    def edition(self, protocol: str, dated: str) -> Protocol:
        """A protocol that cases are under, by its id and the date of the edition."""
        return self._case_files.editions.named(protocol, dated)

    def keep_edition(self, file: "ProtocolFile", now: datetime) -> None:
        """Keep the text of a protocol file, and of those it extends, unless it is there. Inside `writing`."""
        self._case_files.editions.add(file, now)

    def keep_calendars(self, protocol: Protocol, base: Callable[[str], Calendar], by: str, now: datetime) -> None:
        """Keep the calendar a protocol counts on, unless it is there. Inside `writing`."""
        self.calendars.keep_for(protocol, base, by, now)

    # -- the file as a whole

    def wipe(self) -> None:
        """Make the file anew without what lies in its unused pages. Outside of `writing`. Raises NotWiped."""
        self.database.wipe()

    @property
    def is_wiped(self) -> bool:
        """Whether nothing that was erased is left in unused pages of the file."""
        return TO_WIPE not in self.database.facts()

    def copy_into(self, path: Path, folder: Path) -> None:
        """Write the whole file, as it is now, into an empty one, which is for a folder. Outside of `writing`. Raises Refused."""
        self.database.copy_into(path, folder)


@contextmanager
def open_store(
    place: Place | Path, settings: Callable[[], Mapping[str, str]] = dict, clock: datetime | None = None
) -> Iterator[Store]:
    """The cases in a place, ready to be read and written; `settings` are kept with what is recorded.

    Where the present moment was set by hand, `clock` is what the computer's own clock says, and is recorded with every entry, look, edition and version of a calendar.

    Raises StoreError and its kinds, and Refused.
    """
    with connected(place) as database:
        upkeep.settle(database)
        yield Store(database, settings, clock)
