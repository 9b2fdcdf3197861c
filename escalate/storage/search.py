"""The full-text index: every word, theme, agency and reference that was recorded, and where each stands."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.search_results import Passage
from escalate.storage.entries import index_rows
from escalate.storage.interface import Database
from escalate.storage.rows import IDENTITY, TEXT


class SearchIndex:
    """The full-text index of one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self, phrases: Sequence[str], taken_back: Callable[[], set[tuple[str, int]]], *, identify: bool
    ) -> dict[str, list[Passage]]:
        """The passages in every case in which each phrase stands somewhere, in names only with `identify`, by case.

        The last word of a phrase may be the beginning of one. `taken_back` gives the entries that were undone.
        """
        kinds = [TEXT, IDENTITY] if identify else [TEXT]
        refs = set.intersection(*(self._database.cases_with(phrase, kinds) for phrase in phrases))
        undone = taken_back()
        found: dict[str, list[Passage]] = {}
        for row in self._database.passages(phrases, kinds):
            ref, seq = row["case_ref"], row["seq"]
            if ref in refs:
                passage = Passage(seq, row["kind"], row["field"], row["text"], (ref, seq) in undone)
                found.setdefault(ref, []).append(passage)
        return found

    def renew(self) -> None:
        """Make the index anew of its rows, without what was removed or is damaged. Inside `writing`."""
        self._database.renew_index()

    def faults(self) -> list[str]:
        """What the engine itself finds damaged. Inside `writing`, in a dry run."""
        return self._database.index_faults()

    def sums(self) -> Counter[str]:
        """A sum over the rows of each case, by which to compare them with what the entries say (`sum_of`)."""
        found: Counter[str] = Counter()
        for row in self._database.stream("index_rows"):
            found[row["case_ref"]] += hash(tuple(row))
        return found


def sum_of(ref: str, entries: Iterable[Entry]) -> int:
    """The sum over what the index should have of a case."""
    return sum(hash(tuple(row)) for row in index_rows(ref, entries))
