"""Every deadline that is due, in tables: of several cases, or what is still to do in one."""

from collections.abc import Callable, Sequence
from datetime import datetime

from escalate.domain.deadlines.case_file import CaseFile, due_lines
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.deadlines.standing import RankedLine, ranked_lines
from escalate.domain.worktime.calendar import Calendar
from escalate.output.case.deadline import STYLES, beside, how_long, provisional, when_due, when_to_act
from escalate.output.case.desk import FEW, Several, by_heading, called_again, desk_page, notes, reached_by
from escalate.output.case.lists import held, references, sides
from escalate.output.columns import EMPTY, Cell, Columns, Page, Piece, cell
from escalate.output.terminal import CARD, WIDE
from escalate.output.words import TYPED, Called


def due_page(
    lines: Sequence[RankedLine],
    calendars: Callable[[str], Calendar],
    now: datetime,
    width: int,
    *,
    with_case: bool = True,
    contacts: int | None = FEW,
    called: Called = TYPED,
) -> Page:
    """Deadlines under a heading for each standing, in the order given; `contacts` is how many are shown of each."""
    if width <= CARD:
        return desk_page(lines, calendars, now, width, apart=True, with_case=with_case, contacts=contacts)
    parts: list[Piece | Columns] = []
    table = _wide_table if width >= WIDE else _narrow_table
    several = called_again(lines)
    for heading, style, group in by_heading([line] for line in lines):
        under = [line for block in group for line in block]
        parts += [EMPTY] if parts else []
        parts += [(f"{heading} ({len(under)})", style), table(under, calendars, now, with_case, several, called)]
        parts += reached_by(under, contacts, called)
    if any(line.deadline.provisional and not line.deadline.unanswered for line in lines):
        parts += [EMPTY, (provisional(called), "")]
    return Page(parts)


def still_to_do(
    file: CaseFile, now: datetime, horizon: datetime, width: int, contacts: int | None, called: Called = TYPED
) -> Page:
    """What is due in a case, with so many contacts of each, or all."""
    lines = ranked_lines(due_lines(file), {file.calendar.name: horizon}, now)
    if not lines:
        return Page([("Nothing more is due.", "")])
    return due_page(lines, lambda _: file.calendar, now, width, with_case=False, contacts=contacts, called=called)


def _narrow_table(
    group: Sequence[RankedLine],
    calendars: Callable[[str], Calendar],
    now: datetime,
    with_case: bool,
    several: Several,
    called: Called,
) -> Columns:
    what = "Stage, what is due, and by whom"
    table = Columns(*(["Case"] if with_case else []), what, "Due", "Time", fill=what, widths={"Due": 16, "Time": 14})
    for line in group:
        deadline = line.deadline
        key = f"{line.case.protocol}: {deadline.action}" if with_case else deadline.action
        below = [
            f"{key}, by: {deadline.owner_at(now)}",
            *notes(line, several, now, called),
            *(held(line) if with_case else []),
        ]
        table.add(
            *([cell(line.case.ref, _person(line.case))] if with_case else []),
            cell(f"{deadline.stage}  {deadline.action_name}", below),
            cell(when_due(deadline, now), _below_due(deadline, now)),
            _time(line, calendars, now),
        )
    return table


def _wide_table(
    group: Sequence[RankedLine],
    calendars: Callable[[str], Calendar],
    now: datetime,
    with_case: bool,
    several: Several,
    called: Called,
) -> Columns:
    about_case = ["Case", "Protocol"] if with_case else []
    typed = [] if called.by_name else ["Action"]
    table = Columns(*about_case, "Stage", "What is due", *typed, "Owner", "Due", "Act by", "Time")
    for line in group:
        deadline, case = line.deadline, line.case
        table.add(
            *([cell(case.ref, _person(case)), cell(case.protocol, sides(case))] if with_case else []),
            deadline.stage,
            cell(deadline.action_name, notes(line, several, now, called)),
            *([deadline.action] if typed else []),
            cell(deadline.owner_at(now), held(line) if with_case else []),
            cell(when_due(deadline, now), beside(deadline, now)),
            when_to_act(deadline, now),
            _time(line, calendars, now),
        )
    return table


def _time(line: RankedLine, calendars: Callable[[str], Calendar], now: datetime) -> Cell:
    """How late, or how long there is to act."""
    return cell(how_long(line.deadline, calendars(line.case.calendar), now), style=STYLES[line.standing])


def _person(line: CaseLine) -> list[str]:
    """Whom a case is about, and whether it is closed."""
    return [*references(line), *([line.status] if line.status != "open" else [])]


def _below_due(deadline: Deadline, now: datetime) -> list[str]:
    """When to act, and what has to be known beside when it is due."""
    act = when_to_act(deadline, now)
    return [*([act if deadline.outside_hours else f"act by {act}"] if act else []), *beside(deadline, now)]
