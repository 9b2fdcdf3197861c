"""standing = g(deadlines, now): worked out whenever it is read, and never kept."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import NamedTuple

from escalate.domain.case.occasion import Occasion
from escalate.domain.case.people import Holder, holders_on
from escalate.domain.deadlines.model import CaseLine, Deadline, DueLine
from escalate.domain.worktime.clock import NEVER, london_date


class Standing(StrEnum):
    """How a deadline stands, most urgent first."""

    OVERDUE = "overdue"
    AT_RISK = "at-risk"
    ON_TRACK = "on-track"
    UNDATED = "undated"
    WAITING = "waiting"
    UNDECIDED = "undecided"
    MET = "met"
    MET_LATE = "met-late"
    LAPSED = "lapsed"
    MISSED = "missed"
    CEASED = "ceased"
    NOT_KNOWN = "not-known"


def standing(deadline: Deadline, now: datetime, horizon: datetime) -> Standing:
    """How a deadline stands at an instant; what has to be acted on by the horizon is at risk (rule C9)."""
    due = deadline.due_at
    if deadline.met_at is not None:
        return Standing.MET if deadline.met_in_time else Standing.MET_LATE
    if deadline.ended_at is not None:
        return how_it_ended(deadline)
    if due is None and deadline.unanswered and not deadline.waiting:
        return Standing.UNDECIDED
    if due is None:
        return Standing.UNDATED if deadline.has_begun(now) else Standing.WAITING
    if deadline.runs_from is not None and now <= deadline.runs_from:
        return Standing.WAITING
    if now > due:
        return Standing.OVERDUE if deadline.is_overdue(now) else Standing.LAPSED
    target_passed = deadline.target_at is not None and now > deadline.target_at
    return Standing.AT_RISK if target_passed or (deadline.act_by or due) <= horizon else Standing.ON_TRACK


def how_it_ended(deadline: Deadline) -> Standing:
    """How something stands that ended otherwise than by being done: `missed` where its time had run out, and else `ceased` (C15); `not-known` where a log does not tell."""
    if deadline.not_known:
        return Standing.NOT_KNOWN
    if not deadline.had_run_out:
        return Standing.CEASED
    return Standing.LAPSED if deadline.is_window else Standing.MISSED


def of_the_stage(deadlines: Iterable[Deadline], occasion: Occasion) -> Deadline | None:
    """What ends a stage during one stay: of several dates the one still owed, else what was done, else what ended last."""
    found = [each for each in deadlines if each.occasion == occasion and each.ends_stage]
    return max(reversed(found), key=lambda each: (each.is_open, each.met_at is not None, each.call), default=None)


def is_overtaken(deadline: Deadline, now: datetime) -> bool:
    """Whether the time of something further up has run out while this, which ends later or has no limit, is still owed."""
    ahead = deadline.ahead_at
    return ahead is not None and now > ahead and deadline.is_open and not deadline.is_overdue(now)


def counts_as_overdue(deadline: Deadline, now: datetime) -> bool:
    """Whether its own time has run out, or that of something further up: every list, page, digest and report counts by this."""
    return deadline.is_overdue(now) or is_overtaken(deadline, now)


class RankedLine(NamedTuple):
    """A line of a list with how it stands at an instant."""

    case: CaseLine
    """The case it belongs to."""
    deadline: Deadline
    """Without its limits, where it was read from a list."""
    standing: Standing
    """By its own time alone, whatever runs out further up."""
    overtaken: bool
    """The time of something further up has run out, while this, which ends later or has no limit, is still going on."""
    near: bool
    """It is not overdue and at risk, will be overtaken by the horizon, or has passed by another reading of its protocol."""
    shown_under: Standing
    """The standing it is as urgent as, and listed with: what is overtaken as overdue, what is `near` as at risk."""
    holders: tuple[Holder, ...] = ()
    """Who holds the sides of the case when it is due, on the day of which the line is."""

    @property
    def counts_as_overdue(self) -> bool:
        """What `counts_as_overdue` says of its deadline."""
        return self.shown_under is Standing.OVERDUE


class OverdueCount(NamedTuple):
    """How many lines count as overdue, and how many of them are what."""

    all: int = 0
    """All of them."""
    safety_first: int = 0
    """Those about somebody's safety."""
    past_a_limit: int = 0
    """Those whose own time has not run out, while that of something further up has."""

    def and_(self, line: RankedLine) -> "OverdueCount":
        """The count with one more line."""
        if not line.counts_as_overdue:
            return self
        first = line.deadline.comes_first
        return OverdueCount(self.all + 1, self.safety_first + first, self.past_a_limit + (line.overtaken and not first))


def count_overdue(lines: Iterable[RankedLine]) -> OverdueCount:
    """How many of these lines count as overdue."""
    return reduce(OverdueCount.and_, lines, OverdueCount())


def ranked_lines(lines: Iterable[DueLine], horizons: Mapping[str, datetime], now: datetime) -> list[RankedLine]:
    """Every line that is not met with how it stands, the most urgent first; `horizons` by the names of calendars.

    A standing action comes before all else, then what is overdue, overtaken, at risk, on track, undated and waiting; what is
    overdue by when it was due, the rest by when to act.
    """
    found = [ranked_line(line, horizons, now) for line in lines if line.deadline.is_open]
    return sorted(found, key=urgency)


def ranked_line(line: DueLine, horizons: Mapping[str, datetime], now: datetime) -> RankedLine:
    """A line that is not met with how it stands."""
    ahead = line.deadline.ahead_at
    holders = holders_on(london_date(now), line.holders) if line.holders else ()
    if line.deadline.is_overdue(now):  # it stands so whatever the horizon is
        overdue = Standing.OVERDUE
        return RankedLine(
            line.case, line.deadline, overdue, overtaken=False, near=False, shown_under=overdue, holders=holders
        )
    horizon = horizons[line.case.calendar]
    stands = standing(line.deadline, now, horizon)
    overtaken = ahead is not None and is_overtaken(line.deadline, now)
    near = stands is Standing.AT_RISK or (ahead is not None and now <= ahead <= horizon)
    if line.deadline.other_reading_at is not None:
        near = near or line.deadline.has_passed_by_another_reading(now)
    shown_under = Standing.OVERDUE if overtaken else Standing.AT_RISK if near else stands
    return RankedLine(line.case, line.deadline, stands, overtaken, near, shown_under, holders)


def urgency(line: RankedLine) -> tuple[bool, int, bool, datetime, datetime]:
    """Sort key: the most urgent line first."""
    deadline = line.deadline
    due = deadline.due_at or NEVER
    when = due if line.standing is Standing.OVERDUE else deadline.act_by or deadline.ahead_at or due
    return not deadline.comes_first, _RANKS[line.shown_under], line.overtaken, when, due


_RANKS = {each: rank for rank, each in enumerate(Standing)}
