"""Moments in the words people use, put as a plain date and time: "next Tuesday", "2 days ago", "3pm on 24 Dec", "end of the month".

What could mean two days is refused, with both of them.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from escalate.domain.worktime.clock import spoken_day
from escalate.errors import BadWhen, cut, listed

CLOCK = r"(?:\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]m)?|\d{1,2} ?[ap]m|noon|midnight|(?:[01]\d|2[0-3])[0-5]\d)"
"""A time of day: `14:00`, `2.30pm`, `noon`, `1530`."""

YEAR = r"(?:19|20|21)\d\d"
"""A year; four digits that are none may be a time of day."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
NUMBERS = ("a", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
DAYS_IN = {"day": 1, "week": 7, "fortnight": 14}
MONTHS_IN = {"month": 1, "year": 12}
SECONDS_IN = {"minute": 60, "hour": 3600}
MOST = 999
"""More of anything than this is a slip."""

WorkingDays = Callable[[date, int], date]
"""The working day so many after a day; before it, where the number is negative. Raises BeyondCalendar."""

_REST = rf"(?P<rest>(?:,? at |,? ){CLOCK})?"
_COUNTED = (
    r"(?P<in>in )?(?P<number>an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,6}) "
    r"(?P<unit>minute|hour|day|week|fortnight|month|year|working day)s?(?P<ago> ago| from now)?"
)
_OF_A_WEEK = r"(?P<which>next|last|this) (?P<weekday>[a-z]{3,9})"
_BESIDE = r"(?:the )?day (?P<beside>before yesterday|after tomorrow)"
_END = r"(?:the )?end of (?:the |this )?(?P<end>(?:next |last )?month|year|[a-z]{3,9})(?: (?P<year>\d{4}))?"
_MONTH_FIRST = rf"(?:(?P<weekday>[a-z]{{3,9}}),? )?(?P<month>[a-z]{{3,9}})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>{YEAR}))?"
_NAMED = rf"(?P<named>christmas eve|christmas day|boxing day|new year'?s eve|new year'?s day)(?:,? (?P<year>{YEAR}))?"
_NAMED_DAYS = {
    "christmas eve": "24 december", "christmas day": "25 december", "boxing day": "26 december", "new years eve": "31 december",
    "new years day": "1 january",
}  # fmt: skip
_WEEK_ON = r"(?:(?:a |one )week (?:on |from )?(?P<from>[a-z]{3,9})|(?P<that>[a-z]{3,9}) week)"
_DOTTED = r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d\d)"


def put_plainly(said: str, now: datetime, working_days: WorkingDays | None = None) -> str:
    """What somebody typed as a date and a time of day; as it is, in small letters, where it is none of these phrases.

    `now` is London's time. Raises BadWhen, BeyondCalendar.
    """
    plain = " ".join(said.casefold().split())
    plain = re.sub(r"\bmidday\b", "noon", plain.replace("\u2019", "'")).replace("just now", "now")
    plain = re.sub(r"^(?:on|at|by) (?:the )?|^the (?=\d)", "", plain)
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)? of (?=[a-z])", " ", plain)
    first = re.fullmatch(rf"({CLOCK}),? (?:on )?(?:the )?([^\d].*|\d+(?:st|nd|rd|th)?[ /.-].*)", plain)
    if first and not re.match(_COUNTED, plain):
        plain = f"{first[2]} {first[1]}"
    for pattern, read in (
        (_COUNTED, _counted),
        (_OF_A_WEEK, _of_a_week),
        (_BESIDE, _beside),
        (_END, _end),
        (_NAMED, _named),
        (_WEEK_ON, _week_on),
        (_MONTH_FIRST, _month_first),
        (_DOTTED, _dotted),
    ):
        shape = re.fullmatch(pattern + _REST, plain, re.ASCII)
        day = read(said, shape, now, working_days) if shape else None
        if shape and day:
            return f"{day}{shape['rest'] or ''}"
    return plain


def month_of(word: str) -> int | None:
    """The number of a month by its name or a beginning of it, 1 for January; None for what is none."""
    return next((number for number, name in enumerate(MONTHS, 1) if len(word) >= 3 and name.startswith(word)), None)


def weekday_of(word: str) -> int | None:
    """The number of a weekday by its name or a beginning of it, 0 for Monday; None for what is none."""
    short = word[:3] if word in ("tues", "weds", "thur", "thurs") else word
    found = [number for number, name in enumerate(WEEKDAYS) if len(word) >= 2 and name.startswith(short)]
    return found[0] if len(found) == 1 else None


def _counted(said: str, shape: re.Match[str], now: datetime, working_days: WorkingDays | None) -> str | None:
    """`2 days ago`, `in 3 working days`, `an hour ago`."""
    if shape["in"] and shape["ago"]:
        return None
    word, unit = shape["number"], shape["unit"]
    if not (shape["in"] or shape["ago"]):
        raise BadWhen(said, f'say "{said.strip()} ago" or "in {said.strip()}"')
    number = int(word) if word.isdigit() else 1 if word in ("an", "one") else NUMBERS.index(word) + 1
    if number > MOST:
        raise BadWhen(said, f"{cut(word, 10)} {unit}s are too many")
    if number == 0:
        raise BadWhen(said, 'say "today"')
    number = -number if shape["ago"] == " ago" else number
    if unit in SECONDS_IN:
        if shape["rest"]:
            raise BadWhen(said, "hours and minutes are counted from now: leave the time of day out")
        return f"{now + timedelta(seconds=number * SECONDS_IN[unit]):%Y-%m-%d %H:%M:%S}"
    if unit in MONTHS_IN:
        from escalate.domain.worktime.counting import add_months  # few count months

        return _numbers(add_months(now.date(), number * MONTHS_IN[unit]))
    if unit in DAYS_IN:
        return _numbers(now.date() + timedelta(days=number * DAYS_IN[unit]))
    if working_days is None:
        raise BadWhen(said, "working days cannot be counted here: write the day")
    return _numbers(working_days(now.date(), number))


def _of_a_week(said: str, shape: re.Match[str], now: datetime, _: WorkingDays | None) -> str | None:
    """`next Tuesday`: that of next week. Where this week's is still to come, or was, either may be meant."""
    number, today = weekday_of(shape["weekday"]), now.date()
    if number is None:
        return None
    this = today + timedelta(days=number - today.weekday())
    if shape["which"] == "this":
        return _numbers(this)
    week = timedelta(days=7 if shape["which"] == "next" else -7)
    if (this > today) if week.days > 0 else (this < today):
        both = listed([spoken_day(day) for day in sorted((this, this + week))], "or")
        raise BadWhen(said, f'it could be {both}; write the day, as in "{this.day} {this:%b}"')
    return _numbers(this + week)


def _beside(_said: str, shape: re.Match[str], now: datetime, _: WorkingDays | None) -> str:
    return _numbers(now.date() + timedelta(days=2 if shape["beside"] == "after tomorrow" else -2))


def _end(said: str, shape: re.Match[str], now: datetime, _: WorkingDays | None) -> str | None:
    """`end of the month`, `end of June`: its last day."""
    what, today = shape["end"], now.date()
    if what == "year" and not shape["year"]:
        return _numbers(date(today.year, 12, 31))
    if what.endswith("month") and not shape["year"]:
        step = {"next month": 1, "last month": -1}.get(what, 0)
        year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
        return _numbers(last_of(year, month + 1))
    named = month_of(what)
    if named is None:
        return None
    if shape["year"]:
        return _numbers(last_of(int(shape["year"]), named)) if re.fullmatch(YEAR, shape["year"]) else None
    return f"{last_of(today.year, named).day} {what}" if named != 2 else _end_of_february(said)


def _end_of_february(said: str) -> str:
    raise BadWhen(said, 'which day that is depends on the year; write it, as in "end of February 2027"')


def _month_first(_said: str, shape: re.Match[str], _now: datetime, _: WorkingDays | None) -> str | None:
    """`Dec 24`, `Thursday, December 24th, 2026`, with the day first."""
    if month_of(shape["month"]) is None or (shape["weekday"] and weekday_of(shape["weekday"]) is None):
        return None
    return " ".join(shape[name] for name in ("weekday", "day", "month", "year") if shape[name])


def _named(_said: str, shape: re.Match[str], _now: datetime, _: WorkingDays | None) -> str:
    """`Christmas Eve`, `New Year's Day 2027`."""
    day = _NAMED_DAYS[shape["named"].replace("'", "")]
    return f"{day} {shape['year']}" if shape["year"] else day


def _week_on(said: str, shape: re.Match[str], now: datetime, _: WorkingDays | None) -> str | None:
    """`a week today`, `a week on Friday`, `Friday week`: a week after that day, the next of its name. On a Friday either may be meant."""
    word, today = shape["from"] or shape["that"], now.date()
    if word in ("today", "tomorrow"):
        return _numbers(today + timedelta(days=7 if word == "today" else 8))
    number = weekday_of(word)
    if number is None:
        return None
    ahead = (number - today.weekday()) % 7
    if ahead == 0:
        both = listed([spoken_day(today + timedelta(days=days)) for days in (7, 14)], "or")
        raise BadWhen(said, f"it could be {both}; write the day")
    return _numbers(today + timedelta(days=7 + ahead))


def why_not(plain: str) -> str | None:
    """Why a phrase that people use is not read: what it leaves open, and what to write instead; None for what is no such phrase."""
    return next((reason for pattern, reason in _LEFT_OPEN if re.fullmatch(pattern, plain, re.ASCII)), None)


_LEFT_OPEN = (
    (r".*\b(?:half|quarter|\d{1,2}|five|ten|twenty)(?: past| to) .*", "write the time of day in figures, as in 14:30"),
    (r"(?:.* (?:at )?)?(?:[01]?\d|2[0-3])", "write an hour as 9am or 09:00"),
    (
        r".*\b(?:morning|afternoon|evening|night|tonight|lunchtime|cob|close of business|close of play|end of (?:the )?day)\b.*",
        'it leaves the hour open: write that, as in "today 17:00"',
    ),
    (r"\d{1,2}(?:st|nd|rd|th)", 'it leaves the month open: write that, as in "3 Dec"'),
    (r".*\b(?:next|last|this|end of the|end of next) (?:week|month|year)\b.*", "it leaves the day open: write that"),
    (r".*\b(?:good friday|easter|christmas|new year|bank holiday)\b.*", "it leaves the day open: write that"),
)
"""What people say that leaves something open, and why it is not read."""


def _dotted(said: str, shape: re.Match[str], _now: datetime, _: WorkingDays | None) -> str | None:
    """`24.12.2026`; where the year has two figures it may be a time of day with its seconds."""
    day, month, year = shape["day"], shape["month"], shape["year"]
    if len(year) == 2 and int(day) < 24 and int(month) < 60 and int(year) < 60:
        if not 0 < int(month) <= 12:
            return None
        raise BadWhen(said, f"it could be a day or a time of day; write {day}/{month}/20{year} or {day}:{month}:{year}")
    return f"{day}/{month}/{year}"


def last_of(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _numbers(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
