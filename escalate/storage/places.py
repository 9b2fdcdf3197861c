"""Where the cases are: in a file, or on a server."""

from pathlib import Path
from typing import NamedTuple

from escalate.storage.files.paths import path_from

SERVERS = ("postgresql", "postgres")
"""What the address of a server begins with, before a colon and two slashes."""

WAIT = 30
"""How long a server is waited for where nobody sets it, in seconds."""


WAY_BACK = "ask its administrator to restore a dump"
"""What to do where the cases on a server are damaged."""


class FilePlace(NamedTuple):
    """The cases are in a file."""

    path: Path
    """The file, by its absolute path."""

    @property
    def way_back(self) -> str:
        """What to do where it is damaged."""
        return "restore a backup with escalate restore"

    def __str__(self) -> str:
        return str(self.path)


class ServerPlace(NamedTuple):
    """The cases are on a server."""

    uri: str
    """Its address, as PostgreSQL's own programs take it; there is never a password in it, so that it can be shown."""
    wait: int = WAIT
    """How long it is waited for, in seconds: to connect, for an answer, for a lock."""

    @property
    def way_back(self) -> str:
        """What to do where it is damaged."""
        return WAY_BACK

    def __str__(self) -> str:
        return self.uri


Place = FilePlace | ServerPlace


def read_place(said: str) -> Place:
    """The place that somebody means by a path or an address. Raises BadPlace, and Refused for a path that cannot be one."""
    if ":" in said or "=" in said:
        head = said.strip().partition(":")[0].lower()
        if head in SERVERS or "://" in said or "=" in head:
            # A file costs nothing but these few looks.
            from escalate.storage.server_address import is_address, read_address

            if is_address(said):
                return ServerPlace(read_address(said).uri)
    return FilePlace(path_from(said))
