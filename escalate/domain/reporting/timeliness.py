"""What became of the deadlines of a period: met in time, met late, not met; and what has no date."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.model import Case
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.lateness import Lateness, lateness
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import Standing, counts_as_overdue, how_it_ended, is_overtaken
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.reporting.cutoff import Cutoff
from escalate.domain.reporting.model import (
    EVERYWHERE,
    Ended,
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
    missed: bool = False
    """It is no longer owed: its time had run out when it ended."""
    taken_over: bool = False
    """It had fallen due before its case was taken over from a log."""


class WithoutDate(NamedTuple):
    """Something without a date that was done in the period, or was still to do at its end."""

    place: LadderPlace
    """The action."""
    done: bool
    """It was done."""
    undecided: bool = False
    """Whether it is owed hangs on a question nobody had answered."""


class EndedSo(NamedTuple):
    """Something that ended in the period otherwise than by being done."""

    place: LadderPlace
    """The stage that ends with it, or the action."""
    missed: bool
    """Its time had run out by then."""
    not_known: bool = False
    """It was taken over from a log that does not tell what became of it."""


# -- of one case


def run_out(deadlines: Iterable[Deadline], cutoff: Cutoff) -> list[tuple[Deadline, datetime]]:
    """The deadlines that had run out by the end, and when; none that ended before its time did."""
    return [
        (each, each.due_at)
        for each in _owed(deadlines)
        if each.due_at and each.due_at < cutoff.due_before and (each.ended_at is None or each.had_run_out)
    ]


def fell_due(file: CaseFile, deadline: Deadline, due_at: datetime) -> FellDue:
    """What became of a deadline that had run out."""
    place, of_stage, met_at = _timetable_place(file, deadline), deadline.ends_stage, deadline.met_at
    from_log = is_taken_over(file.case) and due_at <= file.case.history[0].recorded_at
    if met_at is None or met_at <= due_at:
        return FellDue(place, of_stage, met_at is not None, None, None, deadline.had_run_out, from_log)
    days_late = working_days_after(due_at, met_at, file.calendar)
    return FellDue(place, of_stage, True, days_late, lateness(deadline, file.calendar, met_at), taken_over=from_log)


def is_taken_over(case: Case) -> bool:
    """Whether a case was taken over from a log."""
    return bool(case.history[0].data.get("imported"))


def ended(file: CaseFile, period: Period) -> Iterator[EndedSo]:
    """What ended in the period otherwise than by being done."""
    for each in _owed(file.deadlines):
        at = each.called_at if each.not_known else each.ended_at  # when it ended, nobody knows
        if each.ended_at and at and at >= period.starts:
            yield EndedSo(_timetable_place(file, each), how_it_ended(each) is Standing.MISSED, each.not_known)


def _timetable_place(file: CaseFile, deadline: Deadline) -> LadderPlace:
    """The stage that a deadline ends, or its action."""
    if deadline.ends_stage:
        return stage_place(file, deadline.route, deadline.stage)
    return action_place(file, deadline)


def overdue(file: CaseFile, cutoff: Cutoff) -> Iterator[Overdue]:
    """The deadlines that counted as overdue at the end, as they are counted everywhere."""
    for each in file.deadlines:
        if counts_as_overdue(each, cutoff.due_before):
            yield _overdue(file, each, cutoff)


def _overdue(file: CaseFile, deadline: Deadline, cutoff: Cutoff) -> Overdue:
    overtaken = is_overtaken(deadline, cutoff.due_before)
    ran_out_at = deadline.ahead_at if overtaken else deadline.due_at
    assert ran_out_at is not None
    return Overdue(
        case=file.case.ref,
        place=action_place(file, deadline),
        owner=deadline.owner,
        due_at=ran_out_at,
        working_days=working_days_after(ran_out_at, cutoff.until, file.calendar),
        late=None if overtaken else lateness(deadline, file.calendar, cutoff.until),
        call=deadline.call,
        past_limit_of=deadline.ahead_of if overtaken else None,
        unanswered=deadline.unanswered,
    )


def without_date(file: CaseFile, period: Period) -> Iterator[WithoutDate]:
    """What has no date and was done in the period or later, or not at all."""
    for each in _owed(file.deadlines):
        if each.due_at is None and (each.is_open or (each.met_at and each.met_at >= period.starts)):
            undecided = each.is_open and bool(each.unanswered) and not each.waiting
            yield WithoutDate(action_place(file, each), each.met_at is not None, undecided)


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
    return Timetable(tuple(timeliness(place, group) for place, group in groups), timeliness(EVERYWHERE, lines))


def timeliness(place: LadderPlace, lines: Sequence[FellDue]) -> Timeliness:
    late = [line.days_late for line in lines if line.days_late is not None]
    met = sum(line.met for line in lines)
    return Timeliness(
        place=place,
        due=len(lines),
        in_time=met - len(late),
        late=len(late),
        not_met=len(lines) - met,
        missed=sum(line.missed for line in lines),
        how_late=Spread.over(late),
        late_by=LateSpread.over_each_unit([line.late for line in lines if line.late]),
        taken_over=sum(line.taken_over for line in lines),
    )


def undated(lines: Iterable[WithoutDate], order: LadderOrder) -> tuple[Undated, ...]:
    """What has no date, by place."""
    return tuple(_undated(place, group) for place, group in order.grouped(lines, lambda line: line.place))


def _undated(place: LadderPlace, lines: Sequence[WithoutDate]) -> Undated:
    done, undecided = sum(line.done for line in lines), sum(line.undecided for line in lines)
    return Undated(place, len(lines), done, len(lines) - done - undecided, undecided)


def ended_by_place(lines: Iterable[EndedSo], order: LadderOrder) -> tuple[Ended, ...]:
    """What ended otherwise than by being done, by place."""
    return tuple(_ended(place, group) for place, group in order.grouped(lines, lambda line: line.place))


def _ended(place: LadderPlace, lines: Sequence[EndedSo]) -> Ended:
    missed, not_known = sum(line.missed for line in lines), sum(line.not_known for line in lines)
    return Ended(place, len(lines), missed, len(lines) - missed - not_known, not_known)
