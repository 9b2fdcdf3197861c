"""How far a calendar can be relied on: up to when bank holidays are published, what lies beyond, and where lists of them differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from escalate.domain.deadlines.model import DueLine
from escalate.domain.worktime.calendar import MONDAY_TO_FRIDAY, Calendar
from escalate.domain.worktime.clock import london_date


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
    """Whether a day off makes a difference: a day at a weekend is no working day anyway."""
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
