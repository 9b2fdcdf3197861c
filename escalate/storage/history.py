"""The history of every case: entries are added at the end, and read a few cases at a time."""

import json
import re
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from escalate.domain.case.entries import ERASED, UNDONE, Entry
from escalate.domain.case.replay import Misfit
from escalate.domain.importing.imported import Imported
from escalate.domain.worktime.clock import read_instant, written
from escalate.errors import LONGEST_NAME, Ambiguous, UnknownName
from escalate.storage import chain
from escalate.storage.chain import ENTRY_COLUMNS
from escalate.storage.entries import commitment, entry_of, set_apart
from escalate.storage.rows import IDENTITY, SUBJECT, TEXT, THESE, as_json, these
from escalate.storage.sqlite.opening import LAST_REFERENCE, OpenFile

AT_ONCE = 100
"""How many cases one query reads: a query for each takes longer than reading it, and all at once take too much room."""

_ADD_ENTRY = f"INSERT INTO entry ({ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_ADD_WORDS = "INSERT INTO words (entry_id, case_ref, kind, field, salt, content) VALUES (?, ?, ?, ?, ?, ?)"
_NEXT_ID = "SELECT coalesce(max(id), 0) + 1 FROM entry"
_IDS = "SELECT seq, id FROM entry WHERE case_ref = ?"
_ENTRIES = f"SELECT {ENTRY_COLUMNS} FROM entry WHERE case_ref IN {THESE} ORDER BY case_ref, seq"
_WORDS = f"SELECT entry_id, kind, field, content FROM words WHERE case_ref IN {THESE} ORDER BY entry_id, field"
_ERASE_WORDS = f"DELETE FROM words WHERE case_ref IN {THESE}"

_REFS = "SELECT DISTINCT case_ref FROM entry ORDER BY case_ref"
_REFS_IN_ORDER = "SELECT ref FROM cases ORDER BY number"
_REFS_KNOWN_BY = "SELECT case_ref FROM entry WHERE recorded_at <= ? GROUP BY case_ref ORDER BY min(id)"
_REF_NUMBERED = "SELECT ref FROM cases WHERE number = ?"
_REFS_ENDING = "SELECT ref FROM cases WHERE ref LIKE ? ESCAPE '\\' ORDER BY number"
_NEWEST_REFS = "SELECT ref FROM cases ORDER BY number DESC LIMIT 12"
_LAST_NUMBER = (
    "SELECT max(coalesce((SELECT max(number) FROM cases), 0),"
    " coalesce((SELECT CAST(value AS INTEGER) FROM kept WHERE name = ?), 0))"
)
_PROTOCOLS_KNOWN_BY = (
    "SELECT DISTINCT c.protocol FROM cases c JOIN entry e ON e.case_ref = c.ref WHERE e.recorded_at <= ?"
)
_CHANGED_BETWEEN = (
    "SELECT case_ref, min(recorded_at) FROM entry WHERE case_ref IN"
    " (SELECT case_ref FROM entry WHERE recorded_at > ? AND recorded_at <= ?) GROUP BY case_ref ORDER BY case_ref"
)
_IMPORTED = (
    "SELECT e.case_ref, e.at, e.data, w.content AS subject FROM entry e"
    " LEFT JOIN words w ON w.entry_id = e.id AND w.kind = 'subject' WHERE e.seq = 1 AND e.data LIKE '%\"imported\":{%'"
)
_LAST_ENTRIES_OF_KIND = "SELECT case_ref, max(seq) AS seq FROM entry WHERE kind = ? GROUP BY case_ref"
_TAKEN_BACK = "SELECT case_ref, data FROM entry WHERE kind = ?"
_SIZE = "SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM entry), (SELECT max(recorded_at) FROM entry)"


class Size(NamedTuple):
    """How much a file holds."""

    cases: int
    """How many cases."""
    entries: int
    """How many entries they have."""
    recorded_at: datetime | None
    """When the last entry was recorded (UTC)."""


class History:
    """The entries of every case in a file. What adds or erases does so inside `writing`."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file

    # -- references

    @property
    def last_number(self) -> int:
        """The number of the last case there was. None is ever removed; a restored file knows how far the one before it had come."""
        number: int = self._file.row(_LAST_NUMBER, [LAST_REFERENCE])[0]
        return number

    def next_refs(self, cases: int) -> list[str]:
        """The references that the next so many cases get, as in `E0007`. None is ever used twice."""
        last = self.last_number
        return [f"E{number:04d}" for number in range(last + 1, last + cases + 1)]

    def find(self, text: str) -> str:
        """The case a person means by its reference, its number, or a unique ending. Raises UnknownName, Ambiguous."""
        wanted = text.strip().upper() if len(text) < LONGEST_NAME else ""
        refs = self._refs_numbered(wanted) or self._refs_ending(wanted)
        if len(refs) > 1:
            raise Ambiguous(text, refs)
        if refs:
            return refs[0]
        raise UnknownName("case", text, reversed(self._first_column(_NEWEST_REFS)))

    def _refs_numbered(self, wanted: str) -> list[str]:
        number = re.fullmatch(r"E?0*([0-9]{1,15})", wanted)
        return self._first_column(_REF_NUMBERED, int(number[1])) if number else []

    def _refs_ending(self, wanted: str) -> list[str]:
        pattern = "%" + re.sub(r"([%_\\])", r"\\\1", wanted)
        return self._first_column(_REFS_ENDING, pattern) if wanted else []

    def refs(self) -> list[str]:
        """The references of all cases that have entries, in alphabetical order."""
        return self._first_column(_REFS)

    def refs_known(self, known_at: datetime | None = None) -> list[str]:
        """The references of all cases, or of those recorded by an instant, the oldest first."""
        return (
            self._first_column(_REFS_IN_ORDER)
            if known_at is None
            else self._first_column(_REFS_KNOWN_BY, written(known_at))
        )

    def refs_changed(self, since: datetime, until: datetime) -> list[tuple[str, datetime]]:
        """The cases that had entries recorded after one instant and up to another, and when each was first recorded."""
        found = self._file.rows(_CHANGED_BETWEEN, [written(since), written(until)])
        return [(ref, read_instant(first)) for ref, first in found]

    def protocols(self, known_at: datetime | None = None) -> list[str]:
        """The protocols that cases are under, or that cases recorded by an instant were."""
        return self._first_column(_PROTOCOLS_KNOWN_BY, written(known_at) if known_at else "~")

    # -- reading

    def entries(self, ref: str, *, identify: bool) -> list[Entry]:
        """All entries of a case; names only with `identify`. Raises NotOurFile."""
        return next(self.of_each([ref], identify=identify))

    def of_each(self, refs: Iterable[str], *, identify: bool = False) -> Iterator[list[Entry]]:
        """The entries of each case, in the order of the references; they are read several cases at a time. Raises NotOurFile."""
        for several in batches(refs):
            words = self._words(several, (TEXT, SUBJECT, IDENTITY) if identify else (TEXT, SUBJECT))
            found: dict[str, list[sqlite3.Row]] = {}
            for row in self._file.rows(_ENTRIES, these(several)):
                found.setdefault(row["case_ref"], []).append(row)
            for ref in several:
                with self._file.undamaged(f"the history of {ref}", (Misfit,)):
                    entries = [entry_of(row, words.get(row["id"], {})) for row in found.pop(ref, [])]
                    if [entry.seq for entry in entries] != list(range(1, len(entries) + 1)):
                        raise ValueError("entries are missing")
                yield entries

    def _words(self, refs: Sequence[str], kinds: Sequence[str]) -> dict[int, dict[str, dict[str, str]]]:
        """The words of these kinds in cases: by the id of the entry, by kind, by field."""
        said: dict[int, dict[str, dict[str, str]]] = {}
        for row in self._file.rows(_WORDS, these(refs)):
            if row["kind"] in kinds:
                said.setdefault(row["entry_id"], {}).setdefault(row["kind"], {})[row["field"]] = row["content"]
        return said

    def erasures(self) -> list[Entry]:
        """The last entry about an erasure in every case in which words were erased."""
        rows = self._file.rows(_LAST_ENTRIES_OF_KIND, [ERASED])
        return [self.entries(row["case_ref"], identify=False)[row["seq"] - 1] for row in rows]

    def taken_back(self) -> set[tuple[str, int]]:
        """The entries that were undone, by case and number."""
        return {(row["case_ref"], json.loads(row["data"])["undoes"]) for row in self._file.rows(_TAKEN_BACK, [UNDONE])}

    def imported(self) -> dict[tuple[str | None, str], Imported]:
        """The cases opened from rows of a log, by the log and the reference there, or the digest of a row without one."""
        found = {}
        with self._file.undamaged("what was imported", (Misfit,)):
            for row in self._file.connection.execute(_IMPORTED):  # one by one: what a long log said takes much room
                imported = json.loads(row["data"]).get("imported")
                if imported:
                    found[imported["log"], imported["reference"] or imported["digest"]] = Imported(
                        row["case_ref"], imported["digest"], row["subject"], read_instant(row["at"])
                    )
        return found

    @property
    def size(self) -> Size:
        """How many cases and entries there are, and when the last was recorded."""
        cases, entries, last = self._file.row(_SIZE)
        return Size(cases, entries, read_instant(last) if last else None)

    # -- adding and erasing

    def add(self, entries: Sequence[tuple[str, Entry]]) -> range:
        """Add entries at the end, each to the case with a reference, with their words and links. Returns their ids."""
        first = self._file.row(_NEXT_ID)[0]
        ids = range(first, first + len(entries))
        rows: list[tuple[object, ...]] = []
        words: list[tuple[object, ...]] = []
        for entry_id, (ref, entry) in zip(ids, entries, strict=True):
            data, apart = set_apart(entry.data)
            commitments: dict[str, str] = {}
            for kind, said in ((TEXT, entry.words), (IDENTITY, entry.identities), (SUBJECT, apart)):
                for field, content in said.items():
                    salt = secrets.token_hex(16)
                    commitments[field] = commitment(salt, content)
                    words.append((entry_id, ref, kind, field, salt, content))
            rows.append((
                entry_id, ref, entry.seq, entry.kind, written(entry.at), written(entry.recorded_at), entry.by,
                as_json(data), as_json(commitments),
            ))  # fmt: skip
        self._file.connection.executemany(_ADD_ENTRY, rows)
        self._file.connection.executemany(_ADD_WORDS, words)
        chain.seal_entries(self._file.connection, rows)
        return ids

    def ids(self, ref: str) -> dict[int, int]:
        """The ids of a case's entries, by their numbers in it."""
        return dict(self._file.connection.execute(_IDS, [ref]).fetchall())

    def erase_words(self, refs: Iterable[str]) -> None:
        """Remove all that was said in words in cases."""
        self._file.connection.execute(_ERASE_WORDS, these(refs))

    def _first_column(self, query: str, *values: object) -> list[str]:
        return [row[0] for row in self._file.rows(query, values)]


def as_known(entries: Sequence[Entry], at: datetime) -> list[Entry]:
    """The beginning of a history, as far as it had been recorded by an instant.

    What stands before an entry of that time was there, whatever it says itself: the clock may have run ahead when it was recorded.
    """
    return list(entries[: max((n for n, entry in enumerate(entries, 1) if entry.recorded_at <= at), default=0)])


def batches(refs: Iterable[str]) -> Iterator[list[str]]:
    """The same references, as many at a time as one query reads."""
    left = iter(refs)
    while several := list(islice(left, AT_ONCE)):
        yield several
