"""A case as it stood at an instant, from what had happened by then."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from escalate.domain.case import entries as kinds
from escalate.domain.case.entries import Entry
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.deadlines.model import Deadline

NEVER_COUNTED = (kinds.NOTED, kinds.ASSIGNED, kinds.UNDONE, kinds.CORRECTED)
"""Kinds of entries that no figure comes from; undoing and correcting are applied before they are left out."""


def as_it_stood(file: CaseFile, until: datetime) -> CaseFile | None:
    """The case at an instant, from all that had happened by then, however late it was recorded; None if it had not been raised.

    What the case is about has no time of its own and is taken as it is recorded now.
    """
    entries = _happened_by(file, until)
    return _replayed(file, entries) if entries and entries[0].kind == kinds.OPENED else None


def spells(stood: CaseFile) -> list[tuple[datetime, datetime | None]]:
    """From when to when the case was open, each time; None while it still is."""
    found: list[tuple[datetime, datetime | None]] = [(stood.case.raised_at, None)]
    for entry in stood.case.history:
        if entry.kind in (kinds.RESOLVED, kinds.WITHDRAWN):
            found[-1] = found[-1][0], entry.at
        elif entry.kind == kinds.REOPENED:
            found.append((entry.at, None))
    return found


def lapsed(stood: CaseFile) -> tuple[Deadline, ...]:
    """The deadlines that had run out unmet when the case was withdrawn: withdrawing it does not make up for them."""
    if stood.case.status != "withdrawn":
        return ()
    entries = stood.case.history
    withdrawn = next(entry for entry in reversed(entries) if entry.kind == kinds.WITHDRAWN)
    before = _replayed(stood, (entry for entry in entries if entry is not withdrawn))
    return tuple(each for each in before.deadlines if each.has_passed(withdrawn.at) and not each.at_any_stage)


def _replayed(file: CaseFile, entries: Iterable[Entry]) -> CaseFile:
    """The case that some of its entries come to."""
    numbered = (entry._replace(seq=number) for number, entry in enumerate(entries, 1))
    return case_file(replay(numbered), file.protocol, file.calendar)


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
            found.append(entry._replace(data={**entry.data, "facts": {}}))
        elif entry.at <= until and (entry.kind != kinds.AGREED or _had_begun(entry, found)):
            found.append(entry)
    return found


def _had_begun(agreed: Entry, before: Sequence[Entry]) -> bool:
    """Whether what a date was agreed for had begun: it may be agreed beforehand, for a stay or a resolution to come."""
    occasion = Occasion.numbered(agreed.data["visit"])
    if occasion.resolution:
        return sum(entry.kind == kinds.RESOLVED for entry in before) >= occasion.resolution
    return sum(entry.kind == kinds.ADVANCED for entry in before) >= (occasion.stay or 0) - 1
