"""Taking back an entry, or giving it another time."""

from collections.abc import Mapping
from datetime import datetime

from escalate.domain.case.entries import (
    CORRECTED,
    ERASED,
    OPENED,
    RECOUNTED,
    UNDONE,
    Entry,
    effective,
)
from escalate.domain.case.model import Case
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.recording.request import (
    Recording,
    as_text,
    new_entry,
)
from escalate.domain.worktime.clock import spoken, written
from escalate.errors import Refused


def undo(case: Case, recording: Recording, seq: int | None = None, reason: str | None = None) -> Entry:
    """Takes back the last entry that still counts, or the one named if nothing rests on it. Raises Refused."""
    counting = {entry.seq: entry for entry in effective(case.history) if entry.kind not in (UNDONE, RECOUNTED, ERASED)}
    target = _counting(case, counting, max(counting) if seq is None else seq)
    if target.kind == OPENED:
        nothing_left = "Nothing in {0} is left to undo: its" if seq is None else "The"
        raise Refused(
            f"{nothing_left.format(case.ref)} opening stays. Close the case with escalate withdraw {case.ref}."
        )
    data = {"undoes": target.seq, "undone_kind": target.kind}
    return _fitting(case, target, new_entry(case, UNDONE, recording, data, as_text(reason)))


def correct(case: Case, recording: Recording, to: datetime, seq: int | None = None, reason: str | None = None) -> Entry:
    """Gives the last entry, or the one named, another time, if what was recorded after it still fits. Raises Refused."""
    counting = {
        entry.seq: entry
        for entry in effective(case.history)
        if entry.kind not in (UNDONE, CORRECTED, RECOUNTED, ERASED)
    }
    target = _counting(case, counting, max(counting) if seq is None else seq)
    if to > target.recorded_at:
        raise Refused(
            f"Entry {target.seq} was recorded {spoken(target.recorded_at)}, and says what had happened by then."
        )
    if target.kind == OPENED and target.data["concern_at"] and to < case.concern_at:
        raise Refused(f"{case.ref} cannot be raised before its concern ({spoken(case.concern_at)}).")
    data = {"corrects": target.seq, "corrected_kind": target.kind, "from": written(target.at), "to": written(to)}
    return _fitting(case, target, new_entry(case, CORRECTED, recording, data, as_text(reason)))


def _counting(case: Case, counting: Mapping[int, Entry], seq: int) -> Entry:
    if seq in counting:
        return counting[seq]
    if seq in case.undone:
        raise Refused(f"Entry {seq} of {case.ref} was taken back already.")
    if 0 < seq <= len(case.history) and case.history[seq - 1].kind == RECOUNTED:
        raise Refused(
            f"Entry {seq} of {case.ref} says what a changed calendar came to: change the calendar again to take that back."
        )
    if 0 < seq <= len(case.history) and case.history[seq - 1].kind == ERASED:
        raise Refused(f"Entry {seq} of {case.ref} erased what had been said: that is gone for good.")
    last = len(case.history)
    which = f"entries are 1 to {last}" if last > 1 else "only entry is 1"
    raise Refused(
        f"There is no entry {seq} to change in {case.ref}: its {which}, and escalate log {case.ref} shows them."
    )


def _fitting(case: Case, target: Entry, entry: Entry) -> Entry:
    """An entry that changes another, if the history still holds together with it. Raises Refused."""
    try:
        replay((*case.history, entry))
    except Misfit as misfit:
        rests = misfit.entry
        what = f"entry {rests.seq} ({rests.kind} {spoken(rests.at)})"
        if rests.seq == target.seq:
            raise Refused(
                f"Entry {target.seq} cannot have that time: it does not fit what was recorded before it."
            ) from None
        raise Refused(
            f"Entry {target.seq} cannot be changed that way: {what} rests on it. Change that one first."
        ) from None
    return entry
