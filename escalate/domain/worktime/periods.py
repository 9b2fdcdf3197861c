"""The stretch of days a report is about: a quarter or year of the UK's financial year, a calendar year, or any days."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from escalate.domain.worktime.clock import at_london, end_of_day
from escalate.errors import BadInput

FIRST_MONTH = 4
"""The financial year of councils, the NHS and the police begins on 1 April: Q1 is April to June, Q3 October to December."""

YEARS = range(1900, 2200)
"""The years somebody can ask for."""

_YEAR = r"(?P<year>\d{4})\s?[/-]\s?(?P<next>\d{4}|\d{2})"
_QUARTER = r"q(?:uarter)?\s?(?P<quarter>\d)"


@dataclass(frozen=True, slots=True)
class Period:
    """Days in London."""

    name: str
    """What people call it: `2026/27 Q3`; nothing for any days."""
    first: date
    """Its first day."""
    last: date
    """Its last day, which belongs to it."""

    @property
    def starts(self) -> datetime:
        """The first instant of it."""
        return at_london(self.first, time(0))

    @property
    def ends(self) -> datetime:
        """The last second of it."""
        return end_of_day(self.last)

    @property
    def days(self) -> str:
        """`1 October to 31 December 2026`."""
        if self.first == self.last:
            return _day(self.last)
        year = f" {self.first.year}" if self.first.year != self.last.year else ""
        return f"{self.first.day} {self.first:%B}{year} to {_day(self.last)}"


def parse_quarter(text: str) -> Period:
    """`2026/27 Q3`: October to December 2026. Raises BadInput."""
    plain = " ".join(text.casefold().split())
    found = re.fullmatch(rf"{_YEAR}[ ,]*{_QUARTER}", plain, re.ASCII) or re.fullmatch(
        rf"{_QUARTER}[ ,]*{_YEAR}", plain, re.ASCII
    )
    if found is None or not 1 <= int(found["quarter"]) <= 4:
        raise BadInput(
            f'"{text[:60]}" is not a quarter: name the financial year and the quarter from 1 to 4, as in "2026/27 Q3".'
        )
    return _quarter(_financial(text, found["year"], found["next"]), int(found["quarter"]))


def parse_year(text: str) -> Period:
    """`2026/27`: April 2026 to March 2027; `2026`: January to December. Raises BadInput."""
    plain = text.strip()
    if found := re.fullmatch(_YEAR, plain, re.ASCII):
        year = _financial(text, found["year"], found["next"])
        return Period(_financial_name(year), date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1) - _ONE_DAY)
    if re.fullmatch(r"\d{4}", plain, re.ASCII) and int(plain) in YEARS:
        return Period(plain, date(int(plain), 1, 1), date(int(plain), 12, 31))
    raise BadInput(f'"{text[:60]}" is not a year: try "2026/27" for April to March, or "2026" for January to December.')


def quarter_of(day: date) -> Period:
    """The quarter of the financial year that a day lies in."""
    year = day.year if day.month >= FIRST_MONTH else day.year - 1
    return _quarter(year, (day.month - FIRST_MONTH) % 12 // 3 + 1)


def quarters_of(year: Period) -> list[Period]:
    """The quarters of a financial or calendar year, each by its own name; none of any other days."""
    first = year.first
    if (first.day, first.month) not in ((1, 1), (1, FIRST_MONTH)) or year.last != _month(
        first.year + 1, first.month
    ) - _ONE_DAY:
        return []
    return [quarter_of(_month(first.year, first.month + 3 * n)) for n in range(4)]


def year_before(year: Period) -> Period:
    """The same days a year earlier, by the name of that year."""
    first, last = _month(year.first.year - 1, year.first.month), year.first - _ONE_DAY
    name = str(first.year) if first.month == 1 else _financial_name(first.year)
    return Period(name, first, last)


def days(first: date, last: date) -> Period:
    """Any days. Raises BadInput where the last comes before the first."""
    if last < first:
        raise BadInput(
            f"The period would end on {_day(last)}, before it begins on {_day(first)}: give the earlier day first."
        )
    return Period("", first, last)


_ONE_DAY = timedelta(days=1)


def _quarter(year: int, quarter: int) -> Period:
    """A quarter, from 1 to 4, of the financial year that begins in a year."""
    first = _month(year, FIRST_MONTH + 3 * (quarter - 1))
    last = _month(year, FIRST_MONTH + 3 * quarter) - _ONE_DAY
    return Period(f"{_financial_name(year)} Q{quarter}", first, last)


def _month(year: int, month: int) -> date:
    """The first day of a month of a year, counted on beyond December into the next."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _financial(text: str, year: str, following: str) -> int:
    """The year in which a financial year begins that was named by two. Raises BadInput."""
    first = int(year)
    expected = str(first + 1)
    if first not in YEARS or following not in (expected, expected[-2:]):
        raise BadInput(f'"{text[:60]}" is not a financial year: it runs into the next one, as in "2026/27".')
    return first


def _financial_name(year: int) -> str:
    return f"{year}/{(year + 1) % 100:02}"


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
