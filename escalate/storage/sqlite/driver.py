"""The one place that opens a file of SQLite, whoever asks for it: a plain one with what Python brings, an encrypted one with its key."""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # no cycle, but a plain file needs nothing of it
    from escalate.storage.encryption.keys import FileKey, Keys

from escalate.storage.files.paths import uri_of
from escalate.storage.sqlite.distrust import set_bounds

READ_AND_WRITE = "mode=rw"
UNTOUCHED = "mode=ro&immutable=1"
"""Nothing changes in the file or beside it, and no lock on it is looked at."""


class _Run:
    """What this run of a command opens encrypted files with."""

    keys: "Callable[[], Keys] | None" = None
    key_file: "Callable[[], Path | None] | None" = None


def unlock_with(keys: "Callable[[], Keys]", key_file: "Callable[[], Path | None]") -> None:
    """Have encrypted files opened with these keys from now on, and new files begun with the key in a file, where one is set.

    The keys are only asked for where there is such a file.
    """
    _Run.keys, _Run.key_file = keys, key_file


def new_key() -> "FileKey | None":
    """What a new file begins with; None for a plain one. Raises Refused for a key file that cannot be read."""
    if _Run.key_file is None or _Run.key_file() is None:
        return None
    return keys().new()


def connect(path: Path, *, timeout: float = 0, mode: str = READ_AND_WRITE, may_ask: bool = True) -> sqlite3.Connection:
    """Open a file that is there, and wait so many seconds for its lock each time. Rows have names.

    Raises `database_errors()`, and of an encrypted file NoKey and Refused; its key is asked for with `may_ask` only.
    """
    key = key_of(path, may_ask=may_ask)
    if key:
        from escalate.storage.sqlite import sqlcipher

        return sqlcipher.connect(path, key, timeout, mode)
    connection = sqlite3.connect(f"{uri_of(path.absolute())}?{mode}", uri=True, isolation_level=None, timeout=timeout)
    connection.row_factory = sqlite3.Row
    set_bounds(connection)
    return connection


def key_of(path: Path, *, may_ask: bool = True) -> "FileKey | None":
    """What opens a file; None for a plain one. Raises NoKey, and Refused for a key file that cannot be read."""
    if in_use := _key_in_use(path):
        return in_use
    header = header_of(path)
    return keys().of(header, path, may_ask=may_ask) if header else None


def header_of(path: Path) -> bytes | None:
    """The bytes that an encrypted file of ours begins with; None for any other. Raises OSError."""
    if in_use := _key_in_use(path):
        return in_use.header
    if not path.is_file() or not _may_be_encrypted(path):
        return None
    from escalate.storage.encryption.secret import HEADER, MARK

    with path.open("rb") as file:
        header = file.read(HEADER)
    return header if header.startswith(MARK) and len(header) == HEADER else None


def _key_in_use(path: Path) -> "FileKey | None":
    loaded = sys.modules.get("escalate.storage.sqlite.sqlcipher")
    return loaded.key_in_use(path) if loaded and path.is_file() else None


def keys() -> "Keys":
    """The keys of this run."""
    if _Run.keys:
        return _Run.keys()
    from escalate.storage.encryption.keys import Keys

    return Keys(lambda: None, None)


def _may_be_encrypted(path: Path) -> bool:
    """Whether there is a file which is not as plain ones begin.

    SQLite looks, rather than we: where a program closes a file that it has open twice, the system takes all its locks on it away.
    """
    try:
        with closing(sqlite3.connect(f"{uri_of(path.absolute())}?{UNTOUCHED}", uri=True)) as connection:
            connection.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as problem:
        return code_of(problem) == sqlite3.SQLITE_NOTADB
    return False


def database_errors(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What the drivers raise, and more, for `except`. Where there is a connection, its own `OperationalError` and the like are narrower."""
    loaded = sys.modules.get("sqlcipher3.dbapi2")
    return (sqlite3.DatabaseError, *((loaded.DatabaseError,) if loaded else ()), *more)


def code_of(problem: Exception) -> int:
    """SQLite's code of an error, without what only tells kinds of it apart; that of any error where it has none."""
    return int(getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
