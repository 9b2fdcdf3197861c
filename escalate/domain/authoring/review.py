"""What is wrong in a protocol file that is well-formed, or worth a second look. Neither keeps a case from being opened under it.

Only what is certain is wrong: what can never happen to a case, and figures that compare the same way whenever they begin.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from operator import gt, le
from typing import NamedTuple

from escalate.domain.authoring.satisfiable import (
    A_MONDAY,
    always,
    can_hold,
    last_day,
    longest_way,
    plain_calendar,
)
from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.extends import OTHER_READINGS
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Place, Stage, Timescale
from escalate.domain.protocol.placed import all_actions
from escalate.domain.worktime.clock import spoken
from escalate.domain.worktime.counting import runs_out
from escalate.errors import BeyondCalendar, listed

Notes = Iterator[tuple[str, str]]
"""Where something stands in the file, and the sentence about it."""


class ReviewFinding(NamedTuple):
    """Something in a file that cannot be right, or may not be."""

    place: str
    """In the file, as `stages[2].next`."""
    sentence: str
    """What is wrong, and what to do about it."""
    wrong: bool
    """It is certainly wrong; otherwise it is worth a second look."""

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class _Written(NamedTuple):
    """A timescale of the file."""

    place: str
    """Where it stands, as `stages[2].actions[0].timescales[1]`."""
    timescale: Timescale
    """What the file says there."""
    action: Action | None
    """None for the limit on a whole route."""
    stages: tuple[Stage, ...]
    """The stages at which it counts; empty where it counts at none."""


def review(protocol: Protocol, today: date) -> list[ReviewFinding]:
    """What is wrong in a protocol whose file has no problems, and then what may be."""
    wrong = (_lost_stages, _endless_loops, _lead_nowhere, _never_come, _never_hold, _targets_above)
    may_be = (_never_asked, _short_caps, _only_agreed, _not_extended, _no_other)
    found = [ReviewFinding(*note, wrong=True) for notes in wrong for note in notes(protocol)]
    found += [ReviewFinding(*note, wrong=False) for notes in may_be for note in notes(protocol)]
    return found + [ReviewFinding(*note, wrong=False) for note in _out_of_date(protocol, today)]


# -- stages ----------------------------------------------------------------------------------------------------------------


def _entered(protocol: Protocol) -> set[Place]:
    """The stages a case can come to from the start of a route."""
    starts = [protocol.stage(route.key, route.starts) for route in protocol.routes]
    return {place for start in starts for place in (start.place, *protocol.ladders.reachable(start))}


def _stage_names(protocol: Protocol, places: Iterable[Place]) -> str:
    """`stage 2`, `stages 3 and 4`; with the route where there are several."""
    names = [key if len(protocol.routes) == 1 else f"{route}:{key}" for route, key in places]
    return f"stage{'' if len(names) == 1 else 's'} {listed(names, 'and')}"


def _lost_stages(protocol: Protocol) -> Notes:
    entered = _entered(protocol)
    for i, stage in enumerate(protocol.stages):
        if stage.place not in entered:
            name = _stage_names(protocol, [stage.place])
            yield f"stages[{i}]", f"nothing leads to {name}; name it in the next of another stage, or take it away"


def _endless_loops(protocol: Protocol) -> Notes:
    said: set[Place] = set()
    for i, stage in enumerate(protocol.stages):
        loop = _loop_without_end(protocol, stage)
        if loop and said.isdisjoint(loop):
            said |= loop
            members = _stage_names(protocol, [each.place for each in protocol.stages if each.place in loop])
            yield (
                f"stages[{i}].next",
                f"{members} lead only to each other, so going up never ends; let one lead to a stage with next = []",
            )


def _loop_without_end(protocol: Protocol, stage: Stage) -> set[Place]:
    """A stage and all above it, if each leads back to it and none is the last; empty otherwise."""
    above = [way[-1] for way in protocol.ladders.reachable(stage).values()]
    if any(not each.next for each in (stage, *above)):
        return set()
    return {each.place for each in (stage, *above)} if not protocol.ladders.above(stage) else set()


def _lead_nowhere(protocol: Protocol) -> Notes:
    """Windows that are the time to go to a stage no case can come to from theirs."""
    for place, action, stage in all_actions(protocol):
        for n, name in enumerate(action.leads_to if stage else ()):
            assert stage
            after = protocol.stage(stage.route, name)
            if not protocol.ladders.leads_to(stage, after):
                here, there = (_stage_names(protocol, [each.place]) for each in (stage, after))
                said = f"a case never comes from {here} to {there}"
                yield f"{place}.leads_to[{n}]", f"{said}; name a stage that can follow, or put it into the next of one"


# -- what is counted from, and in which case -------------------------------------------------------------------------------


def _timescales(protocol: Protocol) -> Iterator[_Written]:
    for place, action, stage in all_actions(protocol):
        for n, timescale in enumerate(action.counted):
            yield _Written(
                place if action.begins else f"{place}.timescales[{n}]", timescale, action, (stage,) if stage else ()
            )
    for i, route in enumerate(protocol.routes):
        if route.cap:
            yield _Written(f"routes[{i}].cap", route.cap, None, tuple(protocol.ladder(route.key)))


def _never_come(protocol: Protocol) -> Notes:
    entered = _entered(protocol)
    for each in _timescales(protocol):
        here = {stage.place for stage in each.stages} & entered
        if each.stages and not here:
            continue  # that nothing leads to the stage has been said
        before = {
            stage.place
            for stage in protocol.stages
            if stage.place in here or here.intersection(protocol.ladders.reachable(stage))
        }
        for name, anchor in (*each.timescale.anchors, *each.timescale.other_anchors):
            if name.startswith(OTHER_READINGS) and not _is_there(protocol, anchor, each):
                yield (
                    f"{each.place}.{name}",
                    f'"{anchor}" is not something to count from; name what there is, or take it away',
                )
            elif why := _why_never(protocol, anchor, each, before):
                yield f"{each.place}.{name}", f"{why}; count from something that can come first"


def _is_there(protocol: Protocol, anchor: Anchor, counted: _Written) -> bool:
    """Whether the action, the dated event or the stage is there that an anchor names."""
    if anchor.kind is AnchorKind.STAGE_ENTRY:
        ladder = protocol.ladder(counted.stages[0].route) if counted.stages else protocol.stages
        return any(stage.key == anchor.key for stage in ladder)
    if anchor.kind is AnchorKind.ACTION:
        return anchor.key in [*(event.key for event in protocol.dated_events), *(each.key for each in protocol.actions)]
    return True


def _why_never(protocol: Protocol, anchor: Anchor, counted: _Written, before: set[Place]) -> str:
    """Why an anchor can never have happened by the time a timescale counts; empty where it can.

    `before` are the stages a case can have been at by then.
    """
    if anchor.kind is AnchorKind.STAGE_ENTRY:
        return _why_never_entered(protocol, anchor.key, counted, before)
    if anchor.kind in (AnchorKind.ACTION, AnchorKind.OVERDUE) and not protocol.dated_event(anchor.key):
        return _why_never_done(protocol, anchor, counted, before)
    return ""


def _why_never_entered(protocol: Protocol, key: str, counted: _Written, before: set[Place]) -> str:
    for stage in counted.stages[:1]:
        if (stage.route, key) not in before:
            return f"{_stage_names(protocol, [(stage.route, key)])} never comes before {_where(protocol, counted)}"
    return ""


def _why_never_done(protocol: Protocol, anchor: Anchor, counted: _Written, before: set[Place]) -> str:
    meant = [each for each in all_actions(protocol) if each.action.key == anchor.key]
    if anchor.kind is AnchorKind.OVERDUE:
        meant = [each for each in meant if each.stage]
    possible = [each for each in meant if each.action.when is None or can_hold(protocol, each.action.when)]
    if not possible:
        return f'"{anchor.key}" is never called for, because its own when can never hold'
    stages = [each.stage.place for each in possible if each.stage]
    if not counted.stages or before.intersection(stages) or any(each.at_any_stage for each in possible):
        return ""
    if not stages:
        return f'"{anchor.key}" is done once a case is resolved, and not before {_where(protocol, counted)}'
    belongs = _stage_names(protocol, stages)
    return f'"{anchor.key}" belongs to {belongs}, and that never comes before {_where(protocol, counted)}'


def _where(protocol: Protocol, counted: _Written) -> str:
    """Where a timescale of a stage or of a route counts, in words."""
    return _stage_names(protocol, [counted.stages[0].place]) if len(counted.stages) == 1 else "any stage of the route"


def _only_agreed(protocol: Protocol) -> Notes:
    limited = {action.key for action in protocol.actions if action.timescales}
    limited |= {stage.closing.key for stage in protocol.stages if protocol.route(stage.route).cap}
    for each in _timescales(protocol):
        for name, anchor in each.timescale.anchors:
            if anchor.kind is AnchorKind.OVERDUE and anchor.key not in limited:
                said = f'"{anchor.key}" has no time limit, so that only a date agreed for it can pass'
                yield f"{each.place}.{name}", f"{said}; give it a timescale if the document has one"


def _conditions(protocol: Protocol) -> Iterator[tuple[str, Condition, Condition | None]]:
    """Every condition with its place; that of a timescale also with the condition of its action."""
    for n, stage in enumerate(protocol.stages):
        yield from ((f"stages[{n}].owners[{i}].when", each.when, None) for i, each in enumerate(stage.owners))
    for place, action, _ in all_actions(protocol):
        yield from ((f"{place}.owners[{i}].when", each.when, action.when) for i, each in enumerate(action.owners))
        if action.when:
            yield f"{place}.when", action.when, None
    for written in _timescales(protocol):
        if written.timescale.when:
            yield f"{written.place}.when", written.timescale.when, written.action.when if written.action else None
        if written.timescale.stops_while:
            yield f"{written.place}.stops_while", written.timescale.stops_while, None
        if written.timescale.extendable_when:
            yield f"{written.place}.extendable_when", written.timescale.extendable_when, None
    for i, reminder in enumerate(protocol.reminders):
        if reminder.when:
            yield f"reminders[{i}].when", reminder.when, None


def _never_hold(protocol: Protocol) -> Notes:
    for place, condition, outer in _conditions(protocol):
        if not can_hold(protocol, condition):
            yield place, f'no answers make "{condition.text}" hold; write or between answers that cannot both be given'
        elif outer and not can_hold(protocol, condition, outer) and can_hold(protocol, outer):
            yield (
                place,
                f'"{condition.text}" never holds together with the when of its action, "{outer.text}"; change one',
            )


def _never_asked(protocol: Protocol) -> Notes:
    asked = {key for _, condition, _ in _conditions(protocol) for key, _ in condition.terms}
    timescales = [each.timescale for each in _timescales(protocol)]
    counted = {anchor.key for each in timescales for _, anchor in (*each.anchors, *each.other_anchors)}
    for i, fact in enumerate(protocol.facts):
        if fact.key not in asked:
            yield f"facts[{i}]", f'no condition asks for "{fact.key}"; use it in a when, or take it away'
    for i, event in enumerate(protocol.dated_events):
        if event.key not in asked | counted:
            yield f"moments[{i}]", f'nothing counts from "{event.key}" or asks for it; use it, or take it away'


# -- figures and dates -----------------------------------------------------------------------------------------------------


def _targets_above(protocol: Protocol) -> Notes:
    for each in _timescales(protocol):
        limit, target = each.timescale.within._replace(target=None), each.timescale.aims_at
        if target and always(protocol, each.timescale, target, gt):
            field = "target" if each.timescale.target else each.timescale.written_as
            said = f"a target of {target} always falls later than the limit of {limit}; give one that falls before it"
            yield f"{each.place}.{field}", said


def _short_caps(protocol: Protocol) -> Notes:
    """Caps that end before their stages do. One that depends on answers is left out, because the limits may depend on them too."""
    for i, route in enumerate(protocol.routes):
        cap = route.cap
        if cap is None or cap.when or cap.backward:
            continue
        with suppress(BeyondCalendar):
            way = longest_way(protocol, route)
            begins = {f"stage {each.stage.key}": each.entered_at for each in way}
            since = ({"concern": A_MONDAY, "raised": A_MONDAY} | begins).get(str(cap.anchor))
            ends = runs_out(since, cap.within, plain_calendar(protocol, {})) if since else None
            if ends and ends.at < way[-1].left_at:
                limits = [f"{each.stage.key} ({each.closing.limits[0].within})" for each in way if each.closing.due_at]
                said = (
                    f"{cap.within} may end before the stages do, {listed(limits, 'and')}: from {spoken(A_MONDAY)} on,"
                )
                said += f" without bank holidays, it ends {_spoken_end(ends.at)} and they end {_spoken_end(way[-1].left_at)}"
                yield f"routes[{i}].cap", f"{said}; check the figures"


def _spoken_end(at: datetime) -> str:
    """When something ends; the day alone where it lasts until its end."""
    return spoken(at).removesuffix(" 23:59:59")


def _not_extended(protocol: Protocol) -> Notes:
    for each in _timescales(protocol):
        most, within = each.timescale.extendable_to, each.timescale.within
        if most and always(protocol, each.timescale, most, le):
            said = f"{most} is no more than the limit of {within}; say how much it can come to in all"
            yield f"{each.place}.extendable_to", said


def _no_other(protocol: Protocol) -> Notes:
    """Other readings that come to what the time itself says."""
    for each in _timescales(protocol):
        own = each.timescale
        for i, other in enumerate(own.other_readings):
            read = own.as_read(other)
            if (read.within, read.anchors) == (own.within, own.anchors):
                said = "this other reading is how the time itself is read; say what differs, or take it away"
                yield f"{each.place}.other_readings[{i}]", said


def _out_of_date(protocol: Protocol, today: date) -> Notes:
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
        for n, closure in enumerate(calendar.closures):
            if closure.until and closure.until < today:
                until = f"{closure.until.day} {closure.until:%B %Y}"
                yield f"{place}.closures[{n}].until", f"{until} is over; say up to when it comes back after that"
