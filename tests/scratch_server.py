"""A PostgreSQL server of its own for tests, in a folder that does not last, on a socket there and on a port of this computer."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

OWNER = "escalate_tests"
"""The superuser."""

HBA = """
local all refused reject
local all asked scram-sha-256
local all all trust
host all asked 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
"""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, of the newest version there is; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Server:
    """The server while it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _ordinary_user()

    def make(self) -> None:
        """Make its files."""
        if self._user:
            os.chown(self.folder, self._user, -1)
        self._run("initdb", "-D", str(self.data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        (self.data / "pg_hba.conf").write_text(HBA, encoding="utf-8")

    def start(self, *settings: str) -> None:
        """Start it, and wait until it answers."""
        given = (
            f"unix_socket_directories={self.folder}",
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            "fsync=off",
            "max_connections=20",
            *settings,
        )
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", self.data, *(word for each in given for word in ("-c", each))],
                stdout=log, stderr=log, user=self._user, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                self.connect().close()
            except Exception:  # noqa: BLE001 - not yet
                time.sleep(0.05)
            else:
                return
        raise AssertionError((self.folder / "log").read_text(errors="replace"))

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop it: at once, as if it was killed, unless another signal says how."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

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

    def _program(self, name: str) -> Path:
        found = programs()
        assert found
        return found / name

    def _run(self, name: str, *words: str) -> None:
        subprocess.run([self._program(name), *words], user=self._user, cwd=self.folder, check=True, capture_output=True)


def _ordinary_user() -> int | None:
    """As whom it runs, where we are root, whom it refuses."""
    if os.getuid():
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return 65534


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@contextmanager
def server(*settings: str) -> Iterator[Server]:
    """A new server, running."""
    folder = Path(tempfile.mkdtemp(prefix="esc-", dir="/tmp"))  # a socket's path has to be short
    made = Server(folder)
    try:
        made.make()
        made.start(*settings)
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)
