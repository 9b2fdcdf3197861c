"""Taking over the cases of another office: their entries are added as they were recorded there, with their times and authors.

The chain of this file has them as recorded now, after a record that says where they are from: the name and the head of the other file, what its
cases were called there, and which entries they are. Nothing of the other file is changed. All of it happens in one transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from escalate.domain.case.details import RELATED
from escalate.domain.case.entries import RECOUNTED, VERSIONS
from escalate.domain.case.look import taken_over
from escalate.domain.deadlines.case_file import CaseFile
from escalate.errors import Refused, listed
from escalate.storage.calendars import CLOSURE
from escalate.storage.carried import CarriedEntry, CarriedRecord, FileRecord, changes_of
from escalate.storage.derived import derived_case
from escalate.storage.entries import entry_of, indexed
from escalate.storage.history import REASON_ERASED, batches
from escalate.storage.origins import Origin, origins
from escalate.storage.reasons import WHY
from escalate.storage.records import CalendarChange, NewEntry
from escalate.storage.rows import as_json, read_json
from escalate.storage.store import Store

Watched = Callable[[Iterable[Any], int | None, str], Iterator[Any]]
"""Passes things on and shows how many there were, of how many if that is known, in doing what."""


class Taken(NamedTuple):
    """What became of the cases of another office."""

    own_id: str
    """The random name of its file."""
    head: str
    """The head that it had."""
    opened: Mapping[str, str]
    """The references of the cases that were taken over, by what they were called there."""
    continued: Mapping[str, tuple[str, int]]
    """Of cases that had been taken over before and went on there: the reference here and how many entries were added, by the reference there."""
    there: Mapping[str, str]
    """Of cases of which there was nothing new, the reference here by the one there."""
    apart: Mapping[str, str]
    """Of cases in which something else was recorded here and there since, which were left alone, the same."""
    entries: int
    """How many entries were added."""
    may_differ: bool
    """A calendar was changed at other times here than there: what was judged before may have another verdict here."""

    @property
    def renamed(self) -> dict[str, str]:
        """The cases that had to get another reference."""
        return {there: here for there, here in self.opened.items() if there != here}


def take(store: Store, record: CarriedRecord, command: str, by: str, now: datetime, watched: Watched) -> Taken:
    """Take over the cases of a record, as far as they are not here already. Inside `writing`.

    Raises Refused, NotOurFile, and DAMAGE for a record that is not as it was written.
    """
    taking = _Taking(store, record)
    return taking.take(command, by, now, watched)


class _Taking:
    """One taking of a record into a store."""

    def __init__(self, store: Store, record: CarriedRecord) -> None:
        self._store, self._record = store, record
        self._database = store.database
        self._here = FileRecord(self._database)
        self._refs = record.refs()
        self._before = record.origins()
        self._known = _by_origin(store.own_id, self._here.refs(), origins(self._database))
        self._given: dict[str, str] = {}
        self._name = self._names()
        self._keys: dict[str, str | None] = {}
        self._reasons: dict[str, str] = {}
        self._may_differ = False

    def take(self, command: str, by: str, now: datetime, watched: Watched) -> Taken:
        """Take what is new."""
        self._take_calendars()
        for edition in self._record.editions():
            self._database.add_edition(edition)
        first = self._store.history.size.entries + 1
        opened: dict[str, str] = {}
        continued: dict[str, tuple[str, int]] = {}
        there: dict[str, str] = {}
        apart: dict[str, str] = {}
        entries = 0
        for several in batches(watched(self._refs, len(self._refs), "Taking over cases")):
            new: list[tuple[str, CarriedEntry]] = []
            for ref, history in self._record.histories(several):
                here = self._same(ref, history)
                if here is None:
                    opened[ref] = self._named(ref)
                    new += [(opened[ref], entry) for entry in history]
                    continue
                more, is_apart = self._more(here, history)
                if is_apart:
                    apart[ref] = here
                elif more:
                    continued[ref] = here, len(more)
                    new += [(here, entry) for entry in more]
                else:
                    there[ref] = here
            entries += len(new)
            self._add(new)
        taken = Taken(
            self._record.own_id, self._record.head, opened, continued, there, apart, entries, self._may_differ
        )
        if entries:
            self._say_so(taken, command, by, now, first)
        return taken

    # -- which case is which

    def _places(self, ref: str) -> list[Origin]:
        """Everywhere a case of the record is or was, the first first."""
        return [*self._before.get(ref, ()), (self._record.own_id, ref)]

    def _same(self, ref: str, history: Sequence[CarriedEntry]) -> str | None:
        """The case here that one of the record is; None where it is new."""
        found = [here for place in self._places(ref) if (here := self._known.get(place))]
        for here in dict.fromkeys(found):  # a copy that went on by itself gives numbers of its own to new cases
            (_, own), *_ = self._here.histories([here])
            if _said(own[0]) == _said(history[0]):
                return here
        return None

    def _more(self, here: str, history: Sequence[CarriedEntry]) -> tuple[list[CarriedEntry], bool]:
        """The entries that a case here has not yet, and whether the two went on in different ways."""
        (_, own), *_ = self._here.histories([here])
        both = min(len(own), len(history))
        if [_said(each) for each in own[:both]] != [_said(each) for each in history[:both]]:
            return [], True
        return list(history[both:]), False

    def _names(self) -> Callable[[str], str]:
        """Gives each new case its reference: the one it had, where no case had it here, and else the next."""
        taken = set(self._here.refs())
        last = self._number(self._store.next_ref())
        wanted = [number for ref in self._refs if (number := self._number(ref)) >= last]
        free = max([last - 1, *wanted])

        def name(ref: str) -> str:
            nonlocal free
            if ref not in taken and (not self._number(ref) or self._number(ref) >= last):
                taken.add(ref)
                return ref
            free += 1
            taken.add(given := f"E{free:04d}")
            return given

        return name

    @staticmethod
    def _number(ref: str) -> int:
        """The number in a reference that a file gives; 0 in one that a server gave."""
        return int(ref[1:]) if ref[:1] == "E" and ref[1:].isdecimal() else 0

    # -- its entries

    def _add(self, entries: Sequence[tuple[str, CarriedEntry]]) -> None:
        """Add entries with what they come to, and look whether their words are what they committed to. Raises Refused."""
        if not entries:
            return
        refs = self._store.take_over([self._new(ref, entry) for ref, entry in entries])
        faults = list(self._store.checks.words(refs))
        if faults:
            raise Refused(f"{self._record.name} is not as it was recorded ({faults[0]}). Nothing was taken over.")

    def _new(self, ref: str, carried: CarriedEntry) -> NewEntry:
        """An entry as it is added here."""
        data = self._with_related(self._with_reasons(carried))
        words: dict[str, dict[str, str]] = {}
        for kind, field, _, content in carried.words:
            words.setdefault(kind, {})[field] = content
        row: Any = {**carried._asdict(), "data": data, "case_ref": ref}
        return NewEntry(
            ref, carried.seq, carried.kind, carried.at, carried.recorded_at, carried.by, data, carried.commitments,
            carried.words, indexed(entry_of(row, words)),
        )  # fmt: skip

    def _with_reasons(self, carried: CarriedEntry) -> str:
        """What an entry keeps, in which the versions of calendars that moved its dates are those of this file.

        Where this file has no such version, the entry has in it why the calendar was changed.
        """
        if carried.kind != RECOUNTED or not self._keys or f'"{VERSIONS}"' not in carried.data:
            return carried.data
        data = read_json(carried.data)
        named = {key: self._keys.get(key, key) for key in data[VERSIONS]}
        if None in named.values():
            why = next((reason for key in named if (reason := self._reasons.get(key))), REASON_ERASED)
            return as_json({key: value for key, value in data.items() if key != VERSIONS} | {"why": why})
        return as_json(data | {VERSIONS: list(named.values())})

    def _with_related(self, data: str) -> str:
        """What an entry keeps, in which the cases it says to be related are called what they are here."""
        if f'"{RELATED}"' not in data:
            return data
        kept = read_json(data)
        details = kept.get("particulars", {})
        if RELATED not in details:
            return data
        return as_json(kept | {"particulars": details | {RELATED: [self._called(ref) for ref in details[RELATED]]}})

    def _called(self, ref: str) -> str:
        """What a case of the record is called here; of one that is not in it, what it was called there."""
        if ref not in self._refs:
            return f"{ref} (not taken over)"
        ((_, history),) = self._record.histories([ref])
        return self._same(ref, history) or self._named(ref)

    def _named(self, ref: str) -> str:
        """The reference that a new case gets here."""
        if ref not in self._given:
            self._given[ref] = self._name(ref)
        return self._given[ref]

    # -- what it was judged by

    def _take_calendars(self) -> None:
        """Keep every calendar that is not here; one that is has to have the same days. Raises Refused."""
        held = set(self._store.calendars.names)
        carried: dict[str, list[CalendarChange]] = {}
        for change in self._record.calendars():
            carried.setdefault(change.calendar, []).append(change)
        self._reasons = {
            f"{name}@{change.version['version']}": content
            for name, changes in carried.items()
            for change in changes
            for field, _, content in change.words
            if field == WHY
        }
        for name, changes in carried.items():
            if name in held:
                own = list(changes_of(self._database, [name]))
                self._refuse_other_days(name, own, changes)
                self._keys |= _same_versions(name, own, changes)
                self._may_differ |= _times(own) != _times(changes)
            else:
                for change in changes:
                    self._database.add_calendar_version(change)
        self._store.calendars.forget()

    def _refuse_other_days(self, name: str, own: Sequence[CalendarChange], carried: Sequence[CalendarChange]) -> None:
        here, there = _Days.now(own), _Days.now(carried)
        if own[0].own != carried[0].own:
            differs = "they are made of different calendars"
        elif (here.opens, here.closes) != (there.opens, there.closes):
            differs = f"working days here are {here.opens} to {here.closes}, and there {there.opens} to {there.closes}"
        elif here.published_to != there.published_to:
            differs = "bank holidays are known further ahead in one: bring the other up to date with escalate calendar refresh"
        elif only := here.closed_alone(there):
            differs = f"here it has {_few(only)} as well: escalate calendar remove it here, or calendar add it there"
        elif only := there.closed_alone(here):
            differs = f"there it has {_few(only)} as well: escalate calendar add it here, or calendar remove it there"
        else:
            return
        raise Refused(
            f"The {name} calendar of {self._record.name} is not the same as the one here, and dates would move: {differs}. Nothing was taken over."
        )

    # -- the record of it

    def _say_so(self, taken: Taken, command: str, by: str, now: datetime, first: int) -> None:
        """Record in the chain what was taken over, from where, and what it was called there."""
        places = {here: self._places(there) for there, here in taken.opened.items()}
        refs = [*places, *(here for here, _ in taken.continued.values())]
        said = taken_over(taken.own_id, taken.head, (first, first + taken.entries - 1), places)
        self._store.looks.add(by, now, command, refs, said)


class _Days(NamedTuple):
    """What a calendar comes to after all its versions."""

    opens: object
    closes: object
    published_to: object
    first: str
    last: str
    off: frozenset[tuple[str, str]]
    """Kind and day of every day off."""

    @classmethod
    def now(cls, changes: Sequence[CalendarChange]) -> "_Days":
        off: set[tuple[str, str]] = set()
        for change in changes:
            off -= set(change.ended)
            off |= {(kind, day) for kind, day, _ in change.added}
        last = changes[-1].version
        return cls(
            last["opens"], last["closes"], last["published_to"], str(last["first"]), str(last["last"]), frozenset(off)
        )

    def closed_alone(self, other: "_Days") -> list[tuple[str, str]]:
        """The days off that the other has not, though it reaches so far."""
        return sorted(
            (day, kind)
            for kind, day in self.off - other.off
            if kind == CLOSURE or max(self.first, other.first) <= day <= min(self.last, other.last)
        )


def _few(days: Sequence[tuple[str, str]]) -> str:
    dated = [(date.fromisoformat(day), kind) for day, kind in days[:3]]
    shown = [f"{day.day} {day:%b %Y} ({kind})" for day, kind in dated]
    more = len(days) - len(shown)
    return listed([*shown, *([f"{more} more"] if more else [])], "and")


def _same_versions(
    name: str, own: Sequence[CalendarChange], carried: Sequence[CalendarChange]
) -> dict[str, str | None]:
    """The key here of each version that another file has of a calendar: the one that made the same change; None where none did."""
    left = {str(change.version["version"]): _change(change) for change in own}
    found: dict[str, str | None] = {}
    for change in carried:
        number = next((number for number, made in left.items() if made == _change(change)), None)
        if number:
            del left[number]
        found[f"{name}@{change.version['version']}"] = number and f"{name}@{number}"
    return found


def _times(changes: Sequence[CalendarChange]) -> list[object]:
    """When a calendar was changed; its first version holds for all that was before."""
    return [(change.version["made_at"], _change(change)) for change in changes[1:]]


def _change(change: CalendarChange) -> object:
    """What a version changed; of the first one only when it was first needed differs from file to file."""
    return (
        sorted(change.ended),
        sorted((kind, day) for kind, day, _ in change.added),
        change.version["opens"],
        change.version["closes"],
    )


def _said(entry: CarriedEntry) -> tuple[object, ...]:
    """What tells an entry from others, whatever became of its words and wherever it stands."""
    data = read_json(entry.data)
    for name in (VERSIONS, "why") if entry.kind == RECOUNTED else ():
        data.pop(name, None)
    data.get("particulars", {}).pop(RELATED, None)  # which are called otherwise here and there
    return entry.kind, entry.at, entry.recorded_at, entry.by, as_json(data)


def _by_origin(own_id: str, refs: Iterable[str], places: Mapping[str, Sequence[Origin]]) -> dict[Origin, str]:
    """The cases here by everywhere they are or were."""
    found = {(own_id, ref): ref for ref in refs}
    found.update({place: ref for ref, each in places.items() for place in each})
    return found


def differing(store: Store, there: Store, taken: Taken) -> list[str]:
    """The cases taken over whose deadlines are not here what they are there, by their references here.

    Open dates are counted on the same days; what was met or ended may have been judged when the calendar was still another here.
    """
    found = []
    for other, here in taken.opened.items():
        was, now = _come_to(there.case(other)), _come_to(store.case(here))
        if was != now:
            found.append(here)
    return found


def _come_to(file: CaseFile) -> object:
    made = derived_case("", file)
    return made.deadlines
