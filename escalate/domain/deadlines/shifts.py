"""What a change of calendar, or of anything else deadlines are worked out from, does to those that are not met yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.deadlines.model import Deadline, DeadlinePlace, DueLine
from escalate.domain.worktime.clock import NEVER

BECOMES_OVERDUE, NO_LONGER_OVERDUE = "overdue", "no longer overdue"

_ORDER = (BECOMES_OVERDUE, NO_LONGER_OVERDUE, "")


class Move(NamedTuple):
    """A deadline that is not met and moves. Every time is an instant (UTC); None where there is none."""

    case: str
    """The reference of the case."""
    subject: str | None
    """The reference of the person, if it is known."""
    protocol: str
    """The id of the protocol."""
    stage: str
    """The key of the stage."""
    action: str
    """The key of the action."""
    action_name: str
    """What is to be done."""
    was: datetime | None
    """When it was due until now."""
    becomes: datetime | None
    """When it is due by the change."""
    target_was: datetime | None
    """Its target until now."""
    target_becomes: datetime | None
    """Its target by the change."""
    act_by_was: datetime | None
    """When to act by until now."""
    act_by_becomes: datetime | None
    """When to act by, by the change."""
    turns: str
    """`overdue` where it becomes so by the change, `no longer overdue` where it ceases to be, and otherwise empty."""


def moves(before: Sequence[DueLine], after: Sequence[DueLine], now: datetime) -> list[Move]:
    """The deadlines that differ between the two: those that turn overdue first, then those that cease to be, then the rest."""
    were, are = _by_place(before), _by_place(after)
    found = [_move(were.get(place), are.get(place), now) for place in {**were, **are}]
    moved = [move for move in found if move]
    return sorted(moved, key=lambda move: (_ORDER.index(move.turns), move.becomes or move.was or NEVER, move.case))


def _by_place(lines: Iterable[DueLine]) -> Mapping[DeadlinePlace, DueLine]:
    return {line.place: line for line in lines}


def _move(before: DueLine | None, after: DueLine | None, now: datetime) -> Move | None:
    """How a deadline moves, which may be there only before or only after; None if it does not, or is met."""
    line = after or before
    assert line is not None
    was, becomes = before.deadline if before else None, after.deadline if after else None
    dates_were, dates_are = _dates(was), _dates(becomes)
    if dates_were == dates_are or _is_met(was) or _is_met(becomes):
        return None
    return Move(
        case=line.case.ref,
        subject=line.case.subject,
        protocol=line.case.protocol,
        stage=line.deadline.stage,
        action=line.deadline.action,
        action_name=line.deadline.action_name,
        was=dates_were[0],
        becomes=dates_are[0],
        target_was=dates_were[1],
        target_becomes=dates_are[1],
        act_by_was=dates_were[2],
        act_by_becomes=dates_are[2],
        turns=_overdue_or_no_longer(_is_overdue(was, now), _is_overdue(becomes, now)),
    )


def _dates(deadline: Deadline | None) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When a deadline is due, its target, and when to act by."""
    return (deadline.due_at, deadline.target_at, deadline.act_by) if deadline else (None, None, None)


def _is_met(deadline: Deadline | None) -> bool:
    return deadline is not None and deadline.met_at is not None


def _is_overdue(deadline: Deadline | None, now: datetime) -> bool:
    return deadline is not None and deadline.is_overdue(now)


def _overdue_or_no_longer(was_overdue: bool, is_overdue: bool) -> str:
    """What becomes of a deadline that moves, in the words of `Move.turns`."""
    if was_overdue == is_overdue:
        return ""
    return BECOMES_OVERDUE if is_overdue else NO_LONGER_OVERDUE
