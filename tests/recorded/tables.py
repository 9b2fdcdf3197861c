"""What stands in a database: the shape of its tables, and every row of each."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

SHADOWS = ("search_index_",)
"""Tables that SQLite makes for itself beside a full-text index: how it packs them is its own business, the index itself is read."""

MASKED = {("_sqlite_migrations", "applied_at"): "the moment by the real clock, which sqlite-utils writes there"}
"""Columns that differ from run to run, with why; what is random elsewhere is made repeatable instead (`playing.REPEATABLE`)."""


def tables(path: Path) -> str:
    """All of it as lines of text: what made each table, index and trigger, then a line of JSON for each row."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return "".join(f"{line}\n" for line in _lines(connection))


def _lines(connection: sqlite3.Connection) -> Iterator[str]:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    yield f"user_version {version}"
    made = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    yield from (f"{kind} {name}: {' '.join((sql or 'made by SQLite').split())}" for kind, name, sql in made)
    for kind, name, _ in made:
        if kind in {"table", "view"} and not name.startswith((*SHADOWS, "sqlite_")):
            yield from _rows(connection, name)


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    """In the order of the primary key; of what has none, as they come."""
    described = connection.execute(f"PRAGMA table_info({table})").fetchall()
    keys = [name for _, name, _, _, _, key in described if key]
    order = f" ORDER BY {', '.join(keys)}" if keys else ""
    found = connection.execute(f"SELECT * FROM {table}{order}")
    columns = [column[0] for column in found.description]
    for row in found:
        said = {
            column: "(masked)" if (table, column) in MASKED else value
            for column, value in zip(columns, row, strict=True)
        }
        yield f"{table} {json.dumps(said, ensure_ascii=False, default=repr)}"
