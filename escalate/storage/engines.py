"""Which engine keeps the cases: everything else knows a `Database` only. What belongs to a server is loaded for a server alone."""

from contextlib import AbstractContextManager
from pathlib import Path

from escalate.storage.interface import Database
from escalate.storage.places import Place, ServerPlace
from escalate.storage.sqlite import opening


def connected(place: Place | Path) -> AbstractContextManager[Database]:
    """Open the database in a place: a file is made where there is none, and an older one brought up to date.

    Raises StoreError and its kinds, and Refused.
    """
    if isinstance(place, ServerPlace):
        from escalate.storage.postgresql.database import connected as connected_to  # the driver takes 25 ms to load

        return connected_to(place)
    return opening.connected(place if isinstance(place, Path) else place.path)


def sqlite_version() -> str:
    """The version of SQLite that reads and writes files."""
    return opening.sqlite_version()
