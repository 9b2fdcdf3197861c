"""A date worked out, with every day on the way."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken, spoken_day
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.proof import Step
from escalate.output.words import inert


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
    grid.add_row("Calendar", f"{calendar.title} ({calendar.source})")
    return Group(grid, Text(), _steps_table(counted, allowance))


_BEYOND = "  (provisional: beyond the bank holidays published so far)"


def _steps_table(counted: Sequence[Step], allowance: Allowance) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Day")
    table.add_column(f"{allowance.day_name}s" if allowance.limit else "Limit", justify="right")
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


def _act_by(act: ActBy) -> str:
    return f"{spoken(act.at)}" + ("  (the whole time lies outside working hours)" if act.outside_hours else "")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True, min_width=11)
    grid.add_column(overflow="fold")
    return grid
