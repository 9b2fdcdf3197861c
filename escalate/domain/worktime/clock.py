"""Instants: kept and compared in UTC, shown and dated in London (rule C11).

An *instant* here is always an aware datetime in UTC, to the second.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from escalate.errors import BadWhen

LONDON = ZoneInfo("Europe/London")
LAST_SECOND = time(23, 59, 59)

NEVER = datetime.max.replace(tzinfo=UTC)
"""Later than every instant: stands for the end of what has none where ends are compared."""


def instant(at: datetime) -> datetime:
    """An aware datetime as an instant."""
    return at.astimezone(UTC).replace(microsecond=0)


def read_instant(text: str) -> datetime:
    """An instant as it is kept: `2026-11-18T14:05:00Z`."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is UTC and not at.microsecond else instant(at)  # as all are that were kept


@lru_cache(1024)
def written(at: datetime) -> str:
    """The way an instant is kept. Few are written once: a case has most of its own in several places, and a log shares them."""
    return f"{at.astimezone(UTC).isoformat()[:19]}Z"  # in whatever zone: an equal one may have been written before


def london(at: datetime) -> datetime:
    """An instant on a London clock."""
    return at.astimezone(LONDON)


@lru_cache(1024)
def london_date(at: datetime) -> date:
    """The London date of an instant: 1 June 23:30 UTC is 2 June. A case asks for that of each of its own many times over."""
    return at.astimezone(LONDON).date()


def at_london(day: date, clock: time) -> datetime:
    """The instant of a wall-clock time on a London day; of a time that happens twice, the first."""
    return datetime.combine(day, clock, LONDON).astimezone(UTC)


@lru_cache(1024)
def end_of_day(day: date) -> datetime:
    """The instant a deadline counted in days runs out (rule C5): 23:59:59 in London. Many cases have the same few."""
    return at_london(day, LAST_SECOND)


def from_wall_clock(local: datetime, said: str) -> tuple[datetime, str | None]:
    """A naive London time as an instant, with a remark when the clock shows that time twice (rule C11).

    Raises BadWhen for a time the clock skips.
    """
    first = local.replace(tzinfo=LONDON, fold=0)
    if first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != local:
        raise BadWhen(
            said,
            f"London clocks went forward past {local:%H:%M} on {local.day} {local:%B %Y}, so that time did not exist",
        )
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        return (
            instant(first),
            f"{local:%H:%M} happened twice that night and was read as the first; the second is {local:%Y-%m-%d %H:%M}+00:00",
        )
    return instant(first), None


def spoken_day(day: date) -> str:
    """A date in full: `Wednesday 18 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def spoken(at: datetime) -> str:
    """An instant in full, on a London clock: `Wednesday 18 November 2026 14:05`, and to the second at the end of a day."""
    local = london(at)
    return f"{spoken_day(local.date())} {clock(local)}"


def clock(local: datetime) -> str:
    """The time of day as people say it: `14:05`, and `23:59:59` at the end of a day, which is no other time."""
    return f"{local:%H:%M:%S}" if local.time() == LAST_SECOND else f"{local:%H:%M}"


def clock_change(day: date) -> str | None:
    """What the London clocks did on a day, for a proof in hours; None on the other 363."""
    before = datetime.combine(day, time(0), LONDON).utcoffset()
    after = datetime.combine(day, LAST_SECOND, LONDON).utcoffset()
    assert before is not None
    assert after is not None
    if after == before:
        return None
    return "clocks went forward" if after > before else "clocks went back"
