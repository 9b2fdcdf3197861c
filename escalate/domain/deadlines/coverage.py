"""How far a calendar can be relied on: up to when bank holidays are published, what lies beyond, and where lists of them differ."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from escalate.domain.deadlines.model import DueLine
from escalate.domain.worktime.calendar import MONDAY_TO_FRIDAY, Calendar
from escalate.domain.worktime.clock import london_date

SOON = timedelta(days=60)
"""So long before it runs out, it is said of what a protocol gives only up to some day."""


class RunsOut(NamedTuple):
    """Something that a protocol's own calendar has only up to some day: term dates, closures that come back until then."""

    calendar: str
    """The calendar, as people are shown its name."""
    what: str
    """What is given only so far: `term dates`, or what the closure is called."""
    day: date
    """The last day for which it is given."""


def runs_out(calendar: Calendar) -> Iterator[RunsOut]:
    """What of a calendar, and of those a protocol has beside it, is given only up to some day."""
    for each in (calendar, *calendar.others.values()):
        yield from (RunsOut(each.title, what, day) for what, day in each.runs_out.items())


def running_out(calendars: Iterable[Calendar], today: date) -> list[RunsOut]:
    """What of some calendars has run out or will soon, the first to do so first."""
    found = {each for calendar in calendars for each in runs_out(calendar) if each.day < today + SOON}
    return sorted(found, key=lambda each: (each.day, each))


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that not every list has."""

    day: date
    """The London date."""
    named: Mapping[str, str]
    """What the lists that have it call it, by the name of the list."""
    missing: tuple[str, ...]
    """The names of the lists that do not have it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say of a calendar."""

    calendar: Calendar
    """The calendar."""
    beyond: tuple[DueLine, ...]
    """The open deadlines on it that lie beyond what is published."""
    differences: tuple[Difference, ...]
    """Where the lists of its days differ."""
    lists: tuple[str, ...]
    """The names of the lists that were compared."""


def checked(calendar: Calendar, lines: Sequence[DueLine], lists: Mapping[str, Mapping[date, str]]) -> Checked:
    """What there is to say of a calendar; `lists` has the bank holidays by each list, compared over the years all of them have."""
    beyond = [
        line
        for line in lines
        if line.case.calendar == calendar.name
        and line.deadline.due_at
        and calendar.is_beyond_published(london_date(line.deadline.due_at))
    ]
    return Checked(calendar, tuple(beyond), tuple(_differences(lists)), tuple(lists))


def matters(day: date) -> bool:
    """Whether a day off makes a difference: a day at a weekend is a non-working day anyway."""
    return day.weekday() in MONDAY_TO_FRIDAY


def _differences(lists: Mapping[str, Mapping[date, str]]) -> list[Difference]:
    """The days on which the lists differ, over the years all of them have; none where one of them is empty."""
    if not lists or not all(lists.values()):
        return []
    first = max(min(days).year for days in lists.values())
    last = min(max(days).year for days in lists.values())
    every = sorted({day for days in lists.values() for day in days if first <= day.year <= last})
    return [
        Difference(
            day,
            {name: days[day] for name, days in lists.items() if day in days},
            tuple(name for name, days in lists.items() if day not in days),
        )
        for day in every
        if matters(day) and not all(day in days for days in lists.values())
    ]
