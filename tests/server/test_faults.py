"""Whatever a server refuses, or does not do: the command says it in one plain sentence, ends with 1, and nothing is written."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from escalate.storage.interface import SCHEMA_VERSION
from tests.command_line import Ran
from tests.server.cluster import Cluster
from tests.server.county import rows
from tests.server.office import NHS, Office

pytestmark = pytest.mark.server

NOTHING = "Nothing was written."
SHORT = 2
"""How long the server is waited for where somebody else holds it, in seconds."""
INTERRUPTED = 130


@pytest.fixture(scope="module")
def office(cluster: Cluster) -> Iterator[Office]:
    with cluster.database() as database:
        yield Office(database)


@pytest.fixture(scope="module")
def ref(office: Office) -> str:
    return office.open("nora")


def sentence(ran: Ran) -> str:
    """The one sentence that a command ended with."""
    assert ran.status == 1, ran
    assert ran.stdout == "", ran
    assert ran.stderr.count("\n") == 1, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "report" not in ran.stderr, ran.stderr
    return ran.stderr.rstrip("\n")


def do(office: Office, *statements: str) -> None:
    """Have the administrator carry out statements; {} is the database."""
    for each in statements:
        rows(office.administrator, each.format(office.database.name))


@contextmanager
def changed(office: Office, change: list[str], back: list[str]) -> Iterator[None]:
    """Something is otherwise on the server, and as it was afterwards."""
    try:
        do(office, *change)
        yield
    finally:
        do(office, *back)


@contextmanager
def lock_held(office: Office) -> Iterator[None]:
    """Another session writes all the while."""
    other = office.database.connect("carl")
    rows(other, "BEGIN")
    rows(other, "SELECT escalate.begin_writing()")
    try:
        yield
    finally:
        other.close()


SCHEMA = "UPDATE escalate.kept SET value = '{}' WHERE name = '{}'"
FAULTS: dict[str, tuple[list[str], list[str], list[str]]] = {
    # what is wrong: how it is made so, how it is put right, and what the sentence says
    "a login that belongs to nobody": (
        ["DELETE FROM escalate.membership WHERE login = 'nora'"],
        ["INSERT INTO escalate.membership VALUES ('nora', 'nhs trust')"],
        ["the login belongs to no agency", "escalate server member add", NOTHING],
    ),
    "a login whose rights were taken away": (
        ["REVOKE escalate_member FROM nora"],
        ["GRANT escalate_member TO nora"],
        ["permission denied", "escalate server member add"],
    ),
    "a login that may not record": (
        ["REVOKE EXECUTE ON FUNCTION escalate.record(jsonb) FROM escalate_member"],
        ["GRANT EXECUTE ON FUNCTION escalate.record(jsonb) TO escalate_member"],
        ["permission denied for function record", "escalate server member add", NOTHING],
    ),
    "a login that may not log in": (
        ["ALTER ROLE nora NOLOGIN"],
        ["ALTER ROLE nora LOGIN"],
        ["not permitted to log in", "ask its administrator"],
    ),
    "too many connections": (
        ["ALTER ROLE nora CONNECTION LIMIT 0"],
        ["ALTER ROLE nora CONNECTION LIMIT -1"],
        ["as many connections as it takes", "try again in a minute"],
    ),
    "a database that takes no connections": (
        ["ALTER DATABASE {} CONNECTION LIMIT 0"],
        ["ALTER DATABASE {} CONNECTION LIMIT -1"],
        ["as many connections as it takes", "try again in a minute"],
    ),
    "a later schema": (
        [SCHEMA.format(SCHEMA_VERSION + 1, "schema")],
        [SCHEMA.format(SCHEMA_VERSION, "schema")],
        ["by a later version of escalate", "update escalate"],
    ),
    "an earlier schema": (
        [SCHEMA.format(SCHEMA_VERSION - 1, "schema")],
        [SCHEMA.format(SCHEMA_VERSION, "schema")],
        ["of an earlier version of escalate", "escalate server init"],
    ),
    "other rules": (
        ["UPDATE escalate.kept SET value = '0' WHERE name = 'rules'"],
        [
            "UPDATE escalate.kept SET value = (SELECT value FROM escalate.kept WHERE name = 'rules before') WHERE name = 'rules'"
        ],
        ["by other rules than those of this escalate", "business unit"],
    ),
    "a copy that is only read": (
        ["ALTER DATABASE {} SET default_transaction_read_only = on"],
        ["ALTER DATABASE {} RESET default_transaction_read_only"],
        ["a copy that can only be read", "name the one that is written to", NOTHING],
    ),
    "a schema that is not there": (
        ["ALTER SCHEMA escalate RENAME TO elsewhere"],
        ["ALTER SCHEMA elsewhere RENAME TO escalate"],
        ["Nobody has made a place for cases", "escalate server init"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_said_in_one_sentence_and_nothing_is_written(office: Office, ref: str, name: str) -> None:
    change, back, says = FAULTS[name]
    do(
        office,
        "INSERT INTO escalate.kept SELECT 'rules before', value FROM escalate.kept WHERE name = 'rules' ON CONFLICT DO NOTHING",
    )
    before = office.entries()
    with changed(office, change, back):
        said = sentence(office.command("nora", "note", ref, name))
    assert [each for each in says if each not in said] == [], said
    assert office.entries() == before
    assert office.command("nora", "note", ref, name).status == 0
    assert office.entries() == before + 1


def test_a_server_that_is_not_there_is_said_with_how_to_start_it(office: Office, ref: str) -> None:
    said = sentence(office.command("nora", "note", ref, "nobody there", folder=office.database.folder / "none"))
    assert "There is no server at" in said
    assert "systemctl start postgresql" in said


def test_whoever_waits_too_long_for_another_is_told(office: Office, ref: str) -> None:
    before = office.entries()
    with lock_held(office):
        said = sentence(office.command("nora", "note", ref, "in vain", wait=SHORT))
    assert f"in use by somebody else for {SHORT} seconds" in said
    assert NOTHING in said
    assert office.entries() == before


def waiting(office: Office) -> list[int]:
    """The sessions of commands that wait for a lock."""
    found = "SELECT pid FROM pg_stat_activity WHERE application_name = 'escalate' AND datname = current_database() AND wait_event_type = 'Lock'"
    return [pid for (pid,) in rows(office.administrator, found)]


def until(is_so: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ("pg_cancel_backend", ["was told to stop this", "try again", NOTHING]),
        ("pg_terminate_backend", ["was lost", "may be recorded or not"]),  # all of it was at the server already
    ],
)
def test_an_administrator_ends_what_a_command_does(office: Office, ref: str, ends: str, says: list[str]) -> None:
    before = office.entries()
    with lock_held(office), office.begun("nora", "note", ref, "ended", wait=4) as command:
        until(lambda: waiting(office))
        rows(office.administrator, f"SELECT {ends}(%s)", waiting(office)[0])
        out, err = command.communicate(timeout=30)
    said = sentence(Ran(command.returncode, out.decode(), err.decode()))
    assert [each for each in says if each not in said] == [], said
    assert office.entries() == before


def test_a_membership_that_ends_while_a_command_waits_lets_it_write_nothing(office: Office, ref: str) -> None:
    before = office.entries()
    with (
        changed(office, [], ["INSERT INTO escalate.membership VALUES ('nora', 'nhs trust') ON CONFLICT DO NOTHING"]),
        office.begun("nora", "note", ref, "no longer", wait=20) as command,
    ):
        with lock_held(office):
            until(lambda: waiting(office))
            do(office, "DELETE FROM escalate.membership WHERE login = 'nora'")
        out, err = command.communicate(timeout=30)
    said = sentence(Ran(command.returncode, out.decode(), err.decode()))
    assert "belongs to no agency" in said, said
    assert office.entries() == before


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, INTERRUPTED), (signal.SIGTERM, -signal.SIGTERM)])
def test_whoever_is_stopped_while_waiting_ends_at_once_and_leaves_no_session(
    office: Office, ref: str, number: signal.Signals, status: int
) -> None:
    before = office.entries()
    with lock_held(office), office.begun("nora", "note", ref, "stopped", wait=60) as command:
        until(lambda: waiting(office))
        began = time.monotonic()
        command.send_signal(number)
        out, err = command.communicate(timeout=30)
        assert time.monotonic() - began < 2
        assert (command.returncode, out, err) == (status, b"", b"")
        until(lambda: office.sessions() == 0, 5)
    assert office.entries() == before


UNKEPT: dict[str, tuple[tuple[str | bytes, ...], dict[str, str]]] = {
    "half a character as bytes": (("note", "1", b"caf\xc3"), {}),
    "a surrogate as bytes": (("note", "1", b"\xed\xa0\x80"), {}),
    "half a character in the name": (("note", "1", "said"), {"ESCALATE_BY": "caf\udcc3"}),
    "half a character in a search": (("search", b"caf\xc3"), {}),
}


@pytest.mark.parametrize("name", UNKEPT)
def test_what_is_no_text_is_not_written(office: Office, ref: str, name: str) -> None:
    words, variables = UNKEPT[name]
    before = office.entries()
    ran = office.command("nora", *words, variables=variables)
    assert ran.status in (1, 2), ran
    assert ran.stderr.count("\n") == 1, ran.stderr
    assert "report" not in ran.stderr, ran.stderr
    assert office.entries() == before


@pytest.mark.parametrize("words", [("note", "1", "said"), ("open", "herefordshire", "--subject", "M-9", "--from", NHS)])
def test_a_nul_is_not_written(office: Office, ref: str, words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('by = "no\\u0000ra"')
    before = office.entries()
    said = sentence(
        office.command("nora", *words, variables={"ESCALATE_BY": "", "ESCALATE_CONFIG": str(tmp_path / "config.toml")})
    )
    assert "no text" in said
    assert NOTHING in said
    assert office.entries() == before
