"""The connection under a store: what a test does to a file past everything that guards it, or sees SQLite do."""

import sqlite3
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from escalate.storage.encryption.keys import Keys
from escalate.storage.encryption.secret import HEADER, MARK
from escalate.storage.lists import Lists
from escalate.storage.sqlite import sqlcipher
from escalate.storage.sqlite.database import OpenFile
from escalate.storage.store import Store
from tests import sealed


def connection_of(opened: Store | Lists) -> sqlite3.Connection:
    """The connection that a store, or lists, ask their questions through."""
    assert isinstance(opened.database, OpenFile)
    return opened.database.connection


def connect(path: Path, mode: str = "rwc", **more: Any) -> sqlite3.Connection:
    """A connection to a file past everything that guards it, as `sqlite3.connect` makes one; to an encrypted file with the key of tests.

    Its errors are its own: `connection.IntegrityError`.
    """
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    begins = path.read_bytes()[:HEADER] if sealed.key_file and path.exists() else b""
    if not begins.startswith(MARK):
        plain: sqlite3.Connection = sqlite3.connect(uri, uri=True, **more)
        return plain
    key = Keys(lambda: sealed.key_file, None).of(begins, path)
    connection = sqlcipher.connect(path, key, more.get("timeout", 5), f"mode={mode}")
    connection.isolation_level = more.get("isolation_level", "")
    return connection


def rows_of(connection: sqlite3.Connection) -> Any:
    """What makes rows with names of what a connection finds."""
    return import_module(type(connection).__module__).Row


def dump(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Everything in a file: what it is made of, and every row."""
    parts = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    names = [name for kind, name, _ in parts if kind == "table"]
    rows = [(name, *row) for name in names for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2")]
    return [*map(tuple, parts), *rows]


def read(path: Path) -> bytes:
    """All bytes of a file; of an encrypted one that is whole what they come to with its key as well."""
    content = path.read_bytes()
    if content.startswith(MARK):
        with closing(connect(path, "ro")) as connection, suppress(connection.DatabaseError):
            content += "\n".join(map(repr, dump(connection))).encode()
    return content
