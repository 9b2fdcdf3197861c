"""Which engine keeps the cases: everything else knows a `Database` only. What belongs to a server is loaded for a server alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from escalate.storage.interface import Database
from escalate.storage.places import FilePlace, Place, ServerPlace
from escalate.storage.sqlite import driver, opening

if TYPE_CHECKING:  # no cycle, but only a move, or an encrypted file, needs these
    from escalate.storage.encryption.keys import Keys
    from escalate.storage.whole import Arrival


def connected(place: Place | Path) -> AbstractContextManager[Database]:
    """Open the database in a place: a file is made where there is none, and an older one brought up to date.

    Raises StoreError and its kinds, and Refused.
    """
    if isinstance(place, ServerPlace):
        from escalate.storage.postgresql.database import connected as connected_to  # the driver takes 25 ms to load

        return connected_to(place)
    return opening.connected(place if isinstance(place, Path) else place.path)


def leaving(place: Place) -> AbstractContextManager[Database]:
    """Open the database in a place, to read all of it; a file stays as it is. Raises StoreError and its kinds, and Refused."""
    if isinstance(place, ServerPlace):
        from escalate.storage.postgresql.arriving import leaving as leaving_server

        return leaving_server(place)
    from escalate.storage.sqlite.arriving import leaving as leaving_file

    return leaving_file(place.path)


def arriving_at(place: ServerPlace) -> "AbstractContextManager[Arrival]":
    """Open a server on which nothing was recorded yet, to take in a whole. Raises StoreError and its kinds, and Refused."""
    from escalate.storage.postgresql.arriving import arriving

    return arriving(place)


def arriving_in(place: FilePlace, part: Path) -> "AbstractContextManager[Arrival]":
    """Make a new file, as `part` until it is whole, to take in a whole. Raises StoreError and its kinds, and Refused."""
    from escalate.storage.sqlite.arriving import arriving

    return arriving(place.path, part)


def remove_left_over(folder: Path) -> str:
    """Remove what moves that were cut left in a folder; how the names of such files begin. Raises OSError."""
    from escalate.storage.sqlite.arriving import PREFIX, remove_left_over

    remove_left_over(folder)
    return PREFIX


def unlock_with(keys: "Callable[[], Keys]", key_file: Callable[[], Path | None]) -> None:
    """Have encrypted files opened with these keys from now on, and new files begun with the key in a file, where one is set."""
    driver.unlock_with(keys, key_file)


def sqlite_version() -> str:
    """The version of SQLite that reads and writes files."""
    return opening.sqlite_version()
