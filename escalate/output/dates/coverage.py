"""What `calendar check` found."""

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from escalate.domain.deadlines.coverage import Checked, Difference
from escalate.domain.worktime.clock import spoken_day
from escalate.output.words import counted, inert, short


def check_page(checked: Sequence[Checked], now: datetime) -> RenderableType:
    """For each calendar how far it is published, what lies beyond, and where lists differ."""
    parts: list[RenderableType] = []
    for each in checked:
        calendar = each.calendar
        if parts:
            parts.append(Text())
        parts.append(Text(calendar.title, style="bold"))
        parts.append(Text(f"Bank holidays are published to {spoken_day(calendar.published_to)} ({calendar.source})."))
        if each.beyond:
            number = counted(len(each.beyond), "open deadline")
            parts.append(Text(f"{number} beyond that, provisional until more are published:"))
        for line in each.beyond:
            due = short(line.deadline.due_at, now) if line.deadline.due_at else ""
            parts.append(Text(inert(f"  {line.case.ref} {line.deadline.action}: {due}")))
        if len(each.lists) > 1 and not each.differences:
            parts.append(Text(f"The same days in {' and '.join(each.lists)}."))
        parts += [Text(inert(f"  {_difference(difference)}")) for difference in each.differences]
        if each.differences:
            parts.append(Text("escalate calendar refresh --dry-run shows which deadlines that would move."))
    return Group(*parts)


def _difference(one: Difference) -> str:
    named = "; ".join(f"{title} in {name}" for name, title in one.named.items())
    return f"{spoken_day(one.day)}: {named}; not in {' and '.join(one.missing)}"
