"""Tables of deadlines and of cases, as a terminal and a pipe show them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from escalate.domain.case.people import Holder
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.deadlines.standing import OverdueCount, RankedLine, Standing, count_overdue
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.output.case.calls import Duty, hangs_on, which_call
from escalate.output.case.deadline import PROVISIONAL, STYLES, beside, effects, how_long, when_due, when_to_act
from escalate.output.columns import EMPTY, Cell, Columns, Page, Piece, cell
from escalate.output.terminal import WIDE
from escalate.output.words import inert, short
from escalate.wording import how_many

FIRST, PAST = ("Safety first", "bold red"), ("Overdue further up: past a limit of the ladder that runs on", "bold red")
_HEADINGS = {
    stands: (heading, STYLES[stands])
    for stands, heading in {
        Standing.OVERDUE: "Overdue",
        Standing.AT_RISK: "At risk",
        Standing.ON_TRACK: "On track",
        Standing.UNDATED: "Undated: no time limit, and no date agreed yet",
        Standing.WAITING: "Waiting for the moment the time counts from, or with the clock stopped",
        Standing.UNDECIDED: "Undecided: it hangs on a question not answered yet",
        Standing.LAPSED: "Lapsed: the time in which it could be done is over",
    }.items()
}
_IN_ORDER = (FIRST, _HEADINGS[Standing.OVERDUE], PAST, *_HEADINGS.values())
"""The headings as they follow each other; of one that stands here twice the first place counts."""

Several = Mapping[str, set[Duty]]
"""What was called for more than once, by the references of the cases."""

FEW = 1
"""How many contacts of an action a list shows; the page of the case has them all."""


def due_page(
    lines: Sequence[RankedLine],
    calendars: Callable[[str], Calendar],
    now: datetime,
    width: int,
    *,
    with_case: bool = True,
    contacts: int | None = FEW,
) -> Page:
    """Deadlines under a heading for each standing, in the order given; `contacts` is how many are shown of each."""
    parts: list[Piece | Columns] = []
    table = _wide_table if width >= WIDE else _narrow_table
    several = _called_several_times(lines)
    for (heading, style), group in _groups(lines).items():
        parts += [EMPTY] if parts else []
        parts += [(f"{heading} ({len(group)})", style), table(group, calendars, now, with_case, several)]
        parts += _contacts(group, contacts)
    if any(line.deadline.provisional and not line.deadline.unanswered for line in lines):
        parts += [EMPTY, (PROVISIONAL, "")]
    return Page(parts)


def _groups(lines: Sequence[RankedLine]) -> dict[Piece, list[RankedLine]]:
    """Standing actions under a heading of their own, then the rest by standing, with what was overtaken set apart."""
    groups: dict[Piece, list[RankedLine]] = {heading: [] for heading in _IN_ORDER}
    for line in lines:
        groups[_heading(line)].append(line)
    return {heading: group for heading, group in groups.items() if group}


def _heading(line: RankedLine) -> Piece:
    if line.deadline.comes_first:
        return FIRST
    return PAST if line.overtaken else _HEADINGS[line.shown_under]


def due_summary(lines: Sequence[RankedLine]) -> str:
    """`1 safety first, 2 overdue (1 safety first), 1 at risk, 4 others.`: every line once, what counts as overdue as that."""
    overdue = count_overdue(lines)
    rest = [line for line in lines if not line.counts_as_overdue]
    first = sum(line.deadline.comes_first for line in rest)
    at_risk = sum(line.shown_under is Standing.AT_RISK and not line.deadline.comes_first for line in rest)
    parts = [f"{first} safety first"] if first else []
    parts += [overdue_in_words(overdue), f"{at_risk} at risk", how_many(len(rest) - first - at_risk, "other")]
    return f"{', '.join(parts)}."


def overdue_in_words(overdue: OverdueCount, *more: str) -> str:
    """`3 overdue (1 safety first, 1 past a limit further up)`, with whatever more there is to say of them."""
    parts = [
        f"{overdue.safety_first} safety first" if overdue.safety_first else "",
        f"{overdue.past_a_limit} past a limit further up" if overdue.past_a_limit else "",
        *more,
    ]
    said = ", ".join(part for part in parts if part)
    return f"{overdue.all} overdue{f' ({said})' if said else ''}"


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
    """`Jo Bell, Team manager, jo.bell@council.example`, as far as it is here; where it was erased, on which day."""
    if said := ", ".join(part for part in (holder.name, holder.role, holder.email, holder.phone) if part):
        return said
    return f"erased {spoken_day(london_date(holder.erased_at))}" if holder.erased_at else "somebody: see --identify"


def _names(line: CaseLine) -> list[str]:
    """The name of the person, where it was asked for; the page of the case has the rest."""
    return [line.identity["name"]] if "name" in line.identity else []


def _called_several_times(lines: Sequence[RankedLine]) -> Several:
    found: dict[str, set[Duty]] = {}
    for line in lines:
        deadline = line.deadline
        if deadline.call > 1 and not deadline.occurrence:
            found.setdefault(line.case.ref, set()).add((deadline.occasion, deadline.action))
    return found


def _notes(line: RankedLine, several: Several, now: datetime) -> list[str]:
    """Which call it is, the questions it hangs on, whose a window is, and what holds once a time has passed."""
    notes = (which_call(line.deadline, several.get(line.case.ref, ())), hangs_on(line.deadline))
    return [*(note for note in notes if note), *effects(line.deadline, now)]


def _narrow_table(
    group: Sequence[RankedLine],
    calendars: Callable[[str], Calendar],
    now: datetime,
    with_case: bool,
    several: Several,
) -> Columns:
    what = "Stage, what is due, and by whom"
    table = Columns(*(["Case"] if with_case else []), what, "Due", "Time", fill=what, widths={"Due": 16, "Time": 14})
    for line in group:
        deadline = line.deadline
        key = f"{line.case.protocol}: {deadline.action}" if with_case else deadline.action
        below = [
            f"{key}, by: {deadline.owner_at(now)}",
            *_notes(line, several, now),
            *(_held(line) if with_case else []),
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
) -> Columns:
    about_case = ["Case", "Protocol"] if with_case else []
    table = Columns(*about_case, "Stage", "What is due", "Action", "Owner", "Due", "Act by", "Time")
    for line in group:
        deadline, case = line.deadline, line.case
        table.add(
            *([cell(case.ref, _person(case)), cell(case.protocol, _sides(case))] if with_case else []),
            deadline.stage,
            cell(deadline.action_name, _notes(line, several, now)),
            deadline.action,
            cell(deadline.owner_at(now), _held(line) if with_case else []),
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
    return [*_references(line), *([line.status] if line.status != "open" else [])]


def _references(line: CaseLine) -> list[str]:
    """Whom a case is about: the reference, and the name where it was asked for."""
    return [*([line.subject] if line.subject else []), *_names(line)]


def _held(line: RankedLine) -> list[str]:
    """Who holds the sides, where names were asked for."""
    return [holds(each) for each in line.holders if each.name or each.email or each.phone]


def _contacts(group: Sequence[RankedLine], most: int | None) -> list[Piece]:
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


def _below_due(deadline: Deadline, now: datetime) -> list[str]:
    """When to act, and what has to be known beside when it is due."""
    act = when_to_act(deadline, now)
    return [*([act if deadline.outside_hours else f"act by {act}"] if act else []), *beside(deadline, now)]


def _sides(line: CaseLine) -> str | None:
    """`Hull City Council to ?`: the agencies on the two sides, if either is known."""
    sides = [line.raising_agency or "?", line.receiving_agency or "?"]
    return " to ".join(sides) if sides != ["?", "?"] else None
