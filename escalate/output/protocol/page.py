"""Protocols for reading: the list, a ladder as a tree, and a ladder laid out on the calendar."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage
from escalate.domain.protocol.anchors import ANCHORS, Anchor
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Form, Stage, Timescale
from escalate.domain.worktime.allowance import Unit
from escalate.output.case.lists import PROVISIONAL, when_due, when_to_act
from escalate.output.terminal import WIDE
from escalate.output.words import counted, full, inert, short


def protocols_table(protocols: Sequence[Protocol], width: int) -> Table:
    """A line a protocol."""
    wide = width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in (
        ("Protocol", "Title", "For", "Edition", "Routes") if wide else ("Protocol", "Title", "Edition", "Routes")
    ):
        table.add_column(heading, overflow="fold")
    for protocol in protocols:
        title = Text(inert(protocol.title)).append(f"\n{inert(protocol.partnership)}", style="dim")
        covers = [" and ".join(protocol.covers)] if wide else []
        table.add_row(
            protocol.id, title, *covers, protocol.edition.dated, ", ".join(route.key for route in protocol.routes)
        )
    return table


def protocol_tree(protocol: Protocol, route: str | None = None) -> RenderableType:
    """The ladders, with who owns each stage, what has to be done within what time, and where it is written."""
    head = Text(f"{protocol.id}: {inert(protocol.title)}\n", style="bold")
    head.append(
        f"{inert(protocol.partnership)}. Edition: {_edition(protocol)}. Calendar: {protocol.calendar.name}.",
        style="not bold",
    )
    trees: list[RenderableType] = [head]
    for way in [protocol.route(route)] if route else protocol.routes:
        top = Text(f"\nroute {way.key}: {inert(way.name)}", style="bold")
        if way.use:
            top.append(f"\n{inert(way.use)}", style="not bold")
        tree = Tree(top, guide_style="dim")
        if way.cap:
            tree.add(_timescale("the whole of it:", way.cap, protocol))
        for stage in protocol.ladder(way.key):
            _add_stage(tree, protocol, stage)
        trees.append(tree)
    trees += _beside(protocol)
    return Group(*trees)


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
    table = _plan_of("Stage, and what has to be done", "Entered", "Due")
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
    table = _plan_of(
        "Stage, and what has to be done", "Action", "Owner", "Entered", "Target", "Due", "Act by", "Source"
    )
    now = plan.raised_at
    for planned, label in _planned(plan):
        closing = planned.closing
        target = short(closing.target_at, now) if closing.target_at else ""
        entered, due, source = (
            short(planned.entered_at, now),
            when_due(closing, now),
            Text(inert(closing.cite or ""), style="dim"),
        )
        table.add_row(
            label, closing.action, Text(inert(closing.owner)), entered, target, due, when_to_act(closing, now), source
        )
        for action in _others(planned):
            name, owner = Text(f"   {inert(action.action_name)}"), Text(inert(action.owner))
            source = Text(inert(action.cite or ""), style="dim")
            table.add_row(name, action.action, owner, "", "", when_due(action, now), when_to_act(action, now), source)
    return table


def _plan_of(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _planned(plan: Plan) -> Iterator[tuple[PlannedStage, Text]]:
    """Each stage of a plan with what it is called there."""
    for planned in plan.stages:
        stage = planned.stage
        key = stage.key if stage.route == plan.route.key else f"{stage.route}:{stage.key}"
        yield planned, Text(f"{key}  {inert(stage.name)}", style="bold")


def _others(planned: PlannedStage) -> list[Deadline]:
    return [action for action in planned.actions if not action.ends_stage]


def in_words(timescale: Timescale, protocol: Protocol) -> str:
    """`within 24 to 48 hours from entry to the stage`."""
    anchor = _anchor(timescale.anchor, protocol)
    within = f"within {timescale.within} from"
    if timescale.within.unit is Unit.IMMEDIATELY:
        within = f"by {timescale.within.by} on the day of" if timescale.within.by else "on the day of"
    if timescale.backward:
        within = f"at least {timescale.within} before"
    if timescale.repeats:
        within = f"every {timescale.within}, first from"
    parts = [
        f"target {timescale.target}" if timescale.target else "",
        f"failing that from {_anchor(timescale.failing_that, protocol)}" if timescale.failing_that else "",
        f"extendable to {timescale.extendable_to}" if timescale.extendable_to else "",
        f"stopped while {timescale.stops_while.text}" if timescale.stops_while else "",
        f"when {timescale.when.text}" if timescale.when else "",
    ]
    return ", ".join([f"{within} {anchor}", *(part for part in parts if part)])


def _anchor(anchor: Anchor, protocol: Protocol) -> str:
    """What a time counts from: `entry to the stage`, `"discussion" being done`, or a moment by the question for it."""
    if anchor.kind == "stage-entry":
        return f"entry to stage {anchor.key}"
    if anchor.kind == "overdue":
        return f'the time for "{anchor.key}" having run out'
    if anchor.kind == "action":
        return f'"{anchor.key}"' if protocol.dated_event(anchor.key) else f'"{anchor.key}" being done'
    return ANCHORS[anchor.kind]


def _edition(protocol: Protocol) -> str:
    edition = protocol.edition
    rest = [f"agreed {edition.agreed}" if edition.agreed else "", f"review {edition.review}" if edition.review else ""]
    return ", ".join([edition.dated, *[each for each in rest if each]])


def _add_stage(tree: Tree, protocol: Protocol, stage: Stage) -> None:
    label = Text(f"stage {stage.key}: {inert(stage.name)}", style="bold")
    label.append(f"\nowner: {inert(stage.owner)}", style="not bold")
    if stage.counterpart:
        label.append(f"\nwith: {inert(stage.counterpart)}", style="not bold")
    branch = tree.add(label)
    for action in stage.actions:
        _add_action(branch, protocol, stage, action)
    for reminder in stage.reminders:
        branch.add(Text(inert(reminder), style="dim"))
    if stage.reading:
        branch.add(Text(f"reading: {inert(stage.reading)}", style="dim italic"))
    branch.add(Text(f"then: {', '.join(stage.next)}" if stage.next else "nothing follows", style="bold"))


def _add_action(branch: Tree, protocol: Protocol, stage: Stage | None, action: Action) -> None:
    label = Text(f"{action.key}", style="bold")
    label.append(f": {inert(action.name)}", style="not bold")
    when = f" (when {inert(action.when.text)})" if action.when else ""
    label.append(when, style="not bold")
    if action.owner and (stage is None or action.owner != stage.owner):
        label.append(f"\nby: {inert(action.owner)}", style="not bold")
    if action.side:
        label.append(f"\nside: {action.side}", style="not bold")
    if action.window:
        label.append("\na window: it only closes", style="not bold")
    if len(action.timescales) > 1 and action.whichever == "later":
        label.append("\nwhichever is later of:", style="not bold")
    for timescale in action.timescales:
        label.append("\n").append(_timescale("", timescale, protocol))
    if not action.timescales:
        cite = action.cite or (stage.cite if stage else "")
        label.append("\nno time limit: agree a date", style="not bold underline").append(
            f"  [{inert(cite)}]", style="not bold dim"
        )
    for heading, said in (("once that has passed", action.once_passed), ("and then also", action.then_owner)):
        if said:
            label.append(f"\n{heading}: {inert(said)}", style="not bold")
    if action.reading:
        label.append(f"\nreading: {inert(action.reading)}", style="not bold dim italic")
    if action.form:
        label.append(
            f"\nform: {inert(next(form.name for form in protocol.forms if form.key == action.form))}", style="not bold"
        )
    for contact in protocol.reached_through(action):
        label.append(f"\ncontact: {inert(contact)}", style="not bold")
    branch.add(label)


def _timescale(what: str, timescale: Timescale, protocol: Protocol) -> Text:
    text = Text(inert(f"{what} {in_words(timescale, protocol)}".strip()), style="not bold")
    text.append(f"  [{inert(timescale.cite)}]", style="dim")
    if timescale.reading:
        text.append(f"\nreading: {inert(timescale.reading)}", style="dim italic")
    return text


def _beside(protocol: Protocol) -> Iterator[RenderableType]:
    for title, actions in (("once resolved", protocol.after_resolution), ("at any stage", protocol.standing_actions)):
        if actions:
            tree = Tree(Text(f"\n{title}", style="bold"), guide_style="dim")
            for action in actions:
                _add_action(tree, protocol, None, action)
            yield tree
    lists = (
        ("facts it asks for", [f"{fact.key}: {fact.ask} ({' / '.join(fact.answers)})" for fact in protocol.facts]),
        ("moments it counts from", [f"{moment.key}: {moment.ask}" for moment in protocol.dated_events]),
        ("calendars of its own", _calendars(protocol)),
        (
            "to keep in mind",
            [
                f"{each.text}{f' (when {each.when.text})' if each.when else ''}  [{each.cite}]"
                for each in protocol.reminders
            ],
        ),
        (
            "forms",
            [line for form in protocol.forms for line in _form(form)],
        ),
        ("themes", [f"{theme.key}: {theme.name}  [{theme.cite}]" for theme in protocol.themes]),
        (
            "contacts",
            [
                " ".join(part for part in (c.role, c.area and f"({c.area})", c.phone, c.email) if part)
                for c in protocol.contacts
            ],
        ),
        ("not for", list(protocol.not_for)),
    )
    for title, lines in lists:
        if lines:
            tree = Tree(Text(f"\n{title}", style="bold"), guide_style="dim")
            for line in lines:
                tree.add(Text(inert(line)))
            yield tree


def calendar_lines(protocol: Protocol) -> list[str]:
    """Every calendar a protocol counts on, the usual one first, with what is different from the nation's."""
    usual = [protocol.calendar.name] if protocol.calendar.is_a_nations and not protocol.calendar.key else []
    return [*usual, *(line.removeprefix("usual: ") for line in _calendars(protocol))]


def _calendars(protocol: Protocol) -> list[str]:
    """What is different from the nation's calendar, and the calendars beside the usual one."""
    lines = []
    for choice in (protocol.calendar, *protocol.calendars):
        if choice.is_a_nations and not choice.key:
            continue
        hours = [f"{opens:%H:%M} to {closes:%H:%M}" for opens, closes in ([choice.hours] if choice.hours else [])]
        hours += [f"{day} {opens:%H:%M} to {closes:%H:%M}" for day, (opens, closes) in choice.hours_on.items()]
        parts = [
            choice.name,
            f"working days {', '.join(choice.week)}" if choice.week else "",
            "" if choice.bank_holidays else "bank holidays count as working days",
            f"hours {'; '.join(hours)}" if hours else "",
            counted(len(choice.closures), "closure") if choice.closures else "",
            f"term time only, to {max(term.last for term in choice.terms)}" if choice.terms else "",
        ]
        lines.append(f"{choice.key or 'usual'}: {', '.join(part for part in parts if part)}")
    return lines


def _form(form: Form) -> Iterator[str]:
    """A form, where it goes, and below it what it asks for."""
    yield f"{form.key}: {form.name}{f', to: {form.send_to}' if form.send_to else ''}  [{form.cite}]"
    yield from (f"  {field.heading}: {field.source}" for field in form.fields)


def _due(deadline: Deadline, now: datetime, also: str = "") -> Text:
    act = when_to_act(deadline, now)
    lines = [act if deadline.outside_hours else f"act by {act}" if act else "", also]
    return Text(when_due(deadline, now)).append("".join(f"\n{line}" for line in lines if line), style="dim")
