"""Two ladders on one time axis: when each stage would be entered and what would be due by when, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.parts import Stage
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date


class What(StrEnum):
    """What happens on a ladder at an instant."""

    ENTERED = "entered"
    DUE = "due"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Event:
    """A stage is entered, or something of it is due, or the whole process is."""

    at: datetime
    """The instant at which it happens."""
    what: What
    """What happens."""
    stage: Stage | None = None
    """None for the whole process."""
    deadline: Deadline | None = None
    """What is due; of a stage that is entered, its own deadline; None for the whole process."""
    earliest: bool = False
    """Not before then, but maybe later, because a stage on the way there has no time limit."""
    provisional: bool = False
    """It may come out otherwise: it counts from something that may."""

    @property
    def due(self) -> Deadline | None:
        """The deadline that falls then, where it is one of a stage."""
        return self.deadline if self.what is What.DUE else None


@dataclass(frozen=True, slots=True)
class Mark:
    """What happens at one instant on either ladder."""

    at: datetime
    """The instant."""
    one: tuple[Event, ...]
    """What happens then on the first ladder."""
    other: tuple[Event, ...]
    """What happens then on the second."""
    working_days: tuple[int, int]
    """Working days after the case was raised, by the calendar of each ladder."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Two ladders as they would fall."""

    one: Plan
    """The first ladder."""
    other: Plan
    """The second."""
    calendars: tuple[Calendar, Calendar]
    """The calendar each was counted on."""
    marks: tuple[Mark, ...]
    """Every instant of either at which something happens, in the order of time."""

    @property
    def ends(self) -> tuple[datetime | None, datetime | None]:
        """The last time limit of a stage that is certain, on each ladder."""
        return _last(self.one), _last(self.other)

    def working_days_between(self, start: datetime, end: datetime) -> tuple[int, int]:
        """How many lie between two instants, by the calendar of each ladder."""
        first, second = (each.working_days_between(london_date(start), london_date(end)) for each in self.calendars)
        return first, second


def axis(one: Plan, other: Plan, calendars: tuple[Calendar, Calendar]) -> Axis:
    """Two plans that were raised at the same instant on one axis. Raises BeyondCalendar."""
    ladders = [sorted(events(plan), key=lambda each: each.at) for plan in (one, other)]
    both = Axis(one, other, calendars, ())
    marks = []
    for at in sorted({each.at for ladder in ladders for each in ladder}):
        here, there = (tuple(each for each in ladder if each.at == at) for ladder in ladders)
        marks.append(Mark(at, here, there, both.working_days_between(one.raised_at, at)))
    return replace(both, marks=tuple(marks))


def events(plan: Plan) -> Iterator[Event]:
    """Everything on a ladder that has a date, in the order of its stages."""
    for planned in plan.stages:
        stage, earliest = planned.stage, not planned.is_dated
        yield Event(planned.entered_at, What.ENTERED, stage, planned.closing, earliest, not planned.is_firm)
        for deadline in planned.deadlines:
            if deadline.due_at:
                early = earliest and not _is_certain(plan, deadline)
                yield Event(deadline.due_at, What.DUE, stage, deadline, early, deadline.provisional)
    if plan.cap_at:
        yield Event(plan.cap_at, What.WHOLE)


def without_date(plan: Plan) -> Iterator[tuple[PlannedStage, Deadline]]:
    """What has no date: the protocol gives it no time, or what its time counts from is not known."""
    return ((planned, each) for planned in plan.stages for each in planned.deadlines if each.due_at is None)


def _is_certain(plan: Plan, deadline: Deadline) -> bool:
    """Whether a deadline counts from something that is known, whenever its stage is entered."""
    anchor = deadline.limits[0].anchor
    return anchor.kind in (AnchorKind.CONCERN, AnchorKind.RAISED, AnchorKind.KNOWN) or (
        anchor.kind is AnchorKind.ACTION and plan.protocol.dated_event(anchor.key) is not None
    )


def _last(plan: Plan) -> datetime | None:
    dues = [each for each in events(plan) if each.due and each.due.ends_stage and not each.earliest]
    return max((each.at for each in dues), default=None)
