"""A ladder laid out on the calendar."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.parts import Stage
from escalate.output import tables
from escalate.output.case.deadline import provisional, when_due, when_to_act
from escalate.output.case.readings import other_dates
from escalate.output.terminal import WIDE
from escalate.output.words import TYPED, Called, full, in_full, inert, short

NOT_FIRM = "~ provisional: it comes after a stage that ends provisionally, or after one without a time limit, which is taken to last no time."
NOT_YET = "~ provisional: a stage that ends with its duties has one more, whose time does not run yet."


def plan_table(plan: Plan, width: int, called: Called = TYPED) -> RenderableType:
    """Every stage with when it is entered and when it is due, and what else has to be done in it."""
    head = [f"Raised {full(plan.raised_at)}; concern {full(plan.concern_at)}"]
    if plan.cap_at:
        head.append(f"The whole of it is to be settled by {'~' if plan.cap_provisional else ''}{in_full(plan.cap_at)}")
    ladder = plan.protocol.partnership if called.by_name else f"{plan.protocol.id}, route {plan.route.key}"
    if called.by_name:
        head.insert(0, ": ".join(dict.fromkeys((plan.protocol.title, plan.route.name))))
    title = Text(inert(f"{ladder}: if every stage takes its full time"), style="bold")
    parts: list[RenderableType] = [title, *[Text(inert(line)) for line in head], Text()]
    parts.append(_wide_plan(plan, called) if width >= WIDE else _narrow_plan(plan))
    if otherwise := [each.sentence(plan.raised_at, called) for each in other_dates(_by_name(plan, called))]:
        parts += [Text("\nBy other readings of the protocol", style="bold"), tables.bullets(otherwise)]
    if remarks := list(why_provisional(plan, called=[called])):
        parts += [Text(), *(Text(inert(line)) for line in remarks)]
    return Group(*parts)


def _by_name(plan: Plan, called: Called) -> Iterator[tuple[str, Deadline]]:
    """What would be due, each with its stage and what it is called."""
    for planned in plan.stages:
        for each in planned.actions:
            yield f"stage {planned.stage.key_on(plan.route.key)}, {_name(each, called)}", each


def _name(deadline: Deadline, called: Called) -> str:
    return deadline.action_name if called.by_name else deadline.action


def why_provisional(
    *plans: Plan, names: Sequence[str] = (), called: Sequence[Called] = (TYPED, TYPED)
) -> Iterator[str]:
    """What `~` stands for, as far as it stands anywhere in these plans, and which questions would settle it.

    Where there are several plans, `names` tells them apart.
    """
    named = zip(plans, names or [""] * len(plans), called[: len(plans)], strict=True)
    stages = [(name, words, plan, each) for plan, name, words in named for each in plan.stages]
    if any(_is_provisional_itself(each) for *_, planned in stages for each in planned.actions):
        yield provisional(called[0])
    if any(not planned.is_firm for *_, planned in stages):
        yield NOT_FIRM
    if any(_may_take_longer(planned) for *_, planned in stages):
        yield NOT_YET
    for name, words, plan, planned in stages:
        for each in planned.actions:
            for why in _hangs_on(planned.stage, each, words):
                stage = f"stage {planned.stage.key_on(plan.route.key)}"
                yield f"~ {', '.join(filter(None, (name, stage, _name(each, words))))}: {why}"


def _is_provisional_itself(deadline: Deadline) -> bool:
    """Whether a deadline is provisional by the limit that decides it."""
    decides = deadline.limits[:1]
    return deadline.provisional and any(
        each.provisional and each.anchor.kind is not AnchorKind.OVERDUE for each in decides
    )


def _may_take_longer(planned: PlannedStage) -> bool:
    """Whether a stage ends provisionally though the duty that says so does not."""
    duties = [each for each in planned.actions if each.action == planned.ends_with]
    return planned.closing.provisional and any(not each.provisional for each in duties)


def _hangs_on(stage: Stage, deadline: Deadline, called: Called) -> Iterator[str]:
    """`if severity is high; not answered`, `only if reply runs out`: what a deadline hangs on beside the time that passes."""
    limit = deadline.decided_by
    if limit and limit.due and limit.anchor.kind is AnchorKind.OVERDUE:
        yield f"only if {_quoted(limit.anchor.key, called)} runs out"
    if (
        limit
        and limit.due
        and deadline.provisional
        and limit.anchor.kind is AnchorKind.ACTION
        and not limit.provisional
    ):
        yield f"as if {_quoted(limit.anchor.key, called)} is done when it is due"
    if deadline.unanswered:
        action = next((each for each in stage.actions if each.key == deadline.action), None)
        conditions = [limit.when if limit else None, action.when.text if action and action.when else None]
        asked = [each for each in conditions if each and not set(deadline.unanswered).isdisjoint(each.split())]
        asked_for = called.condition(" and ".join(asked))
        questions = ", ".join(called.key(each) for each in deadline.unanswered)
        yield f"if {asked_for}; not answered" if asked else f"not answered: {questions}"


def _quoted(key: str, called: Called) -> str:
    return f'"{called.action(key)}"' if called.by_name else key


def _narrow_plan(plan: Plan) -> Table:
    table = tables.table("Stage, and what has to be done", "Entered", "Due")
    table.expand = True
    table.columns[0].ratio = 1
    table.columns[1].width, table.columns[2].width = 17, 21
    for planned, label in _planned(plan):
        target = planned.closing.target_at
        target_line = f"target {short(target, plan.raised_at)}" if target else ""
        due = _due(planned.closing, plan.raised_at, target_line, _with_duty(planned, TYPED))
        table.add_row(label, _entered(planned, plan.raised_at), due)
        for action in _others(planned):
            table.add_row(
                Padding(Text(f"{inert(action.action_name)}\n{action.action}", style="dim"), (0, 0, 0, 3)),
                "",
                _due(action, plan.raised_at),
            )
    return table


def _wide_plan(plan: Plan, called: Called) -> Table:
    typed = [] if called.by_name else ["Action"]
    what = "Stage, and what has to be done"
    table = tables.table(what, *typed, "Owner", "Entered", "Target", "Due", "Act by", "Source")
    now = plan.raised_at
    for planned, label in _planned(plan):
        target = planned.closing.target_at
        dates = _entered(planned, now), short(target, now) if target else ""
        table.add_row(label, *_wide_cells(planned.closing, now, called, *dates, _with_duty(planned, called)))
        for action in _others(planned):
            table.add_row(Text(f"   {inert(action.action_name)}"), *_wide_cells(action, now, called, "", ""))
    return table


def _wide_cells(
    deadline: Deadline, now: datetime, called: Called, entered: str, target: str, also: str = ""
) -> list[str | Text]:
    """What stands in a row beside what has to be done."""
    owner, source = Text(inert(deadline.owner)), Text(inert(deadline.cite or ""), style="dim")
    due = Text(when_due(deadline, now)).append(f"\n{also}" if also else "", style="dim")
    typed: list[str | Text] = [] if called.by_name else [deadline.action]
    return [*typed, owner, entered, target, due, when_to_act(deadline, now), source]


def _entered(planned: PlannedStage, now: datetime) -> str:
    """When a stage is entered; `~` where that may come out otherwise."""
    return ("" if planned.is_firm else "~") + short(planned.entered_at, now)


def _with_duty(planned: PlannedStage, called: Called) -> str:
    """Which duty says how long a stage takes that has no limit of its own."""
    return f"with {_quoted(planned.ends_with, called)}" if planned.ends_with else ""


def _planned(plan: Plan) -> Iterator[tuple[PlannedStage, Text]]:
    """Each stage of a plan with what it is called there."""
    for planned in plan.stages:
        stage = planned.stage
        yield planned, Text(f"{stage.key_on(plan.route.key)}  {inert(stage.name)}", style="bold")


def _others(planned: PlannedStage) -> list[Deadline]:
    return [action for action in planned.actions if not action.ends_stage]


def _due(deadline: Deadline, now: datetime, *also: str) -> Text:
    act = when_to_act(deadline, now)
    lines = [act if deadline.outside_hours else f"act by {act}" if act else "", *also]
    return Text(when_due(deadline, now)).append("".join(f"\n{line}" for line in lines if line), style="dim")
