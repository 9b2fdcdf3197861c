"""What is looked for in a file: damage, and everything that is not as it was recorded."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from escalate.errors import EscalateError
from escalate.storage import chain
from escalate.storage.entries import commitment, indexed
from escalate.storage.rows import IDENTITY, SUBJECT, TEXT

if TYPE_CHECKING:
    from escalate.storage.store import Store

_OF_A_PERSON = {"name", "born", "address", "email"}
"""The words of an entry that say who somebody is."""


TRIGGERS = {
    "entry_is_never_changed",
    "entry_is_never_removed",
    "entry_comes_next",
    "entry_comes_next_in_its_case",
    "words_are_never_changed",
    *(
        f"{table}_{what}"
        for table in ("link", "edition", "calendar_version")
        for what in ("is_never_changed", "is_never_removed", "comes_next")
    ),
}
"""Without these, any program could change the history and nothing would say so at once. Kept equal to the schema's by a test."""


class Checks:
    """The checks of one file. Each gives a sentence for every fault it finds, and changes nothing."""

    def __init__(self, connection: sqlite3.Connection, store: "Store") -> None:
        self._db = connection
        self._store = store

    def file(self) -> list[str]:
        """Whether SQLite can read all of it, and every row has those it refers to."""
        with self._reading():
            found = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check")]
            lost = Counter((row[0], row[2]) for row in self._db.execute("PRAGMA foreign_key_check"))
            there = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        faults = [f"SQLite says: {said}" for said in found if said != "ok"]
        faults += [f"the trigger {name} is gone, which keeps the history as it is" for name in sorted(TRIGGERS - there)]
        return faults + [f"{n} of {table} belong to a {other} that is not there" for (table, other), n in lost.items()]

    def history(self) -> tuple[str, list[str]]:
        """The head of the chain, and what is not as it was recorded."""
        with self._reading():
            faults = list(chain.broken(self._db))
            faults += [
                f"{row[0]} is in the list of cases, and has no history"
                for row in self._db.execute("SELECT ref FROM cases WHERE ref NOT IN (SELECT case_ref FROM entry)")
            ]
            return chain.head(self._db), faults

    def known_head(self, known: tuple[int, str]) -> str | None:
        """What is wrong where this file is not one that had a head that was written down; None where it is."""
        held = chain.holds(self._db, known)
        if held:
            return None
        if held is None:
            return f"the file ends before link {known[0]}: what was recorded last is gone, or it is an older copy"
        return f"link {known[0]} is not what was written down: something recorded by then was changed since"

    def said(self, ref: str) -> list[str]:
        """Whether the words of a case are those it was recorded with."""
        with self._reading():
            return [f"{ref}: {fault}" for fault in self._words(ref)]

    def derived(self, ref: str) -> list[str]:
        """Whether the derived tables have what the history of a case comes to."""
        with self._reading():
            return [f"{ref}: {fault}" for fault in self._derived(ref)]

    def index(self) -> list[str]:
        """Whether the full-text index has what the cases say, and nothing else."""
        with self._reading():
            held: Counter[str] = Counter()
            for row in self._db.execute("SELECT content, case_ref, seq, field, kind FROM search_index"):
                held[row["case_ref"]] += hash(tuple(row))
            for ref in self._store.refs():
                held[ref] -= sum(hash(each) for entry in self._store.entries(ref) for each in indexed(ref, entry))
            faults = [f"{ref}: the full-text index does not have what was said" for ref, left in held.items() if left]
        with self._store.writing(dry_run=True):
            try:
                self._db.execute("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
            except sqlite3.DatabaseError as problem:
                faults.append(f"the full-text index is damaged ({problem})")
        return faults

    def _words(self, ref: str) -> Iterator[str]:
        """What does not fit the commitments of the entries; words may be gone where a later entry says that they were erased."""
        entries = self._db.execute(
            "SELECT id, seq, kind, commitments FROM entry WHERE case_ref = ? ORDER BY seq", [ref]
        ).fetchall()
        erased = max((row["seq"] for row in entries if row["kind"] == "erased"), default=0)
        ids = {row["id"] for row in entries}
        for row in self._db.execute("SELECT DISTINCT entry_id FROM words WHERE case_ref = ?", [ref]):
            if row["entry_id"] not in ids:
                yield f"words of entry {row['entry_id']}, which is of another case"
        for row in entries:
            said = {
                each["field"]: each
                for each in self._db.execute(
                    "SELECT field, kind, case_ref, salt, content FROM words WHERE entry_id = ?", [row["id"]]
                )
            }
            stated = _object(row["commitments"])
            for field in said.keys() - stated.keys():
                yield f"entry {row['seq']} has a {field} that was not recorded with it"
            for field, commits in stated.items():
                if field in said and not _fits(said[field], field, ref, commits):
                    yield f"the {field} of entry {row['seq']} is not what was recorded"
                if field in said and row["seq"] < erased:
                    yield f"the {field} of entry {row['seq']} is there again, after it was erased"
                if field not in said and row["seq"] >= erased:
                    yield f"the {field} of entry {row['seq']} is gone, and no entry says that it was erased"

    def _derived(self, ref: str) -> Iterator[str]:
        try:
            tables = self._store.derived_rows(self._store.case(ref))
        except EscalateError as problem:
            yield f"what its history comes to cannot be worked out: {problem.sentence}"
            return
        for table, columns, rows in tables:
            key = "ref" if table == "cases" else "case_ref"
            kept = self._db.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {key} = ?", [ref])
            if Counter(map(tuple, kept)) != Counter(rows):
                yield f"the table {table} does not have what its history comes to"

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Nobody else writes meanwhile, so that what is compared belongs together."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def _fits(row: sqlite3.Row, field: str, ref: str, commits: object) -> bool:
    kind = SUBJECT if field == SUBJECT else IDENTITY if field in _OF_A_PERSON else TEXT
    return row["kind"] == kind and row["case_ref"] == ref and commitment(row["salt"], row["content"]) == commits


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:  # that the entry was changed, the chain says
        return {}
    return found if isinstance(found, dict) else {}
