"""The whole ladder if every stage takes its full time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from escalate.domain.calendar import Calendar
from escalate.domain.counting import add
from escalate.domain.deadlines import Deadline, stage_deadlines
from escalate.domain.history import Case, KnownFact, Visit
from escalate.domain.protocol import Protocol, Route, Stage


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage as it would fall: `closing` is the deadline of the stage itself, `actions` are all of them."""

    stage: Stage
    entered_at: datetime
    closing: Deadline
    actions: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A ladder on the calendar; `cap_at` is the limit on the whole of it, where there is one."""

    protocol: Protocol
    route: Route
    raised_at: datetime
    concern_at: datetime
    cap_at: datetime | None
    stages: tuple[PlannedStage, ...]


def plan(
    protocol: Protocol,
    calendar: Calendar,
    raised_at: datetime,
    concern_at: datetime | None = None,
    route: str | None = None,
    facts: Mapping[str, str] | None = None,
) -> Plan:
    """Enters the first stage when raised, and each next one when the one before is due, or at once if that has passed.

    An undated stage takes no time. Where stages branch, every branch is followed; a stage two ways lead to is entered the
    earlier way. Raises UnknownName, Refused, BeyondCalendar.
    """
    way = protocol.route(route)
    answers = protocol.checked_facts(facts or {})
    case = Case(
        ref="",
        protocol=protocol.id,
        edition=protocol.edition.dated,
        edition_digest="",
        calendar=calendar.name,
        subject=None,
        raising_agency=None,
        receiving_agency=None,
        concern_at=concern_at or raised_at,
        raised_at=raised_at,
        facts={key: KnownFact(((raised_at, 1, answer),)) for key, answer in answers.items()},
    )
    planned: dict[tuple[str, str], PlannedStage] = {}
    waiting: list[tuple[Stage, datetime, tuple[Visit, ...]]] = [(protocol.stage(way.key, way.starts), raised_at, ())]
    for stage, entered_at, before in waiting:
        if (stage.route, stage.key) in planned:
            continue
        visit = Visit(len(before) + 1, stage.route, stage.key, entered_at, 1)
        visits = (*before, visit)
        actions = tuple(stage_deadlines(protocol, replace(case, visits=visits), visit, calendar))
        closing = next(deadline for deadline in actions if deadline.ends_stage)
        planned[stage.route, stage.key] = PlannedStage(stage, entered_at, closing, actions)
        left_at = max(entered_at, closing.due_at or entered_at)
        waiting += [(after, left_at, visits) for after in protocol.following(stage)]
    stages = tuple(planned.values())
    caps = [cap for each in stages if (cap := protocol.route(each.stage.route).cap)]
    cap_at = min((add(raised_at, cap.within.limit, cap.within.unit, calendar).at for cap in caps), default=None)
    return Plan(protocol, way, raised_at, case.concern_at, cap_at, stages)
