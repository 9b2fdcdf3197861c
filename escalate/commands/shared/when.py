"""Reading WHEN: ISO 8601, a UK date (day first), or a plain phrase. Whatever is not surely one of these is refused.

Patterns are compiled when they are first needed: lists read a moment only where one was typed.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

from escalate.domain.worktime.clock import end_of_day, from_wall_clock, instant, london, spoken, spoken_day
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
        return f'"{self.said}" was read as {spoken(at)}' + (f"; {self.remark}" if self.remark else "")

    @property
    def until(self) -> datetime:
        """The same as a deadline: a day lasts until its end (rule C5)."""
        return end_of_day(london(self.at).date()) if self.day_only else self.at


FORMS = 'try "2026-11-18 14:00", "18 Nov 2026", "18/11/2026 2pm", "yesterday 15:20" or "Fri 12:00"'
AS_ISO = "write it as 2026-11-18 or 2026-11-18T14:00"
YEARS = range(1900, 2200)
NEAR_MONTHS = 6
"""A day without a year is read as the nearest only within so many months (C23)."""

_ISO = r"(?P<day>\d{4}-\d\d-\d\d)(?:[t ](?P<hour>\d{1,2})(?P<minutes>:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?P<offset> ?(?:z|[+-]\d\d(?::?\d\d)?))?)?"
_CLOCK = r"(?P<clock>\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]m)?|\d{1,2} ?[ap]m|noon|midnight)"
_PHRASE = (
    r"(?:(?P<word>today|yesterday|tomorrow)"
    r"|(?:(?P<weekday>[a-z]+),? )?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: (?P<month>[a-z]{3,9})|[/-](?P<month_number>\d{1,2}))\.?(?:[ /,-]+(?P<year>\d{4}|\d\d))?"
    r"|(?P<lone_weekday>(?!noon|midnight)[a-z]+))?"
    rf"(?:(?:,? at |,? )?{_CLOCK})?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def read_when(said: str, now: datetime, direction: Direction, ask_year: AskYear | None = None) -> When:
    """The moment a person means; a weekday is the nearest in the direction, and a day without a year if that is within six months.

    Beyond that `ask_year` says which day is meant; without it, such a day is not read. Raises BadWhen.
    """
    plain = " ".join(said.casefold().split())
    if plain == "now":
        return When(said, now)
    if re.match(r"\d{4}-\d\d-\d\d", plain, re.ASCII):
        return _read_iso(said, plain)
    shape = re.fullmatch(_PHRASE, plain, re.ASCII)
    if not plain or shape is None:
        raise BadWhen(said, FORMS)
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
        raise BadWhen(said, f"there is no such day or time; {AS_ISO}") from None
    if read.tzinfo is None:
        return _from_wall_clock(said, read.replace(microsecond=0), day_only=shape["hour"] is None)
    _check_year(said, read.year)
    return When(said, instant(read))


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
            said, f"that day is {spoken_day(day)}{'' if shape['year'] else '; give the year if you mean another'}"
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
        raise BadWhen(said, "there is no such day in the calendar")
    return days


def _day(said: str, shape: re.Match[str], year: str, *, strict: bool) -> date | None:
    """The day of a month in a year; None where that year has none, unless strict. Raises BadWhen."""
    if shape["month_number"] and int(shape["month_number"]) > 12:
        raise BadWhen(said, f"the day comes first, and there is no month {shape['month_number']}")
    full_year = int(f"20{year}" if len(year) == 2 else year)
    _check_year(said, full_year)
    try:
        return _date(shape, full_year)
    except (OverflowError, ValueError):
        if strict or (shape["month"] and shape["month"][:3] not in _MONTHS):
            raise BadWhen(said, f"there is no such day; {FORMS}") from None
        return None


def _date(shape: re.Match[str], year: int) -> date:
    """The day in numbers, or with the name of a month, as dateutil reads it. Raises ValueError, OverflowError for none."""
    if shape["month_number"]:
        return date(year, int(shape["month_number"]), int(shape["day"]))
    from dateutil.parser import parse  # takes longer to load than all of a list

    return parse(f"{shape['day']} {shape['month']} {year}", dayfirst=True).date()


def _weekday(said: str, word: str) -> int:
    """The number of a weekday, 0 for Monday, by its name or a beginning of it. Raises BadWhen."""
    short = word[:3] if word in ("tues", "weds", "thur", "thurs") else word
    names = [name for name in _WEEKDAYS if len(word) >= 2 and name.startswith(short)]
    if len(names) != 1:
        raise BadWhen(said, FORMS)
    return _WEEKDAYS.index(names[0])


def _clock(said: str, text: str | None) -> time | None:
    """The time of day, None where none is given. Raises BadWhen."""
    if text is None:
        return None
    if text in ("noon", "midnight"):
        return time(12) if text == "noon" else time(0)
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
