"""A PostgreSQL server for tests of how it is connected to: on a port of this computer beside its socket, and with logins that need a password."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.server import cluster
from tests.server.cluster import ADMINISTRATOR as OWNER
from tests.server.cluster import binaries as programs

__all__ = ["OWNER", "Server", "programs", "server"]

HBA = """
local all refused reject
local all asked scram-sha-256
local all all trust
host all asked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


class Server(cluster.Server):
    """The server while it runs."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.port = _free_port()
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "fsync": "off", "max_connections": 20}
        super().__init__(folder, programs, **settings)

    def make(self) -> None:
        """Make its files."""
        super().make()
        (self.data / "pg_hba.conf").write_text(HBA, encoding="utf-8")

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it: at once, as if it was killed, unless another signal says how."""
        super().stop(how)

    def uri(self, user: str = OWNER, database: str = "postgres", more: str = "") -> str:
        """The address of a database on its socket."""
        return f"postgresql:///{database}?host={self.folder}&port={self.port}&user={user}{more}"

    def uri_by_port(self, user: str = OWNER, database: str = "postgres", more: str = "") -> str:
        """The address of a database on its port."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}{more}"

    def connect(self, user: str = OWNER, database: str = "postgres") -> Any:
        """A connection of the driver."""
        import psycopg2

        connection = psycopg2.connect(self.uri(user, database))
        connection.autocommit = True
        return connection

    def run(self, *statements: str, user: str = OWNER, database: str = "postgres") -> None:
        """Run statements, each by itself."""
        connection = self.connect(user, database)
        try:
            for statement in statements:
                connection.cursor().execute(statement)
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def server() -> Iterator[Server]:
    """A new server, running."""
    found = programs()
    assert found
    with cluster.scratch_folder() as folder:
        made = Server(folder, found)
        try:
            made.make()
            made.start()
            yield made
        finally:
            made.stop()
