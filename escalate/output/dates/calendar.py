"""A calendar as a sheet of months: which days nobody works, and how many deadlines fall on each."""

from calendar import monthcalendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.deadlines.coverage import running_out
from escalate.domain.worktime.calendar import MONDAY_TO_FRIDAY, Calendar, KeptByHand
from escalate.domain.worktime.clock import spoken_day
from escalate.domain.worktime.local_calendar import WEEKDAYS, Span
from escalate.errors import listed
from escalate.output.dates.by_hand import kept_by_hand_in_words
from escalate.output.dates.hours import week_hours_in_words
from escalate.output.dates.year import BANK_HOLIDAY, CLOSED, OFF, TODAY, Year, year_of
from escalate.output.words import inert

_CELL, _GAP = 3, 4
_MONTH = 7 * _CELL
_MOST = 99
"""More deadlines on a day than its cell has room for."""


def calendar_page(
    calendar: Calendar,
    year: int,
    today: date,
    deadlines: Mapping[date, int],
    width: int,
    by_hand: Sequence[KeptByHand] = (),
) -> RenderableType:
    """A year: its months, what the marks mean, and every bank holiday and closure by name; `deadlines` says how many are due.

    `by_hand` are the versions of it that were kept with the clock set by hand.
    Raises BeyondCalendar.
    """
    shown = year_of(calendar, year, deadlines, today)
    named = shown.named()
    names: list[RenderableType] = [Text(), _names(named, year)] if named else []
    kept = kept_by_hand_in_words(by_hand)
    return Group(
        Text(f"{inert(calendar.title)}, {year}", style="bold"),
        *[Text(inert(line)) for line in _about(shown, today)],
        Text(),
        *_months(shown, width),
        Text(_legend(shown)),
        *names,
        *([Text(), Text(inert(kept))] if kept else []),
    )


# -- what stands above and below the months


def _about(shown: Year, today: date) -> Iterator[str]:
    calendar = shown.calendar
    yield f"Working days: {_week(calendar.week)}, {week_hours_in_words(calendar, '; ')}."
    if calendar.source:
        yield f"Source of the bank holidays: {calendar.source}."
    to = calendar.published_to
    if to < shown.span.last:
        year_end = to == date(to.year, 12, 31)
        yield (
            f"Bank holidays from {to.year + 1} on are worked out, not published."
            if year_end
            else f"What comes after {spoken_day(to)} is provisional: worked out, or not known yet."
        )
    for each in running_out([calendar], today):
        yield f"{each.what[0].upper()}{each.what[1:]}: given up to {spoken_day(each.day)}{', which is over' if each.day < today else ''}."
    if today.year == shown.number and (why := shown.why_not(today)):
        yield f"Today, {spoken_day(today)}, is a non-working day: {why}."


def _week(week: Sequence[int]) -> str:
    """`Monday to Friday`; `Monday, Tuesday and Thursday` where there is a gap."""
    names = [WEEKDAYS[day].capitalize() for day in week]
    if len(week) > 2 and week[-1] - week[0] == len(week) - 1:
        return f"{names[0]} to {names[-1]}"
    return listed(names, "and")


def _legend(shown: Year) -> str:
    """What each mark means that stands on the sheet."""
    marks = {shown.mark(day) for day in shown.span.days}
    weekend = "weekend" if shown.calendar.week == MONDAY_TO_FRIDAY else "not worked"
    meanings = ((OFF, weekend), (BANK_HOLIDAY, "bank holiday"), (CLOSED, "closed"), (TODAY, "today"))
    said = [f"{mark} {meaning}" for mark, meaning in meanings if mark in marks]
    any_due = any(several and day.year == shown.number for day, several in shown.deadlines.items())
    return "  ".join([*said, *(["x2 two deadlines due"] if any_due else [])])


def _names(named: Sequence[tuple[str, Span]], year: int) -> Table:
    """The mark of each bank holiday and closure, when it is, and its name."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for mark, span in named:
        table.add_row(mark, Text(_when(span, year), overflow="fold"), Text(inert(span.name), overflow="fold"))
    return table


def _when(span: Span, year: int) -> str:
    """`Fri 25 Dec`, `Thu 24 Dec to Sat 2 Jan 2027`: with the year where it is another."""
    return " to ".join(
        f"{day:%a} {day.day} {day:%b}{'' if day.year == year else f' {day.year}'}"
        for day in dict.fromkeys((span.first, span.last))
    )


# -- the months


def _months(shown: Year, width: int) -> Iterator[Text]:
    """The lines of all twelve, as many side by side as there is room for."""
    across = max((n for n in (2, 3, 4, 6) if n * (_MONTH + _GAP) - _GAP <= width), default=1)
    months = [_month(shown, number) for number in range(1, 13)]
    for first in range(0, 12, across):
        for lines in zip_longest(*months[first : first + across], fillvalue=Text(" " * _MONTH)):
            yield Text(" " * _GAP).join(lines)
        yield Text()


def _month(shown: Year, number: int) -> list[Text]:
    """A month's lines, all of one length; a week with deadlines has a second one, with how many there are under each day."""
    heading = f"{date(shown.number, number, 1):%B}"
    lines = [
        Text(f"{heading:^{_MONTH - 1}} ", style="bold"),
        Text("".join(f"{day[:2].capitalize():<{_CELL}}" for day in WEEKDAYS), style="dim"),
    ]
    for week in monthcalendar(shown.number, number):
        days = [date(shown.number, number, day) if day else None for day in week]
        lines.append(Text("").join(_day(shown, day) for day in days))
        due = [_due(shown.deadlines.get(day, 0)) if day else "" for day in days]
        if any(due):
            lines.append(Text("".join(f"{each:<{_CELL}}" for each in due), style="bold"))
    return lines


def _day(shown: Year, day: date | None) -> Text:
    """A day with its mark; spaces where a week begins before the month, or ends after it."""
    if day is None:
        return Text(" " * _CELL)
    works = shown.calendar.is_working_day(day)
    style = "bold reverse" if day == shown.today else "" if works else "dim"
    return Text(f"{day.day:>2}{shown.mark(day):<1}", style=style)


def _due(several: int) -> str:
    """`x2`; nothing where nothing is due."""
    return "" if not several else f"x{several}" if several <= _MOST else f"{_MOST}+"
