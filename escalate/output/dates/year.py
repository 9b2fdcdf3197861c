"""A year of a calendar: which days are marked, and what is named in it. The page and the JSON document are made from it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.local_calendar import Span
from escalate.errors import BeyondCalendar

TODAY, BANK_HOLIDAY, CLOSED, OFF = "<", "*", "+", "."
"""What stands after a day. Plain characters, so that nothing hangs on a colour, or on what the encoding has."""


class Year(NamedTuple):
    """A year of a calendar, and what falls into it."""

    calendar: Calendar
    """Which days are working days."""
    number: int
    """2026."""
    deadlines: Mapping[date, int]
    """How many deadlines are due on a day; days of other years may be among them."""
    today: date | None = None
    """The day to mark as today's, in whatever year."""

    @property
    def span(self) -> Span:
        """The year from its first day to its last."""
        return Span(date(self.number, 1, 1), date(self.number, 12, 31), "")

    def mark(self, day: date) -> str:
        """What stands after a day, if anything."""
        if day == self.today:
            return TODAY
        if day in self.calendar.days_off:
            return CLOSED if self._is_closure(day) else BANK_HOLIDAY
        return OFF if day.weekday() not in self.calendar.week else ""

    def why_not(self, day: date) -> str | None:
        """Why nobody works on a day: the name of the bank holiday or closure before that of the weekend."""
        return self.calendar.days_off.get(day) or self.calendar.why_not(day)

    def named(self) -> list[tuple[str, Span]]:
        """Every bank holiday of the year and every run of days closed, in order, each with its mark."""
        holidays = [
            (BANK_HOLIDAY, Span(day, day, name))
            for day, name in self.calendar.days_off.items()
            if not self._is_closure(day)
        ]
        found = [*holidays, *((CLOSED, span) for span in self._closures())]
        year = self.span
        within = [(mark, span) for mark, span in found if span.first <= year.last and span.last >= year.first]
        return sorted(within, key=lambda each: (each[1].first, each[1].last))

    def _is_closure(self, day: date) -> bool:
        """Whether a day off is a closure: on a bank holiday nobody has to close."""
        return self.calendar.closures.get(day) == self.calendar.days_off[day]

    def _closures(self) -> Iterator[Span]:
        """The closures of every year; those of one name with no working day between them are one."""
        run: Span | None = None
        for day, name in sorted(self.calendar.closures.items()):
            if run and run.name == name and not any(map(self.calendar.is_working_day, Span(run.last, day, name).days)):
                run = Span(run.first, day, name)
            else:
                if run:
                    yield run
                run = Span(day, day, name)
        if run:
            yield run


def year_of(calendar: Calendar, number: int, deadlines: Mapping[date, int], today: date | None = None) -> Year:
    """Raises BeyondCalendar for a year the calendar cannot answer for."""
    if not calendar.first.year <= number <= calendar.last.year:
        raise BeyondCalendar(calendar.title, calendar.first, calendar.last)
    return Year(calendar, number, deadlines, today)
