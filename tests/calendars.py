"""Calendars and moments for tests."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time

from escalate.domain.worktime.calendar import MONDAY_TO_FRIDAY, Calendar
from escalate.domain.worktime.clock import LONDON, instant
from escalate.storage.files.bank_holidays import library_calendar

FIRST, LAST = date(1990, 1, 1), date(2100, 12, 31)
ENGLAND, SCOTLAND, NORTHERN_IRELAND = NATIONS = [
    library_calendar(name) for name in ("england-and-wales", "scotland", "northern-ireland")
]


def a_calendar(
    days_off: Mapping[date, str],
    *,
    week: tuple[int, ...] = MONDAY_TO_FRIDAY,
    first: date = FIRST,
    last: date = LAST,
    published_to: date | None = None,
    opens: time = time(9),
    closes: time = time(17),
) -> Calendar:
    """A calendar with the days off given and no others."""
    return Calendar(
        "test",
        days_off,
        first=first,
        last=last,
        published_to=published_to or last,
        week=week,
        opens=opens,
        closes=closes,
    )


def at(text: str) -> datetime:
    """A London wall-clock time as an instant: `at("2026-11-20 16:00")`; with an offset, that instant."""
    read = datetime.fromisoformat(text)
    return instant(read if read.tzinfo else read.replace(tzinfo=LONDON))


def shown(moment: datetime | None) -> str | None:
    """An instant as London's wall clock shows it, to compare with a table."""
    return None if moment is None else f"{moment.astimezone(LONDON):%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def utc(text: str) -> datetime:
    """An instant from a UTC wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
