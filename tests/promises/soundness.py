"""Whether a file with cases is whole: what it says, row by row, and everything that is wrong with it."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from escalate.storage.store import Store
from tests.connections import connect, connection_of

Content = dict[str, list[tuple[object, ...]]]

ITS_OWN = ("sqlite_", "_sqlite_", "search_index_")
"""Tables that SQLite, sqlite-utils and the full-text index keep for themselves."""

IN_AN_EMPTY_FILE = ("kept",)
"""What a file has from the moment it is made, a random name among it: two empty files differ in it."""

RANDOM_MADE = re.compile(r'[0-9a-f]{16,}|(?<="clock":")[^"]+|(?<="clock": ")[^"]+')
"""Salts, commitments and the like, and what the computer's clock said, which differ whenever the same thing is recorded again."""

ENDS = {"edition": -1, "calendar_version": -1}
"""The tables whose last column is what the computer's clock said."""


def content(connection: sqlite3.Connection, without: Iterable[str] = IN_AN_EMPTY_FILE) -> Content:
    """Everything a file says: the rows of every table that has some, and of the full-text index, in an order of their own."""
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    tables = [name for name in names if not name.startswith(ITS_OWN) and name not in without]
    rows = {name: sorted(map(tuple, connection.execute(f"SELECT * FROM {name}")), key=repr) for name in tables}
    return {name: found for name, found in rows.items() if found}


def content_of(path: Path, without: Iterable[str] = IN_AN_EMPTY_FILE) -> Content:
    """The same of a file that nobody is writing to. It is not brought up to date, nor changed in any other way."""
    with closing(connect(path, "ro")) as connection:
        return content(connection, without)


def alike(said: Content) -> Content:
    """What a file says, with a mark for whatever is random in it."""
    return {
        name: sorted(
            [
                tuple(
                    RANDOM_MADE.sub("#", value) if isinstance(value, str) else value for value in row[: ENDS.get(name)]
                )
                for row in rows
            ],
            key=repr,
        )
        for name, rows in said.items()
    }


def faults(file: Store) -> list[str]:
    """What is wrong with a file: nothing, if it is sound. What is derived is compared with a rebuild, which is then taken back."""
    db = connection_of(file)
    found = [f"integrity: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"]
    found += [f"foreign key: {tuple(row)}" for row in db.execute("PRAGMA foreign_key_check")]
    try:
        with file.writing(dry_run=True):
            db.execute("INSERT INTO search_index (search_index) VALUES ('integrity-check')")
    except db.DatabaseError as problem:
        found.append(f"full-text index: {problem}")
    before = file.derived.rows()
    with file.writing(dry_run=True):
        file.derived.rebuild()
        if file.derived.rows() != before:
            found.append("what is derived is not what the entries come to")
    ids = [row[0] for row in db.execute("SELECT id FROM entry ORDER BY id")]
    if ids != list(range(1, len(ids) + 1)):
        found.append(f"entries are numbered {ids}")
    seqs: dict[str, list[int]] = {}
    for ref, seq in db.execute("SELECT case_ref, seq FROM entry ORDER BY case_ref, seq"):
        seqs.setdefault(ref, []).append(seq)
    found += [f"{ref} has entries {each}" for ref, each in seqs.items() if each != list(range(1, len(each) + 1))]
    refs = [row[0] for row in db.execute("SELECT ref FROM cases ORDER BY number")]
    if refs != [f"E{number:04}" for number in range(1, len(refs) + 1)] or refs != sorted(seqs):
        found.append(f"cases {refs} with entries of {sorted(seqs)}")
    return found
