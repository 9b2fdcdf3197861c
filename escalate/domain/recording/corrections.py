"""Taking back an entry, or giving it another time. Both add an entry: what was recorded stays."""

from datetime import datetime

from escalate.domain.case.entries import (
    ADVANCED,
    AGREED,
    CANNOT_BE_UNDONE,
    CORRECTED,
    DONE,
    ERASED,
    NOTED,
    OPENED,
    RECOUNTED,
    REOPENED,
    RESOLVED,
    UNDONE,
    VOIDED,
    WITHDRAWN,
    Entry,
    effective,
)
from escalate.domain.case.model import Case
from escalate.domain.case.occasion import AT_ANY_STAGE, Occasion
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.recording.request import Recording, as_text, check_not_void, next_entry
from escalate.domain.worktime.clock import read_instant, spoken, written
from escalate.errors import Refused


def undo(file: CaseFile, recording: Recording, seq: int | None = None, reason: str | None = None) -> Entry:
    """Takes back the last entry that still counts, or the one named if nothing rests on it. Raises Refused."""
    case = file.case
    target = _entry_to_change(case, seq, CANNOT_BE_UNDONE)
    if target.kind == OPENED:
        nothing_left = "Nothing in {0} is left to undo: its" if seq is None else "The"
        raise Refused(
            f"{nothing_left.format(case.ref)} opening stays. If it was a mistake, escalate void {case.ref} takes the case back;"
            f" if it is not pursued, escalate withdraw {case.ref} closes it."
        )
    if target.kind not in (VOIDED, NOTED):
        check_not_void(case, target.kind)
    data = {"undoes": target.seq, "undone_kind": target.kind}
    return _checked(file, target, next_entry(case, UNDONE, recording, data, as_text(reason)))


def correct(
    file: CaseFile, recording: Recording, to: datetime, seq: int | None = None, reason: str | None = None
) -> Entry:
    """Gives the last entry, or the one named, another time, if what was recorded after it still fits. Raises Refused."""
    case = file.case
    check_not_void(case, CORRECTED)
    target = _entry_to_change(case, seq, (UNDONE, CORRECTED, RECOUNTED, ERASED))
    if to > target.recorded_at:
        raise Refused(
            f"Entry {target.seq} was recorded {spoken(target.recorded_at)}, and says what had happened by then."
        )
    if to > recording.now:  # the clock was wrong when it was recorded
        raise Refused(f"{spoken(to)} is in the future: an entry says what had happened.")
    if target.kind == OPENED and target.data["concern_at"] and to < case.concern_at:
        way_out = (
            f"escalate set {case.ref} concern=WHEN corrects that first"
            if case.raised_at <= recording.now
            else f"take the case back with escalate void {case.ref}, and open it again"
        )
        raise Refused(f"{case.ref} cannot be raised before its concern ({spoken(case.concern_at)}): {way_out}.")
    data = {"corrects": target.seq, "corrected_kind": target.kind, "from": written(target.at), "to": written(to)}
    return _checked(file, target, next_entry(case, CORRECTED, recording, data, as_text(reason)))


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


def _checked(file: CaseFile, target: Entry, entry: Entry) -> Entry:
    """An entry that changes another, if the history still holds together, and in order, with it. Raises Refused.

    What earlier versions recorded out of order stays as it was; only what the change would put out of order is refused, and
    what would leave something done that nothing called for.
    """
    case = file.case
    try:
        after = replay((*case.history, entry))
    except Misfit as misfit:
        rests = misfit.entry
    else:
        disturbed = after.out_of_order - case.out_of_order
        if not disturbed:
            disturbed = _without_their_call(file, after, target, entry)
        if not disturbed:
            return entry
        rests = next(each for each in effective(after.history) if each.seq == min(disturbed))
    if rests.seq == target.seq:
        raise Refused(f"Entry {target.seq} cannot have that time: {_why_too_early(case, target)}.")
    what = f"entry {rests.seq} ({rests.kind} {spoken(rests.at)})"
    raise Refused(
        f"Entry {target.seq} cannot be changed that way: {what} rests on it. Change that one first,"
        f" with escalate undo {case.ref} --entry {rests.seq}, or with --at WHEN as well."
    )


def _without_their_call(file: CaseFile, after: Case, target: Entry, entry: Entry) -> frozenset[int]:
    """The entries of what was done that would lose the call it met: the one that the target began, or any at all (C15).

    What was done and written down before the target stood without it.
    """
    done = {each.entry for each in after.done}
    met = {each.met_entry for each in file.deadlines if each.called_entry == target.seq}
    rest_on_target = {each for each in met if each and each > target.seq}
    if entry.kind == UNDONE and target.kind != DONE:
        return frozenset(done & rest_on_target)
    alone = {each.met_entry for each in file.deadlines if each.called_entry == each.met_entry}
    found = deadlines(file.protocol, after, file.calendar)
    return frozenset(done & {each.met_entry for each in found if each.called_entry == each.met_entry} - alone)


def _why_too_early(case: Case, target: Entry) -> str:
    """The earliest time that an entry can have, and how to correct the entry that says so."""
    if target.kind == AGREED:
        return f"the date that was agreed, {spoken(read_instant(target.data['until']))}, has to lie after it"
    earliest, entry = _follows(case, target)
    said = f"nothing before {spoken(earliest)} is possible (entry {entry}, {case.history[entry - 1].kind})"
    return f"{said}; if that is wrong, escalate undo {case.ref} --entry {entry} --at WHEN corrects it"


def _follows(case: Case, target: Entry) -> tuple[datetime, int]:
    """The time that an entry cannot come before, and the number of the entry that says it."""
    before = replay(each for each in effective(case.history) if each.seq < target.seq)
    if target.kind in (ADVANCED, RESOLVED, WITHDRAWN):
        return before.in_order_from
    if target.kind == REOPENED:
        return before.closings[-1].at, before.closings[-1].entry
    occasion = Occasion.numbered(target.data["visit"]) if target.kind == DONE else AT_ANY_STAGE
    if occasion.stay:
        stay = before.stays[occasion.stay - 1]
        return stay.entered_at, stay.entry
    if occasion.resolution and before.resolved_at and before.resolved_entry:
        return before.resolved_at, before.resolved_entry
    return before.raised_at, 1
