"""The entries of a history: their kinds, which of them count, and at what times."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.worktime.clock import read_instant

OPENED = "opened"
NOTED = "noted"
DONE = "done"
AGREED = "agreed"
ADVANCED = "advanced"
RESOLVED = "resolved"
WITHDRAWN = "withdrawn"
REOPENED = "reopened"
ASSIGNED = "assigned"
SET = "set"
RECOUNTED = "recounted"
VERSIONS = "versions"  # what an entry of that kind says of calendars: which versions moved its dates
ADOPTED = "adopted"
UNDONE = "undone"
CORRECTED = "corrected"
ERASED = "erased"
VOIDED = "voided"

KINDS = (
    OPENED, NOTED, DONE, AGREED, ADVANCED, RESOLVED, WITHDRAWN, REOPENED, ASSIGNED, SET,
    RECOUNTED, ADOPTED, UNDONE, CORRECTED, ERASED, VOIDED,
)  # fmt: skip
"""Every kind of entry, as the history writes it."""

CANNOT_BE_UNDONE = (UNDONE, RECOUNTED, ERASED)
"""The kinds of entries that are never taken back."""


class Entry(NamedTuple):
    """One thing that happened in a case."""

    case: str
    """The reference of the case."""
    seq: int
    """The number of the entry in its case, from 1."""
    kind: str
    """One of `KINDS`."""
    at: datetime
    """When it happened, as an instant."""
    recorded_at: datetime
    """When it was written down, as an instant."""
    by: str
    """Who wrote it down."""
    data: Mapping[str, Any] = {}
    """What the history keeps for good; only the subject in it can be erased."""
    words: Mapping[str, str] = {}
    """Free text by its name. It is stored apart, so that it can be erased."""
    identities: Mapping[str, str] = {}
    """Who somebody is: a name, a date of birth, an address. Stored apart like free text, and read only when asked for."""
    withheld: tuple[str, ...] = ()
    """The names of words and identities that were written and are not here: not asked for, or erased."""
    clock: datetime | None = None
    """What the computer's own clock said, where `recorded_at` is of a clock that was set by hand; None where it is the computer's."""

    def said(self, name: str) -> str | None:
        """The words or the identity of that name, where it is here."""
        return self.words.get(name) or self.identities.get(name)


def effective(history: Sequence[Entry]) -> list[Entry]:
    """The entries that count, at the times that count."""
    if not any(entry.kind in (UNDONE, CORRECTED) for entry in history):  # as in most cases: all count as they are
        return list(history)
    undone, times = taken_back(history), corrected_times(history)
    return [
        entry._replace(at=times[entry.seq]) if entry.seq in times else entry
        for entry in history
        if entry.seq not in undone
    ]


class LogLine(NamedTuple):
    """An entry of a history, and what later ones said of it."""

    entry: Entry
    """The entry as it was recorded."""
    happened_at: datetime
    """When it happened, as it was corrected last."""
    taken_back: bool
    """A later entry took it back: it counts for nothing."""


def log_lines(history: Sequence[Entry]) -> list[LogLine]:
    """The entries in the order they were recorded, those taken back included."""
    undone, times = taken_back(history), corrected_times(history)
    return [LogLine(entry, times.get(entry.seq, entry.at), entry.seq in undone) for entry in history]


def taken_back(history: Iterable[Entry]) -> frozenset[int]:
    """The numbers of the entries that later ones took back."""
    return frozenset(entry.data["undoes"] for entry in history if entry.kind == UNDONE)


def corrected_times(history: Sequence[Entry]) -> dict[int, datetime]:
    """The times that corrections gave to entries, by the numbers of those entries; the last correction holds."""
    undone = taken_back(history)
    corrections = [entry for entry in history if entry.kind == CORRECTED and entry.seq not in undone]
    return {entry.data["corrects"]: read_instant(entry.data["to"]) for entry in corrections}
