"""The proof of a deadline: what it counts from, every day counted or skipped and why, and which timescale won."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.allowance import Allowance
from escalate.domain.calendar import Calendar
from escalate.domain.casefile import CaseFile
from escalate.domain.counting import ActBy, Due, Step, steps
from escalate.domain.deadlines import Counted, Deadline
from escalate.domain.history import Entry
from escalate.domain.london import spoken, spoken_day
from escalate.domain.standing import Standing
from escalate.output.entries import sentence
from escalate.output.lists import STYLES, how_long
from escalate.output.words import full, inert


def proof_page(file: CaseFile, deadline: Deadline, stands: Standing, now: datetime) -> RenderableType:
    """Why a deadline of a case is what it is."""
    title = Text(
        f"{file.case.ref}, stage {deadline.stage}: {inert(deadline.action_name)} ({deadline.action})", style="bold"
    )
    parts: list[RenderableType] = [title, _outcome(file, deadline, stands, now)]
    won = deadline.counted[0] if deadline.counted else None
    if won is None:
        parts.append(
            Text(
                f"\nThe protocol gives this no time limit [{inert(deadline.cite or '')}]. Agree a date: escalate agree {file.case.ref} WHEN --action {deadline.action}."
            )
        )
    elif won.due is None:
        parts.append(
            Text(
                f'\nIt counts from "{won.counts_from}", which has not been recorded yet: escalate done {file.case.ref} {won.counts_from}.'
            )
        )
        parts.append(_rule(file, won))
    else:
        parts += [_rule(file, won), _days(won, file.calendar)]
    others = deadline.counted[1:]
    if others:
        parts.append(Text("\nAlso considered; the earliest wins (rule C7)", style="bold"))
        parts += [Text(f"- {inert(_other(each))}") for each in others]
    return Group(*parts)


def proof_document(file: CaseFile, deadline: Deadline, stands: Standing) -> dict[str, object]:
    """`explain --json`: the same as plain values."""
    from escalate.output.documents import instant

    return {
        "case": file.case.ref,
        "stage": deadline.stage,
        "action": deadline.action,
        "standing": stands.value,
        "due_at": instant(deadline.due_at),
        "act_by": instant(deadline.act_by),
        "met_at": instant(deadline.met_at),
        "provisional": deadline.provisional,
        "calendar": file.calendar.name,
        "calendar_source": file.calendar.source,
        "counted": [
            {
                "within": str(each.within) if each.within else None,
                "counts_from": each.counts_from,
                "since": instant(each.since),
                "entry": each.entry,
                "due_at": instant(each.due.at) if each.due else None,
                "target_at": instant(each.target_at),
                "provisional": each.provisional,
                "is_cap": each.is_cap,
                "cite": each.cite,
                "reading": each.reading,
                "steps": [
                    {"on": step.on.isoformat(), "count": step.count, "why": step.why or None}
                    for step in _steps(each, file.calendar)
                ],
            }
            for each in deadline.counted
        ],
    }


def calc_page(
    start: datetime,
    allowance: Allowance,
    calendar: Calendar,
    due: Due,
    target: Due | None,
    act: ActBy,
    counted: Sequence[Step],
) -> RenderableType:
    """A date worked out, and every day on the way."""
    grid = _grid()
    grid.add_row("From", spoken(start))
    grid.add_row("Allowed", str(allowance))
    if target:
        grid.add_row("Target", spoken(target.at))
    grid.add_row("Due", Text(spoken(due.at) + (_BEYOND if due.provisional else ""), style="bold"))
    grid.add_row("Act by", _act_by(act))
    grid.add_row("Calendar", f"{calendar.name} ({calendar.source})")
    return Group(grid, Text(), _steps_table(counted, allowance))


_BEYOND = "  (provisional: beyond the bank holidays published so far)"


def _outcome(file: CaseFile, deadline: Deadline, stands: Standing, now: datetime) -> Table:
    grid = _grid()
    length = (
        f": {how_long(deadline, file.calendar, now)}"
        if stands in (Standing.OVERDUE, Standing.AT_RISK, Standing.ON_TRACK)
        else ""
    )
    grid.add_row("Standing", Text(f"{stands.value}{length}", style=STYLES[stands]))
    if deadline.met_at:
        grid.add_row("Met", spoken(deadline.met_at))
    if deadline.due_at and deadline.act_by:
        if deadline.target_at:
            grid.add_row("Target", spoken(deadline.target_at))
        grid.add_row("Due", Text(spoken(deadline.due_at), style="bold"))
        grid.add_row("Act by", _act_by(ActBy(deadline.act_by, deadline.outside_hours)))
    if deadline.provisional:
        beyond = deadline.counted[0].due is not None and deadline.counted[0].due.provisional
        grid.add_row(
            "Provisional",
            "beyond the bank holidays published so far"
            if beyond
            else "counted from what it falls back on, until the moment itself is recorded",
        )
    return grid


def _rule(file: CaseFile, won: Counted) -> Table:
    grid = _grid()
    grid.add_row("", "")
    grid.add_row(
        "Allowed",
        f"{won.within}, from {won.counts_from}" + (" (the limit on the whole process)" if won.is_cap else "")
        if won.within
        else won.counts_from,
    )
    grid.add_row("Written in", Text(inert(won.cite)))
    if won.reading:
        grid.add_row("Read as", Text(inert(won.reading)))
    entry = next((entry for entry in file.case.history if entry.seq == won.entry), None)
    if won.since and entry:
        grid.add_row("Counts from", f"{spoken(won.since)}, which is in entry {entry.seq}: {inert(_recorded(entry))}")
    published = file.calendar.published_to
    grid.add_row(
        "Calendar", f"{file.calendar.name}, published to {published.day} {published:%B %Y} ({file.calendar.source})"
    )
    return grid


def _recorded(entry: Entry) -> str:
    return f"{sentence(entry)} (recorded {full(entry.recorded_at)} by {entry.by})"


def _days(won: Counted, calendar: Calendar) -> RenderableType:
    counted = list(_steps(won, calendar))
    return Group(Text(), _steps_table(counted, won.within)) if counted and won.within else Text()


def _steps(counted: Counted, calendar: Calendar) -> list[Step]:
    if counted.within is None or counted.since is None:
        return []
    return list(steps(counted.since, counted.within.limit, counted.within.unit, calendar))


def _steps_table(counted: Sequence[Step], allowance: Allowance) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Day")
    table.add_column(f"{allowance.unit.value}s" if allowance.limit else "Counted", justify="right")
    table.add_column("")
    for step in counted:
        number = "-" if step.count is None else str(step.count)
        style = "dim" if step.count is None else ""
        table.add_row(
            spoken_day(step.on),
            number,
            Text(inert(f"skipped: {step.why}" if step.count is None else step.why)),
            style=style,
        )
    return table


def _other(each: Counted) -> str:
    what = f"{each.within} from {each.counts_from}" if each.within else each.counts_from
    when = full(each.due.at) if each.due else "not dated yet"
    return f"{when}: {what}{' (the limit on the whole process)' if each.is_cap else ''} [{each.cite}]"


def _act_by(act: ActBy) -> str:
    return f"{spoken(act.at)}" + ("  (the whole time lies outside working hours)" if act.outside_hours else "")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, min_width=11)
    grid.add_column(overflow="fold")
    return grid
