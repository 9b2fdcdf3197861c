"""The counting rules: from a moment and an allowance to a deadline, and back, and the proof (design, rules C2 to C8)."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from escalate.domain.allowance import Unit
from escalate.domain.calendar import Calendar
from escalate.domain.london import clock_change, end_of_day, london_date


@dataclass(frozen=True, slots=True)
class Due:
    """Where an allowance runs out: `at` is an instant, `on` its London date; `provisional` beyond what is published (C12)."""

    on: date
    at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True)
class ActBy:
    """The last working moment for something due (rule C8); `outside_hours` when there is none and it is the deadline itself."""

    at: datetime
    outside_hours: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the proof of a deadline: a day, how much of the allowance was used up by its end, and why if none."""

    on: date
    count: int | None
    why: str


def add(start: datetime, n: int, unit: Unit, calendar: Calendar) -> Due:
    """The deadline `n` units after an instant. Raises BeyondCalendar."""
    if unit is Unit.HOUR:
        _check_span(london_date(start), timedelta(hours=n), calendar)
        return _due_at(start + timedelta(hours=n), calendar)
    if unit is Unit.WORKING_HOUR:
        return _due_at(calendar.add_working_hours(start, n), calendar)
    on = _due_day(london_date(start), n, unit, calendar)
    calendar.check(on)
    return Due(on, end_of_day(on), on > calendar.published_to)


def elapsed(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> int:
    """How many whole units lie between two instants: the inverse of `add` (rule C13)."""
    if unit is Unit.HOUR:
        return (end - start) // timedelta(hours=1)
    if unit is Unit.WORKING_HOUR:
        return calendar.working_time_between(start, end) // timedelta(hours=1)
    first, last = london_date(start), london_date(end)
    if unit is Unit.WORKING_DAY:
        return calendar.working_days_between(first, last)
    if unit is Unit.WEEK:
        return (last - first).days // 7
    if unit is Unit.MONTH:
        months = (last.year - first.year) * 12 + last.month - first.month
        return months if add_months(first, months) <= last else months - 1
    return (last - first).days


def act_by(anchor: datetime, due: datetime, calendar: Calendar) -> ActBy:
    """The last moment inside working hours that is not before the anchor and not after the deadline (rule C8)."""
    moment = calendar.last_working_moment(due)
    return ActBy(moment, False) if moment >= anchor else ActBy(due, True)


def add_months(day: date, n: int) -> date:
    """The same day of a later month, or its last day where it has no such day (rule C3)."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def steps(start: datetime, n: int, unit: Unit, calendar: Calendar) -> Iterator[Step]:
    """The proof: every day from the start to the deadline, what counted, and why the others did not."""
    first = london_date(start)
    due = add(start, n, unit, calendar)
    if unit.in_hours:
        yield from _steps_in_hours(start, due.at, unit, calendar)
        return
    yield Step(first, 0, "day 0")
    for offset in range(1, (due.on - first).days + 1):
        day = first + timedelta(days=offset)
        skipped = calendar.why_not(day) if unit in (Unit.WORKING_DAY, Unit.SAME_WORKING_DAY) else None
        if skipped:
            yield Step(day, None, skipped)
        elif unit is Unit.SAME_WORKING_DAY:
            yield Step(day, 0, "first working day")
        else:
            yield Step(
                day,
                elapsed(start, end_of_day(day), unit, calendar),
                _clamped(first, day) if day == due.on and unit is Unit.MONTH else "",
            )


def _steps_in_hours(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> Iterator[Step]:
    day = london_date(start)
    while day <= london_date(end):
        until = min(end_of_day(day) + timedelta(seconds=1), end)
        count = elapsed(start, until, unit, calendar)
        skipped = calendar.why_not(day) if unit is Unit.WORKING_HOUR else None
        yield Step(day, None, skipped) if skipped else Step(day, count, clock_change(day) or "")
        day += timedelta(days=1)


def _due_day(first: date, n: int, unit: Unit, calendar: Calendar) -> date:
    if unit is Unit.WORKING_DAY:
        return calendar.add_working_days(first, n)
    if unit is Unit.SAME_WORKING_DAY:
        return calendar.on_or_after(first)
    if unit is Unit.MONTH:
        _check_span(first, timedelta(days=28 * n), calendar)
        return add_months(first, n)
    days = n * 7 if unit is Unit.WEEK else n
    _check_span(first, timedelta(days=days), calendar)
    return first + timedelta(days=days)


def _due_at(moment: datetime, calendar: Calendar) -> Due:
    on = london_date(moment)
    calendar.check(on)
    return Due(on, moment, on > calendar.published_to)


def _check_span(first: date, span: timedelta, calendar: Calendar) -> None:
    """Refuses before the arithmetic can leave the years Python knows."""
    calendar.check(first)
    if span > calendar.last - first:
        calendar.check(date.max)


def _clamped(first: date, on: date) -> str:
    return f"the month has no {first.day}{_ordinal_ending(first.day)}: its last day" if on.day < first.day else ""


def _ordinal_ending(day: int) -> str:
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
