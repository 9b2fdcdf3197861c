"""What is well-formed in a protocol file and wrong all the same, or worth a second look. A case can be opened under it with either.

Wrong is only what is sure: what no case can bring about, and figures that compare the same way whenever they begin.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from operator import gt, le

from escalate.domain.authoring.satisfiable import (
    A_MONDAY,
    always,
    can_hold,
    last_day,
    left_at,
    longest_way,
    plain_calendar,
)
from escalate.domain.protocol.anchors import Anchor
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Action, Protocol, Stage, Timescale
from escalate.domain.worktime.clock import spoken
from escalate.domain.worktime.counting import runs_out
from escalate.errors import BeyondCalendar, listed

Place = tuple[str, str]
"""A stage: its route and its key."""

Notes = Iterator[tuple[str, str]]
"""Where something stands in the file, and the sentence about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a file that cannot be meant so; or where it is not `wrong`, that may not be."""

    place: str
    sentence: str
    wrong: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class _Written:
    """A timescale with its place, its action unless it is a cap, and the stages at which it counts, if not anywhere."""

    place: str
    timescale: Timescale
    action: Action | None
    stages: tuple[Stage, ...]

    @property
    def anchors(self) -> Iterator[tuple[str, Anchor]]:
        yield f"{self.place}.{'before' if self.timescale.backward else 'from'}", self.timescale.anchor
        if self.timescale.failing_that:
            yield f"{self.place}.failing_that", self.timescale.failing_that


def review(protocol: Protocol, today: date) -> list[Finding]:
    """What is wrong in a protocol whose file has no problems, and then what may be."""
    wrong = (_lost_stages, _endless_loops, _never_come, _never_hold, _never_asked, _targets_above)
    may_be = (_short_caps, _only_agreed, _not_extended)
    found = [Finding(*note, wrong=True) for notes in wrong for note in notes(protocol)]
    found += [Finding(*note, wrong=False) for notes in may_be for note in notes(protocol)]
    return found + [Finding(*note, wrong=False) for note in _passed(protocol, today)]


# -- stages ----------------------------------------------------------------------------------------------------------------


def _place(stage: Stage) -> Place:
    return stage.route, stage.key


def _above(protocol: Protocol) -> dict[Place, set[Place]]:
    """The stages that each can lead to."""
    return {_place(stage): set(protocol.reachable(stage)) for stage in protocol.stages}


def _entered(protocol: Protocol) -> set[Place]:
    """The stages a case can come to from the start of a route."""
    starts = [protocol.stage(route.key, route.starts) for route in protocol.routes]
    return {place for start in starts for place in (_place(start), *protocol.reachable(start))}


def _named(protocol: Protocol, places: Iterable[Place]) -> str:
    """`stage 2`, `stages 3 and 4`; with the route where there are several."""
    names = [key if len(protocol.routes) == 1 else f"{route}:{key}" for route, key in places]
    return f"stage{'' if len(names) == 1 else 's'} {listed(names, 'and')}"


def _lost_stages(protocol: Protocol) -> Notes:
    entered = _entered(protocol)
    for i, stage in enumerate(protocol.stages):
        if _place(stage) not in entered:
            name = _named(protocol, [_place(stage)])
            yield f"stages[{i}]", f"nothing leads to {name}; name it in the next of another stage, or take it away"


def _endless_loops(protocol: Protocol) -> Notes:
    above, ends = _above(protocol), {_place(stage) for stage in protocol.stages if not stage.next}
    said: set[Place] = set()
    for i, here in enumerate(above):
        loop = above[here] | {here}
        if loop & (ends | said) or any(here not in above[other] for other in loop - {here}):
            continue
        said |= loop
        members = _named(protocol, [place for place in above if place in loop])
        yield (
            f"stages[{i}].next",
            f"{members} lead only to each other, so going up never ends; let one lead to a stage with next = []",
        )


# -- what is counted from, and in which case -------------------------------------------------------------------------------


def _actions(protocol: Protocol) -> Iterator[tuple[str, Action, Stage | None]]:
    for i, stage in enumerate(protocol.stages):
        yield from ((f"stages[{i}].actions[{n}]", action, stage) for n, action in enumerate(stage.actions))
    yield from ((f"after_resolution[{i}]", action, None) for i, action in enumerate(protocol.after_resolution))
    yield from ((f"standing_actions[{i}]", action, None) for i, action in enumerate(protocol.standing_actions))


def _timescales(protocol: Protocol) -> Iterator[_Written]:
    for place, action, stage in _actions(protocol):
        for n, timescale in enumerate(action.timescales):
            yield _Written(f"{place}.timescales[{n}]", timescale, action, (stage,) if stage else ())
    for i, route in enumerate(protocol.routes):
        if route.cap:
            yield _Written(f"routes[{i}].cap", route.cap, None, tuple(protocol.ladder(route.key)))


def _never_come(protocol: Protocol) -> Notes:
    above, entered = _above(protocol), _entered(protocol)
    for each in _timescales(protocol):
        here = {_place(stage) for stage in each.stages} & entered
        if each.stages and not here:
            continue  # that nothing leads to the stage has been said
        before = {place for place in above if place in here or above[place] & here}
        for place, anchor in each.anchors:
            if why := _why_never(protocol, anchor, each, before):
                yield place, f"{why}; count from something that can come first"


def _why_never(protocol: Protocol, anchor: Anchor, counted: _Written, before: set[Place]) -> str:
    """Why what is counted from cannot have happened by then, whatever becomes of a case; nothing where it can."""
    at = counted.stages
    here = _named(protocol, [_place(at[0])]) if len(at) == 1 else "any stage of the route"
    if anchor.kind == "stage-entry" and at and (at[0].route, anchor.key) not in before:
        return f"{_named(protocol, [(at[0].route, anchor.key)])} never comes before {here}"
    if anchor.kind not in ("action", "overdue") or protocol.dated_event(anchor.key):
        return ""
    named = [each for each in _actions(protocol) if each[1].key == anchor.key and (each[2] or anchor.kind == "action")]
    possible = [each for each in named if each[1].when is None or can_hold(protocol, each[1].when)]
    if not possible:
        return f'"{anchor.key}" is never called for, for its own when cannot hold'
    stages = [_place(stage) for _, _, stage in possible if stage]
    if not at or before.intersection(stages) or any(place.startswith("standing") for place, _, _ in possible):
        return ""
    if not stages:
        return f'"{anchor.key}" is done once a case is resolved, and not before {here}'
    return f'"{anchor.key}" belongs to {_named(protocol, stages)}, and that never comes before {here}'


def _only_agreed(protocol: Protocol) -> Notes:
    limited = {action.key for _, action, _ in _actions(protocol) if action.timescales}
    limited |= {stage.closing.key for stage in protocol.stages if protocol.route(stage.route).cap}
    for each in _timescales(protocol):
        for place, anchor in each.anchors:
            if anchor.kind == "overdue" and anchor.key not in limited:
                said = f'"{anchor.key}" has no time limit, so that only a date agreed for it can pass'
                yield place, f"{said}; give it a timescale if the document has one"


def _conditions(protocol: Protocol) -> Iterator[tuple[str, Condition, Condition | None]]:
    """Every condition with its place, and the one of the action under which a timescale's own is asked."""
    for place, action, _ in _actions(protocol):
        if action.when:
            yield f"{place}.when", action.when, None
    for each in _timescales(protocol):
        if each.timescale.when:
            yield f"{each.place}.when", each.timescale.when, each.action.when if each.action else None
        if each.timescale.stops_while:
            yield f"{each.place}.stops_while", each.timescale.stops_while, None
    for i, reminder in enumerate(protocol.reminders):
        if reminder.when:
            yield f"reminders[{i}].when", reminder.when, None


def _never_hold(protocol: Protocol) -> Notes:
    for place, condition, outer in _conditions(protocol):
        if not can_hold(protocol, condition):
            yield place, f'no answers make "{condition.text}" hold; say or between what does not go together'
        elif outer and not can_hold(protocol, condition, outer) and can_hold(protocol, outer):
            yield (
                place,
                f'"{condition.text}" never holds together with the when of its action, "{outer.text}"; change one',
            )


def _never_asked(protocol: Protocol) -> Notes:
    asked = {key for _, condition, _ in _conditions(protocol) for key, _ in condition.terms}
    counted = {anchor.key for each in _timescales(protocol) for _, anchor in each.anchors}
    for i, fact in enumerate(protocol.facts):
        if fact.key not in asked:
            yield f"facts[{i}]", f'no condition asks for "{fact.key}"; use it in a when, or take it away'
    for i, moment in enumerate(protocol.dated_events):
        if moment.key not in asked | counted:
            yield f"moments[{i}]", f'nothing counts from "{moment.key}" or asks for it; use it, or take it away'


# -- figures and dates -----------------------------------------------------------------------------------------------------


def _targets_above(protocol: Protocol) -> Notes:
    for each in _timescales(protocol):
        limit, target = each.timescale.within._replace(target=None), each.timescale.aims_at
        if target and always(protocol, each.timescale, target, gt):
            field = "target" if each.timescale.target else each.timescale.written_as
            said = f"a target of {target} always falls later than the limit of {limit}; give one that falls before it"
            yield f"{each.place}.{field}", said


def _short_caps(protocol: Protocol) -> Notes:
    """The caps that end before the stages do; one that depends on the answers is left out, for limits may as well."""
    for i, route in enumerate(protocol.routes):
        cap = route.cap
        if cap is None or cap.when or cap.backward:
            continue
        with suppress(BeyondCalendar):
            way = longest_way(protocol, route)
            begins = {f"stage {each.stage.key}": each.entered_at for each in way}
            since = ({"concern": A_MONDAY, "raised": A_MONDAY} | begins).get(str(cap.anchor))
            ends = runs_out(since, cap.within, plain_calendar(protocol, {})) if since else None
            if ends and ends.at < left_at(way[-1]):
                limits = [f"{each.stage.key} ({each.closing.limits[0].within})" for each in way if each.closing.due_at]
                said = (
                    f"{cap.within} may end before the stages do, {listed(limits, 'and')}: from {spoken(A_MONDAY)} on,"
                )
                said += f" without bank holidays, it ends {spoken(ends.at)} and they end {spoken(left_at(way[-1]))}"
                yield f"routes[{i}].cap", f"{said}; check the figures"


def _not_extended(protocol: Protocol) -> Notes:
    for each in _timescales(protocol):
        most, within = each.timescale.extendable_to, each.timescale.within
        if most and always(protocol, each.timescale, most, le):
            said = f"{most} is no more than the limit of {within}; say how much it can come to in all"
            yield f"{each.place}.extendable_to", said


def _passed(protocol: Protocol, today: date) -> Notes:
    due = last_day(protocol.edition.review) if protocol.edition.review else None
    if due and due < today:
        yield "edition.review", f"the review was due by {due.day} {due:%B %Y}; see whether there is a newer edition"
    beside = [(f"calendars[{i}]", calendar) for i, calendar in enumerate(protocol.calendars)]
    for place, calendar in (("calendar", protocol.calendar), *beside):
        last = max((term.last for term in calendar.terms), default=today)
        if last < today:
            ended = f"{last.day} {last:%B %Y}"
            yield (
                f"{place}.terms",
                f"the last ended on {ended}, and days out of term count since; add those that follow",
            )
