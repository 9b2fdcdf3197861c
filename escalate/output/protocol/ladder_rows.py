"""What stands in the picture of a ladder, however it is drawn: what has to be done at each stage, within what time, and what starts which clock."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Route, Stage, Timescale
from escalate.output.names import Named
from escalate.output.protocol.in_words import (
    beginning_in_words,
    figure_in_words,
    owners_in_words,
    which_counts,
    window_in_words,
    without_a_limit,
)

Spot = tuple[str, ...]
"""What can start a clock: `("concern",)`, `("stage", ROUTE, KEY)`, `("action", ROUTE, STAGE, KEY)`, `("moment", KEY)`."""


class LadderLimit(NamedTuple):
    """A time limit as it stands in the picture."""

    figure: str
    """How long: `within 5 working days`; empty where there is no limit."""
    rest: str
    """What it counts from, and all else that is said of it."""
    start: Spot | None
    """What starts its clock, where that stands in the picture."""


class LadderRow(NamedTuple):
    """A line of a box: something that has to be done."""

    spot: Spot
    """Where it stands, for clocks that it starts."""
    limits: list[LadderLimit]
    """How long it may take."""
    name: str
    """What has to be done."""
    details: list[str]
    """In which case, by whom, and what holds once its time has passed."""


def beginnings(protocol: Protocol, route: Route) -> Iterator[tuple[Spot, str]]:
    """What starts clocks of a route and stands before its stages, with what it is called."""
    called: dict[Spot, str] = {
        ("concern",): protocol.concern or "the disputed decision, or the concern first arising",
        ("raised",): "the case is raised",
    }
    called = {spot: name[0].upper() + name[1:] for spot, name in called.items()}
    called |= {("moment", event.key): event.ask for event in protocol.dated_events}
    stages = protocol.ladder(route.key)
    counted = [(each, stage) for stage in stages for action in stage.actions for each in action.counted]
    used = {start_of(protocol, each.anchor, stage) for each, stage in counted}
    used |= {start_of(protocol, route.cap.anchor, None)} if route.cap else set()
    yield from ((spot, name) for spot, name in called.items() if spot in used)


def jumps(protocol: Protocol, stage: Stage, other: Stage) -> bool:
    """Whether one stage of a route leads to another that is not the next box."""
    stages = protocol.ladder(stage.route)
    return other in protocol.ladders.following(stage) and stages.index(other) != stages.index(stage) + 1


def leads_to(protocol: Protocol, following: Sequence[Stage], stage: Stage, below: Stage | None) -> str:
    """Where a stage leads, as far as that is not the next box."""
    if not following:
        return "Last stage"
    names = [
        f"{each.label}{'' if each.route == stage.route else f' of {protocol.route(each.route).name}'}"
        for each in following
        if each is not below
    ]
    return f"{'Or on' if below in following else 'On'} to {' or '.join(names)}" if names else ""


def row_of(protocol: Protocol, action: Action, stage: Stage | None) -> LadderRow:
    """Something that has to be done at a stage, or beside the stages."""
    limits = [limit_of(protocol, each, stage) for each in action.timescales]
    if not limits:
        begins = beginning_in_words(action, protocol, Named(protocol))
        start = start_of(protocol, action.begins, stage) if action.begins else None
        limits = [LadderLimit("", f"{begins}{without_a_limit(action, stage)}", start)]
    owner = action.owner if stage is None or action.owner != stage.owner else None
    called = Named(protocol)
    said = {
        "if {}": action.when and called.condition(action.when.text),
        "only if stage {} was reached": action.if_reached,
        "by: {}": owner,
        "by the {} side": not owner and action.side,
        "{}": action.window and window_in_words(action, protocol, called),
        "of the times beside it, {} counts": which_counts(action, protocol).removesuffix(" of these"),
        "after that: {}": action.once_passed,
        "after that also with: {}": action.then_owner,
    }
    details = [line.format(value) for line, value in said.items() if value]
    details[1:1] = [f"by: {each}" for each in owners_in_words(action, called)]
    place = stage.place if stage else ()
    return LadderRow(("action", *place, action.key), limits, action.name, details)


def limit_of(protocol: Protocol, timescale: Timescale, stage: Stage | None) -> LadderLimit:
    """A time limit of something at a stage, or beside the stages."""
    return LadderLimit(
        *figure_in_words(timescale, protocol, Named(protocol)), start_of(protocol, timescale.anchor, stage)
    )


def start_of(protocol: Protocol, anchor: Anchor, stage: Stage | None) -> Spot | None:
    """What starts the clock of a limit at a stage; None where that does not stand in the picture."""
    kind, key = anchor.kind, anchor.key
    if kind in (AnchorKind.CONCERN, AnchorKind.RAISED, AnchorKind.RESOLVED):
        return (kind.value,)
    if kind is AnchorKind.STAGE:
        return ("stage", *stage.place) if stage else None
    if protocol.dated_event(key):
        return ("moment", key)
    if stage is None or kind is AnchorKind.KNOWN:
        return None
    if kind is AnchorKind.STAGE_ENTRY:
        return ("stage", *protocol.stage(stage.route, key).place)
    stages = protocol.ladder(stage.route)
    ahead = [each for each in stages[: stages.index(stage) + 1] if key in [action.key for action in each.actions]]
    return ("action", *ahead[-1].place, key) if ahead else None
