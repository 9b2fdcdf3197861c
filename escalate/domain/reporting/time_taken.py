"""How long cases took, from the day they were raised to the day they were resolved."""

from collections.abc import Sequence

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.reporting.model import LadderPlace, Spread, TimeTaken
from escalate.domain.worktime.allowance import Unit
from escalate.domain.worktime.counting import elapsed

DaysTaken = tuple[int, int]
"""How long a case took: working days by its calendar, and days."""


def days_taken(file: CaseFile) -> DaysTaken | None:
    """How long a case took; None unless it is resolved, on a day that is known."""
    case = file.case
    if case.resolved_at is None:
        return None
    working_days = elapsed(case.raised_at, case.resolved_at, Unit.WORKING_DAY, file.calendar)
    return working_days, elapsed(case.raised_at, case.resolved_at, Unit.DAY, file.calendar)


def time_taken(place: LadderPlace, taken: Sequence[DaysTaken]) -> TimeTaken:
    """How long several cases took."""
    working_days, days = ([each[n] for each in taken] for n in (0, 1))
    return TimeTaken(place, len(taken), Spread.over(working_days), Spread.over(days))
