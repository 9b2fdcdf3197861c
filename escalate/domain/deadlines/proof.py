"""The days by which a limit of a case was counted."""

from datetime import timedelta

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.proof import Step, steps


def days_counted(file: CaseFile, deadline: Deadline, limit: Limit) -> list[Step]:
    """Every day from where a limit of a deadline counts from to where it ends; none for an agreed date, or one not begun."""
    if limit.within is None or limit.since is None:
        return []
    return list(steps(limit.since, limit.within, _calendar_of(file, deadline), limit.stops, backward=limit.backward))


def _calendar_of(file: CaseFile, deadline: Deadline) -> Calendar:
    """The calendar a deadline was counted on: as it is now, or as it was when it was judged."""
    if deadline.judged_until is None:
        return file.calendar
    return file.calendar.as_known(deadline.judged_until - timedelta(seconds=1))
