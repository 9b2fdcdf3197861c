"""SQLCipher: the driver of encrypted files, which Python does not bring. It makes plain files into encrypted ones, and the other way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from escalate.on_demand import optional_library
from escalate.storage.encryption.keys import FileKey
from escalate.storage.files.paths import uri_of
from escalate.storage.sqlite.distrust import set_bounds

LIBRARY = "sqlcipher3.dbapi2"

_QUIET = "PRAGMA cipher_log_level = NONE"  # it would write what it thinks of a wrong key to standard error
_FORMAT = "PRAGMA cipher_compatibility = 4"  # whatever a later version of it makes files with

_in_use: list[tuple[tuple[int, int], sqlite3.Connection, FileKey]] = []
"""Every encrypted file that this run has open: its device and number there, the connection, and the key."""


def connect(path: Path, key: FileKey, timeout: float, mode: str = "mode=rw") -> sqlite3.Connection:
    """Open an encrypted file. Raises the errors of the driver, OSError, and Refused where that is not installed."""
    connection = _connect(_uri(path, mode), key, timeout)
    _in_use.append((_number_of(path), connection, key))
    return connection


def key_in_use(path: Path) -> FileKey | None:
    """The key of an encrypted file that this run has open; None of any other. Raises OSError.

    The first bytes of such a file are not to be read again: where a program closes a file that it has open twice, the system takes
    all its locks on it away, and others would write between its writes.
    """
    _in_use[:] = [each for each in _in_use if _is_open(each[1])]
    number = _number_of(path) if _in_use else None
    return next((key for each, __, key in _in_use if each == number), None)


def _uri(path: Path, mode: str = "mode=rw") -> str:
    return f"{uri_of(path.absolute())}?{mode}"


def _number_of(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        _ = connection.total_changes  # one that is closed answers nothing
    except connection.ProgrammingError:
        return False
    return True


def _connect(uri: str, key: FileKey | None, timeout: float) -> sqlite3.Connection:
    """With no key, a plain file."""
    library = _library()
    connection: Any = library.connect(uri, uri=True, isolation_level=None, timeout=timeout)
    connection.row_factory = library.Row
    connection.execute(_QUIET)
    if key:
        connection.execute(f'PRAGMA key = "{key.for_sqlcipher}"')
        connection.execute(_FORMAT)
        set_bounds(connection)
    made: sqlite3.Connection = connection
    return made


def begin(part: Path, key: FileKey) -> None:
    """Make an empty file an encrypted one in which nothing is yet. Raises the errors of the driver."""
    with closing(connect(part, key, 0)) as connection:
        connection.execute("VACUUM")


def copy(source: Path, key: FileKey | None, part: Path, new: FileKey | None) -> None:
    """Write all that a file holds into an empty one, with another key or without one. Raises the errors of the driver."""
    from urllib.parse import quote  # no list needs it

    with closing(_connect(":memory:", None, 0)) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("ATTACH ? AS source KEY ?", (_uri(source, "mode=ro"), key.for_sqlcipher if key else ""))
        with_key = f"?key={quote(new.for_sqlcipher)}" if new else ""
        connection.execute("VACUUM source INTO ?", (f"{uri_of(part.absolute())}{with_key}",))


@contextmanager
def kept_from_writers(path: Path, key: FileKey | None, timeout: float) -> Iterator[sqlite3.Connection]:
    """Keep others from writing a file, through the driver that copies it: two in one process would take the lock from each other."""
    with closing(connect(path, key, timeout) if key else _connect(_uri(path), None, timeout)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def version() -> str:
    """The version of SQLCipher. Raises Refused where it is not installed."""
    with closing(_connect(":memory:", None, 0)) as connection:
        return str(connection.execute("PRAGMA cipher_version").fetchone()[0])


def _library() -> ModuleType:
    return optional_library(LIBRARY, "encrypted", "An encrypted file")
