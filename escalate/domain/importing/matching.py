"""Which rows are cases here already, and which rows of a log are one and the same."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES
from escalate.domain.importing.headings import LogColumn, folded, goes_by
from escalate.domain.importing.imported import Imported


class Match(NamedTuple):
    """What a row is recognised by, and what has the same."""

    digest: str
    """Of all the row says but for who the person is."""
    row: int
    """The number of the first row that has the same: its own, unless a row above has it."""
    case: Imported | None
    """The case that was opened from such a row before."""

    @property
    def unchanged(self) -> bool:
        """Whether the row says what it said when its case was opened."""
        return self.case is not None and self.case.digest == self.digest


class Matching:
    """Recognises rows by the log and their reference or, where they have none, by all they say."""

    def __init__(self, known: Mapping[tuple[str | None, str], Imported], log: str | None) -> None:
        """`known` are the cases imported before, by log and reference or digest; `log` is the name of this one."""
        self._known, self._log = known, log
        self._rows: dict[str, int] = {}
        self._alike: Counter[str] = Counter()

    def match(self, number: int, reference: str | None, cells: Sequence[tuple[LogColumn, str]]) -> Match:
        """What a row is recognised by, and what has the same. Give each row once, in order."""
        digest = self._digest(cells)
        key = reference or digest
        return Match(digest, self._rows.setdefault(key, number), self._known.get((self._log, key)))

    def _digest(self, cells: Sequence[tuple[LogColumn, str]]) -> str:
        """A digest of what a row says; rows that say the same are told apart by how many came before.

        It leaves out who the person is, because it is kept for good.
        """
        said = sorted(
            f"{heading}={' '.join(text.split())}"
            for column, text in cells
            if (heading := _heading_known_by(column.heading, column.field)) is not None
        )
        digest = hashlib.sha256("\0".join(said).encode()).hexdigest()[:32]
        self._alike[digest] += 1
        return digest if self._alike[digest] == 1 else f"{digest}-{self._alike[digest]}"


_PERSONAL = {*IDENTITIES, "child", "age", "raising", "receiving"}


@cache
def _heading_known_by(heading: str, name: str | None) -> str | None:
    """The heading under which a column counts when its row is recognised; None where it says who somebody is."""
    return None if _PERSONAL & {name, goes_by(heading)} else folded(heading)
