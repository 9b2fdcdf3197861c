"""The entries of a history: their kinds, which of them count, and at what times."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.worktime.clock import moment

OPENED, NOTED, DONE, AGREED, ADVANCED = "opened", "noted", "done", "agreed", "advanced"

RESOLVED, WITHDRAWN, REOPENED, SET = "resolved", "withdrawn", "reopened", "set"

ASSIGNED, UNDONE, CORRECTED, RECOUNTED, ADOPTED, ERASED = (
    "assigned",
    "undone",
    "corrected",
    "recounted",
    "adopted",
    "erased",
)

KINDS = (
    OPENED, NOTED, DONE, AGREED, ADVANCED, RESOLVED, WITHDRAWN, REOPENED, ASSIGNED, SET, RECOUNTED, ADOPTED, UNDONE, CORRECTED, ERASED,
)  # fmt: skip


class Entry(NamedTuple):
    """One thing that happened in a case: when it happened (`at`), when it was written down, and by whom.

    `data` is what the history keeps for good, but for the subject in it. That, `words`, which is free text, and `identities`,
    which says who somebody is, are kept apart so that they can be erased. `withheld` names what was written of them and is not
    here: not asked for, or erased.
    """

    case: str
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    by: str
    data: Mapping[str, Any] = {}
    words: Mapping[str, str] = {}
    identities: Mapping[str, str] = {}
    withheld: tuple[str, ...] = ()

    def said(self, name: str) -> str | None:
        """The words or the identity of that name, where it is here."""
        return self.words.get(name) or self.identities.get(name)


def effective(history: Sequence[Entry]) -> list[Entry]:
    """The entries that count, at the times that count."""
    if not any(entry.kind in (UNDONE, CORRECTED) for entry in history):  # as in most: all do, at their own
        return list(history)
    undone, times = taken_back(history), _times(history)
    counting = [entry for entry in history if entry.seq not in undone]
    return [entry._replace(at=times[entry.seq]) if entry.seq in times else entry for entry in counting]


def _times(history: Sequence[Entry]) -> dict[int, datetime]:
    """The times that corrections gave to entries."""
    undone = taken_back(history)
    corrections = [entry for entry in history if entry.kind == CORRECTED and entry.seq not in undone]
    return {entry.data["corrects"]: moment(entry.data["to"]) for entry in corrections}


def taken_back(history: Iterable[Entry]) -> frozenset[int]:
    """The entries that later ones took back."""
    return frozenset(entry.data["undoes"] for entry in history if entry.kind == UNDONE)
