"""Case files: a history, the protocol and the calendar it is under, and the deadlines they come to, worked out from the entries."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Assigned
from escalate.domain.case.people import Holder, SameHolder
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.deadlines.case_file import CaseFile, Changed, case_file
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken
from escalate.errors import LostCalendar, Refused
from escalate.storage.calendars import Calendars
from escalate.storage.editions import Editions
from escalate.storage.history import History, as_known
from escalate.storage.interface import Database


class CaseFiles:
    """The case files of one database file."""

    def __init__(self, database: Database, calendars: Calendars, clock: datetime | None = None) -> None:
        self._database = database
        self._calendars = calendars
        self.history = History(database)
        self.editions = Editions(database, clock)
        self._last: CaseFile | None = None

    def one(self, ref: str, known_at: datetime | None = None, *, identify: bool = False) -> CaseFile:
        """The file of a case, as far as it had been recorded by an instant if one is given; names only with `identify`.

        Raises Refused, NotOurFile.
        """
        entries = self.history.entries(ref, identify=identify)
        if known_at is not None and not as_known(entries, known_at):
            raise Refused(f"Nothing was recorded of {ref} by {spoken(known_at)}.")
        file = self.made_of(entries, known_at)
        if known_at is None:
            self._last = file
        return file

    def read_already(self, ref: str) -> CaseFile | None:
        """The file of a case as it is, where that was the last one to be read and nobody can have recorded in it since."""
        last = self._last
        return last if last and last.case.ref == ref and self.history.is_held(ref, len(last.case.history)) else None

    def all(self, known_at: datetime | None = None, *, identify: bool = False) -> Iterator[CaseFile]:
        """The files of all cases, or of those recorded by an instant as they were then, the oldest first.

        Whoever lets each go has no more than a few histories at once. Raises NotOurFile.
        """
        histories = self.history.of_each(self.history.refs_known(known_at), identify=identify)
        return (self.made_of(entries, known_at) for entries in histories)

    def of(self, refs: Sequence[str]) -> Iterator[CaseFile]:
        """The files of these cases as they are, in the order of the references; several are read at a time. Raises NotOurFile."""
        return map(self.made_of, self.history.of_each(refs))

    def changes(self, since: datetime, until: datetime) -> Iterator[Changed]:
        """The cases that had entries recorded after one instant and up to another, as they were known before and are now."""
        changed = self.history.refs_changed(since, until)
        histories = self.history.of_each([ref for ref, _ in changed])
        for (_, first), entries in zip(changed, histories, strict=True):
            yield Changed(self.made_of(entries, since) if first <= since else None, self.made_of(entries))

    def made_of(
        self,
        entries: Sequence[Entry],
        known_at: datetime | None = None,
        *,
        instead: Mapping[str, Calendar] | None = None,
    ) -> CaseFile:
        """The file that entries come to, as far as they had been recorded by an instant; `instead` replaces calendars by name.

        Raises NotOurFile, BeyondCalendar.
        """
        with self._database.undamaged("its history", (Misfit,)):
            case = replay(entries if known_at is None else as_known(entries, known_at))
            protocol = self.editions.protocol_of(case)
            for stay in case.stays:
                protocol.stage(stay.route, stay.stage)
        calendars = instead or {}
        calendar = calendars.get(case.calendar) or self._calendar(case.calendar)
        for each in reversed(case.editions):
            calendar = calendar.after_change(each.until, calendars.get(each.calendar) or self._calendar(each.calendar))
        file = case_file(case, protocol, calendar if known_at is None else calendar.as_known(known_at))
        stay = case.stay
        is_asked = case.status == "open" and protocol.stage(stay.route, stay.stage).not_owner_of
        return file._replace(same_holder=self._same_holder(file)) if is_asked else file

    def _same_holder(self, file: CaseFile) -> tuple[SameHolder, ...]:
        """Who is the same at two stages: for that the names are compared, and shown to nobody."""
        from escalate.domain.deadlines.held import held_by_the_same  # few protocols ask for that

        recorded = {each.seq: each for each in self.history.entries(file.case.ref, identify=True)}

        def holder(assigned: Assigned) -> Holder:
            entry = file.case.history[assigned.entry - 1]
            named = entry if entry.identities else recorded.get(entry.seq, entry)
            return Holder(assigned.side, None, named.said("name"), named.said("email"))

        return held_by_the_same(file.protocol, file.case, holder)

    def _calendar(self, name: str) -> Calendar:
        calendar = self._calendars.named(name)
        if calendar is None:
            raise LostCalendar(self._database.name, name, self._database.way_back)
        return calendar
