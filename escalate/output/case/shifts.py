"""What became of deadlines by what was recorded: in sentences, and for scripts."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.shifts import Shift, ShiftKind
from escalate.output.documents import Document, instant
from escalate.output.words import inert, short

SeveralCalls = Collection[tuple[int, str]]
"""What is called for more than once: the number of the occasion, and the action."""


class Recorded(NamedTuple):
    """What an entry did, as far as the sentences about deadlines go by it."""

    entry: int | None = None
    """Its number: what was met by it goes without saying."""
    entered: int | None = None
    """The number of the stay it begins: what is new there stands in the list below, unless its time is over already."""
    opens: bool = False
    """It opens the case, so that all there is is new."""
    answers: Mapping[str, str] = {}
    """The answers it gives, by the keys of the facts."""
    several: SeveralCalls = frozenset()
    """What is called for more than once in the case, so that a number has to say which call is meant."""


def shift_lines(shifts: Sequence[Shift], now: datetime, recorded: Recorded) -> list[str]:
    """A sentence for each kind of change, with everything by name that changed so."""
    told = [each for each in shifts if _is_worth_saying(each, now, recorded)]
    ordered = sorted(told, key=lambda each: (_ORDER.index(each.kind), _title(each, now)))
    grouped = groupby(ordered, key=lambda each: _title(each, now))
    return [inert(_line(title, [_said(each, now, recorded) for each in group])) for title, group in grouped]


def several_calls(deadlines: Iterable[Deadline]) -> frozenset[tuple[int, str]]:
    """What is called for more than once."""
    return frozenset(_duty(each) for each in deadlines if each.call > 1)


def left_open(deadlines: Sequence[Deadline], now: datetime, entry: int) -> list[str]:
    """Which other calls are still open for what an entry met."""
    met = {_duty(each) for each in deadlines if each.met_entry == entry}
    still = [each for each in deadlines if each.is_open and each.occurrence == 0 and _duty(each) in met]
    return [
        inert(
            f"Call {each.call} of {each.action} is still open{f', due {short(each.due_at, now)}' if each.due_at else ''}."
        )
        for each in still
    ]


def shifts_document(shifts: Iterable[Shift]) -> list[Document]:
    """`changes` of a command that changed a case; `was_call` is the number a call had before, where that changed."""
    return [
        {
            "action": each.deadline.action,
            "stage": each.deadline.stage,
            "call": each.deadline.call,
            "was_call": each.before.call if each.kind is ShiftKind.RENUMBERED and each.before else None,
            "kind": each.kind.value,
            "was": instant(each.was),
            "becomes": instant(each.becomes),
        }
        for each in shifts
    ]


def name_of(deadline: Deadline, several: SeveralCalls = ()) -> str:
    """`reply (stage 2)`, `lado-referral, call 2`: by the short name people type."""
    where = "" if deadline.at_any_stage else " (once resolved)" if deadline.occasion.resolution else None
    place = f" (stage {deadline.stage})" if where is None else where
    call = f", call {deadline.call}" if deadline.call > 1 or _duty(deadline) in several else ""
    time = f", time {deadline.occurrence}" if deadline.occurrence else ""
    agreed = ", the date agreed before" if deadline.agreement else ""
    return f"{deadline.action}{place}{call}{time}{agreed}"


# -- what is said at all ----------------------------------------------------------------------------------------------------------


def _is_worth_saying(shift: Shift, now: datetime, recorded: Recorded) -> bool:
    """Whether a change has to be said beside the title of the page and the list below it."""
    one = shift.deadline
    if shift.kind is ShiftKind.TARGET:
        return False  # it runs out when it did, and the list says when to act
    if shift.kind is ShiftKind.NEW:
        goes_without_saying = recorded.opens or (one.occasion.stay or 0) == recorded.entered
        return one.has_passed(now) or not goes_without_saying
    if shift.kind is ShiftKind.MET:
        by_the_entry = shift.before is None or (shift.before.is_open and one.met_entry == recorded.entry)
        return not by_the_entry or _duty(one) in recorded.several
    return True


_ORDER = tuple(ShiftKind)


def _line(title: str, said: Sequence[str]) -> str:
    return f"{title}: {'; '.join(said)}." if title else f"{'. '.join(said)}."


# -- the words -------------------------------------------------------------------------------------------------------------------


def _title(shift: Shift, now: datetime) -> str:
    """The beginning of the sentence, the same for all that changed so; empty where each is a sentence of its own."""
    after = shift.after
    if _is_settled(shift) or shift.kind is ShiftKind.RENUMBERED:
        return ""
    if _is_not_owed(shift):
        return "Not called for"
    if shift.kind in (ShiftKind.NEW, ShiftKind.OPEN_AGAIN, ShiftKind.DATED, ShiftKind.DECIDED) and after:
        return f"{_TITLES[shift.kind]}{', and overdue already' if after.is_overdue(now) else ''}"
    if shift.kind is ShiftKind.MISSED and shift.before and not shift.before.is_open:
        return "Missed after all"
    if shift.kind is ShiftKind.CEASED and shift.before and not shift.before.is_open:
        return "Not missed after all" if shift.before.had_run_out else _TITLES[shift.kind]
    if shift.kind in (ShiftKind.MET, ShiftKind.MET_LATE) and after:
        return _title_of_met(shift, after)
    if shift.kind is ShiftKind.CEASED and after and after.is_window:
        return "Closed unused"
    if shift.kind in (ShiftKind.MISSED, ShiftKind.CEASED) and not (shift.deadline.agreement or shift.followed_by):
        return "Missed, and no longer called for" if shift.kind is ShiftKind.MISSED else "No longer called for"
    return _TITLES[shift.kind]


_TITLES = {
    ShiftKind.GONE: "No longer there",
    ShiftKind.MISSED: "Missed",
    ShiftKind.CEASED: "Ceased",
    ShiftKind.OVERDUE: "Now overdue",
    ShiftKind.NO_LONGER_OVERDUE: "No longer overdue",
    ShiftKind.LATER: "Later",
    ShiftKind.EARLIER: "Earlier",
    ShiftKind.UNDATED: "No longer dated",
    ShiftKind.DATED: "Dated",
    ShiftKind.UNDECIDED: "Undecided",
    ShiftKind.DECIDED: "Decided",
    ShiftKind.LAPSED: "Over already",
    ShiftKind.OPEN_AGAIN: "Open again",
    ShiftKind.MET_LATE: "Late",
    ShiftKind.MET: "Met",
    ShiftKind.NEW: "Called for",
}


def _title_of_met(shift: Shift, after: Deadline) -> str:
    """How something was met, and whether that is otherwise than it stood."""
    if shift.before is None or shift.before.is_open:
        return "Used late" if after.is_window and not after.met_in_time else _TITLES[shift.kind]
    if shift.before.met_at is None:
        return "Met after all" if after.met_in_time else "Met after all, late"
    return "In time now" if after.met_in_time else "Late now"


def _said(shift: Shift, now: datetime, recorded: Recorded) -> str:
    """One of the things that changed, by name, with its dates."""
    name = name_of(shift.deadline, recorded.several)
    if shift.kind is ShiftKind.RENUMBERED and shift.before and shift.after:
        return f"Call {shift.before.call} of {shift.after.action} is call {shift.after.call} now"
    if _is_settled(shift) and shift.before and shift.after:
        return _settled(shift.before, shift.after, name, now, recorded.answers)
    if _is_not_owed(shift) and shift.before:
        due = f", due {_date(shift.was, now)} if it had been" if shift.was else ""
        return f"{name}{due}{_because(shift.before, recorded.answers)}"
    if shift.by_ladder and shift.after:
        name = f"limit of {shift.after.ahead_of}, further up than {name}"
    return f"{name}{_DETAILS[shift.kind](shift, now)}"


def _is_settled(shift: Shift) -> bool:
    """Whether a provisional date of something open turned out to be another."""
    return (
        shift.kind in (ShiftKind.LATER, ShiftKind.EARLIER, ShiftKind.NO_LONGER_OVERDUE, ShiftKind.OVERDUE)
        and not shift.by_ladder
        and shift.before is not None
        and shift.before.provisional
        and shift.after is not None
        and not shift.after.provisional
    )


def _settled(before: Deadline, after: Deadline, name: str, now: datetime, answers: Mapping[str, str]) -> str:
    """`The provisional Fri 27 Nov no longer holds: resolve (stage 7) is due Sun 29 Nov (severity is low), and no longer overdue`."""
    overdue = before.is_overdue(now), after.is_overdue(now)
    turns = {(True, False): ", and no longer overdue", (False, True): ", and now overdue"}.get(overdue, "")
    return (
        f"The provisional {_date(before.due_at, now)} no longer holds: {name} is due {_date(after.due_at, now)}"
        f"{_because(before, answers)}{turns}"
    )


def _is_not_owed(shift: Shift) -> bool:
    """Whether something is gone that only might have been called for."""
    return shift.kind is ShiftKind.GONE and shift.deadline.is_open and bool(shift.deadline.unanswered)


def _because(before: Deadline, answers: Mapping[str, str]) -> str:
    """` (severity is low)`: the answers by which something is settled that hung on them."""
    because = " and ".join(f"{fact} is {answers[fact]}" for fact in before.unanswered if fact in answers)
    return f" ({because})" if because else ""


def _from_to(shift: Shift, now: datetime) -> str:
    if shift.was is None:
        return f", due {_date(shift.becomes, now)}"
    missed = "" if shift.deadline.is_open else ", missed all the same"
    return f", from {_date(shift.was, now)} to {_date(shift.becomes, now)}{missed}"


def _was_due(shift: Shift, now: datetime) -> str:
    """When something was due that is not there any more, and whether that had passed."""
    one = shift.deadline
    if one.met_at is not None:
        return f", which stood as {'met' if one.met_in_time else 'met late'}"
    if one.ended_at is not None:
        return f", which stood as {_how_it_stood(one)}"
    overdue = ", overdue" if one.is_overdue(now) else ""
    return f", due {_date(one.due_at, now)}{overdue}" if one.due_at else ", which had no date"


def _ended(shift: Shift, now: datetime) -> str:
    """When something was due that is no longer owed."""
    one = shift.deadline
    if one.is_window:
        return f", open until {_date(one.due_at, now)}" if one.due_at else ""
    return f", due {_date(one.due_at, now)}" if one.due_at else ""


def _no_date(shift: Shift, now: datetime) -> str:
    """When something was due whose date is gone, and why it has none."""
    after = shift.after
    why = (
        " (its clock is stopped)" if after and after.stopped_since else " (waiting)" if after and after.waiting else ""
    )
    return f", until now {_date(shift.was, now)}{why}"


def _called_for(shift: Shift, now: datetime) -> str:
    """When something new is due, and which call it takes the place of."""
    one, before = shift.deadline, shift.instead_of
    due = f", due {_date(one.due_at, now)}" if one.due_at else ""
    if before is None:
        return due
    return f"{due}, in place of call {before.call}"


def _due(shift: Shift, now: datetime) -> str:
    verb = "open until" if shift.deadline.is_window else "due"
    return f", {verb} {_date(shift.becomes, now)}" if shift.becomes else ""


def _hangs_on(shift: Shift, now: datetime) -> str:
    """The questions something hangs on, and its date until now."""
    was = f", until now {_date(shift.was, now)}" if shift.was else ""
    return f"{was}; it depends on {' and '.join(shift.deadline.unanswered)}"


def _was_open_until(shift: Shift, now: datetime) -> str:
    return f", open until {_date(shift.becomes, now)}"


def _met(shift: Shift, now: datetime) -> str:
    """When something was due that is met, and when it was done."""
    one = shift.deadline
    if one.due_at is None:
        return ""
    verb = "open until" if one.is_window else "due"
    done = f", done {short(one.met_at, now)}" if one.met_at and not one.met_in_time else ""
    return f", {verb} {_date(one.due_at, now)}{done}"


_DETAILS: Mapping[ShiftKind, Callable[[Shift, datetime], str]] = {
    ShiftKind.GONE: _was_due,
    ShiftKind.MISSED: _ended,
    ShiftKind.CEASED: _ended,
    ShiftKind.OVERDUE: _from_to,
    ShiftKind.NO_LONGER_OVERDUE: _from_to,
    ShiftKind.LATER: _from_to,
    ShiftKind.EARLIER: _from_to,
    ShiftKind.UNDATED: _no_date,
    ShiftKind.DATED: _due,
    ShiftKind.UNDECIDED: _hangs_on,
    ShiftKind.DECIDED: _due,
    ShiftKind.LAPSED: _was_open_until,
    ShiftKind.OPEN_AGAIN: _due,
    ShiftKind.MET_LATE: _met,
    ShiftKind.MET: _met,
    ShiftKind.NEW: _called_for,
}
"""What is said of each beside its name."""


def _date(at: datetime | None, now: datetime) -> str:
    return short(at, now) if at else "no date"


def _duty(deadline: Deadline) -> tuple[int, str]:
    return deadline.occasion.number, deadline.action


def _how_it_stood(deadline: Deadline) -> str:
    """`missed`, `ceased` or `not-known`, of something that had ended."""
    if deadline.not_known:
        return "not-known"
    return "missed" if deadline.had_run_out and not deadline.is_window else "ceased"
