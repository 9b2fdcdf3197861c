"""The board: every case in which something is due, which group it stands in, in what order, and on which days it is drawn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import PlannedStage, onward
from escalate.domain.deadlines.stage_time import stage_time
from escalate.domain.deadlines.standing import RankedLine, Standing
from escalate.domain.reporting.model import LadderStay
from escalate.domain.reporting.stays import ladder_stays
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, end_of_day, london_date

A_WEEK = timedelta(days=7)

BEFORE, AFTER = timedelta(days=21), timedelta(days=35)
"""So far back and ahead a board is drawn: further, a day would be too narrow to be seen on a telephone."""


class BoardGroup(StrEnum):
    """The groups of a board, the most urgent first."""

    SAFETY = "safety"
    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    UNDATED = "undated"
    UNDECIDED = "undecided"
    WAITING = "waiting"


_WITHOUT_A_DATE = {
    Standing.UNDATED: BoardGroup.UNDATED,
    Standing.UNDECIDED: BoardGroup.UNDECIDED,
    Standing.WAITING: BoardGroup.WAITING,
    Standing.LAPSED: BoardGroup.WAITING,
}


class BoardCase(NamedTuple):
    """A case on the board."""

    group: BoardGroup
    """Where it stands."""
    lines: tuple[RankedLine, ...]
    """What is due in it, the most urgent first; at least one."""
    file: CaseFile
    """The case itself; of its entries nobody is told who recorded them."""
    deadline: Deadline
    """What is most urgent, with the limits that prove its date."""
    stays: tuple[LadderStay, ...]
    """The stages it has been at; of the last one, where it has no limit of its own, with the time of its duties."""
    planned: tuple[PlannedStage, ...]
    """The stages that may still come, if each takes its full time."""


class Board(NamedTuple):
    """All cases in which something is due, at one moment."""

    at: datetime
    """The moment (UTC)."""
    fresh_until: datetime
    """When a new one has to be made (UTC): something may have fallen due that it does not tell."""
    cases: tuple[BoardCase, ...]
    """The cases, by group and in each the most urgent first."""
    first: date
    """The first day that is drawn."""
    last: date
    """The last day that is drawn."""

    def grouped(self) -> dict[BoardGroup, list[BoardCase]]:
        """The cases of each group that has any, in the order of the groups."""
        found: dict[BoardGroup, list[BoardCase]] = {}
        for case in self.cases:
            found.setdefault(case.group, []).append(case)
        return found


def board(
    lines: Sequence[RankedLine],
    files: Callable[[Sequence[str]], Iterable[CaseFile]],
    calendars: Iterable[Calendar],
    at: datetime,
) -> Board:
    """The board of these lines, which are in the order of their urgency; `files` reads the cases of some references, in their order.

    It has to be made anew when the first of the calendars begins its next working day. Raises BeyondCalendar.
    """
    by_case: dict[str, list[RankedLine]] = {}
    for line in lines:
        by_case.setdefault(line.case.ref, []).append(line)
    order = {group: rank for rank, group in enumerate(BoardGroup)}
    cases = [_case(tuple(by_case[each.case.ref]), _without_recorders(each), at) for each in files(list(by_case))]
    cases.sort(key=lambda case: order[case.group])  # what is equal keeps the order of its urgency
    first, last = _days([moment for case in cases for moment in _moments(case)], at)
    return Board(at, min(next_morning(each, at) for each in calendars), tuple(cases), first, last)


def next_morning(calendar: Calendar, at: datetime) -> datetime:
    """When a calendar's next working day begins: by then something may have run out overnight that has to be told."""
    day = calendar.on_or_after(london_date(at))
    begins = at_london(day, calendar.hours(day)[0])
    if at < begins:
        return begins
    day = calendar.add_working_days(london_date(at), 1)
    return at_london(day, calendar.hours(day)[0])


def group_of(line: RankedLine, now: datetime) -> BoardGroup:
    """The group of a case in which this is most urgent: what has to be acted on by today, in the next seven days, or later."""
    if line.deadline.comes_first:
        return BoardGroup.SAFETY
    if line.counts_as_overdue:
        return BoardGroup.OVERDUE
    if line.shown_under in _WITHOUT_A_DATE:
        return _WITHOUT_A_DATE[line.shown_under]
    by = acts_by(line)
    today = london_date(now)
    if line.deadline.has_passed_by_another_reading(now) or (by and by <= end_of_day(today)):
        return BoardGroup.TODAY
    if line.shown_under is Standing.AT_RISK or (by and by <= end_of_day(today + A_WEEK)):
        return BoardGroup.WEEK
    return BoardGroup.LATER


def acts_by(line: RankedLine) -> datetime | None:
    """By when somebody has to act: for its own time, or for what runs out before that further up; None where neither has a date."""
    times = (line.deadline.act_by or line.deadline.due_at, line.deadline.ahead_at)
    return min((each for each in times if each), default=None)


def _without_recorders(file: CaseFile) -> CaseFile:
    """A case without who recorded what: they are people, and a board hangs where others read it."""
    return file._replace(case=file.case._replace(history=tuple(each._replace(by="") for each in file.case.history)))


def _case(lines: tuple[RankedLine, ...], file: CaseFile, now: datetime) -> BoardCase:
    return BoardCase(
        group_of(lines[0], now), lines, file, _with_limits(lines[0], file), _stays(file), tuple(onward(file, now))
    )


def _with_limits(line: RankedLine, file: CaseFile) -> Deadline:
    """The deadline of a line as its case has it: lists are read without limits."""
    return next((each for each in file.deadlines if each.key == line.deadline.key), line.deadline)


def _stays(file: CaseFile) -> tuple[LadderStay, ...]:
    """The stays of a case; the one that goes on takes as long as its duties, where the protocol gives it no limit (C18)."""
    *earlier, last = ladder_stays(file)
    stay = file.case.stay
    if last.due_at or last.left_at:
        return (*earlier, last)
    found = [each for each in file.deadlines if each.occasion == stay.occasion]
    closing, _ = stage_time(file.protocol.stage(stay.route, stay.stage), found)
    return (*earlier, last._replace(due_at=closing.due_at if closing else None))


def _moments(case: BoardCase) -> Iterable[datetime]:
    """What there should be room for: when it was raised, what is due, and when the stage it is at is over."""
    times: Mapping[str, datetime | None] = {
        "raised": case.file.case.raised_at,
        "due": case.deadline.due_at,
        "stage": case.stays[-1].due_at,
        "next": next((each.ends_by for each in case.planned), None),
    }
    return [each for each in times.values() if each]


def _days(moments: Sequence[datetime], now: datetime) -> tuple[date, date]:
    """The first and the last day that are drawn: at least a week to both sides, and no further than BEFORE and AFTER."""
    earliest, latest = min([now, *moments]), max([now, *moments])
    first = min(max(earliest, now - BEFORE), now - A_WEEK)
    last = max(min(latest, now + AFTER), now + A_WEEK)
    return london_date(first), london_date(last)
