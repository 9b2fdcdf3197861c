"""The counting rules: from a moment and an allowance to a deadline, and back, and the proof (design, rules C2 to C8).

Where an allowance ends is a tuple with names, because every list and report makes many: see domain.lines.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from escalate.domain.worktime.allowance import CLOSE, Allowance, Reckoning, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, clock_change, end_of_day, london, london_date
from escalate.domain.worktime.due import ActBy, Due, Stop

ONE_WORKING_DAY = Allowance(1, Unit.WORKING_DAY)


_DAY = timedelta(days=1)
_STOPPED = "the clock was stopped all day"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the proof of a deadline: a day, how much of the allowance was used up by its end, and why if none."""

    on: date
    count: int | None
    why: str


def runs_out(start: datetime, allowance: Allowance, calendar: Calendar, stops: Sequence[Stop] = ()) -> Due | None:
    """Where an allowance that begins at an instant runs out; None while its clock stands still. Raises BeyondCalendar.

    A stop takes away the time it lasts; of what is counted in days, only the days it covers from beginning to end.
    """
    own, unit, first = calendar.counting(allowance.days_of), allowance.unit, london_date(start)
    held = [(max(begins, start), ends) for begins, ends in stops if ends is None or ends > start] if stops else []
    if allowance.in_hours:
        span = allowance.limit * _LENGTH[unit]
        due = _after(start, first, span, unit, own)
        for begins, ends in held:
            if due <= begins:
                break
            if ends is None:
                return None
            span += own.working_time_between(begins, ends) if unit is Unit.WORKING_HOUR else ends - begins
            due = _after(start, first, span, unit, own)
        return _due_at(first, due, own)
    on, stood_still = _due_day(first, allowance, own), 0
    for begins, ends in held:
        whole = max(_first_whole_day(begins), first + _DAY)
        if on < whole or not allowance.limit:
            break
        if ends is None:
            return None
        last = london_date(ends) - _DAY
        if last >= whole:
            stood_still += (
                own.working_days_between(whole - _DAY, last) if unit.of_working_days else (last - whole).days + 1
            )
            on = _due_day(first, allowance, own, stood_still)
    return _ending(on, start, first, allowance, own)


def at_risk_horizon(now: datetime, calendar: Calendar, allowance: Allowance = ONE_WORKING_DAY) -> datetime:
    """Up to when a deadline counts as at risk: by default the end of the next working day (rule C9)."""
    due = runs_out(now, allowance, calendar)
    assert due is not None
    return due.at


def counted_back(event: datetime, allowance: Allowance, calendar: Calendar) -> Due:
    """The last moment that still leaves an allowance before an event. Raises BeyondCalendar.

    The n-th day before the event's own is the last one, and lasts until its end; of clear days it is the one before that.
    What is counted back to the event's own day ends with the event.
    """
    own, unit, n = calendar.counting(allowance.days_of), allowance.unit, allowance.limit
    day, more = london_date(event), {Reckoning.CLEAR: 1, Reckoning.INCLUSIVE: -1}.get(allowance.reckoning, 0)
    if allowance.in_hours:
        span = n * _LENGTH[unit]
        if unit is Unit.WORKING_HOUR:
            at = own.take_working_time(event, span)
        else:
            _check_span(day, span, own)
            at = event - span
        own.check(london_date(at))
        return Due(london_date(at), at, not own.knows(london_date(at), day))
    if unit is Unit.SAME_WORKING_DAY:
        on = own.on_or_before(day)
    elif unit.of_working_days:
        day = min(
            day, own.known_to + _DAY
        )  # which days count after the last term is not known: taking none is the earlier date
        days = n * (own.days_in_week if unit is Unit.WORKING_WEEK else 1)
        on = own.take_working_days(day + (_DAY if more < 0 else timedelta(0)), days + max(more, 0))
    elif unit in _MONTHS:
        _check_span(day, timedelta(days=28 * n * _MONTHS[unit]), own)
        on = add_months(day, -n * _MONTHS[unit]) - more * _DAY
        while more < 0 and add_months(on, n * _MONTHS[unit]) - _DAY > day:
            on -= _DAY  # the day after the last of a month that is too short would leave less than the allowance
    else:
        _check_span(day, timedelta(days=n * _DAYS[unit]), own)
        on = day - timedelta(days=n * _DAYS[unit] + more)
    own.check(on)
    at = min(_closing(on, allowance, own), event)
    return Due(london_date(at), at, not own.knows(on, max(on, london_date(event) - _DAY)))


def add(start: datetime, n: int, unit: Unit, calendar: Calendar) -> Due:
    """The deadline `n` units after an instant. Raises BeyondCalendar."""
    due = runs_out(start, Allowance(n, unit), calendar)
    assert due is not None
    return due


def elapsed(start: datetime, end: datetime, unit: Unit, calendar: Calendar) -> int:
    """How many whole units lie between two instants: the inverse of `add` (rule C13)."""
    if unit is Unit.WORKING_HOUR:
        return calendar.working_time_between(start, end) // _LENGTH[unit]
    if unit.in_hours:
        return (end - start) // _LENGTH[unit]
    first, last = london_date(start), london_date(end)
    if unit.of_working_days:
        return calendar.working_days_between(first, last) // (calendar.days_in_week if unit is Unit.WORKING_WEEK else 1)
    if unit in _MONTHS:
        months = ((last.year - first.year) * 12 + last.month - first.month) // _MONTHS[unit]
        return months if add_months(first, months * _MONTHS[unit]) <= last else months - 1
    return (last - first).days // (_DAYS.get(unit) or 1)


def act_by(anchor: datetime, due: datetime, calendar: Calendar) -> ActBy:
    """The last moment inside working hours that is not before the anchor and not after the deadline (rule C8)."""
    moment = calendar.last_working_moment(due)
    return ActBy(moment, False) if moment >= anchor else ActBy(due, True)


def add_months(day: date, n: int) -> date:
    """The same day of a later month, or its last day where it has no such day (rule C3); of an earlier one if `n` is negative."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def steps(
    start: datetime, allowance: Allowance, calendar: Calendar, stops: Sequence[Stop] = (), *, backward: bool = False
) -> Iterator[Step]:
    """The proof: every day from the start to the deadline, what counted, and why the others did not; back from an event too."""
    own, unit = calendar.counting(allowance.days_of), allowance.unit
    if backward:
        yield from _steps_back(start, allowance, own, counted_back(start, allowance, calendar))
        return
    due = runs_out(start, allowance, calendar, stops)
    if due is None:
        return
    if allowance.in_hours:
        yield from _steps_in_hours(start, due.at, unit, own, stops)
        return
    first, stood_still = london_date(start), 0
    inclusive = allowance.reckoning is Reckoning.INCLUSIVE
    if inclusive:
        why = own.why_not(first) if unit.of_working_days else None
        yield Step(first, None, why) if why else Step(first, _so_far(first, first, 0, allowance, own), "counts as well")
    else:
        yield Step(first, 0, "day 0")
    for day in _days(first + _DAY, due.on):
        skipped = own.why_not(day) if unit.of_working_days else None
        if not skipped and allowance.limit and day != due.on and _all_day(day, stops):
            skipped, stood_still = _STOPPED, stood_still + 1
        if skipped:
            yield Step(day, None, skipped)
            continue
        why = "first working day" if unit is Unit.SAME_WORKING_DAY else ""
        if day == due.on:
            why = ", ".join(
                part for part in (why, _clamped(first, day, unit), f"by {allowance.by}" if allowance.by else "") if part
            )
        # Where the hour was over on the first day, it is the next day's, which is no day more.
        yield Step(day, min(_so_far(first, day, stood_still, allowance, own), allowance.limit), why)


def _steps_in_hours(
    start: datetime, end: datetime, unit: Unit, calendar: Calendar, stops: Sequence[Stop] = ()
) -> Iterator[Step]:
    for day in _days(london_date(start), london_date(end)):
        until = min(end_of_day(day) + timedelta(seconds=1), end)
        worked = unit is Unit.WORKING_HOUR
        held = [(max(begins, start), min(ends or until, until)) for begins, ends in stops if begins < until]
        lost = sum(
            (
                calendar.working_time_between(begins, ends) if worked else ends - begins
                for begins, ends in held
                if begins < ends
            ),
            timedelta(0),
        )
        count = ((calendar.working_time_between(start, until) if worked else until - start) - lost) // _LENGTH[unit]
        skipped = calendar.why_not(day) if worked else None
        skipped = skipped or (_STOPPED if _all_day(day, stops) else None)
        stopped = any(begins < until and (ends is None or london_date(ends) >= day) for begins, ends in stops)
        why = ", ".join(
            part for part in (clock_change(day), "the clock was stopped for a time" if stopped else None) if part
        )
        yield Step(day, None, skipped) if skipped else Step(day, count, why)


def _steps_back(event: datetime, allowance: Allowance, calendar: Calendar, due: Due) -> Iterator[Step]:
    if allowance.in_hours:
        yield from _steps_in_hours(due.at, event, allowance.unit, calendar)
        return
    last, day = london_date(event), london_date(event)
    inclusive, clear = (allowance.reckoning is each for each in (Reckoning.INCLUSIVE, Reckoning.CLEAR))
    while day >= due.on:
        counts = inclusive or day < last
        skipped = calendar.why_not(day) if counts and allowance.unit.of_working_days else None
        if counts and allowance.unit.of_working_days and day > calendar.known_to:
            skipped = skipped or "after the last term that is known"
        why = "the day counted back from" if day == last else ""
        if day == due.on and clear:
            why = "the last day: those between are clear"
        elif day == due.on and allowance.by:
            why = ", ".join(part for part in (why, f"by {allowance.by}") if part)
        if skipped:
            yield Step(day, None, skipped)
        elif day == due.on:
            yield Step(day, allowance.limit, why)
        else:
            counted_from = last if inclusive else last - _DAY
            if allowance.unit.of_working_days:
                counted_from = min(counted_from, calendar.known_to)
            yield Step(day, _so_far_back(counted_from, day, allowance, calendar), why)
        day -= _DAY


def _so_far_back(last: date, day: date, allowance: Allowance, calendar: Calendar) -> int:
    """How many whole units lie from the beginning of a day to the end of the last one that counts."""
    if allowance.unit in (Unit.WORKING_DAY, Unit.WORKING_WEEK):
        days = calendar.working_days_between(day - _DAY, last)
        return days // (calendar.days_in_week if allowance.unit is Unit.WORKING_WEEK else 1)
    return elapsed(end_of_day(day), end_of_day(last + _DAY), allowance.unit, calendar)


def _so_far(first: date, day: date, stood_still: int, allowance: Allowance, calendar: Calendar) -> int:
    """How many whole units have run by the end of a day."""
    unit, reckoned = allowance.unit, first - _DAY if allowance.reckoning is Reckoning.INCLUSIVE else first
    if unit in (Unit.WORKING_DAY, Unit.WORKING_WEEK):
        days = calendar.working_days_between(reckoned, day) - stood_still
        return days // (calendar.days_in_week if unit is Unit.WORKING_WEEK else 1)
    if unit is Unit.SAME_WORKING_DAY:
        return 0
    if (
        unit in _MONTHS and reckoned < first
    ):  # a month that counts its first day ends the day before the same day of the next
        return elapsed(end_of_day(first), end_of_day(day + _DAY - stood_still * _DAY), unit, calendar)
    return elapsed(end_of_day(reckoned), end_of_day(day - stood_still * _DAY), unit, calendar)


_LENGTH = {Unit.MINUTE: timedelta(minutes=1), Unit.HOUR: timedelta(hours=1), Unit.WORKING_HOUR: timedelta(hours=1)}
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}
_DAYS = {Unit.DAY: 1, Unit.WEEK: 7, Unit.IMMEDIATELY: 0}


def _after(start: datetime, first: date, span: timedelta, unit: Unit, calendar: Calendar) -> datetime:
    if unit is Unit.WORKING_HOUR:
        return calendar.add_working_time(start, span)
    _check_span(first, span, calendar)
    return start + span


def _due_day(first: date, allowance: Allowance, calendar: Calendar, stood_still: int = 0) -> date:
    """The last day of an allowance in days, with so many days added during which its clock stood still."""
    unit, n = allowance.unit, allowance.limit
    early = _DAY if allowance.reckoning is Reckoning.INCLUSIVE else timedelta(0)
    if unit is Unit.SAME_WORKING_DAY:
        return calendar.on_or_after(first)
    if unit.of_working_days:
        days = n * (calendar.days_in_week if unit is Unit.WORKING_WEEK else 1)
        return calendar.add_working_days(first - early, days + stood_still)
    if unit in _MONTHS:
        _check_span(first, timedelta(days=28 * n * _MONTHS[unit] + stood_still), calendar)
        return add_months(first, n * _MONTHS[unit]) - early + stood_still * _DAY
    days = n * _DAYS[unit] + stood_still
    _check_span(first, timedelta(days=days), calendar)
    return first + timedelta(days=days) - early


def _ending(on: date, start: datetime, first: date, allowance: Allowance, calendar: Calendar) -> Due:
    """The end of the last day, or the hour of it at which the allowance ends; of the next one if that hour was over at the start."""
    calendar.check(on)
    at = _closing(on, allowance, calendar)
    if at < start:
        on = calendar.add_working_days(on, 1) if allowance.unit.of_working_days else on + _DAY
        at = _closing(on, allowance, calendar)
    return Due(on, at, not calendar.knows(min(on, first + _DAY), on))


def _closing(on: date, allowance: Allowance, calendar: Calendar) -> datetime:
    if allowance.by is None:
        return end_of_day(on)
    return at_london(on, calendar.hours(on)[1] if allowance.by == CLOSE else time.fromisoformat(allowance.by))


def _first_whole_day(moment: datetime) -> date:
    local = london(moment)
    return local.date() if local.time() == time(0) else local.date() + _DAY


def _all_day(day: date, stops: Sequence[Stop]) -> bool:
    """Whether a stop lasted from the beginning of a day to its end."""
    return any(_first_whole_day(begins) <= day and (ends is None or day < london_date(ends)) for begins, ends in stops)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _due_at(first: date, end: datetime, calendar: Calendar) -> Due:
    on = london_date(end)
    calendar.check(on)
    return Due(on, end, not calendar.knows(first, on))


def _check_span(first: date, span: timedelta, calendar: Calendar) -> None:
    """Refuses before the arithmetic can leave the years Python knows."""
    calendar.check(first)
    if span > calendar.last - calendar.first:
        calendar.check(date.max)


def _clamped(first: date, on: date, unit: Unit) -> str:
    if unit not in _MONTHS:
        return ""
    return f"the month has no {first.day}{_ordinal_ending(first.day)}: its last day" if on.day < first.day else ""


def _ordinal_ending(day: int) -> str:
    return "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
