"""What a change of calendar, or of anything else deadlines are worked out from, does to those that are not met yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.deadlines.model import Deadline, DeadlinePlace, DueLine
from escalate.domain.worktime.clock import NEVER

BECOMES_OVERDUE, NO_LONGER_OVERDUE = "overdue", "no longer overdue"

_ORDER = (BECOMES_OVERDUE, NO_LONGER_OVERDUE, "")


class Move(NamedTuple):
    """A deadline that is not met and comes to other moments than until now; None where there is none.

    `turns` is "overdue" where it becomes so by the change, "no longer overdue" where it ceases to be, and otherwise empty.
    """

    case: str
    subject: str | None
    protocol: str
    stage: str
    action: str
    action_name: str
    was: datetime | None
    becomes: datetime | None
    target_was: datetime | None
    target_becomes: datetime | None
    act_by_was: datetime | None
    act_by_becomes: datetime | None
    turns: str


def moves(before: Sequence[DueLine], after: Sequence[DueLine], now: datetime) -> list[Move]:
    """The deadlines that differ between the two: those that turn overdue first, then those that cease to be, then the rest."""
    were, are = _by_key(before), _by_key(after)
    found = [_move(were.get(key), are.get(key), now) for key in {**were, **are}]
    moved = [move for move in found if move]
    return sorted(moved, key=lambda move: (_ORDER.index(move.turns), move.becomes or move.was or NEVER, move.case))


def _by_key(lines: Iterable[DueLine]) -> Mapping[DeadlinePlace, DueLine]:
    return {(line.case.ref, line.deadline.key): line for line in lines}


def _move(before: DueLine | None, after: DueLine | None, now: datetime) -> Move | None:
    """How a deadline moves, which may be there only before or only after; None if it does not, or is met."""
    line = after or before
    assert line is not None
    was, becomes = before.deadline if before else None, after.deadline if after else None
    if _moments(was) == _moments(becomes) or any(
        each is not None and each.met_at is not None for each in (was, becomes)
    ):
        return None
    due_was, target_was, act_by_was = _moments(was)
    due_becomes, target_becomes, act_by_becomes = _moments(becomes)
    late = _is_overdue(was, now), _is_overdue(becomes, now)
    return Move(
        case=line.case.ref,
        subject=line.case.subject,
        protocol=line.case.protocol,
        stage=line.deadline.stage,
        action=line.deadline.action,
        action_name=line.deadline.action_name,
        was=due_was,
        becomes=due_becomes,
        target_was=target_was,
        target_becomes=target_becomes,
        act_by_was=act_by_was,
        act_by_becomes=act_by_becomes,
        turns={(False, True): BECOMES_OVERDUE, (True, False): NO_LONGER_OVERDUE}.get(late, ""),
    )


def _moments(deadline: Deadline | None) -> tuple[datetime | None, datetime | None, datetime | None]:
    return (deadline.due_at, deadline.target_at, deadline.act_by) if deadline else (None, None, None)


def _is_overdue(deadline: Deadline | None, now: datetime) -> bool:
    """A window only closes."""
    return deadline is not None and deadline.due_at is not None and now > deadline.due_at and not deadline.is_window
