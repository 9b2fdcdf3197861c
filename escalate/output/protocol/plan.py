"""A ladder laid out on the calendar."""

from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage
from escalate.output import tables
from escalate.output.case.deadline import PROVISIONAL, when_due, when_to_act
from escalate.output.terminal import WIDE
from escalate.output.words import full, inert, short


def plan_table(plan: Plan, width: int) -> RenderableType:
    """Every stage with when it is entered and when it is due, and what else has to be done in it."""
    head = [f"Raised {full(plan.raised_at)}; concern {full(plan.concern_at)}"]
    if plan.cap_at:
        head.append(f"The whole of it is to be settled by {full(plan.cap_at)}")
    title = Text(f"{plan.protocol.id}, route {plan.route.key}: if every stage takes its full time", style="bold")
    parts: list[RenderableType] = [title, *[Text(line) for line in head], Text()]
    parts.append(_wide_plan(plan) if width >= WIDE else _narrow_plan(plan))
    if any(planned.closing.provisional for planned in plan.stages):
        parts += [Text(), Text(PROVISIONAL)]
    return Group(*parts)


def _narrow_plan(plan: Plan) -> Table:
    table = tables.table("Stage, and what has to be done", "Entered", "Due")
    table.expand = True
    table.columns[0].ratio = 1
    table.columns[1].width, table.columns[2].width = 16, 21
    for planned, label in _planned(plan):
        target = planned.closing.target_at
        due = _due(planned.closing, plan.raised_at, f"target {short(target, plan.raised_at)}" if target else "")
        table.add_row(label, short(planned.entered_at, plan.raised_at), due)
        for action in _others(planned):
            table.add_row(
                Text(f"   {inert(action.action_name)}\n   {action.action}", style="dim"),
                "",
                _due(action, plan.raised_at),
            )
    return table


def _wide_plan(plan: Plan) -> Table:
    table = tables.table(
        "Stage, and what has to be done", "Action", "Owner", "Entered", "Target", "Due", "Act by", "Source"
    )
    now = plan.raised_at
    for planned, label in _planned(plan):
        target = planned.closing.target_at
        dates = short(planned.entered_at, now), short(target, now) if target else ""
        table.add_row(label, *_wide_cells(planned.closing, now, *dates))
        for action in _others(planned):
            table.add_row(Text(f"   {inert(action.action_name)}"), *_wide_cells(action, now, "", ""))
    return table


def _wide_cells(deadline: Deadline, now: datetime, entered: str, target: str) -> list[str | Text]:
    """What stands in a row beside what has to be done."""
    owner, source = Text(inert(deadline.owner)), Text(inert(deadline.cite or ""), style="dim")
    return [deadline.action, owner, entered, target, when_due(deadline, now), when_to_act(deadline, now), source]


def _planned(plan: Plan) -> Iterator[tuple[PlannedStage, Text]]:
    """Each stage of a plan with what it is called there."""
    for planned in plan.stages:
        stage = planned.stage
        yield planned, Text(f"{stage.key_on(plan.route.key)}  {inert(stage.name)}", style="bold")


def _others(planned: PlannedStage) -> list[Deadline]:
    return [action for action in planned.actions if not action.ends_stage]


def _due(deadline: Deadline, now: datetime, also: str = "") -> Text:
    act = when_to_act(deadline, now)
    lines = [act if deadline.outside_hours else f"act by {act}" if act else "", also]
    return Text(when_due(deadline, now)).append("".join(f"\n{line}" for line in lines if line), style="dim")
