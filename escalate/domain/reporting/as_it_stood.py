"""A case as it stood at an instant, from what had happened by then."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from escalate.domain.case import entries as kinds
from escalate.domain.case.details import is_instant
from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.verdicts import with_history_taken_over

NEVER_COUNTED = (kinds.NOTED, kinds.ASSIGNED, kinds.UNDONE, kinds.CORRECTED)
"""Kinds of entries that no figure comes from; undoing and correcting are applied before they are left out."""


def as_it_stood(file: CaseFile, until: datetime) -> CaseFile | None:
    """The case at an instant, from all that had happened by then, however late it was recorded; None if it had not been raised.

    What the case is about has no time of its own and is taken as it is recorded now. So is the first answer to a question, which
    settles what it was all along unless somebody said from when it holds (C14).
    """
    entries = _happened_by(file, until)
    if not entries or entries[0].kind != kinds.OPENED:
        return None
    stood = _replayed(file, entries)
    to_come = [each for each in file.case.closings if each.at > until]
    found = with_history_taken_over(list(stood.deadlines), stood.case, to_come)
    return stood._replace(deadlines=tuple(_still_open(each, until) for each in found if _was_there(each, until)))


def _was_there(deadline: Deadline, until: datetime) -> bool:
    """Whether something had been called for: an answer given later may call for more."""
    return deadline.called_at is None or deadline.called_at <= until


def _still_open(deadline: Deadline, until: datetime) -> Deadline:
    """A deadline as it stood before an answer that was given later ended it."""
    if deadline.ended_at is None or deadline.ended_at <= until or deadline.not_known:
        return deadline
    return deadline._replace(ended_at=None, ended_entry=None)


def spells(stood: CaseFile) -> list[tuple[datetime, datetime | None]]:
    """From when to when the case was open, each time; None while it still is."""
    found: list[tuple[datetime, datetime | None]] = [(stood.case.raised_at, None)]
    for entry in stood.case.history:
        if entry.kind in (kinds.RESOLVED, kinds.WITHDRAWN):
            found[-1] = found[-1][0], found[-1][0] if is_undated(entry) else entry.at
        elif entry.kind == kinds.REOPENED:
            found.append((entry.at, None))
    return found


def is_undated(entry: Entry) -> bool:
    """Whether an entry closes a case on a day that is not known: it counts as closed whenever one looks, and as open in no period but that in which it was raised."""
    return entry.kind in (kinds.RESOLVED, kinds.WITHDRAWN) and entry.data.get("undated", False) is True


def _replayed(file: CaseFile, entries: Sequence[Entry]) -> CaseFile:
    """The case that some of its entries come to, numbered anew; a call that one of them chose is still that call."""
    numbers = {entry.seq: number for number, entry in enumerate(entries, 1)}
    numbered = (_renumbered(entry, numbers) for entry in entries)
    return case_file(replay(numbered), file.protocol, file.calendar)


def _renumbered(entry: Entry, numbers: Mapping[int, int]) -> Entry:
    """An entry with its new number, and that of the entry that began the call it is for; of no call, where that is not there."""
    chosen = entry.data.get("call")
    data = entry.data if chosen is None else {**entry.data, "call": numbers.get(chosen)}
    return entry._replace(seq=numbers[entry.seq], data=data)


def _happened_by(file: CaseFile, until: datetime) -> list[Entry]:
    """The entries that count and had happened; of what was set later, the details without the facts."""
    found: list[Entry] = []
    out_of_order, reopened_at = file.case.out_of_order, until
    for entry in kinds.effective(file.case.history):
        if entry.kind == kinds.REOPENED:
            reopened_at = entry.at
        if entry.kind in NEVER_COUNTED or (entry.seq in out_of_order and reopened_at > until):
            continue
        if entry.kind == kinds.SET and entry.at > until:
            found.append(entry._replace(data={**entry.data, "facts": _settled_by(entry, file.case)}))
        elif (entry.at <= until or is_undated(entry)) and (entry.kind != kinds.AGREED or _had_begun(entry, found)):
            found.append(entry)
    return found


def _settled_by(entry: Entry, case: Case) -> dict[str, str]:
    """What an entry says that settles what it was all along: first answers without a date from which they hold."""
    firsts = {key: fact.said[0] for key, fact in case.facts.items()}
    return {
        key: said
        for key, said in entry.data["facts"].items()
        if key in firsts and firsts[key].entry == entry.seq and not firsts[key].is_dated and not is_instant(said)
    }


def _had_begun(agreed: Entry, before: Sequence[Entry]) -> bool:
    """Whether what a date was agreed for had begun: it may be agreed beforehand, for a stay or a resolution to come."""
    occasion = Occasion.numbered(agreed.data["visit"])
    if occasion.resolution:
        return sum(entry.kind == kinds.RESOLVED for entry in before) >= occasion.resolution
    return sum(entry.kind == kinds.ADVANCED for entry in before) >= (occasion.stay or 0) - 1
