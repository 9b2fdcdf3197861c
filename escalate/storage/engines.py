"""Which engine keeps the cases: everything else knows a `Database` only."""

from contextlib import AbstractContextManager
from pathlib import Path

from escalate.storage.interface import Database
from escalate.storage.sqlite import opening


def connected(path: Path) -> AbstractContextManager[Database]:
    """Open the file with the cases, make it if there is none, and bring an older one up to date. Raises StoreError and its kinds."""
    return opening.connected(path)


def sqlite_version() -> str:
    """The version of SQLite that reads and writes files."""
    return opening.sqlite_version()
