"""Which rows are cases here already, and which rows of a log are one and the same."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, cached_property
from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES
from escalate.domain.importing.headings import LogColumn, folded, goes_by
from escalate.domain.importing.imported import SALTED, Imported
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


class About(NamedTuple):
    """What a row is about, by which it is known again where it has no reference and says something else than it did."""

    subject: str | None
    """The reference of the person."""
    raising_agency: str | None
    """The agency that raised it."""
    receiving_agency: str | None
    """The agency it was raised with."""
    raised_on: date
    """The day it was raised."""

    @property
    def says_enough(self) -> bool:
        """Whether two escalations are not likely to have it in common."""
        return bool(self.subject or (self.raising_agency and self.receiving_agency))


class Matching:
    """Recognises rows: by the log and their reference or, where they have none, by all they say, or else by what they are about."""

    def __init__(self, known: Mapping[tuple[str | None, str], Imported], log: str | None, salt: str) -> None:
        """`known` are the cases imported before, by log and reference or digest; `log` is the name of this one.

        `salt` is drawn for this import, and goes into the digests: so nobody has a list of them to find rows by.
        """
        self._known, self._log, self._salt = known, log, salt
        salts = {each.digest.rpartition(SALTED)[0] or None for each in known.values()}
        self._salts = {None, *salts} if known else set()
        self._rows: dict[str, RowPlace] = {}
        self._alike: Counter[str] = Counter()
        self._of_log = [each for (of_log, _), each in known.items() if of_log == log]
        self._first: dict[str, RowPlace] = {}
        self._matched: set[str] = set()
        self._meant: dict[str, RowPlace] = {}

    @property
    def gone(self) -> list[str]:
        """The cases that came from this log and have no row any more; none where the file has no row that is known here at all."""
        return [each.case for each in self._of_log if each.case not in self._matched] if self._matched else []

    def same_day(self, subject: str | None, raised_on: date) -> str | None:
        """The case that came from a row of this log without a reference, and is about the same person and day."""
        found = self._by_person.get((subject, raised_on), [])
        return next((each.case for each in found if each.reference is None), None) if subject else None

    def without_row(self, about: About) -> str | None:
        """The case of the same person and agencies that came from a row of this log without a reference, and has none any more. Give all rows to `match` first."""
        return next(
            (
                each.case
                for each in self._by_subject.get(about.subject, ())
                if each.reference is None
                and each.case not in self._matched
                and _alike(each.raising_agency) == _alike(about.raising_agency)
                and _alike(each.receiving_agency) == _alike(about.receiving_agency)
            ),
            None,
        )

    def about(self, place: RowPlace, reference: str | None, about: About) -> Imported | RowPlace | None:
        """The case that a row is about that no row has by its reference or by all it says; or the row above that was taken for it.

        With a reference of its own a row is only ever the case of one that had none. Give all rows to `match` first.
        """
        same = [
            each
            for each in self._by_person.get((about.subject, about.raised_on), [])
            if _alike(each.raising_agency) == _alike(about.raising_agency)
            and _alike(each.receiving_agency) == _alike(about.receiving_agency)
            and not (reference and each.reference)
        ]
        if not about.says_enough:
            return None
        for each in same:
            if each.case in self._meant:
                return self._meant[each.case]
            if each.case not in self._matched and len(same) == 1:
                self._matched.add(each.case)
                self._meant[each.case] = place
                return each
        return None

    @cached_property
    def _by_subject(self) -> dict[str | None, list[Imported]]:
        found: dict[str | None, list[Imported]] = {}
        for each in self._of_log if self._matched else ():
            if each.subject:
                found.setdefault(each.subject, []).append(each)
        return found

    @cached_property
    def _by_person(self) -> dict[tuple[str | None, date], list[Imported]]:
        found: dict[tuple[str | None, date], list[Imported]] = {}
        for each in self._of_log:
            found.setdefault((each.subject, london_date(each.raised_at)), []).append(each)
        return found

    def match(self, place: RowPlace, reference: str | None, cells: Sequence[tuple[LogColumn, str]]) -> Match:
        """What a row is recognised by, and what has the same. Give each row once, in order."""
        said = _said(cells)
        self._alike[said] += 1
        again = self._alike[said]
        digest, before = _digest(said, again, self._salt), [_digest(said, again, salt) for salt in self._salts]
        key = reference or digest
        cases = (self._known.get((self._log, each)) for each in ([reference] if reference else before))
        case = next((each for each in cases if each), None)
        unchanged = case is not None and case.digest in before and not case.changed_since
        if case:
            self._matched.add(case.case)
        first = self._first.setdefault(said, place)
        elsewhere = first if not reference and first[0] != place[0] else None
        return Match(digest, self._rows.setdefault(key, place), elsewhere, case, unchanged)


def _alike(agency: str | None) -> str:
    return folded(agency or "")


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
