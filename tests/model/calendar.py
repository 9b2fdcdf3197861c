"""London's clock, working days, and where an allowance runs out: rules C1 to C8 and C11, day by day."""

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)
OPENS, CLOSES, LAST_SECOND = time(9), time(17), time(23, 59, 59)
FIRST, LAST = date(2012, 1, 1), date(2028, 12, 31)
"""Between these days GOV.UK's list is whole; the model says nothing about others."""

NOTHING_CLOSED: frozenset[date] = frozenset()

Stop = tuple[datetime, datetime | None]
"""A time during which a clock stands still; None where it still does."""


class Allowance(NamedTuple):
    """So many of a unit, and the target below it where there is one."""

    n: int
    unit: str
    """`minute`, `hour`, `day`, `working day`, `week`, `month`."""
    target: int | None = None


# -- London's clock (C11)


@cache
def clocks_change(year: int, month: int) -> datetime:
    """01:00 UTC on the last Sunday of March or October."""
    day = date(year, month, 31)
    while day.weekday() != 6:
        day -= DAY
    return datetime.combine(day, time(1), UTC)


def clock(at: datetime) -> datetime:
    """What London's clocks show at an instant, without an offset."""
    summer = clocks_change(at.year, 3) <= at < clocks_change(at.year, 10)
    return at.astimezone(UTC).replace(tzinfo=None) + (HOUR if summer else timedelta(0))


def instant(local: datetime) -> datetime:
    """The first instant at which London's clocks show a time."""
    for at in ((local - HOUR).replace(tzinfo=UTC), local.replace(tzinfo=UTC)):
        if clock(at) == local:
            return at
    raise ValueError(f"London's clocks never showed {local}")


def at(text: str) -> datetime:
    """`2026-11-20 16:00` by London's clocks, as an instant."""
    return instant(datetime.fromisoformat(text))


def end_of(day: date) -> datetime:
    """C5."""
    return instant(datetime.combine(day, LAST_SECOND))


# -- working days (C1)


@cache
def bank_holidays() -> frozenset[date]:
    """GOV.UK's own list for England and Wales."""
    file = Path(__file__).parents[1] / "data" / "govuk-bank-holidays.json"
    events = json.loads(file.read_text(encoding="utf-8"))["england-and-wales"]["events"]
    return frozenset(date.fromisoformat(event["date"]) for event in events)


def is_working_day(day: date, closed: frozenset[date]) -> bool:
    """C1."""
    if not FIRST <= day <= LAST:
        raise ValueError(f"The model does not know whether {day} is a bank holiday")
    return day.weekday() < 5 and day not in bank_holidays() and day not in closed


# -- where an allowance runs out (C2 to C6)


def read_allowance(text: str) -> Allowance:
    """`5 working days`, `24 to 48 hours`, `immediately`, as protocol files write it."""
    if text == "immediately":
        return Allowance(0, "day")
    if text == "same working day":
        return Allowance(0, "working day")
    found = re.fullmatch(r"(?:(\d+) to )?(\d+) (minute|hour|day|working day|week|month)s?", text)
    assert found, f"the model cannot count {text!r}"
    return Allowance(int(found[2]), found[3], int(found[1]) if found[1] else None)


def runs_out(
    start: datetime, n: int, unit: str, closed: frozenset[date], stops: tuple[Stop, ...] = ()
) -> datetime | None:
    """Where so many of a unit run out; None while the clock stands still.

    A stop takes the time it lasts from hours, and from what is counted in days only the days it covers from beginning to end.
    """
    if unit in {"minute", "hour"}:
        return _hours(start, n * (HOUR if unit == "hour" else HOUR / 60), stops)
    first = clock(start).date()
    if unit == "month":
        return _months(first, n, stops)
    if unit == "working day" and n == 0:
        day = first
        while not is_working_day(day, closed):
            day += DAY
        return end_of(day)
    left, day = (n * 7 if unit == "week" else n), first
    while left:
        day += DAY
        if _is_never_over(day, stops):
            return None
        if not _stands_still(day, stops) and (unit != "working day" or is_working_day(day, closed)):
            left -= 1
    return end_of(day)


def _hours(start: datetime, span: timedelta, stops: tuple[Stop, ...]) -> datetime | None:
    """Whatever is left when a stop begins runs on when it ends."""
    now = start
    for begins, ends in stops:
        if ends is not None and ends <= now:
            continue
        begins = max(begins, now)  # noqa: PLW2901
        if now + span <= begins:
            break
        if ends is None:
            return None
        span -= begins - now
        now = ends
    return now + span


def _months(first: date, n: int, stops: tuple[Stop, ...]) -> datetime | None:
    """C3: the same day of a later month, or its last; each whole day of a stop puts it off by one."""
    day = months_later(first, n)
    for begins, ends in stops:
        whole = max(_first_whole_day(begins), first + DAY)
        if day < whole:
            break
        if ends is None:
            return None
        while whole < clock(ends).date():
            whole += DAY
            day += DAY
    return end_of(day)


def months_later(day: date, n: int) -> date:
    """C3."""
    year, month = day.year, day.month
    for _ in range(n):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError(day)


def _first_whole_day(begins: datetime) -> date:
    local = clock(begins)
    return local.date() if local.time() == time(0) else local.date() + DAY


def _stands_still(day: date, stops: tuple[Stop, ...]) -> bool:
    """Whether a stop lasts from the beginning of a day to its end."""
    return any(_first_whole_day(begins) <= day and (ends is None or day < clock(ends).date()) for begins, ends in stops)


def _is_never_over(day: date, stops: tuple[Stop, ...]) -> bool:
    return any(ends is None and _first_whole_day(begins) <= day for begins, ends in stops)


def counted_back(event: datetime, n: int, unit: str, closed: frozenset[date]) -> datetime:
    """The last instant that leaves so much before an event: the n-th day before the event's own, to its end."""
    if unit in {"minute", "hour"}:
        return event - n * (HOUR if unit == "hour" else HOUR / 60)
    day = clock(event).date()
    left = n * 7 if unit == "week" else n
    while left:
        day -= DAY
        if unit != "working day" or is_working_day(day, closed):
            left -= 1
    return min(end_of(day), event)


# -- when to act (C8, C9)


def act_by(anchor: datetime | None, due: datetime, closed: frozenset[date]) -> datetime:
    """C8: the last moment in working hours that is not before the anchor and not after the deadline; failing that, the deadline."""
    day = clock(due).date()
    if not is_working_day(day, closed) or clock(due).time() < OPENS:
        day -= DAY
        while not is_working_day(day, closed):
            day -= DAY
    last = min(instant(datetime.combine(day, CLOSES)), due)
    return last if anchor is None or last >= anchor else due


def at_risk_until(now: datetime, closed: frozenset[date]) -> datetime:
    """C9: the end of the next working day."""
    end = runs_out(now, 1, "working day", closed)
    assert end
    return end
