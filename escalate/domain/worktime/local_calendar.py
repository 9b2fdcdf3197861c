"""A calendar of a protocol's own: made of a nation's, with closures, term dates, hours and a week that the file gives."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    every_year: bool = False
    """They come back on the same days of each year that follows."""
    until: date | None = None
    """Up to when it is known that they come back; None where no end is given."""

    @property
    def days(self) -> Iterator[date]:
        """Each of them, the first time."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))

    def days_until(self, end: date) -> Iterator[date]:
        """Each of them, with those of the years that follow up to a day, if they come back."""
        latest = min(end, self.until or end).year if self.every_year else self.first.year
        for years in range(max(latest - self.first.year, 0) + 1):
            again = self._replace(first=_years_later(self.first, years), last=_years_later(self.last, years))
            yield from (day for day in again.days if not years or self.until is None or day <= self.until)


def _years_later(day: date, years: int) -> date:
    """The same day of a later year; for 29 February, where there is none, the day before."""
    year = day.year + years
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day.replace(year=year, day=day.day if leap or (day.month, day.day) != (2, 29) else 28)


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
    also: tuple[str, ...] = ()
    """Other nations, whose bank holidays are days off as well."""

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
        also: Sequence[Calendar] = (),
    ) -> Calendar:
        """The calendar, made on that of its nation as it is now, closed on some days besides, with those it also counts on.

        `also` are the calendars of the nations whose bank holidays are days off as well.
        """
        nations = (base, *also)
        first, last = max(each.first for each in nations), min(each.last for each in nations)
        closures = {day: span.name for span in self.closures for day in span.days_until(last)}
        nations_closures = {day: why for each in reversed(nations) for day, why in each.closures.items()}
        opens, closes = self.hours or (base.opens, base.closes)
        hours_on = {WEEKDAYS.index(day): hours for day, hours in self.hours_on.items()}
        runs_out = self.runs_out
        settled = min(each.published_to for each in nations) if self.bank_holidays else last
        return Calendar(
            name,
            {day: why for each in reversed(nations) for day, why in each.days_off.items()}
            if self.bank_holidays
            else {},
            closures={**self._outside_terms(), **closures, **(closed or {}), **nations_closures},
            first=first,
            last=last,
            published_to=min(settled, *runs_out.values()) if runs_out else settled,
            known_to=max([each.last for each in self.terms], default=last),
            known_from=min([each.first for each in self.terms], default=first),
            week=tuple(WEEKDAYS.index(day) for day in self.week) or MONDAY_TO_FRIDAY,
            opens=opens,
            closes=closes,
            hours_on=hours_on,
            source="; ".join(dict.fromkeys(each.source for each in nations)),
            others=others,
            runs_out=runs_out,
        )

    @property
    def runs_out(self) -> dict[str, date]:
        """What of it is given only up to some day, by what it is called: term dates, and closures that come back until then."""
        ends = {each.name: each.until for each in self.closures if each.every_year and each.until}
        return ends | ({"term dates": max(each.last for each in self.terms)} if self.terms else {})

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
                {
                    "from": each.first.isoformat(),
                    "to": each.last.isoformat(),
                    "name": each.name,
                    **({"every_year": True} if each.every_year else {}),
                    **({"until": each.until.isoformat()} if each.until else {}),
                }
                for each in getattr(self, name)
            ]
            for name in ("closures", "terms")
        }
        return {
            "name": self.name,
            **({"key": self.key} if self.key else {}),
            **({"also": list(self.also)} if self.also else {}),
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
        return tuple(dict.fromkeys(name for each in (self.usual, *self.beside) for name in (each.name, *each.also)))

    def made(self, name: str, base: Callable[[str], Calendar], closed: Mapping[date, str] | None = None) -> Calendar:
        """The calendar on those of the nations, which `base` gives by name, and closed on some days besides."""

        def made_on(choice: CalendarChoice, called: str, others: Mapping[str, Calendar]) -> Calendar:
            return choice.on(base(choice.name), called, closed, others, [base(each) for each in choice.also])

        return made_on(self.usual, name, {each.key: made_on(each, f"{name}/{each.key}", {}) for each in self.beside})

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
