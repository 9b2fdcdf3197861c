"""What became of the deadlines of a period: met in time, met late, not met; and what has no date."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.lateness import Lateness, lateness
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.reporting.cutoff import Cutoff
from escalate.domain.reporting.model import (
    EVERYWHERE,
    LadderPlace,
    LateSpread,
    Overdue,
    Spread,
    Timeliness,
    Timetable,
    Undated,
)
from escalate.domain.reporting.places import LadderOrder, action_place, stage_place
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.domain.worktime.periods import Period


class FellDue(NamedTuple):
    """A deadline that fell due in the period."""

    place: LadderPlace
    """The stage that ends with it, or the action."""
    ends_stage: bool
    """It is the limit of a stage."""
    met: bool
    """It was met by the end of the period."""
    days_late: int | None
    """Where it was met late, by how many working days; 0 on the day it was due."""
    late: Lateness | None
    """Where it was met late, by how much, in the unit of its limit."""


class WithoutDate(NamedTuple):
    """Something without a date that was done in the period, or was still to do at its end."""

    place: LadderPlace
    """The action."""
    done: bool
    """It was done."""


# -- of one case


def run_out(deadlines: Iterable[Deadline], cutoff: Cutoff) -> list[tuple[Deadline, datetime]]:
    """The deadlines that had run out by the end, and when."""
    return [(each, each.due_at) for each in _owed(deadlines) if each.due_at and each.due_at < cutoff.due_before]


def fell_due(file: CaseFile, deadline: Deadline, due_at: datetime) -> FellDue:
    """What became of a deadline that had run out."""
    of_stage, met_at = deadline.ends_stage, deadline.met_at
    place = stage_place(file, deadline.route, deadline.stage) if of_stage else action_place(file, deadline)
    if met_at is None or met_at <= due_at:
        return FellDue(place, of_stage, met_at is not None, None, None)
    days_late = working_days_after(due_at, met_at, file.calendar)
    return FellDue(place, of_stage, True, days_late, lateness(deadline, file.calendar, met_at))


def overdue(file: CaseFile, deadline: Deadline, due_at: datetime, until: datetime) -> Overdue:
    """A deadline that had run out and was still to be met."""
    days = working_days_after(due_at, until, file.calendar)
    late = lateness(deadline, file.calendar, until)
    return Overdue(file.case.ref, action_place(file, deadline), deadline.owner, due_at, days, late)


def without_date(file: CaseFile, period: Period) -> Iterator[WithoutDate]:
    """What has no date and was done in the period or later, or not at all."""
    for each in _owed(file.deadlines):
        if each.due_at is None and (each.met_at is None or each.met_at >= period.starts):
            yield WithoutDate(action_place(file, each), each.met_at is not None)


def _owed(deadlines: Iterable[Deadline]) -> Iterator[Deadline]:
    """The deadlines somebody is held to: a time in which something may be done only closes."""
    return (each for each in deadlines if each.action != NEXT_STEP and not each.is_window)


def working_days_after(due_at: datetime, then: datetime, calendar: Calendar) -> int:
    """How many working days lie between two London dates, the second of them counted."""
    return calendar.working_days_between(london_date(due_at), london_date(then))


# -- of all cases


def timetable(lines: Sequence[FellDue], order: LadderOrder) -> Timetable:
    """Timeliness by place, and in all."""
    groups = order.grouped(lines, lambda line: line.place)
    return Timetable(tuple(_timeliness(place, group) for place, group in groups), _timeliness(EVERYWHERE, lines))


def _timeliness(place: LadderPlace, lines: Sequence[FellDue]) -> Timeliness:
    late = [line.days_late for line in lines if line.days_late is not None]
    met = sum(line.met for line in lines)
    return Timeliness(
        place=place,
        due=len(lines),
        in_time=met - len(late),
        late=len(late),
        not_met=len(lines) - met,
        how_late=Spread.over(late),
        late_by=LateSpread.over_each_unit([line.late for line in lines if line.late]),
    )


def undated(lines: Iterable[WithoutDate], order: LadderOrder) -> tuple[Undated, ...]:
    """What has no date, by place."""
    groups = order.grouped(lines, lambda line: line.place)
    done = [sum(line.done for line in group) for _, group in groups]
    return tuple(Undated(place, len(group), n, len(group) - n) for (place, group), n in zip(groups, done, strict=True))
