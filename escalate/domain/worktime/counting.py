"""The counting rules: from an instant and an allowance to where that runs out, ahead or back (design, rules C2 to C8, C13).

Counting is one walk with a direction, AHEAD from an instant or BACK from an event. The day it begins on is day 0, and
`last_day` says where it ends. Nobody steps through the days for that: a calendar answers by arithmetic. The days on the way,
which the proof prints, are the same walk (proof.py).
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from escalate.domain.worktime.allowance import CLOSE, Allowance, Reckoning, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, end_of_day, london, london_date
from escalate.domain.worktime.due import ActBy, Due, Stop

AHEAD, BACK = 1, -1
"""The direction of a walk: the sign of a day's step."""

DAY = timedelta(days=1)
ONE_WORKING_DAY = Allowance(1, Unit.WORKING_DAY)
HOURS = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1), Unit.WORKING_HOUR: timedelta(hours=1)}
"""How long one of a unit of hours lasts."""

MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
"""How many months one of a unit has."""

_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.IMMEDIATELY: 0}


# -- where an allowance runs out ------------------------------------------------------------------------------------------


def runs_out(start: datetime, allowance: Allowance, calendar: Calendar, stops: Sequence[Stop] = ()) -> Due | None:
    """Where an allowance that begins at an instant runs out; None while its clock stands still. Raises BeyondCalendar.

    A stop takes away the time it lasts; of what is counted in days, only the days it covers from beginning to end.
    """
    counted_on = calendar.calendar_of(allowance.days_of)
    held = [(max(begins, start), ends) for begins, ends in stops if ends is None or ends > start] if stops else []
    if allowance.unit.in_hours:
        return _hours_ahead(start, allowance, counted_on, held)
    first = london_date(start)
    on = _day_reached(first, allowance, counted_on, held) if held else last_day(first, AHEAD, allowance, counted_on)
    return None if on is None else _due_on(on, start, first, allowance, counted_on)


def _hours_ahead(start: datetime, allowance: Allowance, calendar: Calendar, stops: Sequence[Stop]) -> Due | None:
    """Where hours run out: each stop that begins before then puts it off by the time it lasts."""
    unit, first = allowance.unit, london_date(start)
    span = allowance.limit * HOURS[unit]
    at = _hours_after(start, first, span, unit, calendar)
    for begins, ends in stops:
        if at <= begins:
            break
        if ends is None:
            return None
        span += time_between(begins, ends, unit, calendar)
        at = _hours_after(start, first, span, unit, calendar)
    on = london_date(at)
    calendar.check(on)
    return Due(on, at, not calendar.knows(first, on))


def _day_reached(first: date, allowance: Allowance, calendar: Calendar, stops: Sequence[Stop]) -> date | None:
    """The day on which days run out: each whole day of a stop that begins before then puts it off by one."""
    on, stood_still = last_day(first, AHEAD, allowance, calendar), 0
    for begins, ends in stops:
        whole = max(_first_whole_day(begins), first + DAY)
        if on < whole or not allowance.limit:
            break
        if ends is None:
            return None
        last = london_date(ends) - DAY
        if last >= whole:
            by_working_days = allowance.unit.of_working_days
            stood_still += (
                calendar.working_days_between(whole - DAY, last) if by_working_days else (last - whole).days + 1
            )
            on = last_day(first, AHEAD, allowance, calendar, stood_still)
    return on


def counted_back(event: datetime, allowance: Allowance, calendar: Calendar) -> Due:
    """The last instant that still leaves an allowance before an event. Raises BeyondCalendar.

    The n-th day before the event's own is the last one, and lasts until its end; of clear days it is the one before that.
    What is counted back to the event's own day ends with the event.
    """
    counted_on, day = calendar.calendar_of(allowance.days_of), london_date(event)
    if allowance.in_hours:
        at = _hours_before(event, day, allowance.limit * HOURS[allowance.unit], allowance.unit, counted_on)
        on = london_date(at)
        counted_on.check(on)
        return Due(on, at, not counted_on.knows(on, day))
    on = last_day(day, BACK, allowance, counted_on)
    counted_on.check(on)
    at = min(_end_of_last_day(on, allowance, counted_on), event)
    return Due(london_date(at), at, not counted_on.knows(on, max(on, day - DAY)))


def last_day(first: date, direction: int, allowance: Allowance, calendar: Calendar, stood_still: int = 0) -> date:
    """The last day of an allowance in days, with so many days added during which its clock stood still. Raises BeyondCalendar."""
    unit, usual = allowance.unit, allowance.reckoning is Reckoning.USUAL
    shift = 0 if usual else _days_day_0_shifts(direction, allowance.reckoning)
    if unit is Unit.SAME_WORKING_DAY:
        return calendar.on_or_after(first) if direction == AHEAD else calendar.on_or_before(first)
    if unit.of_working_days:
        days = allowance.limit * (calendar.days_in_week if unit is Unit.WORKING_WEEK else 1) + stood_still
        return _last_working_day(first, direction, days, shift, calendar)
    if unit in MONTHS:
        return _last_day_of_months(first, direction, allowance.limit * MONTHS[unit], shift, calendar, stood_still)
    days = allowance.limit * _DAYS[unit] + stood_still
    _check_span(first, timedelta(days=days), calendar)
    return first + direction * timedelta(days=days + shift)


def _days_day_0_shifts(direction: int, reckoning: Reckoning) -> int:
    """By how many days the last one lies further: one less where day 0 counts as well, one more back where days are clear."""
    if reckoning is Reckoning.INCLUSIVE:
        return -1
    return 1 if reckoning is Reckoning.CLEAR and direction == BACK else 0


def _last_working_day(first: date, direction: int, days: int, shift: int, calendar: Calendar) -> date:
    """The last of so many working days; where day 0 counts as well, they are counted from the day on its other side."""
    days += max(shift, 0)
    if direction == AHEAD:
        return calendar.add_working_days(first - DAY if shift < 0 else first, days)
    # Which days count after the last term is not known: taking none is the earlier date.
    first = min(first, calendar.known_to + DAY)
    return calendar.subtract_working_days(first + DAY if shift < 0 else first, days)


def _last_day_of_months(
    first: date, direction: int, months: int, shift: int, calendar: Calendar, stood_still: int
) -> date:
    """The last day of so many months."""
    _check_span(first, timedelta(days=28 * months + stood_still), calendar)
    on = add_months(first, direction * months) + direction * timedelta(days=shift + stood_still)
    while direction == BACK and shift < 0 and add_months(on, months) - DAY > first:
        on -= DAY  # the day after the last of a month that is too short would leave less than the allowance
    return on


def _due_on(on: date, start: datetime, first: date, allowance: Allowance, calendar: Calendar) -> Due:
    """The end of the last day, or the hour of it at which the allowance ends; of the next one if that hour was over at the start."""
    calendar.check(on)
    at = _end_of_last_day(on, allowance, calendar)
    if at < start:
        on = calendar.add_working_days(on, 1) if allowance.unit.of_working_days else on + DAY
        at = _end_of_last_day(on, allowance, calendar)
    return Due(on, at, not calendar.knows(min(on, first + DAY), on))


def _end_of_last_day(on: date, allowance: Allowance, calendar: Calendar) -> datetime:
    """The instant at which an allowance in days ends on its last day."""
    if allowance.by is None:
        return end_of_day(on)
    return at_london(on, calendar.hours(on)[1] if allowance.by == CLOSE else time.fromisoformat(allowance.by))


def _hours_after(start: datetime, first: date, span: timedelta, unit: Unit, calendar: Calendar) -> datetime:
    if unit is Unit.WORKING_HOUR:
        return calendar.add_working_time(start, span)
    _check_span(first, span, calendar)
    return start + span


def _hours_before(event: datetime, day: date, span: timedelta, unit: Unit, calendar: Calendar) -> datetime:
    if unit is Unit.WORKING_HOUR:
        return calendar.subtract_working_time(event, span)
    _check_span(day, span, calendar)
    return event - span


def _check_span(first: date, span: timedelta, calendar: Calendar) -> None:
    """Refuse before the arithmetic can leave the years Python knows. Raises BeyondCalendar."""
    calendar.check(first)
    if span > calendar.last - calendar.first:
        calendar.check(date.max)


# -- how much has been counted --------------------------------------------------------------------------------------------


def add(start: datetime, n: int, unit: Unit, calendar: Calendar) -> Due:
    """The deadline `n` units after an instant. Raises BeyondCalendar."""
    due = runs_out(start, Allowance(n, unit), calendar)
    assert due is not None
    return due


def elapsed(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> int:
    """How many whole units lie between two instants: the inverse of `add` (rule C13)."""
    if unit.in_hours:
        return time_between(start, end, unit, calendar) // HOURS[unit]
    return days_elapsed(london_date(start), london_date(end), unit, calendar)


def days_elapsed(first: date, last: date, unit: Unit, calendar: Calendar) -> int:
    """How many whole units lie after one day, up to and including another; for units counted in days."""
    if unit.of_working_days:
        return calendar.working_days_between(first, last) // (calendar.days_in_week if unit is Unit.WORKING_WEEK else 1)
    if unit in MONTHS:
        months = ((last.year - first.year) * 12 + last.month - first.month) // MONTHS[unit]
        return months if add_months(first, months * MONTHS[unit]) <= last else months - 1
    return (last - first).days // (_DAYS.get(unit) or 1)


def time_between(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> timedelta:
    """The time that counts between two instants: working time for working hours, else all of it."""
    return calendar.working_time_between(start, end) if unit is Unit.WORKING_HOUR else end - start


def add_months(day: date, n: int) -> date:
    """The same day of a later month, or its last day where it has no such day (rule C3); of an earlier one if `n` is negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, _days_in(year, month + 1)))


def _days_in(year: int, month: int) -> int:
    """How many days a month has."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 28 + is_leap if month == 2 else 30 if month in (4, 6, 9, 11) else 31


# -- stops, and what follows from a deadline ------------------------------------------------------------------------------


def stands_still_all_day(day: date, stops: Sequence[Stop]) -> bool:
    """Whether a stop lasted from the beginning of a day to its end."""
    return any(_first_whole_day(begins) <= day and (ends is None or day < london_date(ends)) for begins, ends in stops)


def _first_whole_day(begins: datetime) -> date:
    local = london(begins)
    return local.date() if local.time() == time(0) else local.date() + DAY


def act_by(anchor: datetime | None, due: datetime, calendar: Calendar) -> ActBy:
    """The last moment inside working hours that is not before the anchor and not after the deadline (rule C8).

    `anchor` is None for what is counted back, which has no beginning.
    """
    at = calendar.last_working_moment(due)
    return ActBy(at, False) if anchor is None or at >= anchor else ActBy(due, True)


def at_risk_horizon(now: datetime, calendar: Calendar, allowance: Allowance = ONE_WORKING_DAY) -> datetime:
    """Up to when a deadline counts as at risk: by default the end of the next working day (rule C9)."""
    due = runs_out(now, allowance, calendar)
    assert due is not None
    return due.at
