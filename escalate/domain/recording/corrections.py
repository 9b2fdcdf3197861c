"""Taking back an entry, or giving it another time. Both add an entry: what was recorded stays."""

from datetime import datetime

from escalate.domain.case.entries import CORRECTED, ERASED, OPENED, RECOUNTED, UNDONE, Entry, effective
from escalate.domain.case.model import Case
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.recording.request import Recording, as_text, new_entry
from escalate.domain.worktime.clock import spoken, written
from escalate.errors import Refused


def undo(case: Case, recording: Recording, seq: int | None = None, reason: str | None = None) -> Entry:
    """Takes back the last entry that still counts, or the one named if nothing rests on it. Raises Refused."""
    target = _entry_to_change(case, seq, (UNDONE, RECOUNTED, ERASED))
    if target.kind == OPENED:
        nothing_left = "Nothing in {0} is left to undo: its" if seq is None else "The"
        raise Refused(
            f"{nothing_left.format(case.ref)} opening stays. Close the case with escalate withdraw {case.ref}."
        )
    data = {"undoes": target.seq, "undone_kind": target.kind}
    return _checked(case, target, new_entry(case, UNDONE, recording, data, as_text(reason)))


def correct(case: Case, recording: Recording, to: datetime, seq: int | None = None, reason: str | None = None) -> Entry:
    """Gives the last entry, or the one named, another time, if what was recorded after it still fits. Raises Refused."""
    target = _entry_to_change(case, seq, (UNDONE, CORRECTED, RECOUNTED, ERASED))
    if to > target.recorded_at:
        raise Refused(
            f"Entry {target.seq} was recorded {spoken(target.recorded_at)}, and says what had happened by then."
        )
    if target.kind == OPENED and target.data["concern_at"] and to < case.concern_at:
        raise Refused(f"{case.ref} cannot be raised before its concern ({spoken(case.concern_at)}).")
    data = {"corrects": target.seq, "corrected_kind": target.kind, "from": written(target.at), "to": written(to)}
    return _checked(case, target, new_entry(case, CORRECTED, recording, data, as_text(reason)))


def _entry_to_change(case: Case, seq: int | None, fixed: tuple[str, ...]) -> Entry:
    """The last entry that counts and is of no fixed kind, or the one of that number. Raises Refused."""
    open_to_change = {entry.seq: entry for entry in effective(case.history) if entry.kind not in fixed}
    number = max(open_to_change) if seq is None else seq
    if number not in open_to_change:
        raise Refused(_why_fixed(case, number))
    return open_to_change[number]


def _why_fixed(case: Case, seq: int) -> str:
    """Why an entry of that number cannot be changed."""
    last = len(case.history)
    kind = case.history[seq - 1].kind if 0 < seq <= last else None
    if seq in case.undone:
        return f"Entry {seq} of {case.ref} was taken back already."
    if kind == RECOUNTED:
        return f"Entry {seq} of {case.ref} says what a changed calendar came to: change the calendar again to take that back."
    if kind == ERASED:
        return f"Entry {seq} of {case.ref} erased what had been said: that is gone for good."
    which = f"entries are 1 to {last}" if last > 1 else "only entry is 1"
    return f"There is no entry {seq} to change in {case.ref}: its {which}, and escalate log {case.ref} shows them."


def _checked(case: Case, target: Entry, entry: Entry) -> Entry:
    """An entry that changes another, if the history still holds together with it. Raises Refused."""
    try:
        replay((*case.history, entry))
    except Misfit as misfit:
        rests = misfit.entry
        if rests.seq == target.seq:
            raise Refused(
                f"Entry {target.seq} cannot have that time: it does not fit what was recorded before it."
            ) from None
        what = f"entry {rests.seq} ({rests.kind} {spoken(rests.at)})"
        raise Refused(
            f"Entry {target.seq} cannot be changed that way: {what} rests on it. Change that one first."
        ) from None
    return entry
