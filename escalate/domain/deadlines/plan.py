"""The whole ladder if every stage takes its full time."""

from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from escalate.domain.case.model import Answer, Case, Done, KnownFact, Stay
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.engine import stage_deadlines
from escalate.domain.deadlines.known import OPENING
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.deadlines.stage_time import stage_time
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Route, Stage
from escalate.domain.worktime.calendar import Calendar
from escalate.errors import BeyondCalendar


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage as it would fall."""

    stage: Stage
    """What the protocol says of it."""
    entered_at: datetime
    """When it would be entered (UTC)."""
    closing: Deadline
    """The deadline of the action that ends it; where the stage has no limit of its own, with the dates of `ends_with`."""
    actions: tuple[Deadline, ...]
    """The deadlines of all its actions, that one among them, each with its own dates."""
    is_dated: bool
    """It can be told when it is entered: nobody can once a stage before it has no time at all."""
    is_firm: bool = True
    """When it is entered rests on nothing that may come out otherwise: no stage before it ends provisionally or has no time at all."""
    ends_with: str | None = None
    """The key of the duty whose time is that of the stage, where the stage has no limit of its own (C18)."""
    owner: str = ""
    """Who is responsible for it by what is known, by role."""

    @property
    def deadlines(self) -> list[Deadline]:
        """The deadlines of all its actions; of the one that ends it, with the time that the stage has."""
        return [self.closing if each.ends_stage else each for each in self.actions]

    @property
    def left_at(self) -> datetime:
        """When a case leaves it if it takes its full time (UTC)."""
        return max(self.entered_at, self.closing.due_at or self.entered_at)

    @property
    def ends_by(self) -> datetime | None:
        """When it is due, as far as that can be told: of a stage that is not dated, by what of its own runs already."""
        if self.is_dated:
            return self.closing.due_at
        early = (AnchorKind.CONCERN, AnchorKind.RAISED)
        own = [each for each in self.closing.limits if not each.is_cap and each.anchor.kind in early]
        return min((each.due.at for each in own if each.due), default=None)


@dataclass(frozen=True, slots=True)
class Plan:
    """A ladder on the calendar."""

    protocol: Protocol
    """The edition whose ladder it is."""
    route: Route
    """The route that is planned."""
    raised_at: datetime
    """When the case would be raised (UTC)."""
    concern_at: datetime
    """When the concern arose (UTC); where that is not said, when it is raised."""
    cap_at: datetime | None
    """When the limit on the whole process runs out (UTC), where there is one."""
    cap_provisional: bool
    """That may come out otherwise, for example by an answer that nobody has given yet (C14)."""
    stages: tuple[PlannedStage, ...]
    """Every stage that may come, in the order of time."""


def plan(
    protocol: Protocol,
    calendar: Calendar,
    raised_at: datetime,
    concern_at: datetime | None = None,
    route: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> Plan:
    """Enter the first stage when raised, and each next one when the one before is due, or at once if that has passed.

    A stage without a limit of its own has the time of its duties (C18); if these are undated as well, it takes no time. Where
    stages branch, every branch is followed; a stage two ways lead to is entered the earlier way. Raises UnknownName, Refused,
    BeyondCalendar.
    """
    way = protocol.route(route)
    answers = checked_facts(protocol, facts or {})
    case = _case_raised(protocol, calendar, raised_at, concern_at or raised_at, answers)
    first = [protocol.stage(way.key, way.starts)]
    stages = tuple(_climb(protocol, calendar, case, first, raised_at, _Way(is_dated=True, unsure_from=None, stays=())))
    limits = [limit for each in stages for deadline in each.actions for limit in deadline.limits]
    caps = [
        (limit.due.at, limit.provisional or bool(limit.unanswered)) for limit in limits if limit.is_cap and limit.due
    ]
    cap_at, cap_provisional = min(caps, default=(None, False))
    return Plan(protocol, way, raised_at, case.concern_at, cap_at, cap_provisional, stages)


def onward(file: CaseFile, now: datetime) -> list[PlannedStage]:
    """The stages that may still come, if each takes its full time from now on; none for a case that is closed.

    The stage at which the case is does not come once more, though it may be repeated, or gone back to. The first of them is entered when the time of the present one is up, or at once if it is. What the calendar cannot answer
    for is left out, and what would follow it.
    """
    case, protocol = file.case, file.protocol
    if case.status != "open":
        return []
    stage = protocol.stage(case.stay.route, case.stay.stage)
    closing, _ = stage_time(stage, [each for each in file.deadlines if each.occasion == case.stay.occasion])
    ends_at = closing.due_at if closing else None
    is_firm = closing is not None and ends_at is not None and not closing.provisional
    entered_at = max(now, ends_at or now)
    way = _Way(
        is_dated=ends_at is not None, unsure_from=None if is_firm else entered_at, stays=_left(case.stays, entered_at)
    )
    found: list[PlannedStage] = []
    with suppress(BeyondCalendar):
        following = [each for each in protocol.ladders.following(stage) if each.place != stage.place]
        found.extend(_climb(protocol, file.calendar, case, following, entered_at, way, here=stage))
    return found


def _case_raised(
    protocol: Protocol, calendar: Calendar, raised_at: datetime, concern_at: datetime, answers: Mapping[str, str]
) -> Case:
    """A case as it would be raised, before it enters its first stage."""
    return Case(
        ref="",
        protocol=protocol.id,
        edition=protocol.edition.dated,
        edition_digest="",
        calendar=calendar.name,
        subject=None,
        raising_agency=None,
        receiving_agency=None,
        concern_at=concern_at,
        raised_at=raised_at,
        facts={key: KnownFact((Answer(raised_at, 1, answer, is_dated=False),)) for key, answer in answers.items()},
    )


class _Way(NamedTuple):
    """How a plan comes to a stage."""

    is_dated: bool
    """Every stage on the way has a time."""
    unsure_from: datetime | None
    """When the first stage is entered of which that may come out otherwise; None where there is none."""
    stays: tuple[Stay, ...]
    """The stages on the way, each left when its time is up."""
    done: tuple[Deadline, ...] = ()
    """The duties on the way from which others count, each done when its time is up."""

    def after(self, planned: PlannedStage, stays: tuple[Stay, ...], done: tuple[Deadline, ...]) -> "_Way":
        """The way that goes on from a stage; `stays` has the stay there, and `done` its duties."""
        dated = planned.closing.due_at is not None
        is_firm = dated and not planned.closing.provisional
        unsure_from = self.unsure_from or (None if is_firm else planned.left_at)
        return _Way(self.is_dated and dated, unsure_from, _left(stays, planned.left_at), done)


def _left(stays: tuple[Stay, ...], at: datetime) -> tuple[Stay, ...]:
    """The stays with the last one left at an instant: going up is doing what ends its stage, and others may count from that."""
    return (*stays[:-1], *(each._replace(left_at=at, left_entry=each.entry) for each in stays[-1:]))


def _climb(
    protocol: Protocol,
    calendar: Calendar,
    case: Case,
    first: Sequence[Stage],
    at: datetime,
    way: _Way,
    here: Stage | None = None,
) -> Iterator[PlannedStage]:
    """Every stage from the first ones on but the one where the case is, in the order of time, each entered when the one before is due, or at once if it has no time."""
    seen = {here.place} if here else set()
    order = count()
    waiting = [(at, next(order), stage, way) for stage in first]
    while waiting:
        entered_at, _, stage, way = heappop(waiting)
        if (stage.route, stage.key) in seen:
            continue
        seen.add((stage.route, stage.key))
        stays = (*way.stays, Stay(len(way.stays) + 1, stage.route, stage.key, entered_at, 1))
        planned, done = _planned(protocol, calendar, case._replace(stays=stays), stage, way)
        yield planned
        for after in protocol.ladders.following(stage):
            heappush(waiting, (planned.left_at, next(order), after, way.after(planned, stays, done)))


def _planned(
    protocol: Protocol, calendar: Calendar, case: Case, stage: Stage, way: _Way
) -> tuple[PlannedStage, tuple[Deadline, ...]]:
    """The stage a case has come to, with its deadlines, and the duties done by the time it is left."""
    found, done = _each_in_its_time(protocol, calendar, case, stage, way)
    doings = {(each.action, each.at) for each in map(_done_in_time, done)}
    actions = tuple(_as_sure_as_its_start(protocol, each, way.unsure_from, doings) for each in found)
    closing, ends_with = stage_time(stage, actions)
    assert closing is not None
    owner = stage.owner_by(protocol.as_answered(case.answers))
    entered_at, is_firm = case.stay.entered_at, way.unsure_from is None
    return PlannedStage(stage, entered_at, closing, actions, way.is_dated, is_firm, ends_with, owner), done


def _each_in_its_time(
    protocol: Protocol, calendar: Calendar, case: Case, stage: Stage, way: _Way
) -> tuple[Sequence[Deadline], tuple[Deadline, ...]]:
    """The deadlines of the stage a case has come to if each duty from which others count is done when its time is up, and those duties.

    What counts from such a duty is dated by that, also where it could fall back on something else; it is provisional as long as
    that is not done (C10).
    """
    counted_from = _others_count_from(protocol)
    found, done = _deadlines(protocol, calendar, case, stage, way.done), way.done
    while new := _next_done(stage, [each for each in found if each.action in counted_from and each not in done]):
        done = (*done, *new)
        by_then = {each.key: each for each in _deadlines(protocol, calendar, case, stage, done)}
        dated = {key: each for key, each in by_then.items() if each.due_at and each.is_open}
        found = [each if each in done else dated.get(each.key, each) for each in found]
    return found, done


def _others_count_from(protocol: Protocol) -> frozenset[str]:
    """The actions from whose being done something counts."""
    return frozenset(key for stage in protocol.stages for action in stage.actions for key in _counts_from(action))


def _counts_from(action: Action) -> set[str]:
    """The actions from whose being done an action counts, or may."""
    anchors = [anchor for each in action.timescales for _, anchor in each.anchors]
    return {each.key for each in anchors if each.kind is AnchorKind.ACTION}


def _next_done(stage: Stage, found: Sequence[Deadline]) -> list[Deadline]:
    """Those duties of a stage that have a time and count from none of the others."""
    actions = {action.key: action for action in stage.actions}
    duties = [each for each in found if each.action in actions and _is_a_duty(actions[each.action], each)]
    keys = {each.action for each in duties}
    return [each for each in duties if not _counts_from(actions[each.action]) & keys - {each.action}]


def _is_a_duty(action: Action, deadline: Deadline) -> bool:
    """Whether something has a time by which it has to be done once, whatever else is not done in its time."""
    if action.ends_stage or action.window or action.repeats or deadline.runs_from:
        return False
    return deadline.is_open and deadline.due_at is not None


def _deadlines(
    protocol: Protocol, calendar: Calendar, case: Case, stage: Stage, done: Sequence[Deadline]
) -> Sequence[Deadline]:
    """The deadlines of the stage a case has come to; what is there only if another runs out is planned as if that did (C21)."""
    as_planned = case._replace(done=(*case.done, *(_done_in_time(each) for each in done)))
    found = {each.key: each for each in stage_deadlines(protocol, as_planned, case.stay, calendar)}
    timescales = (timescale for action in stage.actions for timescale in action.timescales)
    if not any(anchor.kind is AnchorKind.OVERDUE for each in timescales for _, anchor in each.anchors):
        return list(found.values())
    not_left = case._replace(stays=tuple(each._replace(left_at=None, left_entry=None) for each in case.stays))
    run_out = {each.key: each for each in stage_deadlines(protocol, not_left, not_left.stay, calendar)}
    return list((run_out | {key: each for key, each in found.items() if each.due_at or key not in run_out}).values())


def _done_in_time(deadline: Deadline) -> Done:
    """A duty as done when its time is up, and not before it is called for."""
    at = max(each for each in (deadline.due_at, deadline.called_at) if each)
    return Done(deadline.occasion, deadline.action, at, OPENING)


def _as_sure_as_its_start(
    protocol: Protocol, deadline: Deadline, unsure_from: datetime | None, doings: Container[tuple[str, datetime]]
) -> Deadline:
    """A deadline, provisional also where all that it is decided by counts from something planned that may come out otherwise."""
    decides = [each for each in deadline.limits if each.due and each.due.at == deadline.due_at]
    if not decides or not all(_is_unsure(protocol, each, unsure_from, doings) for each in decides):
        return deadline
    return deadline._replace(provisional=True)


def _is_unsure(
    protocol: Protocol, limit: Limit, unsure_from: datetime | None, doings: Container[tuple[str, datetime]]
) -> bool:
    """Whether a limit counts from a step of the plan that may come out otherwise, or from a duty that is yet to be done."""
    kind, key = limit.anchor
    if kind is AnchorKind.ACTION and limit.since and (key, limit.since) in doings:
        return True
    return unsure_from is not None and _is_planned(protocol, limit, unsure_from)


def _is_planned(protocol: Protocol, limit: Limit, unsure_from: datetime) -> bool:
    """Whether a limit counts from a step of the plan that may come out otherwise."""
    kind, key = limit.anchor
    steps = (AnchorKind.STAGE, AnchorKind.STAGE_ENTRY, AnchorKind.ACTION, AnchorKind.OVERDUE)
    is_step = kind in steps and protocol.dated_event(key) is None
    return is_step and limit.since is not None and limit.since >= unsure_from
