"""A server that is killed, as by a power cut: every process of it at once, without a word; and started again on what is on the disk."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from tests.server.cluster import ADMINISTRATOR, Cluster, Database, binaries, running

SECONDS = 60


class Killable:
    """A server of its own with one database. Made by `killable`."""

    def __init__(self, cluster: Cluster, database: Database, options: list[object]) -> None:
        self.folder = cluster.folder
        self.database = database
        self._programs = cluster.programs
        self._options = options
        self._again: subprocess.Popen[bytes] | None = None

    def kill(self) -> None:
        """End every process of the server at once."""
        postmaster = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)  # so that it begins no more of them meanwhile
        for each in [*_children(postmaster), postmaster]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if self._again:
            self._again.wait(SECONDS)
            self._again = None
        with contextlib.suppress(ChildProcessError):
            os.waitpid(postmaster, 0)  # as long as there is anything left of it, the next one does not start

    def wait(self) -> None:
        """Wait until it takes connections."""
        until = time.monotonic() + SECONDS
        while not self._takes_connections():
            assert time.monotonic() < until, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def begin(self) -> None:
        """Start it again."""
        owner = (self.folder / "data").stat().st_uid
        with (self.folder / "log").open("ab") as log:
            line = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), *map(str, self._options)]
            self._again = subprocess.Popen(
                line, user=owner if os.geteuid() == 0 else None, stdout=log, stderr=log, cwd=self.folder
            )

    def restart(self) -> None:
        """Start it where it ended, or is about to; and wait until it takes connections."""
        if self._again and self._again.poll() is None:
            self.stop()
        self._again = None
        self.begin()
        self.wait()

    def stop(self) -> None:
        """Stop it, if it was started again."""
        if self._again:
            self._again.send_signal(signal.SIGINT)
            self._again.wait(SECONDS)
            self._again = None

    def _takes_connections(self) -> bool:
        try:
            psycopg2.connect(host=str(self.folder), user=ADMINISTRATOR, dbname="postgres").close()
        except psycopg2.OperationalError:
            return False
        return True


def _children(of: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parts = stat.read_text().rpartition(")")[2].split()
            if int(parts[1]) == of:
                found.append(int(stat.parent.name))
    return found


@contextlib.contextmanager
def killable() -> Iterator[Killable]:
    """A server that can be killed."""
    programs = binaries()
    assert programs is not None
    with running(programs) as cluster, cluster.database_named("template_of_tests") as database:
        settings = {"listen_addresses": "", "unix_socket_directories": cluster.folder, "max_connections": 100}
        made = Killable(
            cluster, database, [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        )
        try:
            yield made
        finally:
            made.stop()
