"""What changed in cases since the last digest."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalate.domain.case.model import Case
from escalate.domain.deadlines.case_file import Changed, due_lines
from escalate.domain.deadlines.model import CaseLine, Deadline, DeadlineKey, DueLine
from escalate.domain.deadlines.standing import RankedLine
from escalate.domain.reporting.left import Departure, departures
from escalate.domain.reporting.shared import Shared
from escalate.domain.worktime.clock import NEVER


@dataclass(frozen=True, slots=True)
class News:
    """What there is to tell of a case that had entries since the last digest."""

    overdue: frozenset[DeadlineKey]
    """Its deadlines that were overdue then."""
    met: tuple[DueLine, ...]
    """What was done since."""
    ended: tuple[DueLine, ...]
    """What ended since otherwise than by being done."""
    resolved: tuple[DueLine, ...]
    """All its deadlines, if it was resolved since."""
    left: tuple[tuple[Departure, tuple[DueLine, ...]], ...]
    """Each time since that an agency was no side of it any more, with its deadlines as they were between its sides of before."""
    stayed: tuple[DueLine, ...]
    """All its deadlines between its sides of today, where it left an agency."""


class NewsSince:
    """Makes news from changes without keeping their case files; equal values are held once."""

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._shared = Shared()

    def of(self, change: Changed) -> News:
        """What there is to tell of a change."""
        before = due_lines(change.before) if change.before else []
        after = due_lines(change.after)
        overdue = [line for line in before if line.deadline.is_open and runs_out_at(line) <= self._since]
        met_before = {line.deadline.key for line in before if line.deadline.met_at}
        met = [line for line in after if line.deadline.met_at is not None and line.deadline.key not in met_before]
        ended_before = {line.deadline.key for line in before if line.deadline.ended_at}
        ended = [line for line in after if line.deadline.ended_at is not None and line.deadline.key not in ended_before]
        status_before = change.before.case.status if change.before else "open"
        lines = after or before
        left = [
            (gone, tuple(self._slim(_between_the_sides_of(case, line)) for line in lines))
            for gone, case in departures(change.after.case, self._since)
        ]
        resolved = after if change.after.case.status == "resolved" != status_before else []
        keys = self._shared(frozenset(line.deadline.key for line in overdue))
        if not (met or ended or resolved or left):  # as of most
            return self._shared(News(keys, (), (), (), (), ()))
        return News(
            overdue=keys,
            met=tuple(map(self._slim, met)),
            ended=tuple(map(self._slim, ended)),
            resolved=tuple(map(self._slim, resolved)),
            left=tuple(left),
            stayed=tuple(self._slim(_between_the_sides_of(change.after.case, line)) for line in lines) if left else (),
        )

    def _slim(self, line: DueLine) -> DueLine:
        """A line without the limits it comes from."""
        case = CaseLine(*map(self._held, line.case))
        deadline = Deadline(*map(self._held, line.deadline._replace(limits=(), read_otherwise=())))
        return DueLine(case, deadline, line.holders)

    def _held(self, value: Any) -> Any:
        """A value of a line, or the first that was equal to it."""
        return self._shared(value) if isinstance(value, str | datetime | tuple) else value


def _between_the_sides_of(case: Case, line: DueLine) -> DueLine:
    """A line as it would be if the agencies of its case were those of another state of it."""
    sides = line.case._replace(raising_agency=case.raising_agency, receiving_agency=case.receiving_agency)
    return line._replace(case=sides)


def runs_out_at(line: DueLine | RankedLine) -> datetime:
    """When the time of a deadline is over, or that of the limit further up, whichever is sooner."""
    return min((line.deadline.due_at or NEVER), (line.deadline.ahead_at or NEVER))
