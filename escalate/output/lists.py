"""Tables of deadlines and of cases."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.calendar import Calendar
from escalate.domain.casefile import CaseLine, DueLine
from escalate.domain.deadlines import Deadline
from escalate.domain.london import london, london_date
from escalate.domain.standing import Standing, in_clock_words, in_words, overtaken
from escalate.output.terminal import WIDE
from escalate.output.words import counted, inert, short

STYLES = {
    Standing.OVERDUE: "bold red",
    Standing.AT_RISK: "bold magenta",
    Standing.ON_TRACK: "green",
    Standing.UNDATED: "bold",
    Standing.WAITING: "bold",
    Standing.MET: "green",
    Standing.MET_LATE: "red",
}
HEADINGS = {
    Standing.OVERDUE: "Overdue",
    Standing.AT_RISK: "At risk",
    Standing.ON_TRACK: "On track",
    Standing.UNDATED: "Undated: no time limit, and no date agreed yet",
    Standing.WAITING: "Waiting for the moment the time counts from",
}

FEW = 3

Judged = tuple[DueLine, Standing]


def due_page(
    judged: Sequence[Judged], calendars: Callable[[str], Calendar], now: datetime, width: int, with_case: bool = True
) -> RenderableType:
    """Deadlines under a heading for each standing, in the order given."""
    parts: list[RenderableType] = []
    for heading, style, group in _groups(judged, now):
        if parts:
            parts.append(Text())
        parts.append(Text(f"{heading} ({len(group)})", style=style))
        make = _wide_due_table if width >= WIDE else _narrow_due_table
        parts.append(make(group, calendars, now, with_case))
    if any(line.deadline.provisional for line, _ in judged):
        parts += [Text(), Text(PROVISIONAL)]
    return Group(*parts)


def _groups(judged: Sequence[Judged], now: datetime) -> Iterator[tuple[str, str, list[Judged]]]:
    """Standing actions under a heading of their own, then the rest by standing, with what a later stage overtook set apart."""
    rest = [each for each in judged if not each[0].deadline.is_standing]
    late = [each for each in rest if overtaken(each[0].deadline, each[1], now)]
    groups = [("Safety first", "bold red", [each for each in judged if each[0].deadline.is_standing])]
    for stands, heading in HEADINGS.items():
        groups.append((heading, STYLES[stands], [each for each in rest if each[1] is stands and each not in late]))
        if stands is Standing.OVERDUE:
            groups.append(("Past the limit of a later stage", "bold red", late))
    return ((heading, style, group) for heading, style, group in groups if group)


PROVISIONAL = (
    "~ provisional: counted from a fallback, or beyond the bank holidays published so far; escalate explain says which."
)


def due_summary(judged: Sequence[Judged], now: datetime) -> str:
    """`2 overdue, 1 at risk, 4 others.`"""
    standings = [stands for _, stands in judged]
    late = sum(overtaken(line.deadline, stands, now) for line, stands in judged)
    overdue, at_risk = standings.count(Standing.OVERDUE), standings.count(Standing.AT_RISK)
    past = f"{late} past the limit of a later stage, " if late else ""
    return f"{overdue} overdue, {past}{at_risk} at risk, {counted(len(standings) - overdue - at_risk - late, 'other')}."


def cases_table(lines: Sequence[CaseLine], now: datetime, width: int) -> Table:
    """A line a case."""
    if width < WIDE:
        table = _table("Case", "Protocol and stage", "Status", "Raised")
        for line in lines:
            where = f"{line.protocol}, stage {line.stage}"
            table.add_row(
                _two(line.ref, line.subject), _two(where, _sides(line)), line.status, short(line.raised_at, now)
            )
        return table
    table = _table("Case", "Subject", "Protocol", "Stage", "Status", "Raised", "At this stage since", "From", "To")
    for line in lines:
        table.add_row(
            line.ref, _plain(line.subject), line.protocol, _plain(f"{line.stage}  {line.stage_name}"), line.status,
            short(line.raised_at, now), short(line.entered_at, now), _plain(line.raising_agency), _plain(line.receiving_agency),
        )  # fmt: skip
    return table


def settings_table(rows: Sequence[tuple[str, str, str, str]]) -> Table:
    """Settings: name, value, where the value comes from, what it is."""
    table = _table("Setting", "Value", "From", "What it is")
    for name, value, source, says in rows:
        table.add_row(name, _plain(value), _plain(source), Text(says, style="dim"))
    return table


def how_long(deadline: Deadline, calendar: Calendar, now: datetime) -> str:
    """How late, or how long there is to act, in working time."""
    if deadline.due_at is None:
        return ""
    if now > deadline.due_at:
        span = calendar.working_time_between(deadline.due_at, now)
        return f"{in_words(span, calendar)} late" if span else f"{in_clock_words(now - deadline.due_at)} late"
    until = deadline.act_by or deadline.due_at
    span = calendar.working_time_between(now, until)
    if until <= now or not span:
        return "no working time left"
    return f"{in_words(span, calendar)} left"


def when_due(deadline: Deadline, now: datetime) -> str:
    """The deadline itself; `~` where it is provisional."""
    if deadline.due_at is None:
        return "waiting" if deadline.waiting else "no date"
    return ("~" if deadline.provisional else "") + short(deadline.due_at, now)


def when_to_act(deadline: Deadline, now: datetime) -> str:
    """When to act, while there is time and that is before the deadline: `17:00` on the day itself, `Fri 20 Nov 17:00` earlier."""
    act, due = deadline.act_by, deadline.due_at
    if act is None or due is None or now > due:
        return ""
    if deadline.outside_hours:
        return "outside working hours"
    if act == due:
        return ""
    return f"{london(act):%H:%M}" if london_date(act) == london_date(due) else short(act, now)


def _narrow_due_table(
    group: Sequence[Judged], calendars: Callable[[str], Calendar], now: datetime, with_case: bool
) -> Table:
    table = _table(*(["Case"] if with_case else []), "Stage, and what is due", "Due", "Working time")
    table.columns[-3].ratio = 1
    table.expand = True
    table.columns[-2].width, table.columns[-1].width = 17, 15
    for line, stands in group:
        deadline = line.deadline
        key = f"{line.case.protocol}: {deadline.action}" if with_case else deadline.action
        what = _two(f"{deadline.stage}  {deadline.action_name}", "\n".join([key, *_contacts(line, with_case)]))
        due = _two(when_due(deadline, now), _also_due(deadline, now))
        left = Text(how_long(deadline, calendars(line.case.calendar), now), style=STYLES[stands])
        table.add_row(*([_two(line.case.ref, line.case.subject)] if with_case else []), what, due, left)
    return table


def _wide_due_table(
    group: Sequence[Judged], calendars: Callable[[str], Calendar], now: datetime, with_case: bool
) -> Table:
    about_case = ["Case", "Subject", "Protocol"] if with_case else []
    table = _table(*about_case, "Stage", "What is due", "Action", "Owner", "Due", "Act by", "Working time")
    for line, stands in group:
        deadline, case = line.deadline, line.case
        table.add_row(
            *([Text(case.ref), _plain(case.subject), Text(case.protocol)] if with_case else []),
            deadline.stage,
            _two(deadline.action_name, "\n".join(_contacts(line, with_case))),
            deadline.action,
            _plain(deadline.owner),
            _two(when_due(deadline, now), _beside(deadline, now)),
            when_to_act(deadline, now),
            Text(how_long(deadline, calendars(case.calendar), now), style=STYLES[stands]),
        )
    return table


def _contacts(line: DueLine, with_case: bool) -> list[str]:
    """Whom to reach, where there is no time to look it up: all on the page of a case, the first few on a list."""
    if not line.deadline.is_standing:
        return []
    contacts = [f"contact: {contact}" for contact in line.deadline.contacts]
    more = len(contacts) - FEW
    if with_case and more > 0:
        return [*contacts[:FEW], f"and {more} more: escalate show {line.case.ref}"]
    return contacts


def _also_due(deadline: Deadline, now: datetime) -> str | None:
    act = when_to_act(deadline, now)
    lines = [act if deadline.outside_hours else f"act by {act}" if act else "", _beside(deadline, now) or ""]
    return "\n".join(line for line in lines if line) or None


def _beside(deadline: Deadline, now: datetime) -> str | None:
    """An agreed date that the protocol's limit comes before, and the limit of a later stage that comes before this one's."""
    lines = []
    if deadline.agreed_until and deadline.agreed_until != deadline.due_at:
        lines.append(f"agreed {short(deadline.agreed_until, now)}")
    if deadline.ahead_at:
        lines.append(
            f"stage {deadline.ahead_stage}: {short(deadline.ahead_at, now)}{' (past)' if now > deadline.ahead_at else ''}"
        )
    return "\n".join(lines) or None


def _sides(line: CaseLine) -> str | None:
    sides = [line.raising_agency or "?", line.receiving_agency or "?"]
    return " to ".join(sides) if sides != ["?", "?"] else None


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", collapse_padding=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _plain(text: str | None) -> Text:
    return Text(inert(text) if text else "-")


def _two(first: str, second: str | None) -> Text:
    """A value with a fainter line below it."""
    text = Text(inert(first))
    if second:
        text.append("\n" + "\n".join(inert(line) for line in second.split("\n")), style="dim")
    return text
