"""A calendar of a protocol's own: made of a nation's, with closures, term dates, hours and a week that the file gives."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from escalate.domain.worktime.calendar import MONDAY_TO_FRIDAY, Calendar
from escalate.domain.worktime.working_hours import Hours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Span(NamedTuple):
    """Some days, the first and the last included, and what they are called."""

    first: date
    """The first day (London)."""
    last: date
    """The last day (London)."""
    name: str
    """What they are called: `Christmas holiday`."""

    @property
    def days(self) -> Iterator[date]:
        """Each of them."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


class CalendarChoice(NamedTuple):
    """The calendar a protocol counts on: that of a nation, and what differs from it."""

    name: str
    """The nation's calendar, one of CALENDARS."""
    key: str = ""
    """What names it beside the protocol's usual one: `school` for "5 school days"."""
    week: tuple[str, ...] = ()
    """The working days of the week, of WEEKDAYS; empty for Monday to Friday."""
    bank_holidays: bool = True
    """Whether bank holidays are days off; without it they count as any other day."""
    hours: Hours | None = None
    """The working hours, if not the usual ones."""
    hours_on: Mapping[str, Hours] = {}
    """The hours of weekdays that differ from these."""
    closures: tuple[Span, ...] = ()
    """Days on which nobody works."""
    terms: tuple[Span, ...] = ()
    """The only spans in which days count. Before the first and after the last that is known every working day of the week
    counts, provisionally; counted back, none after the last one does. Either gives the earlier deadline."""

    @property
    def is_a_nations(self) -> bool:
        """Nothing is different from the nation's."""
        return self == CalendarChoice(self.name, self.key)

    def on(
        self,
        base: Calendar,
        name: str,
        closed: Mapping[date, str] | None = None,
        others: Mapping[str, Calendar] | None = None,
    ) -> Calendar:
        """The calendar, made on that of its nation as it is now, closed on some days besides, with those it also counts on."""
        closures = {day: span.name for span in self.closures for day in span.days}
        opens, closes = self.hours or (base.opens, base.closes)
        hours_on = {WEEKDAYS.index(day): hours for day, hours in self.hours_on.items()}
        settled = base.published_to if self.bank_holidays else base.last
        return Calendar(
            name,
            base.days_off if self.bank_holidays else {},
            closures={**self._outside_terms(), **closures, **(closed or {}), **base.closures},
            first=base.first,
            last=base.last,
            published_to=min(settled, max([each.last for each in self.terms], default=settled)),
            known_to=max([each.last for each in self.terms], default=base.last),
            known_from=min([each.first for each in self.terms], default=base.first),
            week=tuple(WEEKDAYS.index(day) for day in self.week) or MONDAY_TO_FRIDAY,
            opens=opens,
            closes=closes,
            hours_on=hours_on,
            source=base.source,
            others=others,
        )

    def _outside_terms(self) -> dict[date, str]:
        terms = sorted(self.terms, key=lambda each: each.first)
        between = [
            Span(before.last + timedelta(days=1), after.first - timedelta(days=1), "outside term")
            for before, after in pairwise(terms)
        ]
        return {day: span.name for span in between for day in span.days}

    def plain(self) -> dict[str, Any]:
        """What the shape reads it from again."""
        spans = {
            name: [
                {"from": each.first.isoformat(), "to": each.last.isoformat(), "name": each.name}
                for each in getattr(self, name)
            ]
            for name in ("closures", "terms")
        }
        return {
            "name": self.name,
            **({"key": self.key} if self.key else {}),
            **({"week": list(self.week)} if self.week else {}),
            "bank_holidays": self.bank_holidays,
            **({"hours": _spoken(self.hours)} if self.hours else {}),
            "hours_on": {day: _spoken(hours) for day, hours in self.hours_on.items()},
            **spans,
        }


class OwnCalendar(NamedTuple):
    """The calendars of a protocol that are not just a nation's: the usual one, and those beside it."""

    usual: CalendarChoice
    """The one its allowances count on, unless they name another."""
    beside: tuple[CalendarChoice, ...] = ()
    """The others, each with a key by which allowances name it."""

    @property
    def nations(self) -> tuple[str, ...]:
        """The calendars it is made of, the usual one's first."""
        return tuple(dict.fromkeys(each.name for each in (self.usual, *self.beside)))

    def made(self, name: str, base: Callable[[str], Calendar], closed: Mapping[date, str] | None = None) -> Calendar:
        """The calendar on those of the nations, which `base` gives by name, and closed on some days besides."""
        others = {each.key: each.on(base(each.name), f"{name}/{each.key}", closed) for each in self.beside}
        return self.usual.on(base(self.usual.name), name, closed, others)

    @property
    def text(self) -> str:
        """All of it as text, to keep and to read again with `read_own_calendar`."""
        return json.dumps(
            {"usual": self.usual.plain(), "beside": [each.plain() for each in self.beside]}, sort_keys=True
        )

    def name_for(self, protocol: str) -> str:
        """What tells it from every other: the protocol, and a mark of what it says. People are shown the first part."""
        import hashlib  # only here: most protocols count on a nation's calendar

        return f"{protocol}#{hashlib.sha256(self.text.encode()).hexdigest()[:8]}"


def _spoken(hours: Hours) -> str:
    return f"{hours[0]:%H:%M} to {hours[1]:%H:%M}"
