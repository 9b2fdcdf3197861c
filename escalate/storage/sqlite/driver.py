"""The one place that opens a file of SQLite, whoever asks for it."""

import sqlite3
from pathlib import Path

from escalate.storage.sqlite.distrust import set_bounds

READ_AND_WRITE = "mode=rw"
UNTOUCHED = "mode=ro&immutable=1"
"""Nothing changes in the file or beside it, and no lock on it is looked at."""


def connect(path: Path, *, timeout: float = 0, mode: str = READ_AND_WRITE) -> sqlite3.Connection:
    """Open a file that is there, and wait so many seconds for its lock each time. Rows have names. Raises `database_errors()`."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None, timeout=timeout)
    connection.row_factory = sqlite3.Row
    set_bounds(connection)
    return connection


def database_errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What the drivers raise, and more, for `except`. Where there is a connection, its own `OperationalError` and the like are narrower."""
    return (sqlite3.DatabaseError, *more)


def code_of(problem: Exception) -> int:
    """SQLite's code of an error, without what only tells kinds of it apart; that of any error where it has none."""
    return int(getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
