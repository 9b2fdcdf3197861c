"""The lists of a file as they were known at an instant, worked out from the entries recorded by then."""

from collections.abc import Iterator
from datetime import datetime

from escalate.domain.case.people import Holder
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import case_line, due_lines
from escalate.domain.deadlines.model import CaseLine, DueLine
from escalate.domain.worktime.calendar import Calendar
from escalate.storage.calendars import Calendars
from escalate.storage.case_files import CaseFiles
from escalate.storage.lists import CasePlace, Reading


class ListsAsKnown(Reading):
    """The lists of an open file as they were known at an instant."""

    def __init__(self, case_files: CaseFiles, calendars: Calendars, at: datetime) -> None:
        super().__init__(calendars)
        self._case_files = case_files
        self._at = at

    @property
    def number_of_cases(self) -> int:
        """How many cases there were that counted."""
        return len(self.cases())

    def cases(self, most: int | None = None, *, identify: bool = False, with_void: bool = False) -> list[CaseLine]:
        """The newest cases, so many at most, the newest first; names only with `identify`, those opened by mistake only `with_void`."""
        every = map(case_line, self._case_files.all(self._at, identify=identify))
        return [line for line in every if with_void or line.status != VOID][::-1][:most]

    def due(self, *, identify: bool = False) -> list[DueLine]:
        """Every deadline that had not been met, by case; names only with `identify`."""
        return [line for line in self._lines(identify) if line.deadline.is_open]

    def holders(self, *, identify: bool) -> dict[CasePlace, tuple[Holder, ...]]:
        """Who held each side, by the case and the occasion; names only with `identify`."""
        return {(line.case.ref, line.deadline.occasion.number): line.holders for line in self._lines(identify)}

    def calendar(self, name: str) -> Calendar | None:
        """A calendar as it was then, with all it had been before, or None. Raises NotOurFile."""
        today = super().calendar(name)
        return today and today.as_known(self._at)

    def _lines(self, identify: bool) -> Iterator[DueLine]:
        return (line for file in self._case_files.all(self._at, identify=identify) for line in due_lines(file))
