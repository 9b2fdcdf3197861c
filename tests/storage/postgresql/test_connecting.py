"""Whatever goes wrong with a server is told in one sentence, which says what to do and claims no more than is known."""

import os
import select
import signal
import socket
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest

from escalate import errors
from escalate.storage import server_address
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql import connecting
from escalate.storage.postgresql.connecting import connect, refuse_other_schema, sentences
from tests.scratch_server import Server, programs, server

pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed here")

WAIT = 2


@pytest.fixture(scope="module")
def there() -> Iterator[Server]:
    with server() as made:
        made.run(
            "CREATE ROLE asked LOGIN PASSWORD 'right'",
            "CREATE ROLE refused LOGIN",
            "CREATE ROLE plain LOGIN",
            "CREATE ROLE once LOGIN CONNECTION LIMIT 0",
            "CREATE ROLE never NOLOGIN",
            "CREATE DATABASE closed",
            "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
            "CREATE TABLE secret (n integer)",
            "CREATE TABLE locked (n integer)",
            "INSERT INTO locked VALUES (1)",
            "GRANT ALL ON locked TO PUBLIC",
        )
        yield made


@pytest.fixture(autouse=True)
def _nothing_of_this_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / ".pgpass"))


def refused(kind: type[errors.EscalateError], act: Callable[[], object]) -> str:
    """The sentence of a refusal of this very kind."""
    with pytest.raises(errors.EscalateError) as found:
        act()
    assert type(found.value) is kind, found.value
    assert "\n" not in found.value.sentence
    assert found.value.sentence.count("  ") == 0
    return found.value.sentence


NOT_CONNECTED: list[tuple[str, Callable[[Server], str], type[errors.EscalateError], list[str]]] = [
    # what is wrong, the address, the error, what the sentence says
    ("no socket", lambda _: "postgresql:///x?host=/tmp/no-such-folder", errors.ServerAway, ["There is no server at", "systemctl start postgresql"]),
    ("no port", lambda _: "postgresql://127.0.0.1:1/x", errors.ServerAway, ["Connection refused", "systemctl start postgresql"]),
    ("unknown host", lambda _: "postgresql://no-such-host.invalid/x?sslmode=verify-full", errors.ServerAway, ["cannot be found", "check the name"]),
    ("no service", lambda _: "postgresql:///?service=none", errors.ServerAway, ['"none" not found', "~/.pg_service.conf"]),
    ("far away", lambda _: "postgresql://192.0.2.1/x", errors.Refused, ["192.0.2.1 is another computer", "sslmode=verify-full", "root.crt"]),
    ("no certificate", lambda it: it.uri_by_port(more="?sslmode=verify-full"), errors.NotLetIn, ["did not prove", "root.crt"]),
    ("no database", lambda it: it.uri(database="none"), errors.NoDatabase, ['"none" does not exist', "escalate server init 'postgresql:///none?"]),
    ("no role", lambda it: it.uri("nobody"), errors.NotLetIn, ['role "nobody" does not exist', "escalate server member add"]),
    ("no login", lambda it: it.uri("never"), errors.NotLetIn, ["not permitted to log in", "escalate server member add"]),
    ("pg_hba", lambda it: it.uri("refused"), errors.NotLetIn, ["pg_hba.conf", "ask its administrator"]),
    ("no right to connect", lambda it: it.uri("plain", "closed"), errors.NotLetIn, ["permission denied for database", "ask its administrator"]),
    ("no password", lambda it: it.uri("asked"), errors.NotLetIn, ["asks for a password", "~/.pgpass", "service file", "keyring set escalate '"]),
    ("too many", lambda it: it.uri("once"), errors.ServerAway, ["as many connections as it takes", "try again"]),
]  # fmt: skip


@pytest.mark.parametrize(("address", "kind", "words"), [row[1:] for row in NOT_CONNECTED], ids=[row[0] for row in NOT_CONNECTED])  # fmt: skip
def test_why_one_cannot_connect(
    there: Server, address: Callable[[Server], str], kind: type[errors.EscalateError], words: list[str]
) -> None:
    said = refused(kind, lambda: connect(ServerPlace(address(there), WAIT)))
    assert [word for word in words if word not in said] == [], said


def test_a_password_is_taken_from_where_it_is_kept(
    there: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ServerPlace(there.uri("asked"), WAIT)
    kept = tmp_path / ".pgpass"
    kept.touch(0o600)
    kept.write_text("*:*:*:asked:wrong-one\n", encoding="utf-8")
    said = refused(errors.NotLetIn, lambda: connect(place))
    assert "does not take that login or its password" in said
    assert "wrong-one" not in said
    kept.write_text("*:*:*:asked:right\n", encoding="utf-8")
    connect(place).close()
    kept.unlink()
    (tmp_path / ".pg_service.conf").write_text(f"[office]\nhost={there.folder}\nport={there.port}\nuser=asked\ndbname=postgres\npassword=right\n", encoding="utf-8")  # fmt: skip
    connect(ServerPlace("postgresql:///?service=office", WAIT)).close()
    keyring: Any = types.ModuleType("keyring")
    keyring.errors = types.SimpleNamespace(KeyringError=LookupError)
    keyring.get_password = lambda service, user: {("escalate", place.uri): "right"}.get((service, user))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    connection = connect(place)
    assert "right" not in connection.dsn
    connection.close()


DONE = [
    # statement, the error, what the sentence says
    ("SELECT pg_sleep(9)", errors.StoreLocked, ["took longer than 2 seconds", "server_timeout", "Nothing was written."]),
    ("UPDATE locked SET n = 2", errors.StoreLocked, ["in use by somebody else for 2 seconds", "Nothing was written."]),
    ("SELECT * FROM secret", errors.NotLetIn, ["permission denied for table secret", "escalate server member add", "lets plain in"]),
    ("SELECT * FROM escalate.kept", errors.NotSetUp, ["Nobody has made a place for cases", "escalate server init 'postgresql:"]),
    ("SELECT escalate.me()", errors.NotSetUp, ["Nobody has made a place for cases"]),
    ("SELECT pg_cancel_backend(pg_backend_pid())", errors.StoreLocked, ["told to stop", "Nothing was written."]),
    ("SELECT pg_terminate_backend(pg_backend_pid())", errors.ConnectionLost, ["was lost", "run the command again"]),
    ("SET transaction_read_only = on; CREATE TEMP TABLE x (); CREATE TABLE y ()", errors.StoreUnwritable, ["a copy that can only be read"]),
    ("SELECT 1 / 0", errors.StoreError, ["could not do this (division by zero, 22012)", "Nothing was written."]),
]  # fmt: skip
RAISED = [
    # code, the error, what the sentence says; what cannot easily be brought about is raised by a function
    ("ES001", errors.Refused, ["There is no case NHS-0007."]), ("ES999", errors.Refused, ["There is no case NHS-0007."]),
    ("53100", errors.StoreUnwritable, ["The disk of the server", "is full", "Nothing was written."]), ("57P01", errors.ConnectionLost, ["run the command again"]),
    ("57P02", errors.ConnectionLost, ["run the command again"]), ("57P03", errors.ServerAway, ["is not ready"]), ("53300", errors.ServerAway, ["as many connections"]),
    ("40P01", errors.StoreLocked, ["try again"]), ("40001", errors.StoreLocked, ["try again"]), ("XX001", errors.NotOurFile, ["are damaged"]), ("58030", errors.NotOurFile, ["are damaged"]),
    ("08006", errors.ConnectionLost, ["run the command again"]), ("23505", errors.StoreError, ["23505"]),
]  # fmt: skip
STATEMENTS = DONE + [
    (f"DO $$ BEGIN RAISE EXCEPTION 'There is no case NHS-0007.' USING ERRCODE = '{code}'; END $$", kind, words)
    for code, kind, words in RAISED
]


@pytest.mark.parametrize(("statement", "kind", "words"), STATEMENTS, ids=[*(row[0] for row in DONE), *(row[0] for row in RAISED)])  # fmt: skip
def test_why_a_statement_fails(
    there: Server, statement: str, kind: type[errors.EscalateError], words: list[str]
) -> None:
    place = ServerPlace(there.uri("plain"), WAIT)
    connection = connect(place)
    blocker = there.connect()
    blocker.cursor().execute("BEGIN; LOCK TABLE locked")

    def act() -> None:
        with sentences(place):
            connection.cursor().execute(statement)

    said = refused(kind, act)
    blocker.close()
    connection.close()
    assert [word for word in words if word not in said] == [], said
    assert kind != errors.Refused or said == "There is no case NHS-0007."


LOST: list[tuple[str, Callable[[Server, Any], None]]] = [
    ("its process is told to end", lambda there, own: _end(there, own, "SELECT pg_terminate_backend({})")),
    ("its socket is cut", lambda _, own: _cut(own)),
]


def _cut(own: Any) -> None:
    with socket.socket(fileno=os.dup(own.fileno())) as same:
        same.shutdown(socket.SHUT_RDWR)


def _end(there: Server, own: Any, statement: str) -> None:
    number = own.info.backend_pid
    there.run(statement.format(number))
    time.sleep(0.2)


@pytest.mark.parametrize("lose", [row[1] for row in LOST], ids=[row[0] for row in LOST])
@pytest.mark.parametrize("committing", [False, True])
def test_a_connection_lost_at_the_very_end_never_says_that_nothing_was_written(
    there: Server, lose: Callable[[Server, Any], None], committing: bool
) -> None:
    place = ServerPlace(there.uri("plain"), WAIT)
    connection = connect(place)
    cursor = connection.cursor()
    cursor.execute("BEGIN")
    lose(there, connection)

    def act() -> None:
        with sentences(place) as progress:
            progress.is_committing = committing
            cursor.execute("COMMIT" if committing else "SELECT 1")

    said = refused(errors.PerhapsRecorded if committing else errors.ConnectionLost, act)
    assert ("may be recorded or not" in said, "Nothing was written" in said) == (committing, False), said


def test_what_fails_at_the_very_end_and_is_answered_was_not_written(there: Server) -> None:
    there.run("CREATE TABLE IF NOT EXISTS once_only (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)")
    place = ServerPlace(there.uri(), WAIT)
    cursor = connect(place).cursor()
    cursor.execute("BEGIN; INSERT INTO once_only VALUES (1), (1)")

    def act() -> None:
        with sentences(place) as progress:
            progress.is_committing = True
            cursor.execute("COMMIT")

    assert "Nothing was written." in refused(errors.StoreError, act)


def test_a_server_that_takes_connections_and_says_nothing_is_waited_for_no_longer_than_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = ServerPlace(f"postgresql://127.0.0.1:{silent.getsockname()[1]}/x", WAIT)
        began = time.monotonic()
        said = refused(errors.ServerAway, lambda: connect(place))
    assert "did not answer within 2 seconds" in said
    assert time.monotonic() - began < WAIT + 2


def test_whoever_stops_a_command_while_it_connects_waits_no_longer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = ServerPlace(f"postgresql://127.0.0.1:{silent.getsockname()[1]}/x", 60)
        threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            connect(place)
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("committing", [False, True])
def test_a_network_that_stalls_is_waited_for_no_longer_than_set(
    there: Server, monkeypatch: pytest.MonkeyPatch, committing: bool
) -> None:
    monkeypatch.setattr(connecting, "GRACE", 0)
    with _Tunnel(there.port) as tunnel:
        place = ServerPlace(f"postgresql://plain@127.0.0.1:{tunnel.port}/postgres", WAIT)
        connection = connect(place)
        tunnel.stalls = True

        def act() -> None:
            with sentences(place) as progress:
                progress.is_committing = committing
                connection.cursor().execute("SELECT 1")

        began = time.monotonic()
        said = refused(errors.PerhapsRecorded if committing else errors.ConnectionLost, act)
        assert time.monotonic() - began < WAIT + 2
        assert ("has not answered for 2 seconds" in said) is not committing
        assert connection.closed


class _Tunnel:
    """Passes what comes to a port on to another, until it stalls: then it takes everything, and passes nothing on."""

    def __init__(self, port: int) -> None:
        import threading

        self._listener, self._to = socket.create_server(("127.0.0.1", 0)), port
        self.port = self._listener.getsockname()[1]
        self.stalls = self._ended = False
        self._thread = threading.Thread(target=self._pass_on, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended = True
        self._thread.join()
        self._listener.close()

    def _pass_on(self) -> None:
        near, _ = self._listener.accept()
        with near, socket.create_connection(("127.0.0.1", self._to)) as far:
            while not self._ended:
                for each in select.select([near, far], [], [], 0.05)[0]:
                    if not (data := each.recv(65536)):
                        return
                    if not self.stalls:
                        (far if each is near else near).sendall(data)


def test_a_mistake_of_ours_is_no_lost_connection(there: Server) -> None:
    import psycopg2

    place = ServerPlace(there.uri("plain"), WAIT)
    cursor = connect(place).cursor()
    with pytest.raises(psycopg2.ProgrammingError), sentences(place):
        cursor.execute("SELECT %s", [object()])


def test_without_the_driver_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "psycopg2"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    connecting._driver.cache_clear()
    try:
        said = refused(errors.Refused, lambda: connect(ServerPlace("postgresql:///x", WAIT)))
    finally:
        connecting._driver.cache_clear()
    assert said == "The server needs a library that is not installed: pip install 'escalate[server]' brings it."


def test_a_server_that_libpq_finds_elsewhere_has_to_prove_which_it_is_too(
    there: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a service that a directory knows, or a file where we do not look."""
    monkeypatch.setattr(connecting, "settled", lambda *_: {})
    monkeypatch.setattr(server_address, "_is_local", lambda host: host != "127.0.0.1")
    connect(ServerPlace(there.uri("plain"), WAIT)).close()
    assert "is another computer" in refused(
        errors.Refused, lambda: connect(ServerPlace(there.uri_by_port("plain"), WAIT))
    )


def test_words_of_a_server_in_another_language_are_passed_on(there: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "_BY_WORDS", ())
    said = refused(errors.NotLetIn, lambda: connect(ServerPlace(there.uri(database="none"), WAIT)))
    assert 'does not let you in (database "none" does not exist): ask its administrator.' in said


SCHEMAS: list[tuple[str | None, type[errors.EscalateError] | None, str]] = [
    (None, errors.NotSetUp, "escalate server init"), ("6", errors.OtherSchema, "escalate server init"), ("8", errors.OtherSchema, "update escalate"), ("7", None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("found", "kind", "words"), SCHEMAS, ids=[str(row[0]) for row in SCHEMAS])
def test_tables_of_another_version_are_refused(
    found: str | None, kind: type[errors.EscalateError] | None, words: str
) -> None:
    def act() -> None:
        refuse_other_schema(found, 7, ServerPlace("postgresql:///x"))

    if kind is None:
        act()
    else:
        assert words in refused(kind, act)


def test_the_connection_has_every_limit(there: Server) -> None:
    connection = connect(ServerPlace(there.uri("plain"), 30))
    cursor = connection.cursor()
    found = {}
    for name in ("statement_timeout", "lock_timeout", "application_name", "client_encoding", "TimeZone"):
        cursor.execute(f"SHOW {name}")
        found[name] = cursor.fetchone()[0]
    assert found == {"statement_timeout": "31s", "lock_timeout": "30s", "application_name": "escalate", "client_encoding": "UTF8", "TimeZone": "UTC"}  # fmt: skip
    given = connection.info.dsn_parameters
    assert {name: given[name] for name in ("connect_timeout", "tcp_user_timeout", "keepalives", "keepalives_idle", "gssencmode")} == {
        "connect_timeout": "30", "tcp_user_timeout": "30000", "keepalives": "1", "keepalives_idle": "10", "gssencmode": "disable",
    }  # fmt: skip
    connection.close()


def message(kind: bytes, said: bytes) -> bytes:
    """A message of the server's protocol."""
    return kind + (len(said) + 4).to_bytes(4, "big") + said


ENDED = message(b"E", b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0")
READY = message(b"R", bytes(4)) + message(b"K", bytes(8)) + message(b"Z", b"I")


@pytest.mark.parametrize("said", [READY + ENDED, READY, ENDED, message(b"R", bytes(4)) + ENDED, b""])
def test_of_a_connection_that_ends_as_it_is_made_only_our_sentence_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], said: bytes
) -> None:
    """With the last words of a server in the same packet as its first, libpq writes to standard error by itself."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / ".s.PGSQL.5432"))
        listening.listen()

        def answer() -> None:
            line, _ = listening.accept()
            with line:
                line.recv(1000)
                line.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(errors.StoreError) as problem:
            connect(ServerPlace(f"postgresql:///cases?host={tmp_path}&user=nora", WAIT))
    assert capfd.readouterr().err == ""
    assert "\n" not in problem.value.sentence


def test_a_password_file_that_others_can_read_is_still_warned_of(
    there: Server, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pass").write_text("*:*:*:*:right\n")
    (tmp_path / "pass").chmod(0o644)
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "pass"))
    with pytest.raises(errors.NotLetIn):
        connect(ServerPlace(there.uri("asked"), WAIT))
    assert "has group or world access" in capfd.readouterr().err
