"""Reading WHEN: ISO 8601, a UK date (day first), or a plain phrase. Whatever is not surely one of these is refused."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from escalate.domain.worktime.clock import end_of_day, from_wall_clock, instant, london, spoken, spoken_day
from escalate.errors import BadWhen

Direction = Literal["past", "future"]


@dataclass(frozen=True, slots=True)
class When:
    """A moment as somebody said it: the instant it was read as, whether only a day was given, and a remark if it was unclear."""

    said: str
    at: datetime
    day_only: bool = False
    remark: str | None = None

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

_ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[t ](?P<hour>\d{1,2})(?P<minutes>:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?P<offset> ?(?:z|[+-]\d\d(?::?\d\d)?))?)?",
    re.ASCII,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCK = r"(?P<clock>\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]m)?|\d{1,2} ?[ap]m|noon|midnight)"
_SHAPE = re.compile(
    r"(?:(?P<word>today|yesterday|tomorrow)"
    r"|(?:(?P<weekday>[a-z]+),? )?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?: (?P<month>[a-z]{3,9})|[/-](?P<month_number>\d{1,2}))\.?(?:[ /,-]+(?P<year>\d{4}|\d\d))?"
    r"|(?P<lone_weekday>(?!noon|midnight)[a-z]+))?"
    rf"(?:(?:,? at |,? )?{_CLOCK})?",
    re.ASCII,
)


def read_when(said: str, now: datetime, direction: Direction) -> When:
    """The moment a person means; a day without a year, or a weekday, is the nearest in the direction. Raises BadWhen."""
    plain = " ".join(said.casefold().split())
    if plain == "now":
        return When(said, now)
    if re.match(r"\d{4}-\d\d-\d\d", plain, re.ASCII):
        return _iso(said, plain)
    shape = _SHAPE.fullmatch(plain)
    if not plain or shape is None:
        raise BadWhen(said, FORMS)
    clock = _clock(said, shape["clock"])
    today = london(now).date()
    for day in _days(said, shape, today, direction):
        local = datetime.combine(day, clock or time(0))
        if not _nearest_counts(shape) or _lies(local, london(now).replace(tzinfo=None), direction, clock is None):
            if shape["weekday"] and day.weekday() != _weekday(said, shape["weekday"]):
                raise BadWhen(
                    said,
                    f"that day is {spoken_day(day)}{'' if shape['year'] else '; give the year if you mean another'}",
                )
            return _when(said, local, day_only=clock is None)
    raise BadWhen(said, FORMS)


def _iso(said: str, plain: str) -> When:
    shape = _ISO.fullmatch(plain)
    if shape is None:
        raise BadWhen(said, f"it goes on after the date; {AS_ISO}")
    clock = f"{int(shape['hour']):02}{shape['minutes'] or ':00'}" if shape["hour"] else "00:00"
    try:
        read = datetime.fromisoformat(f"{shape['day']}T{clock}{(shape['offset'] or '').strip().upper()}")
    except ValueError:
        raise BadWhen(said, f"there is no such day or time; {AS_ISO}") from None
    if read.tzinfo is None:
        return _when(said, read.replace(microsecond=0), day_only=shape["hour"] is None)
    if read.year not in YEARS:
        raise BadWhen(said, f"the year {read.year} is too far away")
    return When(said, instant(read))


def _when(said: str, local: datetime, day_only: bool) -> When:
    if local.year not in YEARS:
        raise BadWhen(said, f"the year {local.year} is too far away")
    at, remark = from_wall_clock(local, said)
    return When(said, at, day_only, remark)


def _nearest_counts(shape: re.Match[str]) -> bool:
    """Whether the day was left open, so that the nearest one in the direction is meant."""
    return bool(shape["lone_weekday"] or (shape["day"] and not shape["year"]))


def _lies(local: datetime, now: datetime, direction: Direction, day_only: bool) -> bool:
    if day_only:
        return local.date() <= now.date() if direction == "past" else local.date() >= now.date()
    return local <= now if direction == "past" else local >= now


def _days(said: str, shape: re.Match[str], today: date, direction: Direction) -> list[date]:
    """The days it may mean, the nearest first."""
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


def _day(said: str, shape: re.Match[str], year: str, strict: bool) -> date | None:
    """A day of a month; None where that year has none, unless strict."""
    from dateutil.parser import ParserError, parse

    if shape["month_number"] and int(shape["month_number"]) > 12:
        raise BadWhen(said, f"the day comes first, and there is no month {shape['month_number']}")
    full_year = f"20{year}" if len(year) == 2 else year
    if int(full_year) not in YEARS:
        raise BadWhen(said, f"the year {int(full_year)} is too far away")
    if shape["month_number"]:
        text = f"{full_year}-{int(shape['month_number']):02}-{int(shape['day']):02}"
    else:
        text = f"{shape['day']} {shape['month']} {full_year}"
    try:
        day = date.fromisoformat(text) if shape["month_number"] else parse(text, dayfirst=True).date()
    except (ParserError, OverflowError, ValueError):
        if strict or (shape["month"] and shape["month"][:3] not in _MONTHS):
            raise BadWhen(said, f"there is no such day; {FORMS}") from None
        return None
    return day


def _weekday(said: str, word: str) -> int:
    names = [name for name in _WEEKDAYS if len(word) >= 2 and name.startswith(word)]
    if word in ("tues", "weds", "thur", "thurs"):
        names = [name for name in _WEEKDAYS if name.startswith(word[:3])]
    if len(names) != 1:
        raise BadWhen(said, FORMS)
    return _WEEKDAYS.index(names[0])


def _clock(said: str, text: str | None) -> time | None:
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


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
