"""The full-text index: every word, theme, agency and reference that was recorded, and where each stands."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.search_results import MARK, Passage
from escalate.storage.entries import indexed
from escalate.storage.rows import IDENTITY, TEXT, THESE, these
from escalate.storage.sqlite.opening import OpenFile

_COLUMNS = "content, case_ref, seq, field, kind"
_ADD = f"INSERT INTO search_index ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)"
_ALL = f"SELECT {_COLUMNS} FROM search_index"
_CASES_WITH = f"SELECT case_ref FROM search_index WHERE search_index MATCH :phrase AND kind IN {THESE}"
_PASSAGES = (
    f"SELECT s.case_ref, s.seq, s.field, e.kind, snippet(search_index, 0, '{MARK}', '{MARK}', '…', 24) AS text"
    " FROM search_index s JOIN entry e ON e.case_ref = s.case_ref AND e.seq = s.seq"
    f" WHERE search_index MATCH :phrase AND s.kind IN {THESE} ORDER BY s.case_ref, s.seq, s.field"
)
_CLEAR = "DELETE FROM search_index"
_REMOVE = f"DELETE FROM search_index WHERE case_ref IN {THESE}"
_REBUILD = "INSERT INTO search_index (search_index) VALUES ('rebuild')"
_CHECK = "INSERT INTO search_index (search_index) VALUES ('integrity-check')"


class SearchIndex:
    """The full-text index of one file. What changes it does so inside `writing`."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file

    def find(
        self, phrases: Sequence[str], taken_back: Callable[[], set[tuple[str, int]]], *, identify: bool
    ) -> dict[str, list[Passage]]:
        """The passages in every case in which each phrase stands somewhere, in names only with `identify`, by case.

        The last word of a phrase may be the beginning of one. `taken_back` gives the entries that were undone.
        """
        kinds = these([TEXT, IDENTITY] if identify else [TEXT])
        wanted = ['"{}"*'.format(phrase.replace('"', '""')) for phrase in phrases]
        having = [
            {row["case_ref"] for row in self._file.rows(_CASES_WITH, {"phrase": each, **kinds})} for each in wanted
        ]
        refs, undone = set.intersection(*having), taken_back()
        found: dict[str, list[Passage]] = {}
        for row in self._file.rows(_PASSAGES, {"phrase": " OR ".join(wanted), **kinds}):
            ref, seq = row["case_ref"], row["seq"]
            if ref in refs:
                passage = Passage(seq, row["kind"], row["field"], row["text"], (ref, seq) in undone)
                found.setdefault(ref, []).append(passage)
        return found

    def add(self, entries: Iterable[tuple[str, Entry]]) -> None:
        """Add all that was said in entries, each of the case with a reference."""
        self._file.connection.executemany(_ADD, [row for ref, entry in entries for row in indexed(ref, entry)])

    def clear(self) -> None:
        """Remove everything."""
        self._file.connection.execute(_CLEAR)

    def remove(self, refs: Iterable[str]) -> None:
        """Remove what was said in cases. Until `rebuild` it stays in the index itself, where nobody finds it."""
        self._file.connection.execute(_REMOVE, these(refs))

    def rebuild(self) -> None:
        """Rebuild the index from the stored words, without what was removed or is damaged."""
        self._file.connection.execute(_REBUILD)

    def check(self) -> None:
        """Have SQLite compare the index with the stored words. Inside `writing`, in a dry run. Raises sqlite3.DatabaseError."""
        self._file.connection.execute(_CHECK)

    def sums(self) -> Counter[str]:
        """A sum over the rows of each case, by which to compare them with what the entries say (`sum_of`)."""
        found: Counter[str] = Counter()
        for row in self._file.connection.execute(_ALL):
            found[row["case_ref"]] += hash(tuple(row))
        return found


def sum_of(ref: str, entries: Iterable[Entry]) -> int:
    """The sum over what the index should have of a case."""
    return sum(hash(row) for entry in entries for row in indexed(ref, entry))
