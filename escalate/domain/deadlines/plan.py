"""The whole ladder if every stage takes its full time."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from escalate.domain.case.model import Answer, Case, KnownFact, Stay
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.engine import stage_deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Route, Stage
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
    """The deadline of the action that ends it."""
    actions: tuple[Deadline, ...]
    """The deadlines of all its actions, that one among them."""
    is_dated: bool
    """It can be told when it is entered: nobody can once a stage before it has no time limit."""

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

    An undated stage takes no time. Where stages branch, every branch is followed; a stage two ways lead to is entered the
    earlier way. Raises UnknownName, Refused, BeyondCalendar.
    """
    way = protocol.route(route)
    answers = checked_facts(protocol, facts or {})
    case = _case_raised(protocol, calendar, raised_at, concern_at or raised_at, answers)
    stages = tuple(_climb(protocol, calendar, case, [protocol.stage(way.key, way.starts)], raised_at))
    caps = [cap.due.at for each in stages for cap in each.closing.limits if cap.is_cap and cap.due]
    return Plan(protocol, way, raised_at, case.concern_at, min(caps, default=None), stages)


def onward(file: CaseFile, now: datetime) -> list[PlannedStage]:
    """The stages that may still come, if each takes its full time from now on; none for a case that is closed.

    The first of them is entered when the time of the present one is up, or at once if it is. What the calendar cannot answer
    for is left out, and what would follow it.
    """
    case, protocol = file.case, file.protocol
    if case.status != "open":
        return []
    closing = next(each for each in reversed(file.deadlines) if each.occasion == case.stay.occasion and each.ends_stage)
    following = protocol.ladders.following(protocol.stage(case.stay.route, case.stay.stage))
    entered_at = max(now, closing.due_at or now)
    found: list[PlannedStage] = []
    with suppress(BeyondCalendar):
        found.extend(_climb(protocol, file.calendar, case, following, entered_at, is_dated=closing.due_at is not None))
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


def _climb(
    protocol: Protocol, calendar: Calendar, case: Case, first: Sequence[Stage], at: datetime, *, is_dated: bool = True
) -> Iterator[PlannedStage]:
    """Every stage from the first ones on, in the order of time, each entered when the one before is due, or at once if it has no limit."""
    seen: set[tuple[str, str]] = set()
    order = count()
    waiting = [(at, next(order), stage, is_dated, case.stays) for stage in first]
    while waiting:
        entered_at, _, stage, is_dated, before = heappop(waiting)
        if (stage.route, stage.key) in seen:
            continue
        seen.add((stage.route, stage.key))
        stays = (*before, Stay(len(before) + 1, stage.route, stage.key, entered_at, 1))
        planned = _planned(protocol, calendar, case._replace(stays=stays), stage, is_dated=is_dated)
        yield planned
        due_at = planned.closing.due_at
        left_at = max(entered_at, due_at or entered_at)
        for after in protocol.ladders.following(stage):
            heappush(waiting, (left_at, next(order), after, is_dated and due_at is not None, stays))


def _planned(protocol: Protocol, calendar: Calendar, case: Case, stage: Stage, *, is_dated: bool) -> PlannedStage:
    """The stage a case has come to, with its deadlines."""
    actions = tuple(stage_deadlines(protocol, case, case.stay, calendar))
    closing = next(deadline for deadline in actions if deadline.ends_stage)
    return PlannedStage(stage, case.stay.entered_at, closing, actions, is_dated)
