"""A case opened from a row of a log, as later rows of that log are matched with it."""

from datetime import datetime
from typing import NamedTuple


class Imported(NamedTuple):
    """A case that was opened from a row of a log, with what the row said by which it is known again."""

    case: str
    """The reference of the case."""
    digest: str
    """A digest of the whole row."""
    subject: str | None
    """The reference of the person, if the row has one."""
    raised_at: datetime
    """When the case was raised (UTC)."""
    reference: str | None = None
    """The reference of the row, if it has one."""
    raising_agency: str | None = None
    """The agency that raised it, as the row named it."""
    receiving_agency: str | None = None
    """The agency it was raised with, as the row named it."""
    recorded_at: datetime | None = None
    """When the case was opened here (UTC)."""

    identities: frozenset[str] = frozenset()
    """The names of what the row said of who the person is."""
    changed_since: bool = False
    """Changes of its row were recorded since then."""

    @property
    def run(self) -> str | None:
        """Which import opened it; None of one by a version that did not say."""
        return self.digest.rpartition(SALTED)[0] or None


class Run(NamedTuple):
    """One time that a log was imported."""

    name: str
    """What it left in what it recorded."""
    at: datetime
    """When it was (UTC)."""
    opened: tuple[str, ...]
    """The cases it opened."""
    changes: tuple[tuple[str, int], ...]
    """The entries it recorded of rows whose cases were there, by case and number."""


SALTED = ":"
"""Stands in a digest after its salt, which is drawn for each import; those of earlier versions have none."""

FROM_LOG = "from_log"
"""What an entry has in its data that was recorded because a row of a log had changed, or to undo an import: which import it was."""
