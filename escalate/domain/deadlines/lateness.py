"""How late something is (C17): one answer for every list, page and report.

Lateness is told in the unit of the limit: in working days or hours where the limit is counted in them, else by the clock. It never
shrinks as time passes, because no unit is ever changed for another that would count less.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from escalate.domain.deadlines.model import BY_THE_CLOCK, Deadline, Limit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.wording import how_many

_OWN_DAYS = "working"
"""What days and hours are called that are counted on the calendar of the case, and not on another that its protocol has."""

_A_MINUTE = timedelta(minutes=1)
_JUST_BEFORE = timedelta(seconds=1)
_HOURS_TOLD_AS_DAYS = 48
"""From so many clock hours on, whole days are told."""


class Lateness(NamedTuple):
    """How late something is, in the unit of its limit."""

    unit: str
    """`hour` by the clock, else `working day`, `working hour`, or such as `school day`."""
    amount: float
    """How many days; of hours, how many minutes. A half only where it is the middle of two."""

    def __str__(self) -> str:
        """In words: `3 days`, `2 working days`, `5 working hours`."""
        days_of, _, unit = self.unit.rpartition(" ")
        if unit == "day":
            return _or_less(self.amount, self.unit)
        minutes = int(self.amount)
        hours = minutes // 60
        if not hours:
            return _or_less(minutes, f"{days_of} minute".lstrip())
        if self.unit == BY_THE_CLOCK and hours >= _HOURS_TOLD_AS_DAYS:
            return how_many(hours // 24, "day")
        return how_many(hours, self.unit)

    @property
    def figure(self) -> float:
        """How many of the unit that is."""
        return self.amount if self.unit.endswith("day") else round(self.amount / 60, 2)


def late_in(limit: Limit | None) -> str:
    """The unit in which it is told how late something with this limit is: `late_in` of its deadline.

    An agreed date, be it that a limit was extended to it, is passed by the clock, and so are calendar days and what is due at once.
    """
    if limit is None or limit.within is None or limit.extended_to or not limit.within.unit.is_of_working_time:
        return BY_THE_CLOCK
    return f"{limit.within.days_of or _OWN_DAYS} {'hour' if limit.within.unit.in_hours else 'day'}"


def lateness(deadline: Deadline, calendar: Calendar, at: datetime) -> Lateness:
    """How late a deadline was at an instant after it was due, by the calendar of its case. Raises BeyondCalendar."""
    due = deadline.due_at
    assert due is not None
    days_of, _, unit = deadline.late_in.rpartition(" ")
    if deadline.late_in == BY_THE_CLOCK:
        return Lateness(BY_THE_CLOCK, (at - due) // _A_MINUTE)
    if deadline.judged_until:  # the verdict counts on the calendar that held then
        calendar = calendar.as_known(deadline.judged_until - _JUST_BEFORE)
    counted_on = calendar.calendar_of(None if days_of == _OWN_DAYS else days_of)
    if unit == "hour":
        return Lateness(deadline.late_in, counted_on.working_time_between(due, at) // _A_MINUTE)
    return Lateness(deadline.late_in, counted_on.working_days_between(london_date(due), london_date(at)))


def _or_less(amount: float, unit: str) -> str:
    """`2.5 working days`; of none, that it is less than one."""
    if amount < 1:
        return f"less than 1 {unit}"
    return how_many(int(amount), unit) if amount == int(amount) else f"{amount:g} {unit}s"
