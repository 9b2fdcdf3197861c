"""What `calendar check` found."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from escalate.domain.deadlines.coverage import Checked, Difference, runs_out
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.output.words import inert, short
from escalate.wording import how_many


def check_page(checked: Sequence[Checked], now: datetime) -> RenderableType:
    """For each calendar how far it is published, what lies beyond, and where lists differ."""
    parts: list[RenderableType] = []
    for each in checked:
        if parts:
            parts.append(Text())
        parts.append(Text(each.calendar.title, style="bold"))
        parts += [Text(inert(line)) for line in _lines(each, now)]
    return Group(*parts)


def _lines(found: Checked, now: datetime) -> Iterator[str]:
    is_known = "Days off are known" if found.calendar.runs_out else "Bank holidays are published"
    yield f"{is_known} to {spoken_day(found.calendar.published_to)} ({found.calendar.source})."
    for each in runs_out(found.calendar):
        yield f"{each.what[0].upper()}{each.what[1:]}: given up to {spoken_day(each.day)}{' (over)' if each.day < london_date(now) else ''}."
    if found.beyond:
        yield f"{how_many(len(found.beyond), 'open deadline')} beyond that, provisional until more are published:"
    for line in found.beyond:
        due = short(line.deadline.due_at, now) if line.deadline.due_at else ""
        yield f"  {line.case.ref} {line.deadline.action}: {due}"
    if len(found.lists) > 1 and not found.differences:
        yield f"The same days in {' and '.join(found.lists)}."
    for difference in found.differences:
        yield f"  {_difference(difference)}"
    if found.differences:
        yield "escalate calendar refresh --dry-run shows which deadlines that would move."


def _difference(one: Difference) -> str:
    """`Monday 3 May 2027: Spring day in holidays 0.109; not in gov.uk`."""
    named = "; ".join(f"{title} in {name}" for name, title in one.named.items())
    return f"{spoken_day(one.day)}: {named}; not in {' and '.join(one.missing)}"
