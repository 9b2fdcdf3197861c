"""A streaming replica: what only reads goes there where one is set, and says how old what it read is."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest

from tests import in_process
from tests.command_line import Ran
from tests.server.cluster import ADMINISTRATOR, Cluster
from tests.server.offices import COUNCIL, NHS, NORA, UNIT, Offices

pytestmark = [pytest.mark.server, pytest.mark.slow]

CURRENT = "Read from the replica, which is up to date.\n"
OPEN = f"open herefordshire --subject M-1 --from '{NHS}' --to '{COUNCIL}' --about 'Refused a referral'"
OF_OTHERS = f"open north-yorkshire --subject M-2 --from Police --to '{COUNCIL}'"


class Replica:
    """A second server that follows the first."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._cluster, self.folder = cluster, folder
        self._user = cluster.folder.owner() if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        copy: list[str | Path] = [
            cluster.programs / "pg_basebackup",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "-h",
            cluster.folder,
        ]
        subprocess.run([*copy, "-U", ADMINISTRATOR, "-D", folder / "data"], user=self._user, check=True, cwd=folder)
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        where = ["-c", f"unix_socket_directories={self.folder}", "-c", "listen_addresses="]
        with (self.folder / "log").open("ab") as log:
            begins: list[str | Path] = [self._cluster.programs / "postgres", "-D", self.folder / "data", *where]
            self._server = subprocess.Popen(begins, user=self._user, stdout=log, stderr=log, cwd=self.folder)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(psycopg2.OperationalError):
                self.ask("SELECT 1")
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text(errors="replace"))

    def stop(self) -> None:
        """Stop it."""
        if self._server:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)
            self._server = None

    def ask(self, statement: str) -> object:
        """The one value that a statement of the administrator's answers with."""
        connection = psycopg2.connect(host=str(self.folder), user=ADMINISTRATOR, dbname="postgres")
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0]  # type: ignore[index]
        finally:
            connection.close()


@contextmanager
def following(cluster: Cluster) -> Iterator[Replica]:
    """A replica of a server, running."""
    folder = Path(tempfile.mkdtemp(prefix="esc-", dir="/tmp"))
    try:
        replica = Replica(cluster, folder)
        try:
            replica.start()
            yield replica
        finally:
            replica.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def offices(cluster: Cluster, tmp_path: Path) -> Iterator[Offices]:
    with cluster.database() as database:
        made = Offices(database, tmp_path)
        made.does(NORA, OPEN)
        made.does(UNIT, OF_OTHERS)
        yield made


def caught_up(cluster: Cluster, replica: Replica) -> None:
    """Wait until a replica has all that there is."""
    with cluster.database_named("postgres") as database, database.administrator.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_lsn()")
        (lsn,) = cursor.fetchone() or ("",)
    until = time.monotonic() + 30
    while not replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{lsn}'"):
        assert time.monotonic() < until
        time.sleep(0.02)


READS = ("due", "due --overdue", "due --as-of now", "list", "list --as-of now", "show NHS-0001", "log NHS-0001", "explain NHS-0001", "search referral", "report", "board --output -", "export csv --what cases", "export json", "export ics")  # fmt: skip
WRITES_OR_CHECKS = ("note NHS-0001 x", "note NHS-0001 x --dry-run", "set NHS-0001 theme=drift", "digest --always", "verify", "form NHS-0001 appendix-1", "calendar show", "undo NHS-0001", "doctor")  # fmt: skip


def test_what_reads_goes_to_the_replica_and_what_writes_never(cluster: Cluster, offices: Offices) -> None:
    with following(cluster) as replica:

        def run(login: str, line: str, **more: str) -> Ran:
            place = str(offices.place(login)).replace(str(cluster.folder), str(replica.folder))
            return offices.run(login, line, **{"ESCALATE_REPLICA": place} | more)

        caught_up(cluster, replica)
        for line in READS:
            by_server, by_replica = offices.run(NORA, line), run(NORA, line)
            assert (by_replica.status, by_replica.stdout) == (0, by_server.stdout), line
            assert by_replica.stderr == CURRENT + by_server.stderr, line

        # what is only in one of the two tells which of them was read
        offices.does(NORA, "note NHS-0001 Before")
        caught_up(cluster, replica)
        assert replica.ask("SELECT pg_wal_replay_pause()") is not None
        for line in WRITES_OR_CHECKS:
            ran = run(NORA, line)
            assert (ran.status, "replica" in ran.stderr) == (0, False), (line, ran)
        offices.does(UNIT, f"{OPEN} --again")
        behind = run(NORA, "list --json")
        assert [each["case"] for each in json.loads(behind.stdout)] == ["NHS-0001"]
        assert behind.stderr.startswith("Read from the replica as it was ")
        assert behind.stderr.endswith(": what was recorded since is not in it.\n")
        assert [each["case"] for each in offices.answer(NORA, "list")] == ["NHS-0002", "NHS-0001"]
        replica.ask("SELECT pg_wal_replay_resume()")
        caught_up(cluster, replica)
        assert len(json.loads(run(NORA, "list --json").stdout)) == 2

        # row security is the server's own
        assert "There is no case" in run(NORA, "show E0001").stderr
        assert len(json.loads(run(UNIT, "list --json").stdout)) == 3

        # whoever names another database does not mean the replica of this one
        by_flag = run(NORA, f"--db {shlex.quote(str(offices.place(NORA)))} list")
        assert by_flag.stderr == ""
        findings = json.loads(run(NORA, "doctor --json").stdout)["findings"]
        assert [each["state"] for each in findings if each["about"] == "Replica"] == ["well"]

        # what was erased, and not wiped yet, is left to the server
        offices.database.administrator.cursor().execute("INSERT INTO escalate.kept (name, value) VALUES ('to wipe', '1')")  # fmt: skip
        caught_up(cluster, replica)
        assert run(UNIT, "list").stderr == CURRENT
        assert run(UNIT, "show NHS-0001").stderr == CURRENT

        replica.stop()
        away = run(NORA, "list")
        assert (away.status, away.stdout) == (0, offices.does(NORA, "list"))
        assert away.stderr.startswith("Read from the server itself, as the replica cannot be: There is no server at ")
        assert away.stderr.count("\n") == 1


def test_a_server_of_its_own_is_no_replica(offices: Offices) -> None:
    ran = offices.run(NORA, "list", ESCALATE_REPLICA=str(offices.place(NORA)))
    assert (ran.status, ran.stdout) == (0, offices.does(NORA, "list"))
    assert ran.stderr == f"Read from the server itself, as the replica cannot be: {offices.place(NORA)} is a server of its own, not a replica.\n"  # fmt: skip
    said = offices.run(NORA, "list", ESCALATE_REPLICA="replica.db")
    assert (said.status, said.stdout) == (2, "")
    assert said.stderr == "ESCALATE_REPLICA: replica is the address of a server, such as postgresql:///?service=NAME.\n"


def test_a_file_has_no_replica(tmp_path: Path) -> None:
    around = {
        "HOME": str(tmp_path),
        "ESCALATE_DB": "cases.db",
        "ESCALATE_REPLICA": "postgresql:///nowhere?host=/nowhere",
    }
    opened = in_process.escalate(*shlex.split(OPEN), environment=around, folder=tmp_path)
    assert opened.status == 0
    assert "replica" not in in_process.escalate("list", environment=around, folder=tmp_path).stderr
