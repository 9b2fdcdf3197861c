"""Two ladders on one time axis: every instant in the order of time, with a column for each ladder."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from escalate.domain.authoring.two_plans import Axis, Event, Mark, What, without_date
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.domain.worktime.clock import london_date
from escalate.output import tables
from escalate.output.case.deadline import when_to_act
from escalate.output.case.readings import anchor_in_words
from escalate.output.protocol.comparison import told_apart
from escalate.output.protocol.in_words import calendar_lines
from escalate.output.protocol.plan import why_provisional
from escalate.output.terminal import WIDE
from escalate.output.words import TYPED, Called, full, inert, short
from escalate.wording import how_many

AS_EARLY = "At the earliest: a stage on the way there has no time limit; it is taken to last no time, and may well last longer."
EVERY_BRANCH = "Where a ladder branches, every branch is shown."


def axis_page(axis: Axis, width: int, called: tuple[Called, Called] = (TYPED, TYPED)) -> RenderableType:
    """What is entered and what is due, instant by instant; below it what has no date, and how far apart the two ladders end."""
    pair = axis.one.protocol, axis.other.protocol
    headings = told_apart(pair, called[0])
    raised_at = axis.one.raised_at
    of = f"{pair[0].title if called[0].by_name else pair[0].id}, " if pair[0].id == pair[1].id else ""
    table = tables.table(apart=1)
    table.expand = width < 2 * WIDE
    table.add_column("When", width=16)
    for heading in headings:
        table.add_column(heading, overflow="fold", ratio=1)
    plans = axis.one, axis.other
    routes = [plan.route.name if called[0].by_name else f"route {plan.route.key}: {plan.route.name}" for plan in plans]
    table.add_row("", *(Text(inert(route), style="dim") for route in routes))
    for mark in axis.marks:
        sides = (mark.one, plans[0]), (mark.other, plans[1])
        table.add_row(
            _when(mark, raised_at), *(_events(found, plan, width >= WIDE, called[0]) for found, plan in sides)
        )
    beside = "compared with" if called[0].by_name else "and"
    return Group(
        Text(
            f"{inert(of)}{inert(f' {beside} '.join(headings))}: if every stage takes its full time",
            style="bold",
        ),
        Text(f"Raised {full(raised_at)}; concern {full(axis.one.concern_at)}"),
        *(Text(line) for line in _calendars(pair, called)),
        Text(),
        table,
        Text(),
        *(Text(line) for line in [_gap(axis, called[0]), *_undated(axis, called), *_remarks(axis, called)]),
    )


def _calendars(pair: tuple[Protocol, Protocol], called: tuple[Called, Called]) -> Iterator[str]:
    """Which calendar each was counted on, where the two differ."""
    said = ["; ".join(calendar_lines(protocol, called[0])) for protocol in pair]
    if said[0] != said[1]:
        for name, calendar in zip(told_apart(pair, called[0]), said, strict=True):
            yield f"{name} counts on: {inert(calendar)}"


def _when(mark: Mark, raised_at: datetime) -> Text:
    """When it is, and how many working days after it was raised."""
    text = Text(short(mark.at, raised_at))
    sides = zip(mark.working_days, (mark.one, mark.other), strict=True)
    days = list(dict.fromkeys(days for days, found in sides if found))
    if any(days):
        many = " and ".join(f"{n:+}" for n in days)
        text.append(f"\n{many} working day{'' if many in ('+1', '-1') else 's'}", style="dim")
    return text


def _events(found: Sequence[Event], plan: Plan, wide: bool, called: Called) -> Text:
    return Text("\n").join([_event(each, plan, wide, called) for each in found])


def _event(event: Event, plan: Plan, wide: bool, called: Called) -> Text:
    """`stage 2 entered: Manager to manager` or `stage 2 due`, with what has to be known about it."""
    stage, deadline = event.stage, event.deadline
    if stage is None or deadline is None:
        return Text("the whole process due", style="bold")
    label = f"stage {stage.key_on(plan.route.key)}"
    earliest = ", at the earliest" if event.earliest else ""
    mark = "~" if event.provisional else ""
    if event.what is What.ENTERED:
        limit = "" if deadline.due_at else "; its time is not running yet" if deadline.waiting else "; no time limit"
        mark = "" if earliest else mark
        return Text(inert(f"{mark}{label} entered{earliest}: {stage.name}{limit}"))
    beside = "".join(f", {each}" for each in _beside(deadline, plan.raised_at, wide))
    if deadline.ends_stage:
        return Text(inert(f"{mark}{label} due{earliest}{beside}"), style="bold")
    what = f"{deadline.action_name} ({deadline.action})" if wide else deadline.action
    what = deadline.action_name if called.by_name else what
    return Text(inert(f"{mark}{what} due{earliest}{beside}"))


def _beside(deadline: Deadline, raised_at: datetime, wide: bool) -> Iterator[str]:
    """By when to act, where that is a day before; where there is room, also at what time, and the target."""
    assert deadline.due_at
    act = when_to_act(deadline, raised_at)
    same_day = deadline.act_by is not None and london_date(deadline.act_by) == london_date(deadline.due_at)
    if deadline.outside_hours:
        yield act
    elif act and (wide or not same_day):
        yield f"act by {act}"
    if wide and deadline.target_at:
        yield f"target {short(deadline.target_at, raised_at)}"


def _gap(axis: Axis, called: Called) -> str:
    """How far apart the last limits of the two ladders are."""
    sides = zip(told_apart((axis.one.protocol, axis.other.protocol), called), axis.ends, strict=True)
    dated = sorted(((end, name) for name, end in sides if end), key=lambda side: side[0])
    said = "; ".join(f"{name} {short(end, axis.one.raised_at)}" for end, name in dated)
    if len(dated) < 2:
        return f"The last limit on a stage that is certain: {said or 'neither has any'}."
    days = sorted(set(axis.working_days_between(dated[0][0], dated[1][0])))
    more = f"{days[0]} or " if len(days) > 1 else ""
    later = f"{more}{how_many(days[-1], 'working day')}" if any(days) else "less than a working day"
    if dated[0][0] == dated[1][0]:
        return f"The last limit on a stage is the same: {short(dated[0][0], axis.one.raised_at)}."
    return f"The last limit on a stage: {said}, {later} later."


def _undated(axis: Axis, called: tuple[Called, Called]) -> Iterator[str]:
    """What has no date on either ladder."""
    plans = axis.one, axis.other
    apart = told_apart((axis.one.protocol, axis.other.protocol), called[0])
    for name, plan, words in zip(apart, plans, called, strict=True):
        found = [_without(planned.stage, deadline, plan, words) for planned, deadline in without_date(plan)]
        if found:
            yield f"No date in {name}: {inert('; '.join(found))}."


def _without(stage: Stage, deadline: Deadline, plan: Plan, called: Called) -> str:
    label = f"stage {stage.key_on(plan.route.key)}"
    anchor = deadline.limits[0].anchor if deadline.waiting else None
    since = (anchor_in_words(anchor, called) if called.by_name else str(anchor)) if anchor else ""
    waits = f", which counts from {since}" if since else ""
    action = deadline.action_name if called.by_name else deadline.action
    return f"{label if deadline.ends_stage else f'{action} ({label})'}{waits}"


def _remarks(axis: Axis, called: tuple[Called, Called]) -> Iterator[str]:
    """What readers should know about what is shown."""
    found = [each for mark in axis.marks for each in (*mark.one, *mark.other)]
    if any(each.earliest for each in found):
        yield AS_EARLY
    if any(len(planned.stage.next) > 1 for plan in (axis.one, axis.other) for planned in plan.stages):
        yield EVERY_BRANCH
    apart = told_apart((axis.one.protocol, axis.other.protocol), called[0])
    yield from why_provisional(axis.one, axis.other, names=apart, called=called)
