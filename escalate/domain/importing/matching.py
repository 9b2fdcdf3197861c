"""Which rows are cases here already, and which rows of a log are one and the same."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES
from escalate.domain.importing.headings import LogColumn, folded, goes_by
from escalate.domain.importing.imported import Imported
from escalate.domain.worktime.clock import london_date

RowPlace = tuple[str | None, int]
"""Where a row stands: the name of its sheet, where several are read, and its number there."""


class Match(NamedTuple):
    """What a row is recognised by, and what has the same."""

    digest: str
    """Of all the row says but for who the person is."""
    row: RowPlace
    """The first row that has the same reference: itself, unless a row above has it."""
    elsewhere: RowPlace | None
    """Of a row without a reference, one of another sheet that says the same."""
    case: Imported | None
    """The case that was opened from such a row before."""
    unchanged: bool
    """Whether the row says what it said when its case was opened."""


class Matching:
    """Recognises rows by the log and their reference or, where they have none, by all they say."""

    def __init__(self, known: Mapping[tuple[str | None, str], Imported], log: str | None, salt: str) -> None:
        """`known` are the cases imported before, by log and reference or digest; `log` is the name of this one.

        `salt` is drawn for this import, and goes into the digests: so nobody has a list of them to find rows by.
        """
        self._known, self._log, self._salt = known, log, salt
        salts = {each.digest.rpartition(SALTED)[0] or None for each in known.values()}
        self._salts = {None, *salts} if known else set()
        self._rows: dict[str, RowPlace] = {}
        self._alike: Counter[str] = Counter()
        self._about = {
            (each.subject, london_date(each.raised_at)): each.case
            for (of_log, key), each in known.items()
            if of_log == log and key == each.digest
        }
        self._first: dict[str, RowPlace] = {}

    def about(self, subject: str | None, raised_on: date) -> str | None:
        """The case that came from a row of this log without a reference, and is about the same person and day."""
        return self._about.get((subject, raised_on)) if subject else None

    def match(self, place: RowPlace, reference: str | None, cells: Sequence[tuple[LogColumn, str]]) -> Match:
        """What a row is recognised by, and what has the same. Give each row once, in order."""
        said = _said(cells)
        self._alike[said] += 1
        again = self._alike[said]
        digest, before = _digest(said, again, self._salt), [_digest(said, again, salt) for salt in self._salts]
        key = reference or digest
        cases = (self._known.get((self._log, each)) for each in ([reference] if reference else before))
        case = next((each for each in cases if each), None)
        unchanged = case is not None and case.digest in before
        first = self._first.setdefault(said, place)
        elsewhere = first if not reference and first[0] != place[0] else None
        return Match(digest, self._rows.setdefault(key, place), elsewhere, case, unchanged)


SALTED = ":"
"""Stands in a digest after its salt; those of earlier versions have none."""


def _said(cells: Sequence[tuple[LogColumn, str]]) -> str:
    """What a row says; but for who the person is, as a digest of it is kept for good."""
    said = sorted(
        [
            f"{heading}={' '.join(text.split())}"
            for column, text in cells
            if (heading := _heading_known_by(column.heading, column.field)) is not None
        ]
    )
    return "\0".join(said)


def _digest(said: str, again: int, salt: str | None) -> str:
    """The digest of what a row says; rows that say the same are told apart by how many came before."""
    begins = f"{salt}{SALTED}" if salt else ""
    found = hashlib.sha256(f"{begins}{said}".encode()).hexdigest()[:32]
    return f"{begins}{found}" if again == 1 else f"{begins}{found}-{again}"


_PERSONAL = {*IDENTITIES, "child", "age", "raising", "receiving"}


@cache
def _heading_known_by(heading: str, name: str | None) -> str | None:
    """The heading under which a column counts when its row is recognised; None where it says who somebody is."""
    return None if _PERSONAL & {name, goes_by(heading)} else folded(heading)
