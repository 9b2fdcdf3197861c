"""A calendar as a sheet of months with what stands on it, and the deadlines that a change of one moves."""

from calendar import monthcalendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.deadlines.shifts import BECOMES_OVERDUE, NO_LONGER_OVERDUE, Move
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london, london_date, spoken_day
from escalate.domain.worktime.hours import Hours
from escalate.domain.worktime.local_calendar import WEEKDAYS, Span
from escalate.errors import BeyondCalendar, listed
from escalate.output.case.rows import Document, instant
from escalate.output.columns import Cell, Columns, Page, Piece, cell
from escalate.output.terminal import WIDE
from escalate.output.words import counted, inert, short

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


def calendar_document(calendar: Calendar, year: int, deadlines: Mapping[date, int]) -> Document:
    """`calendar show --json`: of the days those that have a name or deadlines. Raises BeyondCalendar."""
    shown = _year(calendar, year, date.min, deadlines)
    return {
        "calendar": calendar.title,
        "year": year,
        "published_to": calendar.published_to.isoformat(),
        "source": calendar.source or None,
        "week": [WEEKDAYS[day] for day in calendar.week],
        "opens": f"{calendar.opens:%H:%M}",
        "closes": f"{calendar.closes:%H:%M}",
        "hours_on": {
            WEEKDAYS[day]: {"opens": f"{opens:%H:%M}", "closes": f"{closes:%H:%M}"}
            for day, (opens, closes) in _other_hours(calendar).items()
        },
        "days": [
            {
                "date": day.isoformat(),
                "working": calendar.is_working_day(day),
                "why": calendar.days_off.get(day) or calendar.why_not(day),
                "deadlines": deadlines.get(day, 0),
            }
            for day in shown.days
            if day in calendar.days_off or deadlines.get(day)
        ],
    }


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


def moves_page(moves: Sequence[Move], now: datetime, width: int) -> Page:
    """How many deadlines move and what turns by it, and a line for each with when it is due until now, and when then."""
    summary = (moves_summary(moves), "")
    return Page(
        [summary, ("", ""), (_wide_moves if width >= WIDE else _narrow_moves)(moves, now)] if moves else [summary]
    )


def moves_summary(moves: Sequence[Move]) -> str:
    """`3 deadlines move: 1 becomes overdue, 1 is no longer overdue.`"""
    if not moves:
        return "No deadline moves."
    overdue = sum(move.turns == BECOMES_OVERDUE for move in moves)
    relieved = sum(move.turns == NO_LONGER_OVERDUE for move in moves)
    turns = [f"{overdue or 'none'} {'become' if overdue > 1 else 'becomes'} overdue"]
    turns += [f"{relieved} {'is' if relieved == 1 else 'are'} no longer overdue"] if relieved else []
    return f"{counted(len(moves), 'deadline')} {'moves' if len(moves) == 1 else 'move'}: {', '.join(turns)}."


def moves_document(moves: Iterable[Move]) -> Iterator[Document]:
    """The moves for --json, in the order they are shown in; `turns` is null where nothing turns."""
    return (
        {
            "case": move.case,
            "subject": move.subject,
            "protocol": move.protocol,
            "stage": move.stage,
            "action": move.action,
            "action_name": move.action_name,
            "was": _moments(move.was, move.target_was, move.act_by_was),
            "becomes": _moments(move.becomes, move.target_becomes, move.act_by_becomes),
            "turns": move.turns or None,
        }
        for move in moves
    )


def _moments(due_at: datetime | None, target_at: datetime | None, act_by: datetime | None) -> Document:
    return {"due_at": instant(due_at), "target_at": instant(target_at), "act_by": instant(act_by)}


def _narrow_moves(moves: Sequence[Move], now: datetime) -> Columns:
    def rows() -> Iterator[list[Cell]]:
        for move in moves:
            what = cell(f"{move.stage}  {move.action_name}", f"{move.protocol}: {move.action}")
            turn = [_turn(move)] if move.turns else []
            yield [_case(move), what, _until_now(move, now), [*_then(move, now), *turn]]

    # a date breaks before its time
    widths = {"Due until now": 17, "Due then": 17}
    return Columns(
        "Case",
        "Stage and what is due",
        "Due until now",
        "Due then",
        most={"Case": 12},
        widths=widths,
        low=True,
        rows=rows,
    )


def _wide_moves(moves: Sequence[Move], now: datetime) -> Columns:
    def rows() -> Iterator[list[Cell | str]]:
        for move in moves:
            what = f"{move.stage}  {move.action_name}"
            yield [
                _case(move), move.protocol, what, move.action, _until_now(move, now), _then(move, now), [_turn(move)],
            ]  # fmt: skip

    return Columns(
        "Case", "Protocol", "Stage and what is due", "Action", "Due until now", "Due then", "", low=True, rows=rows
    )


def _case(move: Move) -> Cell:
    return cell(move.case, move.subject or ())


def _until_now(move: Move, now: datetime) -> Cell:
    return _when_due(move.was, move.target_was, move.act_by_was, now)


def _then(move: Move, now: datetime) -> Cell:
    return _when_due(move.becomes, move.target_becomes, move.act_by_becomes, now)


def _when_due(due: datetime | None, target: datetime | None, act: datetime | None, now: datetime) -> Cell:
    """When something is due, and below it when to act, if that is before then, and the target."""
    if due is None:
        return cell("no date")
    same_day = act is not None and london_date(act) == london_date(due)
    act_by = f"act by {london(act):%H:%M}" if act and same_day else f"act by {short(act, now)}" if act else ""
    beside = [act_by if act != due else "", f"target {short(target, now)}" if target else ""]
    return cell(short(due, now), [each for each in beside if each])


def _turn(move: Move) -> Piece:
    style = "bold red" if move.turns == BECOMES_OVERDUE else "bold" if move.turns else ""
    return inert(f"becomes {move.turns}" if move.turns == BECOMES_OVERDUE else move.turns), style
