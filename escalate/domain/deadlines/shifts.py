"""What an entry, a correction or another calendar does to the deadlines of a case: the one comparison of before and after."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from escalate.domain.deadlines.model import Deadline, DeadlineKey, DueLine
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.worktime.clock import NEVER

BECOMES_OVERDUE, NO_LONGER_OVERDUE = "overdue", "no longer overdue"

_ORDER = (BECOMES_OVERDUE, NO_LONGER_OVERDUE, "")


class ShiftKind(StrEnum):
    """What became of a deadline, in the order in which it is told."""

    GONE = "gone"
    """It is not there any more, as if it had never been."""
    MISSED = "missed"
    """It ended with its time run out."""
    CEASED = "ceased"
    """It ended before its time had run out."""
    OVERDUE = "overdue"
    """It becomes overdue."""
    NO_LONGER_OVERDUE = "no-longer-overdue"
    """It was overdue, and its time has not run out now."""
    LATER = "later"
    """Its time runs out later than it did."""
    EARLIER = "earlier"
    """Its time runs out earlier than it did."""
    UNDATED = "undated"
    """It had a date and has none: it waits, or its clock stands still."""
    DATED = "dated"
    """It had no date and has one."""
    UNDECIDED = "undecided"
    """Its date hangs on a question now."""
    DECIDED = "decided"
    """Its date hangs on no question any more."""
    LAPSED = "lapsed"
    """It is a window, and closes by the change or had closed before it was there."""
    OPEN_AGAIN = "open-again"
    """It was met or had ended, and is owed again."""
    MET_LATE = "met-late"
    """It is met, and was not in time."""
    MET = "met"
    """It is met in time, or has no time."""
    NEW = "new"
    """It was not there, and is owed."""
    TARGET = "target"
    """It runs out when it did; its target moves, or when to act."""
    RENUMBERED = "renumbered"
    """Its call is counted anew, and has another number (C15)."""


OTHER_DATES = frozenset((
    ShiftKind.OVERDUE, ShiftKind.NO_LONGER_OVERDUE, ShiftKind.LATER, ShiftKind.EARLIER, ShiftKind.UNDATED, ShiftKind.DATED,
    ShiftKind.LAPSED, ShiftKind.TARGET,
))  # fmt: skip
"""What an open deadline goes through that only gets another date: what `moves` lists."""


class Shift(NamedTuple):
    """What became of one deadline of a case."""

    kind: ShiftKind
    """What became of it."""
    before: Deadline | None
    """As it was; None where it was not there."""
    after: Deadline | None
    """As it is; None where it is not there."""
    by_ladder: bool = False
    """It is not its own time that moves, but a limit further up the ladder."""
    instead_of: Deadline | None = None
    """Of a new call, the one that ended as it began."""
    followed_by: Deadline | None = None
    """Of a call that ended, the one that began as it did."""

    @property
    def deadline(self) -> Deadline:
        """The deadline as it is, or was last."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def was(self) -> datetime | None:
        """When its time ran out until now (UTC)."""
        return _ends_at(self.before, by_ladder=self.by_ladder)

    @property
    def becomes(self) -> datetime | None:
        """When its time runs out now (UTC)."""
        return _ends_at(self.after, by_ladder=self.by_ladder)


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


def shifts(before: Iterable[Deadline], after: Iterable[Deadline], now: datetime) -> list[Shift]:
    """What differs between the deadlines of a case before a change and after it, as both stand at one instant."""
    pairs = _pairs(list(before), list(after))
    found = _with_followers([shift for b, a in pairs for shift in _shifts(b, a, now)])
    told = [each for each in found if not _goes_without_saying(each, pairs)]
    return sorted(told, key=lambda each: (_RANKS[each.kind], each.becomes or each.was or NEVER))


def moves(before: Sequence[DueLine], after: Sequence[DueLine], now: datetime) -> list[Move]:
    """The dates of open deadlines that differ between the two: those that turn overdue first, then those that cease to be, then the rest."""
    lines = {line.case.ref: line for line in (*before, *after)}
    were, are = _by_case(before), _by_case(after)
    found = [
        _move(lines[ref], was, becomes, now)
        for ref in lines
        for was, becomes in _pairs(were.get(ref, []), are.get(ref, []), follow_on=True)
    ]
    moved = [move for move in found if move]
    return sorted(moved, key=lambda move: (_ORDER.index(move.turns), move.becomes or move.was or NEVER, move.case))


# -- which deadline before is which after -----------------------------------------------------------------------------------

Pair = tuple[Deadline | None, Deadline | None]
"""A deadline before and after; None where it is not there."""


def _pairs(before: Sequence[Deadline], after: Sequence[Deadline], *, follow_on: bool = False) -> list[Pair]:
    """Every deadline before with the same one after.

    The entry that began a call tells it better than its number, which is counted anew after a correction. With `follow_on`,
    a call that ended is followed by the one that began as it did.
    """
    left: dict[DeadlineKey, Deadline] = {each.key: each for each in after}
    by_entry = _by_entry(after)
    only = _by_entry(before)
    found: list[Pair] = []
    unmatched: list[Deadline] = []
    for each in before:
        began = _began(each)
        same = by_entry.get(began) if began is not None and only.get(began) is each else None
        if same:
            del left[same.key]
            found.append((each, same))
        else:
            unmatched.append(each)
    found += [(each, left.pop(each.key, None)) for each in unmatched]
    if follow_on:
        found = [(was, _follower(was, is_now, left) or is_now) for was, is_now in found]
    return [*found, *((None, each) for each in left.values())]


Began = tuple[int, str, int, int | None, int, int]
"""A call by the entry that began it and that which began the first it carries on, with its occasion, its action, which time it is and which agreed date."""


def _began(deadline: Deadline) -> Began | None:
    """What tells a call whatever its number; None where it was read without the entry that began it."""
    if deadline.called_entry is None:
        return None
    return (
        deadline.occasion.number, deadline.action, deadline.called_entry, deadline.first_called, deadline.occurrence, deadline.agreement,
    )  # fmt: skip


def _by_entry(deadlines: Iterable[Deadline]) -> dict[Began, Deadline]:
    """Deadlines by the entry that began their call, as far as that tells one from every other."""
    found: dict[Began, list[Deadline]] = {}
    for each in deadlines:
        if (began := _began(each)) is not None:
            found.setdefault(began, []).append(each)
    return {began: several[0] for began, several in found.items() if len(several) == 1}


def _follower(was: Deadline | None, is_now: Deadline | None, left: dict[DeadlineKey, Deadline]) -> Deadline | None:
    """The call that began as another ended, which then is no more left over."""
    if was is None or not was.is_open or is_now is None or is_now.ended_at is None:
        return None
    key = next((key for key, each in left.items() if each.is_open and _duty(each) == _duty(was)), None)
    return left.pop(key) if key else None


def _duty(deadline: Deadline) -> tuple[int, str, int]:
    """What is to be done and when it is owed, whichever call it is."""
    return deadline.occasion.number, deadline.action, deadline.occurrence


def _line(deadline: Deadline) -> tuple[int, str, int, int | None]:
    """A duty, and which of several calls for it that carry each other on."""
    return *_duty(deadline), deadline.first_called


# -- what became of one ---------------------------------------------------------------------------------------------------------


def _with_followers(found: Sequence[Shift]) -> list[Shift]:
    """The same, where a call that ended and the one that began as it did know each other."""
    new = {_line(each.deadline): each.deadline for each in found if each.kind is ShiftKind.NEW}
    ended = {
        _line(each.deadline): each.deadline
        for each in found
        if each.kind in (ShiftKind.MISSED, ShiftKind.CEASED) and not each.deadline.agreement
        if each.before and each.before.is_open
    }
    return [
        each._replace(instead_of=ended.get(_line(each.deadline)))
        if each.kind is ShiftKind.NEW
        else each._replace(followed_by=new.get(_line(each.deadline)))
        if each.deadline is ended.get(_line(each.deadline))
        else each
        for each in found
    ]


def _shifts(before: Deadline | None, after: Deadline | None, now: datetime) -> list[Shift]:
    """What became of a deadline: nothing, one thing, or that and another number."""
    found = [Shift(kind, before, after) for kind in (_kind(before, after, now),) if kind]
    if before and after and not found and before.is_open and after.is_open:
        found = [Shift(kind, before, after, by_ladder=True) for kind in (_by_ladder(before, after, now),) if kind]
    if before and after and before.call != after.call:
        found.append(Shift(ShiftKind.RENUMBERED, before, after))
    return found


def _kind(before: Deadline | None, after: Deadline | None, now: datetime) -> ShiftKind | None:
    """What became of a deadline; None if nothing did."""
    if after is None:
        return ShiftKind.GONE
    if not after.is_open:
        verdict = _verdict(after)
        if before is None or before.is_open or _verdict(before) is not verdict:
            return verdict
        return _other_time(before.due_at, after.due_at) if verdict is ShiftKind.MISSED else None
    if before is None:
        return ShiftKind.LAPSED if after.is_window and after.has_passed(now) else ShiftKind.NEW
    if not before.is_open:
        return ShiftKind.OPEN_AGAIN
    if _is_undecided(before) is not _is_undecided(after):
        return ShiftKind.UNDECIDED if _is_undecided(after) else ShiftKind.DECIDED
    return _moved(before, after, now)


def _moved(before: Deadline, after: Deadline, now: datetime) -> ShiftKind | None:
    """How the dates of an open deadline moved; None if they did not."""
    if before.due_at == after.due_at:
        beside = (before.target_at, before.act_by) != (after.target_at, after.act_by)
        return ShiftKind.TARGET if beside else None
    if after.due_at is None:
        return ShiftKind.UNDATED
    if after.has_passed(now) and not before.has_passed(now) and (before.due_at or after.is_window):
        return ShiftKind.LAPSED if after.is_window else ShiftKind.OVERDUE
    if before.due_at is None:
        return ShiftKind.DATED
    if before.is_overdue(now) and not after.is_overdue(now):
        return ShiftKind.NO_LONGER_OVERDUE
    return _other_time(before.due_at, after.due_at)


def _by_ladder(before: Deadline, after: Deadline, now: datetime) -> ShiftKind | None:
    """How a limit further up moved, where that is what ends a deadline's time; None if it did not."""
    was, becomes = before.ahead_at, after.ahead_at
    if was is None or becomes is None or was == becomes:
        return None
    if (now > was) is not (now > becomes):
        return ShiftKind.OVERDUE if now > becomes else ShiftKind.NO_LONGER_OVERDUE
    return _other_time(was, becomes)


def _verdict(deadline: Deadline) -> ShiftKind:
    """How a deadline that is not open any more ended."""
    if deadline.met_at is not None:
        return ShiftKind.MET if deadline.met_in_time else ShiftKind.MET_LATE
    return ShiftKind.MISSED if deadline.had_run_out and not deadline.is_window else ShiftKind.CEASED


def _other_time(was: datetime | None, becomes: datetime | None) -> ShiftKind | None:
    if was == becomes or was is None or becomes is None:
        return None
    return ShiftKind.LATER if becomes > was else ShiftKind.EARLIER


def _is_undecided(deadline: Deadline) -> bool:
    """Whether an open deadline has no date because that hangs on a question."""
    return deadline.due_at is None and bool(deadline.unanswered) and not deadline.waiting


def _ends_at(deadline: Deadline | None, *, by_ladder: bool) -> datetime | None:
    if deadline is None:
        return None
    return deadline.ahead_at if by_ladder else deadline.due_at


def _goes_without_saying(shift: Shift, pairs: Sequence[Pair]) -> bool:
    """Whether something left the list because what it stood for did.

    The next step is there only while the action that ends its stage is done and the case still there; and that action, where
    it has no time of its own, only while no dated duty of the stage is open (C18).
    """
    one = shift.deadline
    if shift.kind is ShiftKind.GONE and one.action == NEXT_STEP:
        closing = [a for _, a in pairs if a and a.occasion == one.occasion and a.ends_stage]
        return bool(closing)
    if shift.kind not in (ShiftKind.GONE, ShiftKind.NEW) or not one.ends_stage or one.due_at or one.ahead_at:
        return False
    return any(b and a and b.occasion == a.occasion == one.occasion for b, a in pairs)


_RANKS = {kind: rank for rank, kind in enumerate(ShiftKind)}


# -- the dates that move, as tables and histories have them ----------------------------------------------------------------------


def _by_case(lines: Iterable[DueLine]) -> dict[str, list[Deadline]]:
    found: dict[str, list[Deadline]] = {}
    for line in lines:
        found.setdefault(line.case.ref, []).append(line.deadline)
    return found


def _move(line: DueLine, was: Deadline | None, becomes: Deadline | None, now: datetime) -> Move | None:
    """How a deadline moves, which may be there only before or only after; None if it does not, or is not open."""
    deadline = becomes or was
    assert deadline is not None
    dates_were, dates_are = _dates(was), _dates(becomes)
    if _is_over(was) or _is_over(becomes):
        return None
    if dates_were == dates_are:
        return _move_further_up(line, was, becomes, now) if was and becomes else None
    return Move(
        case=line.case.ref,
        subject=line.case.subject,
        protocol=line.case.protocol,
        stage=deadline.stage,
        action=deadline.action,
        action_name=deadline.action_name,
        was=dates_were[0],
        becomes=dates_are[0],
        target_was=dates_were[1],
        target_becomes=dates_are[1],
        act_by_was=dates_were[2],
        act_by_becomes=dates_are[2],
        turns=_overdue_or_no_longer(_is_overdue(was, now), _is_overdue(becomes, now)),
    )


def _move_further_up(line: DueLine, was: Deadline, becomes: Deadline, now: datetime) -> Move | None:
    """How a limit further up moves that may overtake a deadline, where its own dates stay; None if it does not."""
    if was.ahead_at == becomes.ahead_at:
        return None
    passed = [each.ahead_at is not None and now > each.ahead_at for each in (was, becomes)]
    return Move(
        case=line.case.ref,
        subject=line.case.subject,
        protocol=line.case.protocol,
        stage=becomes.stage,
        action=becomes.action,
        action_name=f"Limit of {becomes.ahead_of or was.ahead_of}, further up than: {becomes.action_name}",
        was=was.ahead_at,
        becomes=becomes.ahead_at,
        target_was=None,
        target_becomes=None,
        act_by_was=None,
        act_by_becomes=None,
        turns=_overdue_or_no_longer(*passed),
    )


def _dates(deadline: Deadline | None) -> tuple[datetime | None, datetime | None, datetime | None]:
    """When a deadline is due, its target, and when to act by."""
    return (deadline.due_at, deadline.target_at, deadline.act_by) if deadline else (None, None, None)


def _is_over(deadline: Deadline | None) -> bool:
    return deadline is not None and not deadline.is_open


def _is_overdue(deadline: Deadline | None, now: datetime) -> bool:
    return deadline is not None and deadline.is_overdue(now)


def _overdue_or_no_longer(was_overdue: bool, is_overdue: bool) -> str:
    """What becomes of a deadline that moves, in the words of `Move.turns`."""
    if was_overdue == is_overdue:
        return ""
    return BECOMES_OVERDUE if is_overdue else NO_LONGER_OVERDUE
