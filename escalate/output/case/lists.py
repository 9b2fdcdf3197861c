"""Tables of deadlines and of cases."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from escalate.domain.case.people import Holder
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.deadlines.standing import Judged, Standing
from escalate.domain.worktime.calendar import Calendar
from escalate.output.case.deadline import beside, effects, how_long, when_due, when_to_act
from escalate.output.columns import Cell, Columns, Page, Piece, cell
from escalate.output.terminal import WIDE
from escalate.output.words import counted, inert, short

# Red and magenta can be read on a light and on a dark ground; green and blue cannot be relied on. The words say it all.
STYLES = {
    Standing.OVERDUE: "bold red",
    Standing.AT_RISK: "bold magenta",
    Standing.ON_TRACK: "",
    Standing.UNDATED: "bold",
    Standing.WAITING: "bold",
    Standing.MET: "",
    Standing.MET_LATE: "red",
    Standing.LAPSED: "bold",
}
HEADINGS = {
    Standing.OVERDUE: "Overdue",
    Standing.AT_RISK: "At risk",
    Standing.ON_TRACK: "On track",
    Standing.UNDATED: "Undated: no time limit, and no date agreed yet",
    Standing.WAITING: "Waiting for the moment the time counts from, or with the clock stopped",
    Standing.LAPSED: "Lapsed: the time to go up in is over",
}
FIRST, PAST = ("Safety first", "bold red"), ("Past a limit of the ladder that runs on", "bold red")
_UNDER = [(heading, STYLES[stands]) for stands, heading in HEADINGS.items()]
_IN_ORDER = (FIRST, _UNDER[0], PAST, *_UNDER[1:])


EMPTY = ("", "")

FEW = 1
"""So many contacts of an action a list shows; the page of the case has them all."""

PROVISIONAL = (
    "~ provisional: counted from a fallback, or beyond the bank holidays published so far; escalate explain says which."
)


def due_page(
    lines: Sequence[Judged],
    calendars: Callable[[str], Calendar],
    now: datetime,
    width: int,
    *,
    with_case: bool = True,
    contacts: int | None = FEW,
) -> Page:
    """Deadlines under a heading for each standing, in the order given; `contacts` is how many are shown of each."""
    parts: list[Piece | Columns] = []
    for heading, style, group in _groups(lines):
        if parts:
            parts.append(EMPTY)
        parts.append((f"{heading} ({len(group)})", style))
        make = _wide_due_table if width >= WIDE else _narrow_due_table
        parts += [make(group, calendars, now, with_case), *_contacts(group, contacts)]
    if any(line.deadline.provisional for line in lines):
        parts += [EMPTY, (PROVISIONAL, "")]
    return Page(parts)


def _groups(lines: Sequence[Judged]) -> Iterator[tuple[str, str, list[Judged]]]:
    """Standing actions under a heading of their own, then the rest by standing, with what was overtaken set apart."""
    found: dict[tuple[str, str], list[Judged]] = {heading: [] for heading in _IN_ORDER}
    for line in lines:
        stands = line.shown_under
        heading = FIRST if line.deadline.comes_first else PAST if line.overtaken else (HEADINGS[stands], STYLES[stands])
        found[heading].append(line)
    return ((*heading, group) for heading, group in found.items() if group)


def due_summary(lines: Sequence[Judged]) -> str:
    """`1 safety first, 2 overdue, 1 at risk, 4 others`: every line once, under the heading it stands under."""
    rest = [line for line in lines if not line.deadline.comes_first]
    late = sum(line.standing is Standing.OVERDUE for line in lines if line.deadline.comes_first)
    overtaken = sum(line.overtaken for line in rest)
    overdue = sum(line.standing is Standing.OVERDUE for line in rest)
    at_risk = sum(line.shown_under is Standing.AT_RISK for line in rest)
    first = (
        f"{len(lines) - len(rest)} safety first{f' ({late} overdue)' if late else ''}, "
        if len(rest) < len(lines)
        else ""
    )
    past = f"{overtaken} past a limit of the ladder, " if overtaken else ""
    others = counted(len(rest) - overdue - at_risk - overtaken, "other")
    return f"{first}{overdue} overdue, {past}{at_risk} at risk, {others}."


def cases_table(lines: Sequence[CaseLine], now: datetime, width: int) -> Page:
    """A line a case."""
    if width < WIDE:
        table = Columns("Case", "Protocol and stage", "Status", "Raised")
        for line in lines:
            where = cell(f"{line.protocol}, stage {line.stage}", _sides(line))
            table.add(cell(line.ref, _references(line)), where, line.status, short(line.raised_at, now))
        return Page([table])
    table = Columns("Case", "Subject", "Protocol", "Stage", "Status", "Raised", "At this stage since", "From", "To")
    for line in lines:
        table.add(
            line.ref, cell(line.subject or "-", _names(line)), line.protocol, f"{line.stage}  {line.stage_name}", line.status,
            short(line.raised_at, now), short(line.entered_at, now), line.raising_agency or "-", line.receiving_agency or "-",
        )  # fmt: skip
    return Page([table])


def holds(holder: Holder) -> str:
    """`raising: Jo Bell, Team manager, jo.bell@council.example`, as far as it is here."""
    return f"{holder.side}: {who(holder)}"


def who(holder: Holder) -> str:
    """`Jo Bell, Team manager, jo.bell@council.example`, as far as it is here."""
    return ", ".join(part for part in (holder.name, holder.role, holder.email) if part) or "somebody: see --identify"


def _names(line: CaseLine) -> list[str]:
    """The name of the person, where it was asked for; the page of the case has the rest."""
    return [line.identity["name"]] if "name" in line.identity else []


def _narrow_due_table(
    group: Sequence[Judged], calendars: Callable[[str], Calendar], now: datetime, with_case: bool
) -> Columns:
    what = "Stage, what is due, and by whom"
    table = Columns(*(["Case"] if with_case else []), what, "Due", "Time", fill=what, widths={"Due": 16, "Time": 14})
    for line in group:
        deadline = line.deadline
        key = f"{line.case.protocol}: {deadline.action}" if with_case else deadline.action
        below = [f"{key}, by: {deadline.owner_at(now)}", *effects(deadline, now), *(_held(line) if with_case else [])]
        table.add(
            *([cell(line.case.ref, _person(line.case))] if with_case else []),
            cell(f"{deadline.stage}  {deadline.action_name}", below),
            cell(when_due(deadline, now), _also_due(deadline, now)),
            _left(line, calendars, now),
        )
    return table


def _wide_due_table(
    group: Sequence[Judged], calendars: Callable[[str], Calendar], now: datetime, with_case: bool
) -> Columns:
    about_case = ["Case", "Protocol"] if with_case else []
    table = Columns(*about_case, "Stage", "What is due", "Action", "Owner", "Due", "Act by", "Time")
    for line in group:
        deadline, case = line.deadline, line.case
        table.add(
            *([cell(case.ref, _person(case)), cell(case.protocol, _sides(case))] if with_case else []),
            deadline.stage,
            cell(deadline.action_name, effects(deadline, now)),
            deadline.action,
            cell(deadline.owner_at(now), _held(line) if with_case else []),
            cell(when_due(deadline, now), beside(deadline, now)),
            when_to_act(deadline, now),
            _left(line, calendars, now),
        )
    return table


def _left(line: Judged, calendars: Callable[[str], Calendar], now: datetime) -> Cell:
    return cell(how_long(line.deadline, calendars(line.case.calendar), now), style=STYLES[line.standing])


def _person(line: CaseLine) -> list[str]:
    """Whom a case is about, and whether it is closed."""
    return [*_references(line), *([line.status] if line.status != "open" else [])]


def _references(line: CaseLine) -> list[str]:
    """Whom a case is about: the reference, and where it was asked for who that is."""
    return [*([line.subject] if line.subject else []), *_names(line)]


def _held(line: Judged) -> list[str]:
    """Who holds the sides, where names were asked for."""
    return [holds(each) for each in line.holders if each.name or each.email]


def _contacts(group: Sequence[Judged], most: int | None) -> list[Piece]:
    """Whom to reach, where there is no time to look it up; all of them, for whatever is to do, on the page of a case.

    They stand below the table: an address that is broken over two lines cannot be copied.
    """
    found: list[Piece] = []
    for line in group:
        contacts = line.deadline.contacts if line.deadline.at_any_stage or most is None else ()
        if not contacts:
            continue
        of = f"{line.case.ref} {line.deadline.action}"
        found += [(f"{of}: contact {inert(contact)}", "") for contact in contacts[:most]]
        if most is not None and len(contacts) > most:
            found.append((f"{of}: {len(contacts) - most} more contacts in escalate show {line.case.ref}", ""))
    return found


def _also_due(deadline: Deadline, now: datetime) -> list[str]:
    act = when_to_act(deadline, now)
    return [*([act if deadline.outside_hours else f"act by {act}"] if act else []), *beside(deadline, now)]


def _sides(line: CaseLine) -> str | None:
    sides = [line.raising_agency or "?", line.receiving_agency or "?"]
    return " to ".join(sides) if sides != ["?", "?"] else None
