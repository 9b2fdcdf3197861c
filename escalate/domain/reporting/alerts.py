"""What cannot wait for the next digest: what came up within a day, each thing once."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import Enum
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile, Changed, due_lines
from escalate.domain.deadlines.model import Deadline, DueLine, Limit
from escalate.domain.worktime.calendar import Calendar
from escalate.errors import BeyondCalendar

A_DAY = timedelta(days=1)
"""What came up earlier stands in a digest."""

TWO_HOURS = timedelta(hours=2)
"""So much working time before it runs out, a time in hours and an agreed time are about to pass."""

LONGEST = timedelta(days=30)
"""So far ahead a time in hours that is half gone can run out."""


class Why(Enum):
    """Why something cannot wait."""

    SAFETY = "safety"
    """Somebody's safety calls for it."""
    SOON = "about-to-pass"
    """A time in hours, or one that was agreed, has two working hours to go."""
    HALF_GONE = "half-gone"
    """Half of a time in hours is gone."""
    ASSIGNED = "assigned"
    """Somebody was assigned."""


class Alert(NamedTuple):
    """Something that cannot wait for the next digest."""

    why: Why
    """Why it cannot."""
    line: DueLine
    """What is due; of somebody who was assigned, what their case has due first."""
    entry: int | None = None
    """The entry that says who was assigned."""

    @property
    def key(self) -> str:
        """What tells it from all others."""
        what = self.entry if self.why is Why.ASSIGNED else self.line.deadline.key
        return f"{self.why.value} {self.line.case.ref} {what}"


def candidates(lines: Iterable[DueLine], now: datetime) -> list[str]:
    """The references of cases in which a time in hours, or an agreed one, may be half gone or about to pass."""
    return list(dict.fromkeys(line.case.ref for line in lines if _may_run_out(line.deadline, now)))


def of_time(file: CaseFile, now: datetime) -> Iterator[Alert]:
    """Whose time, in hours or agreed, is half gone or about to pass since a day ago."""
    for line in due_lines(file):
        limit = line.deadline.decided_by
        if limit is None or not _may_run_out(line.deadline, now):
            continue
        why = _how_far(line.deadline, limit, file.calendar, now)
        if why:
            yield Alert(why, line)


def of_change(change: Changed, since: datetime, today: date) -> Iterator[Alert]:
    """What somebody's safety calls for since an instant, and who was assigned since, in a case that has changed."""
    lines = due_lines(change.after)
    before = {each.key for each in change.before.deadlines} if change.before else set()
    for line in lines:
        if line.deadline.comes_first and line.deadline.is_open and line.deadline.key not in before:
            yield Alert(Why.SAFETY, line)
    owed = [line for line in lines if line.deadline.is_open] or lines
    case = change.after.case
    for assigned in case.assigned_on(case.stay.occasion) if owed and case.status == "open" else ():
        is_over = assigned.until is not None and assigned.until < today
        if case.history[assigned.entry - 1].recorded_at > since and not is_over:
            yield Alert(Why.ASSIGNED, owed[0], assigned.entry)


def _may_run_out(deadline: Deadline, now: datetime) -> bool:
    """Whether its time is running, and over within what a time in hours comes to."""
    due = deadline.due_at
    return deadline.is_open and not deadline.is_window and due is not None and now < due <= now + LONGEST


def _how_far(deadline: Deadline, limit: Limit, calendar: Calendar, now: datetime) -> Why | None:
    """How far its time has come since a day ago; None where that can wait, or is counted in days."""
    due = deadline.due_at
    assert due is not None
    is_agreed = limit.within is None or limit.extended_to is not None
    if not (is_agreed or (limit.within and limit.within.in_hours)):
        return None
    try:
        last_two = calendar.subtract_working_time(deadline.act_by or due, TWO_HOURS)
        half = None if is_agreed else _middle(limit, calendar, due)
    except BeyondCalendar:
        return None
    if now - A_DAY < last_two <= now:
        return Why.SOON
    if half and now - A_DAY < half <= now:
        return Why.HALF_GONE
    return None


def _middle(limit: Limit, calendar: Calendar, due: datetime) -> datetime | None:
    """The instant at which half of a time in hours is gone; None of one that is counted back from what lies ahead, or stood still."""
    if limit.since is None or limit.within is None or limit.backward or limit.stops:
        return None
    if not limit.within.unit.is_of_working_time:
        return limit.since + (due - limit.since) / 2
    counted_on = calendar.calendar_of(limit.within.days_of)
    span = counted_on.working_time_between(limit.since, due)
    return counted_on.add_working_time(limit.since, span / 2) if span > timedelta(0) else None
