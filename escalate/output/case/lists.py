"""Tables of deadlines and of cases."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from escalate.domain.case.people import Holder
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.deadlines.standing import Judged, Standing, in_clock_words, in_words
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import LAST_SECOND, london, london_date
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

AT_ONCE = timedelta(days=2)
"""What safety calls for within so long is to be done at once, and has no later moment to act by."""

AN_HOUR = timedelta(hours=1)

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


def settings_table(rows: Sequence[tuple[str, str, str, str]]) -> Page:
    """Settings: name, value, where the value comes from, what it is."""
    table = Columns("Setting", "Value", "From", "What it is")
    for name, value, source, says in rows:
        table.add(name, value or "-", source or "-", cell(says, style="dim"))
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


def how_long(deadline: Deadline, calendar: Calendar, now: datetime) -> str:
    """How late, or how long there is to act: in working days where days were counted, else in working hours."""
    due = deadline.due_at
    if due is None:
        return f"since {short(deadline.stopped_since, now)}" if deadline.stopped_since else ""
    if now > due:
        return "over" if deadline.is_window else how_late(deadline, calendar, now)
    if deadline.comes_first and due - now <= AT_ONCE:
        return "at once"
    if _by_the_day(due):
        days = calendar.working_days_between(london_date(now), london_date(due))
        if days:
            return f"{counted(days, 'working day')} left"
        return "due today" if london_date(now) == london_date(due) else "no working day left"
    span = calendar.working_time_between(now, max(now, deadline.act_by or due))
    if span:
        return f"{in_words(span, calendar)} left"
    return f"{in_clock_words(due - now)} left{'' if deadline.outside_hours else ', outside working hours'}"


def how_late(deadline: Deadline, calendar: Calendar, at: datetime) -> str:
    """How late something was at an instant after it was due."""
    due = deadline.due_at
    assert due is not None
    local = london(due)
    if local.time() == LAST_SECOND:
        days = calendar.working_days_between(local.date(), london_date(at))
        return f"{counted(days, 'working day') if days else in_clock_words(at - due)} late"
    span = calendar.working_time_between(due, at)
    return f"{in_words(span, calendar) if span >= AN_HOUR else in_clock_words(at - due)} late"


def _by_the_day(due: datetime) -> bool:
    return london(due).time() == LAST_SECOND


def when_due(deadline: Deadline, now: datetime) -> str:
    """The deadline itself; `~` where it is provisional."""
    if deadline.stopped_since:
        return "clock stopped"
    if deadline.due_at is None:
        return "waiting" if deadline.waiting else "no date"
    return ("~" if deadline.provisional else "") + short(deadline.due_at, now)


def when_to_act(deadline: Deadline, now: datetime) -> str:
    """When to act, while there is time and that is before the deadline: `17:00` on the day itself, `Fri 20 Nov 17:00` earlier."""
    act, due = deadline.act_by, deadline.due_at
    if act is None or due is None or now > due or (deadline.comes_first and due - now <= AT_ONCE and _by_the_day(due)):
        return ""  # what is due at once has no later moment to act by
    if deadline.outside_hours:
        return "outside working hours"
    if act == due:
        return ""
    return f"{london(act):%H:%M}" if london_date(act) == london_date(due) else short(act, now)


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


def beside(deadline: Deadline, now: datetime) -> list[str]:
    """The target, what was agreed and the protocol's limit beside it, and the limit of a later stage that comes before this one's."""
    lines = []
    if deadline.target_at:
        lines.append("target passed" if now > deadline.target_at else f"target {short(deadline.target_at, now)}")
    if deadline.limit_at:
        lines.append(f"as agreed; limit {short(deadline.limit_at, now)}")
    elif deadline.agreed_until:
        same = deadline.agreed_until == deadline.due_at
        lines.append("as agreed" if same else f"agreed {short(deadline.agreed_until, now)}")
    if deadline.ahead_at:
        past = " (past)" if now > deadline.ahead_at else ""
        lines.append(f"limit of {deadline.ahead_of}: {short(deadline.ahead_at, now)}{past}")
    return lines


def effects(deadline: Deadline, now: datetime) -> list[str]:
    """Whose a window is, and what holds once a time has passed."""
    lines = []
    if deadline.is_window:
        lines.append(f"a window for the {deadline.side} side" if deadline.side else "a window: it only closes")
    if deadline.once_passed and deadline.has_passed(now):
        lines.append(deadline.once_passed)
    return lines


def _sides(line: CaseLine) -> str | None:
    sides = [line.raising_agency or "?", line.receiving_agency or "?"]
    return " to ".join(sides) if sides != ["?", "?"] else None
