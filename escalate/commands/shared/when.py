"""Reading WHEN: ISO 8601, a UK date (day first), or a plain phrase. Whatever is not surely one of these is refused.

Patterns are compiled when they are first needed: lists read a moment only where one was typed.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from escalate.commands.shared.phrases import (
    CLOCK,
    MONTHS,
    YEAR,
    WorkingDays,
    last_of,
    month_of,
    put_plainly,
    weekday_of,
    why_not,
)
from escalate.domain.worktime.clock import end_of_day, from_wall_clock, instant, london, london_date, spoken, spoken_day
from escalate.errors import BadWhen, listed

Direction = Literal["past", "future"]
"""Which way to look for a day without a year, or a weekday."""

AskYear = Callable[[str, Sequence[date]], date | None]
"""Asks which of two days a date without a year means; None where nobody can be asked, or nobody answers."""


class When(NamedTuple):
    """A moment as somebody said it."""

    said: str
    """What was typed."""
    at: datetime
    """The instant it was read as; of a day alone, its beginning in London."""
    day_only: bool = False
    """Only a day was given, and no time of day."""
    remark: str | None = None
    """What to say where it was not clear which of two instants was meant (C11)."""

    def echo(self, at: datetime) -> str:
        """What it was read as, in full."""
        whole = f"the end of {spoken_day(london_date(at))}" if at == end_of_day(london_date(at)) else spoken(at)
        return f'"{self.said}" was read as {whole}' + (f"; {self.remark}" if self.remark else "")

    @property
    def until(self) -> datetime:
        """The same as a deadline: a day lasts until its end (rule C5)."""
        return end_of_day(london(self.at).date()) if self.day_only else self.at


FORMS = 'try "2026-11-18 14:00", "18 Nov 2026", "18/11/2026 2pm", "yesterday 15:20", "2 days ago" or "Fri 12:00"'
AS_ISO = "write it as 2026-11-18 or 2026-11-18T14:00"
YEARS = range(1900, 2200)
NEAR_MONTHS = 6
"""A day without a year is read as the nearest only within so many months (C23)."""

_ISO = r"(?P<day>\d{4}-\d\d-\d\d)(?:[t ](?P<hour>\d{1,2})(?P<minutes>:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?P<offset> ?(?:z|[+-]\d\d(?::?\d\d)?))?)?"
_CLOCK = f"(?P<clock>{CLOCK})"
_PHRASE = (
    r"(?:(?P<word>today|yesterday|tomorrow)"
    r"|(?:(?P<weekday>[a-z]+),? )?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: (?P<month>[a-z]{3,9})|[/-](?P<month_number>\d{1,2}))\.?"
    r"(?:[ /,-]+(?P<year>\d{4}|\d\d))?"
    r"|(?P<lone_weekday>(?!noon|midnight)[a-z]+))?"
    rf"(?:(?:,? at |,? )?{_CLOCK})?"
)


def read_when(
    said: str,
    now: datetime,
    direction: Direction,
    ask_year: AskYear | None = None,
    working_days: WorkingDays | None = None,
) -> When:
    """The moment a person means; a weekday is the nearest in the direction, and a day without a year if that is within six months.

    Beyond that `ask_year` says which day is meant; without it, such a day is not read, nor what `working_days` has to count.
    Raises BadWhen, BeyondCalendar.
    """
    plain = put_plainly(said, london(now).replace(tzinfo=None), working_days)
    if plain == "now":
        return When(said, now)
    if re.fullmatch(YEAR, plain):
        raise BadWhen(said, f"a time of day is written {plain[:2]}:{plain[2:]}, and a year needs its day")
    if re.match(r"\d{4}-\d\d-\d\d", plain, re.ASCII):
        return _read_iso(said, plain)
    shape = re.fullmatch(_PHRASE, plain, re.ASCII)
    if not plain or shape is None:
        raise BadWhen(said, why_not(plain) or FORMS)
    clock = _clock(said, shape["clock"])
    local = _nearest(said, shape, clock, london(now).replace(tzinfo=None), direction)
    if shape["day"] and not shape["year"] and not _is_near(local.date(), london(now).date()):
        local = datetime.combine(_asked(said, shape, local.date(), direction, ask_year), local.time())
    _check_weekday(said, shape, local.date())
    return _from_wall_clock(said, local, day_only=clock is None)


def _read_iso(said: str, plain: str) -> When:
    shape = re.fullmatch(_ISO, plain, re.ASCII)
    if shape is None:
        raise BadWhen(said, f"it goes on after the date; {AS_ISO}")
    clock = f"{int(shape['hour']):02}{shape['minutes'] or ':00'}" if shape["hour"] else "00:00"
    try:
        read = datetime.fromisoformat(f"{shape['day']}T{clock}{(shape['offset'] or '').strip().upper()}")
    except ValueError:
        raise BadWhen(said, _why_no_such(shape["day"])) from None
    if read.tzinfo is None:
        return _from_wall_clock(said, read.replace(microsecond=0), day_only=shape["hour"] is None)
    _check_year(said, read.year)
    return When(said, instant(read))


def _why_no_such(iso: str) -> str:
    """Why there is no such moment: the day, or else the time."""
    year, month, day = map(int, iso.split("-"))
    if not 1 <= month <= 12:
        return f"there is no such day: there is no month {month}; {AS_ISO}"
    if year and not 1 <= day <= last_of(year, month).day:
        return _no_such_day(year, month, day)
    return f"there is no such day or time; {AS_ISO}"


def _no_such_day(year: int | None, month: int, day: int) -> str:
    """Why a month has no such day: `there is no such day: November has 30 days`; of February the year says how many, where it is known."""
    if day < 1:
        return "there is no such day: a month begins with the 1st"
    name = MONTHS[month - 1].capitalize()
    if month == 2:
        many = f"{name} {year} has {last_of(year, month).day}" if year else f"{name} has 28 or 29"
    else:
        many = f"{name} has {last_of(2000, month).day}"
    return f"there is no such day: {many} days"


def _from_wall_clock(said: str, local: datetime, *, day_only: bool) -> When:
    _check_year(said, local.year)
    at, remark = from_wall_clock(local, said)
    return When(said, at, day_only, remark)


def _check_year(said: str, year: int) -> None:
    if year not in YEARS:
        raise BadWhen(said, f"the year {year} is too far away")


def _check_weekday(said: str, shape: re.Match[str], day: date) -> None:
    """Refuse a day that is not the weekday given with it. Raises BadWhen."""
    if shape["weekday"] and day.weekday() != _weekday(said, shape["weekday"]):
        raise BadWhen(
            said,
            f"{day.day} {day:%B %Y} is a {day:%A}{'' if shape['year'] else '; give the year if you mean another'}",
        )


def _nearest(said: str, shape: re.Match[str], clock: time | None, now: datetime, direction: Direction) -> datetime:
    """The London time meant: of the days that a phrase may mean, the nearest on which that time lies in the direction."""
    is_open = bool(shape["lone_weekday"] or (shape["day"] and not shape["year"]))
    for day in _days(said, shape, now.date(), direction):
        local = datetime.combine(day, clock or time(0))
        if not is_open or _lies(local, now, direction, day_only=clock is None):
            return local
    raise BadWhen(said, FORMS)


def _is_near(day: date, today: date) -> bool:
    """Whether a day lies within six months of today, either way."""
    from escalate.domain.worktime.counting import add_months  # few lists are given a date

    return add_months(today, -NEAR_MONTHS) <= day <= add_months(today, NEAR_MONTHS)


def _asked(said: str, shape: re.Match[str], nearest: date, direction: Direction, ask_year: AskYear | None) -> date:
    """The day that somebody says is meant: the nearest in the direction, or the one that comes next the other way. Raises BadWhen."""
    step = 1 if direction == "past" else -1
    years = range(nearest.year + step, nearest.year + 9 * step, step)
    others = (_day(said, shape, str(year), strict=False) for year in years)
    days = sorted([nearest, next(day for day in others if day)])
    meant = ask_year(said, days) if ask_year else None
    if meant is None:
        could_be = listed([spoken_day(day) for day in days], "or")
        raise BadWhen(said, f'it could be {could_be}; write the year as well, as in "{nearest.day} {nearest:%b %Y}"')
    return meant


def _lies(local: datetime, now: datetime, direction: Direction, *, day_only: bool) -> bool:
    """Whether a time, or a day, lies in the direction; today lies in both."""
    if day_only:
        return local.date() <= now.date() if direction == "past" else local.date() >= now.date()
    return local <= now if direction == "past" else local >= now


def _days(said: str, shape: re.Match[str], today: date, direction: Direction) -> list[date]:
    """The days that a phrase may mean, the nearest first. Raises BadWhen where there is none."""
    step = -1 if direction == "past" else 1
    if shape["word"]:
        return [today + timedelta(days=("yesterday", "today", "tomorrow").index(shape["word"]) - 1)]
    if shape["lone_weekday"]:
        weekday = _weekday(said, shape["lone_weekday"])
        return [day for offset in range(8) if (day := today + timedelta(days=step * offset)).weekday() == weekday]
    if not shape["day"]:
        return [today]
    years = [shape["year"]] if shape["year"] else [str(today.year + step * offset) for offset in range(9)]
    found = (_day(said, shape, year, strict=len(years) == 1) for year in years)
    days = [day for day in found if day]
    if not days:
        raise BadWhen(said, _no_such_day(None, _month(said, shape), int(shape["day"])))
    return days


def _day(said: str, shape: re.Match[str], year: str, *, strict: bool) -> date | None:
    """The day of a month in a year; None where that year has none, unless strict. Raises BadWhen."""
    if shape["month_number"] and int(shape["month_number"]) > 12:
        raise BadWhen(said, f"the day comes first, and there is no month {shape['month_number']}")
    full_year = int(f"20{year}" if len(year) == 2 else year)
    _check_year(said, full_year)
    month = _month(said, shape)
    try:
        return date(full_year, month, int(shape["day"]))
    except ValueError:
        if strict:
            raise BadWhen(said, _no_such_day(full_year, month, int(shape["day"]))) from None
        return None


def _month(said: str, shape: re.Match[str]) -> int:
    """The number of the month. Raises BadWhen."""
    if shape["month_number"]:
        return int(shape["month_number"])
    month = month_of(shape["month"])
    if month is None:
        raise BadWhen(said, f"there is no such day: there is no month {shape['month']}; {FORMS}")
    return month


def _weekday(said: str, word: str) -> int:
    """The number of a weekday, 0 for Monday, by its name or a beginning of it. Raises BadWhen."""
    number = weekday_of(word)
    if number is None:
        raise BadWhen(said, why_not(word) or FORMS)
    return number


def _clock(said: str, text: str | None) -> time | None:
    """The time of day, None where none is given. Raises BadWhen."""
    if text is None:
        return None
    if text in ("noon", "midnight"):
        return time(12) if text == "noon" else time(0)
    if re.fullmatch(r"\d{4}", text):
        text = f"{text[:2]}:{text[2:]}"
    digits = re.fullmatch(r"(\d{1,2})(?:[:.](\d\d))?(?:[:.](\d\d))? ?([ap]m)?", text)
    assert digits is not None
    hour, minute, second, half = int(digits[1]), int(digits[2] or 0), int(digits[3] or 0), digits[4]
    if half and not 1 <= hour <= 12:
        raise BadWhen(said, f"{text} is not a time of day")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(hour, minute, second)
    except ValueError:
        raise BadWhen(said, f"{text} is not a time of day") from None
