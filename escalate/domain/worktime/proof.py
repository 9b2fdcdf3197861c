"""The proof of a deadline: every day of the walk from where its allowance begins to where it runs out, and why it counted or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from escalate.domain.worktime.allowance import Allowance, Reckoning, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import clock_change, end_of_day, london_date
from escalate.domain.worktime.counting import (
    AHEAD,
    BACK,
    DAY,
    HOURS,
    MONTHS,
    add_months,
    counted_back,
    days_elapsed,
    runs_out,
    stands_still_all_day,
    time_between,
)
from escalate.domain.worktime.due import Stop

_STOPPED = "the clock was stopped all day"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the proof."""

    on: date
    """The day."""
    count: int | None
    """How much of the allowance was used up by its end, in the allowance's unit; None for a day that was skipped."""
    why: str
    """Why it was skipped, or what else there is to say of it."""


def steps(
    start: datetime, allowance: Allowance, calendar: Calendar, stops: Sequence[Stop] = (), *, backward: bool = False
) -> Iterator[Step]:
    """Every day from the start to the deadline, or back from an event; none while the clock stands still. Raises BeyondCalendar."""
    due = counted_back(start, allowance, calendar) if backward else runs_out(start, allowance, calendar, stops)
    counted_on = calendar.calendar_of(allowance.days_of)
    if due is None:
        return iter(())
    if allowance.in_hours:
        first, last = (due.at, start) if backward else (start, due.at)
        return _in_hours(first, last, allowance.unit, counted_on, stops)
    direction = BACK if backward else AHEAD
    return _DayWalk(london_date(start), direction, due.on, allowance, counted_on, stops).days()


class _DayWalk(NamedTuple):
    """The days of an allowance that is counted in days."""

    first: date
    """Day 0."""
    direction: int
    """AHEAD or BACK."""
    last: date
    """The day on which it runs out."""
    allowance: Allowance
    """What is counted."""
    calendar: Calendar
    """The calendar whose days the allowance means."""
    stops: Sequence[Stop]
    """The times during which its clock stood still."""

    def days(self) -> Iterator[Step]:
        stood_still = 0
        for n in range(abs((self.last - self.first).days) + 1):
            day = self.first + n * self.direction * DAY
            skipped = self._why_skipped(day)
            if skipped == _STOPPED:
                stood_still += 1
            yield Step(day, None, skipped) if skipped else Step(day, self._count(day, stood_still), self._remark(day))

    @property
    def _day_0_counts(self) -> bool:
        return self.allowance.reckoning is Reckoning.INCLUSIVE

    def _why_skipped(self, day: date) -> str | None:
        if day == self.first and not self._day_0_counts:
            return None  # whether or not it is a working day (rule C2)
        why = self.calendar.why_not(day) if self.allowance.unit.of_working_days else None
        if self.direction == BACK:
            unknown = self.allowance.unit.of_working_days and day > self.calendar.known_to
            return why or ("after the last term that is known" if unknown else None)
        stopped = self.allowance.limit and day not in (self.first, self.last) and stands_still_all_day(day, self.stops)
        return why or (_STOPPED if stopped else None)

    def _count(self, day: date, stood_still: int) -> int:
        """How many whole units have been counted by a day, which is the last for all of them."""
        if self.direction == BACK:
            return self.allowance.limit if day == self.last else self._units_back_to(day)
        if day == self.first and not self._day_0_counts:
            return 0
        # Where the hour was over on the first day, it is the next day's, which is no day more.
        return min(self._units_up_to(day, stood_still), self.allowance.limit)

    def _units_up_to(self, day: date, stood_still: int) -> int:
        unit, calendar = self.allowance.unit, self.calendar
        if unit is Unit.SAME_WORKING_DAY:
            return 0
        before = self.first - DAY if self._day_0_counts else self.first
        if unit.of_working_days:
            working_days = calendar.working_days_between(before, day) - stood_still
            return working_days // (calendar.days_in_week if unit is Unit.WORKING_WEEK else 1)
        if unit in MONTHS and self._day_0_counts:
            # A month that counts its first day ends the day before the same day of the next.
            return days_elapsed(self.first, day + DAY - stood_still * DAY, unit, calendar)
        return days_elapsed(before, day - stood_still * DAY, unit, calendar)

    def _units_back_to(self, day: date) -> int:
        unit, calendar = self.allowance.unit, self.calendar
        nearest = self.first if self._day_0_counts else self.first - DAY
        if unit.of_working_days:
            nearest = min(nearest, calendar.known_to)
        if unit in (Unit.WORKING_DAY, Unit.WORKING_WEEK):
            return days_elapsed(day - DAY, nearest, unit, calendar)
        return days_elapsed(day, nearest + DAY, unit, calendar)

    def _remark(self, day: date) -> str:
        ends = self._remark_on_the_end() if day == self.last else ""
        if self.direction == BACK:
            if day == self.last and self.allowance.reckoning is Reckoning.CLEAR:
                return ends
            return _joined("the day counted back from" if day == self.first else "", ends)
        if day == self.first:
            return "counts as well" if self._day_0_counts else "day 0"
        return _joined("first working day" if self.allowance.unit is Unit.SAME_WORKING_DAY else "", ends)

    def _remark_on_the_end(self) -> str:
        if self.direction == BACK and self.allowance.reckoning is Reckoning.CLEAR:
            return _joined("the last day: those between are clear", self._clamped())
        return _joined(self._clamped(), f"by {self.allowance.by}" if self.allowance.by else "")

    def _clamped(self) -> str:
        """What is said where the last month has no such day (rule C3)."""
        first, months = self.first.day, self.allowance.limit * MONTHS.get(self.allowance.unit, 0)
        same_day = add_months(self.first, self.direction * months)
        if same_day.day == first:
            return ""
        taken = "its last day" if same_day == self.last else "its last day is taken for it"
        return f"the month has no {first}{_ordinal_ending(first)}: {taken}"


def _in_hours(start: datetime, end: datetime, unit: Unit, calendar: Calendar, stops: Sequence[Stop]) -> Iterator[Step]:
    """The days of an allowance in hours, and how many whole ones had run by the end of each."""
    for n in range((london_date(end) - london_date(start)).days + 1):
        day = london_date(start) + n * DAY
        until = min(end_of_day(day) + timedelta(seconds=1), end)
        held = [(max(begins, start), min(ends or until, until)) for begins, ends in stops if begins < until]
        lost = sum((time_between(*each, unit, calendar) for each in held if each[0] < each[1]), timedelta(0))
        count = (time_between(start, until, unit, calendar) - lost) // HOURS[unit]
        skipped = calendar.why_not(day) if unit is Unit.WORKING_HOUR else None
        skipped = skipped or (_STOPPED if stands_still_all_day(day, stops) else None)
        stopped = any(begins < until and (ends is None or london_date(ends) >= day) for begins, ends in stops)
        why = _joined(clock_change(day) or "", "the clock was stopped for a time" if stopped else "")
        yield Step(day, None, skipped) if skipped else Step(day, count, why)


def _joined(*remarks: str) -> str:
    return ", ".join(remark for remark in remarks if remark)


def _ordinal_ending(day: int) -> str:
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
