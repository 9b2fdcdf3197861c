"""A date worked out, with every day on the way."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken, spoken_day
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.proof import Step
from escalate.output.tables import grid, table
from escalate.output.words import inert

NAMES = 11
"""How many columns the names beside a proof take at the least."""

_BEYOND = "  (provisional: beyond the bank holidays published so far)"


def calc_page(
    start: datetime,
    allowance: Allowance,
    calendar: Calendar,
    due: Due,
    target: Due | None,
    act: ActBy,
    days: Sequence[Step],
) -> RenderableType:
    """`calc`: from when, how long is allowed, when that is over, and a line for each day of the walk."""

    def rows() -> Iterator[tuple[str, str | Text]]:
        yield "From", spoken(start)
        yield "Allowed", str(allowance)
        if target:
            yield "Target", spoken(target.at)
        yield "Due", Text(spoken(due.at) + (_BEYOND if due.provisional else ""), style="bold")
        yield "Act by", act_by_in_words(act)
        yield "Calendar", f"{calendar.title} ({calendar.source})"

    return Group(grid(rows(), NAMES), Text(), days_table(days, allowance))


def act_by_in_words(act: ActBy) -> str:
    """The last working moment; where there is none, that it is the deadline itself."""
    return f"{spoken(act.at)}{'  (the whole time lies outside working hours)' if act.outside_hours else ''}"


def days_table(days: Sequence[Step], allowance: Allowance) -> Table:
    """Every day from where an allowance begins to where it runs out: how much of it was used up, or why the day was skipped."""
    made = table()
    made.add_column("Day")
    made.add_column(f"{allowance.day_name}s" if allowance.limit else "Counted", justify="right")
    made.add_column("")
    for day in days:
        skipped = day.count is None
        number, why = ("-", f"skipped: {day.why}") if skipped else (str(day.count), day.why)
        made.add_row(spoken_day(day.on), number, Text(inert(why)), style="dim" if skipped else "")
    return made
