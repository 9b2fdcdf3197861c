"""SQLCipher: the driver of encrypted files, which Python does not bring. It makes plain files into encrypted ones, and the other way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from escalate.on_demand import optional_library
from escalate.storage.encryption.keys import FileKey
from escalate.storage.sqlite.distrust import set_bounds

LIBRARY = "sqlcipher3.dbapi2"

_QUIET = "PRAGMA cipher_log_level = NONE"  # it would write what it thinks of a wrong key to standard error
_FORMAT = "PRAGMA cipher_compatibility = 4"  # whatever a later version of it makes files with


def connect(uri: str, key: FileKey | None, timeout: float) -> sqlite3.Connection:
    """Open a file with its key; without one, a plain file. Raises the errors of the driver, and Refused where that is not installed."""
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
    with closing(connect(f"{part.absolute().as_uri()}?mode=rw", key, 0)) as connection:
        connection.execute("VACUUM")


def copy(source: Path, key: FileKey | None, part: Path, new: FileKey | None) -> None:
    """Write all that a file holds into an empty one, with another key or without one. Raises the errors of the driver."""
    from urllib.parse import quote  # no list needs it

    with closing(connect(":memory:", None, 0)) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(
            "ATTACH ? AS source KEY ?", (f"{source.absolute().as_uri()}?mode=ro", key.for_sqlcipher if key else "")
        )
        with_key = f"?key={quote(new.for_sqlcipher)}" if new else ""
        connection.execute("VACUUM source INTO ?", (f"{part.absolute().as_uri()}{with_key}",))


@contextmanager
def kept_from_writers(path: Path, key: FileKey | None, timeout: float) -> Iterator[sqlite3.Connection]:
    """Keep others from writing a file, through the driver that copies it: two in one process would take the lock from each other."""
    with closing(connect(f"{path.absolute().as_uri()}?mode=rw", key, timeout)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def version() -> str:
    """The version of SQLCipher. Raises Refused where it is not installed."""
    with closing(connect(":memory:", None, 0)) as connection:
        return str(connection.execute("PRAGMA cipher_version").fetchone()[0])


def _library() -> ModuleType:
    return optional_library(LIBRARY, "encrypted", "An encrypted file")
