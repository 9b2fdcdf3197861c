"""What is looked for in a file: damage, and everything that is not as it was recorded."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from escalate.domain.case.details import IDENTITIES
from escalate.domain.case.entries import ERASED
from escalate.errors import EscalateError
from escalate.storage import chain
from escalate.storage.case_files import CaseFiles
from escalate.storage.derived import DerivedTables
from escalate.storage.entries import commitment
from escalate.storage.rows import IDENTITY, SUBJECT, TEXT
from escalate.storage.search import sum_of
from escalate.storage.sqlite.guards import GUARDS
from escalate.storage.sqlite.opening import OpenFile

_INTEGRITY = "PRAGMA integrity_check"
_LOST_ROWS = "PRAGMA foreign_key_check"
_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
_CASES_WITHOUT_HISTORY = "SELECT ref FROM cases WHERE ref NOT IN (SELECT case_ref FROM entry)"
_COMMITMENTS = "SELECT id, seq, kind, commitments FROM entry WHERE case_ref = ? ORDER BY seq"
_ENTRIES_WITH_WORDS = "SELECT DISTINCT entry_id FROM words WHERE case_ref = ?"
_WORDS_OF_ENTRY = "SELECT field, kind, case_ref, salt, content FROM words WHERE entry_id = ?"

_OF_A_PERSON = {*IDENTITIES, "email"}
"""The words of an entry that say who somebody is."""


class Checks:
    """The checks of one file. Each gives a sentence for every fault it finds, and changes nothing."""

    def __init__(self, file: OpenFile, case_files: CaseFiles, derived: DerivedTables) -> None:
        self._file = file
        self._case_files = case_files
        self._derived = derived

    def file(self) -> list[str]:
        """Whether SQLite can read all of it, and every row has those it refers to."""
        with self._file.reading():
            found = [str(row[0]) for row in self._file.rows(_INTEGRITY)]
            lost = Counter((row[0], row[2]) for row in self._file.rows(_LOST_ROWS))
            there = {row["name"] for row in self._file.rows(_TRIGGERS)}
        faults = [f"SQLite says: {said}" for said in found if said != "ok"]
        gone = sorted({guard.name for guard in GUARDS} - there)
        faults += [f"the trigger {name} is gone, which keeps the history as it is" for name in gone]
        return faults + [f"{n} of {table} belong to a {other} that is not there" for (table, other), n in lost.items()]

    def history(self) -> tuple[str, list[str]]:
        """The head of the chain, and what is not as it was recorded."""
        with self._file.reading():
            faults = list(chain.broken(self._file.connection))
            lost = [row["ref"] for row in self._file.rows(_CASES_WITHOUT_HISTORY)]
            faults += [f"{ref} is in the list of cases, and has no history" for ref in lost]
            return chain.head(self._file.connection), faults

    def known_head(self, known: tuple[int, str]) -> str | None:
        """What is wrong where this file never had a head that was written down; None where it did."""
        held = chain.holds(self._file.connection, known)
        if held:
            return None
        if held is None:
            return f"the file ends before link {known[0]}: what was recorded last is gone, or it is an older copy"
        return f"link {known[0]} is not what was written down: something recorded by then was changed since"

    def said(self, ref: str) -> list[str]:
        """Whether the words of a case are those it was recorded with."""
        with self._file.reading():
            return [f"{ref}: {fault}" for fault in self._word_faults(ref)]

    def derived(self, ref: str) -> list[str]:
        """Whether the derived tables have what the history of a case comes to."""
        with self._file.reading():
            return [f"{ref}: {fault}" for fault in self._derived_faults(ref)]

    def index(self) -> list[str]:
        """Whether the full-text index has what the cases say, and nothing else."""
        history, index = self._case_files.history, self._derived.index
        with self._file.reading():
            held = index.sums()
            for ref in history.refs():
                held[ref] -= sum_of(ref, history.entries(ref, identify=True))
            faults = [f"{ref}: the full-text index does not have what was said" for ref, left in held.items() if left]
        with self._file.writing(dry_run=True):
            try:
                index.check()
            except sqlite3.DatabaseError as problem:
                faults.append(f"the full-text index is damaged ({problem})")
        return faults

    def _word_faults(self, ref: str) -> Iterator[str]:
        """What does not fit the commitments of a case's entries."""
        entries = self._file.rows(_COMMITMENTS, [ref])
        last_erasure = max((row["seq"] for row in entries if row["kind"] == ERASED), default=0)
        ids = {row["id"] for row in entries}
        for row in self._file.rows(_ENTRIES_WITH_WORDS, [ref]):
            if row["entry_id"] not in ids:
                yield f"words of entry {row['entry_id']}, which is of another case"
        for row in entries:
            said = {each["field"]: each for each in self._file.rows(_WORDS_OF_ENTRY, [row["id"]])}
            yield from _faults_of_entry(row["seq"], ref, _object(row["commitments"]), said, last_erasure)

    def _derived_faults(self, ref: str) -> Iterator[str]:
        try:
            tables = self._derived.rows_of(self._case_files.one(ref))
        except EscalateError as problem:
            yield f"what its history comes to cannot be worked out: {problem.sentence}"
            return
        for each in tables:
            if Counter(map(tuple, self._file.rows(each.find, [ref]))) != Counter(each.rows):
                yield f"the table {each.table} does not have what its history comes to"


def _faults_of_entry(
    seq: int, ref: str, commitments: Mapping[str, Any], said: Mapping[str, sqlite3.Row], last_erasure: int
) -> Iterator[str]:
    """What is wrong with the words of an entry: they may be gone only where a later entry says that they were erased."""
    for field in said.keys() - commitments.keys():
        yield f"entry {seq} has a {field} that was not recorded with it"
    for field, commits in commitments.items():
        if field in said and not _is_committed(said[field], field, ref, commits):
            yield f"the {field} of entry {seq} is not what was recorded"
        if field in said and seq < last_erasure:
            yield f"the {field} of entry {seq} is there again, after it was erased"
        if field not in said and seq >= last_erasure:
            yield f"the {field} of entry {seq} is gone, and no entry says that it was erased"


def _is_committed(row: sqlite3.Row, field: str, ref: str, commits: object) -> bool:
    """Whether words are those that their entry committed to."""
    kind = SUBJECT if field == SUBJECT else IDENTITY if field in _OF_A_PERSON else TEXT
    return row["kind"] == kind and row["case_ref"] == ref and commitment(row["salt"], row["content"]) == commits


def _object(text: str) -> dict[str, Any]:
    """The table that JSON says; an empty one where it says none, as then the chain says that the entry was changed."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
