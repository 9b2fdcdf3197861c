"""A date worked out, with every day on the way."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.proof import Step
from escalate.output.dates.proof import act_by_in_words, day_headings, day_in_words
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


def days_table(days: Sequence[Step], allowance: Allowance) -> Table:
    """Every day from where an allowance begins to where it runs out: how much of it was used up, or why the day was skipped."""
    first, count, why = day_headings(allowance)
    made = table()
    made.add_column(first)
    made.add_column(count, justify="right")
    made.add_column(why)
    for day in days:
        on, number, says = day_in_words(day)
        made.add_row(on, number, Text(inert(says)), style="dim" if day.count is None else "")
    return made
