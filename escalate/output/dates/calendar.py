"""A calendar as a sheet of months with what stands on it, and the deadlines that a change of one moves."""

from calendar import monthcalendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.worktime.calendar import Calendar, Hours
from escalate.domain.worktime.clock import spoken_day
from escalate.domain.worktime.local_calendar import WEEKDAYS, Span
from escalate.errors import BeyondCalendar, listed
from escalate.output.words import inert

TODAY, BANK_HOLIDAY, CLOSED, OFF = "<", "*", "+", "."
"""What stands after a day. Plain characters, so that nothing hangs on a colour, or on what the encoding has."""

_CELL, _GAP = 3, 4
_MONTH = 7 * _CELL
_MOST = 99
"""More deadlines on a day than its cell has room for."""


@dataclass(frozen=True, slots=True)
class _Year:
    """A year of a calendar, and what falls into it."""

    calendar: Calendar
    year: int
    today: date
    deadlines: Mapping[date, int]

    @property
    def days(self) -> Iterator[date]:
        return Span(date(self.year, 1, 1), date(self.year, 12, 31), "").days

    def mark(self, day: date) -> str:
        """What stands after a day, if anything."""
        if day == self.today:
            return TODAY
        if day in self.calendar.days_off:
            return CLOSED if _is_closure(self.calendar, day) else BANK_HOLIDAY
        return OFF if day.weekday() not in self.calendar.week else ""


def calendar_page(
    calendar: Calendar, year: int, today: date, deadlines: Mapping[date, int], width: int
) -> RenderableType:
    """A year: its months, what the marks mean, and every bank holiday and closure by name; `deadlines` says how many are due.

    Raises BeyondCalendar.
    """
    shown = _year(calendar, year, today, deadlines)
    parts: list[RenderableType] = [
        Text(f"{inert(calendar.title)}, {year}", style="bold"),
        *[Text(inert(line)) for line in _about(shown)],
        Text(),
        *_months(shown, width),
        Text(_legend(shown)),
    ]
    named = _named(shown)
    if named:
        table = Table.grid(padding=(0, 2, 0, 0))
        for mark, when, name in named:
            table.add_row(mark, Text(when, overflow="fold"), Text(inert(name), overflow="fold"))
        parts += [Text(), table]
    return Group(*parts)


def _year(calendar: Calendar, year: int, today: date, deadlines: Mapping[date, int]) -> _Year:
    if not calendar.first.year <= year <= calendar.last.year:
        raise BeyondCalendar(calendar.title, calendar.first, calendar.last)
    return _Year(calendar, year, today, deadlines)


def _is_closure(calendar: Calendar, day: date) -> bool:
    """Whether a day off is a closure: on a bank holiday nobody has to close."""
    return calendar.closures.get(day) == calendar.days_off[day]


# -- what stands above and below the months


def _about(shown: _Year) -> Iterator[str]:
    calendar = shown.calendar
    usual = _hours((calendar.opens, calendar.closes))
    others = [f"; {WEEKDAYS[day].capitalize()} {_hours(each)}" for day, each in _other_hours(calendar).items()]
    yield f"Working days: {_week(calendar.week)}, {usual}{''.join(others)}."
    if calendar.source:
        yield f"Source of the bank holidays: {calendar.source}."
    to = calendar.published_to
    if to < date(shown.year, 12, 31):
        year_end = to == date(to.year, 12, 31)
        yield (
            f"Bank holidays from {to.year + 1} on are worked out, not published."
            if year_end
            else f"What comes after {spoken_day(to)} is provisional: worked out, or not known yet."
        )
    why = calendar.days_off.get(shown.today) or calendar.why_not(shown.today)
    if shown.today.year == shown.year and why:
        yield f"Today, {spoken_day(shown.today)}, is no working day: {why}."


def _legend(shown: _Year) -> str:
    """What each mark means that stands on the sheet."""
    marks = {shown.mark(day) for day in shown.days}
    weekend = "weekend" if shown.calendar.week == (0, 1, 2, 3, 4) else "not worked"
    meanings = ((OFF, weekend), (BANK_HOLIDAY, "bank holiday"), (CLOSED, "closed"), (TODAY, "today"))
    said = [f"{mark} {meaning}" for mark, meaning in meanings if mark in marks]
    several = [n for day, n in shown.deadlines.items() if n and day.year == shown.year]
    return "  ".join([*said, *(["x2 two deadlines due"] if several else [])])


def _named(shown: _Year) -> list[tuple[str, str, str]]:
    """Every bank holiday of the year and every run of days closed: the mark, when, and the name."""
    calendar = shown.calendar
    first, last = date(shown.year, 1, 1), date(shown.year, 12, 31)
    spans = [
        (BANK_HOLIDAY, Span(day, day, name))
        for day, name in calendar.days_off.items()
        if not _is_closure(calendar, day)
    ]
    spans += [(CLOSED, span) for span in _closures(calendar)]
    within = [(mark, span) for mark, span in spans if span.first <= last and span.last >= first]
    within.sort(key=lambda each: (each[1].first, each[1].last))
    return [(mark, _when(span, shown.year), span.name) for mark, span in within]


def _closures(calendar: Calendar) -> list[Span]:
    """The closures; those of one name with no working day between them are one."""
    found: list[Span] = []
    for day, name in sorted(calendar.closures.items()):
        before = found[-1] if found and found[-1].name == name else None
        if before and not any(map(calendar.is_working_day, Span(before.last, day, name).days)):
            found[-1] = Span(before.first, day, name)
        else:
            found.append(Span(day, day, name))
    return found


def _when(span: Span, year: int) -> str:
    """`Fri 25 Dec`, `Thu 24 Dec to Sat 2 Jan 2027`: with the year where it is another."""
    return " to ".join(_short(day, year) for day in dict.fromkeys((span.first, span.last)))


def _short(day: date, year: int) -> str:
    return f"{day:%a} {day.day} {day:%b}{'' if day.year == year else f' {day.year}'}"


def _other_hours(calendar: Calendar) -> dict[int, Hours]:
    """The working days of the week with hours of their own."""
    of_week = {day: calendar.hours(date.fromordinal(day + 1)) for day in calendar.week}
    return {day: hours for day, hours in of_week.items() if hours != (calendar.opens, calendar.closes)}


def _hours(hours: Hours) -> str:
    return f"{hours[0]:%H:%M} to {hours[1]:%H:%M}"


def _week(week: Sequence[int]) -> str:
    """`Monday to Friday`; `Monday, Tuesday and Thursday` where there is a gap."""
    names = [WEEKDAYS[day].capitalize() for day in week]
    if len(week) > 2 and week[-1] - week[0] == len(week) - 1:
        return f"{names[0]} to {names[-1]}"
    return listed(names, "and")


# -- the months


def _months(shown: _Year, width: int) -> Iterator[Text]:
    """The lines of all twelve, as many side by side as there is room for."""
    across = max((n for n in (2, 3, 4, 6) if n * (_MONTH + _GAP) - _GAP <= width), default=1)
    months = [_month(shown, number) for number in range(1, 13)]
    for first in range(0, 12, across):
        for lines in zip_longest(*months[first : first + across], fillvalue=Text(" " * _MONTH)):
            yield Text(" " * _GAP).join(lines)
        yield Text()


def _month(shown: _Year, number: int) -> list[Text]:
    """A month's lines, all of one length; a week with deadlines has a second one, with how many there are under each day."""
    heading = f"{date(shown.year, number, 1):%B}"
    lines = [
        Text(f"{heading:^{_MONTH - 1}} ", style="bold"),
        Text("".join(f"{day[:2].capitalize():<{_CELL}}" for day in WEEKDAYS), style="dim"),
    ]
    for week in monthcalendar(shown.year, number):
        days = [date(shown.year, number, day) if day else None for day in week]
        lines.append(Text("").join(_day(shown, day) for day in days))
        due = [_due(shown.deadlines.get(day, 0)) if day else "" for day in days]
        if any(due):
            lines.append(Text("".join(f"{each:<{_CELL}}" for each in due), style="bold"))
    return lines


def _day(shown: _Year, day: date | None) -> Text:
    if day is None:
        return Text(" " * _CELL)
    works = shown.calendar.is_working_day(day)
    style = "bold reverse" if day == shown.today else "" if works else "dim"
    return Text(f"{day.day:>2}{shown.mark(day):<1}", style=style)


def _due(several: int) -> str:
    return "" if not several else f"x{several}" if several <= _MOST else f"{_MOST}+"


# -- moves
