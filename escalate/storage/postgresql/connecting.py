"""The connection to a server, with a limit on every wait, and a sentence for whatever goes wrong. The only place that loads the driver."""

import os
import re
import select
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import Any

from escalate.errors import (
    ConnectionLost,
    EscalateError,
    NoDatabase,
    NotLetIn,
    NotOurFile,
    NotSetUp,
    OtherSchema,
    PerhapsRecorded,
    Refused,
    ServerAway,
    StoreError,
    StoreLocked,
    StoreUnwritable,
    cut,
)
from escalate.on_demand import optional_library, put_off
from escalate.storage.places import WAIT, ServerPlace
from escalate.storage.server_address import login_at, read_address, refuse_unproven, settled
from escalate.wording import as_typed

GRACE = 5
"""So many seconds longer than the server limits itself to, its answer is waited for: it should be the one to say what took so long."""

LOCK_FIRST = 1
"""So many seconds later than a lock a statement runs out, so that the sentence is the one about the lock."""

GONE = 2
"""So many seconds after a command was stopped the server sees it, and gives up what it waits for in its name."""

SILENT_SECONDS = 5
"""So long a command that holds the lock may say nothing, or as long as it waits for the server itself: all others wait for it."""

KEYRING = "escalate"
"""What the keyring keeps the password under, with the address as the user."""

NOTHING = "Nothing was written."

OUR_REFUSALS = "ES"
"""How the code of a refusal begins that a function of ours on the server raises: its message is the sentence."""


LOST = ("08", "57P", "25P03")
"""How the codes begin that say that the session has ended."""


MEANWHILE = "ES002"
"""The code with which a function of ours refuses what was decided on before somebody else wrote: "NHS-0007 was recorded in meanwhile."."""


NO_TEXT = (
    f"There is something in this that is not text, such as a NUL, which a server cannot keep: leave it out. {NOTHING}"
)


class Progress:
    """How far a piece of work on the server is, for the sentence about a connection that is lost on the way."""

    is_connecting = False
    """There is no connection yet."""

    is_committing = False
    """The server is being told to keep what was written. Set before COMMIT is sent, and taken back when it was answered."""


def connect(place: ServerPlace, database: str | None = None) -> Any:
    """A connection of the driver, each statement a transaction of its own; to another `database` of that server if one is named.

    Raises Refused where the driver is not installed, or the server would not have to prove which it is; StoreError and its kinds.
    """
    holds = settled(read_address(place.uri).given, os.environ)
    refuse_unproven(holds)
    driver = _driver()
    options: dict[str, object] = {
        "application_name": "escalate",
        "client_encoding": "UTF8",
        "connect_timeout": place.wait,
        "gssencmode": "disable",  # it would take the place of TLS, and of the proof that sslmode asks for
        "keepalives": 1,
        "keepalives_idle": max(1, place.wait // 3),
        "keepalives_interval": max(1, place.wait // 6),
        "keepalives_count": 4,
        "tcp_user_timeout": place.wait * 1000,
        **({"dbname": database} if database else {}),
    }
    with sentences(place) as progress:
        progress.is_connecting = True
        connection = _connected(driver, place, options)
        progress.is_connecting = False
        try:
            refuse_unproven(
                connection.info.dsn_parameters
            )  # as libpq settled it, be it from a file that we did not find
            connection.autocommit = True
            connection.limit = place.wait + GRACE
            with connection.cursor() as cursor:
                limits = _limits(place.wait)
                try:
                    cursor.execute(_set(limits | {"client_connection_check_interval": f"{GONE}s"}))
                except driver.errors.InvalidParameterValue:  # a server on Windows cannot look, and has set nothing
                    cursor.execute(_set(limits))
        except BaseException:
            connection.close()
            raise
    return connection


def _set(settings: Mapping[str, object]) -> str:
    """What sets all of these in a session, as one message."""
    return ";".join(f"SET {name} = '{value}'" for name, value in settings.items())


def _limits(wait: int) -> dict[str, object]:
    """What the session holds to on the server, by the names of its settings; `wait` in seconds."""
    return {
        "lock_timeout": f"{wait}s",
        "statement_timeout": f"{wait + LOCK_FIRST}s",
        "tcp_keepalives_idle": max(1, wait // 3),
        "tcp_keepalives_interval": max(1, wait // 6),
        "tcp_keepalives_count": 4,
        "tcp_user_timeout": wait * 1000,
        "timezone": "UTC",
        "jit": "off",  # making code of a plan takes seconds, for a list of fifty lines
        "enable_seqscan": "off",  # every index leads to one's own rows: what others have must not cost anybody time
    }


def allow_long(connection: Any) -> None:
    """Let what a connection is told take as long as it takes, from now on: a lock is waited for no longer than before.

    That the server is there still, TCP itself looks after.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    if hasattr(connection, "limit"):
        connection.limit = None


def _connected(driver: Any, place: ServerPlace, options: Mapping[str, object]) -> Any:
    """Connect; with the password that the keyring has, where one is asked for and libpq finds none."""
    kind = _connection_kind()
    driver.extensions.set_wait_callback(None)  # libpq holds to connect_timeout where it waits by itself
    try:
        return _stoppable(lambda: driver.connect(place.uri, connection_factory=kind, **options))
    except driver.OperationalError as problem:
        if "no password supplied" not in str(problem) or not (found := _in_keyring(place.uri)):
            raise
        return _stoppable(lambda: driver.connect(place.uri, connection_factory=kind, password=found, **options))
    finally:
        driver.extensions.set_wait_callback(_wait)


def _stoppable(connect: Callable[[], Any]) -> Any:
    """What a call answers with that libpq waits in: in a thread, so that somebody can stop the command meanwhile. Raises what it raises."""
    made: list[Any] = []
    problems: list[Exception] = []

    def work() -> None:
        try:
            made.append(connect())
        except (_driver().Error, ValueError) as problem:
            problems.append(problem)

    thread = Thread(target=work, daemon=True)
    with _quiet_libpq():
        thread.start()
        thread.join()
    if problems:
        raise problems[0]
    return made[0]


@contextmanager
def _quiet_libpq() -> Iterator[None]:
    """Keep off standard error what libpq says there of a server that ends the connection just as it is made: our own sentence says it.

    The driver can take libpq's words only once there is a connection. Its warnings are passed on, such as of a password file that others can read.
    """
    try:
        own = os.dup(STANDARD_ERROR)
    except OSError:  # it is closed
        yield
        return
    reading, writing = os.pipe()
    os.dup2(writing, STANDARD_ERROR)
    os.close(writing)
    try:
        yield
    finally:
        os.dup2(own, STANDARD_ERROR)
        os.close(own)
        with open(reading, "rb") as said:  # noqa: PTH123  # a pipe has no path
            for line in said:
                if line.startswith(b"WARNING"):
                    os.write(STANDARD_ERROR, line)


STANDARD_ERROR = 2


def _in_keyring(uri: str) -> str | None:
    """The password that the system's keyring has for an address, if there is a keyring."""
    try:
        keyring = optional_library("keyring", "keyring", "The system's keyring")
    except Refused:
        return None
    try:
        found: str | None = keyring.get_password(KEYRING, uri)
    except keyring.errors.KeyringError:
        return None
    return found


@cache
def _driver() -> Any:
    """The driver. Raises Refused where it is not installed.

    It imports Python's `ssl`, to tell libpq that somebody looks after OpenSSL's locks, which has had none of that kind since 1.1; what libpq
    connects by is its own. A third of the time that the driver takes to load is spent there.
    """
    put_off(("ssl",))
    optional_library("psycopg2.extensions", "server", "The server")
    return optional_library("psycopg2", "server", "The server")


@cache
def _connection_kind() -> type:
    """The driver's connection, with a limit in seconds on how long an answer may take."""
    return type(
        "Connection",
        (_driver().extensions.connection,),
        {"limit": WAIT + GRACE, "is_committing": False, "is_stopped": False},
    )


def _wait(connection: Any) -> None:
    """Wait until the connection has done what it was asked; called by the driver. Raises its OperationalError after the limit.

    The limits of TCP show that a computer is gone. Where one is there and says nothing, such as behind a stalled tunnel, only this ends.
    A commit that somebody stops is stopped at the server, whose answer says whether that came in time: `is_stopped`.
    """
    extensions = _driver().extensions
    while (state := connection.poll()) != extensions.POLL_OK:
        number = connection.fileno()
        reads = [number] if state == extensions.POLL_READ else []
        try:
            ready = select.select(reads, [] if reads else [number], [], getattr(connection, "limit", None))
        except KeyboardInterrupt:
            if not getattr(connection, "is_committing", False) or connection.is_stopped:
                raise
            connection.is_stopped = True
            connection.cancel()
            continue
        if not any(ready):
            raise _driver().OperationalError(SILENT)


SILENT = "no answer"


def make_database(place: ServerPlace, scratch: str | None = None) -> None:
    """Make the database that an address names, or a `scratch` one that nobody else can connect to, by way of the one that every server has.

    Raises StoreError and its kinds, Refused.
    """
    from psycopg2 import sql

    name = scratch or database_at(place)
    connection = connect(place, MAINTENANCE)
    try:
        with sentences(place), connection.cursor() as cursor:
            made = sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
            cursor.execute(made.format(sql.Identifier(name)))
            if scratch:
                cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    finally:
        connection.close()


def database_at(place: ServerPlace) -> str:
    """The name of the database that an address means."""
    holds = settled(read_address(place.uri).given, os.environ)
    return holds.get("dbname") or login_at(place.uri, os.environ)


def name_database(place: ServerPlace, scratch: str, *, in_the_place_of_another: bool) -> None:
    """Give a scratch database the name that an address means, which another with nothing in it may have had. Raises StoreError and its kinds."""
    from psycopg2 import sql

    names = {"scratch": sql.Identifier(scratch), "name": sql.Identifier(database_at(place))}
    connection = connect(place, MAINTENANCE)
    try:
        with sentences(place), connection.cursor() as cursor:
            if in_the_place_of_another:
                cursor.execute(sql.SQL("DROP DATABASE {name}").format(**names))
            cursor.execute(sql.SQL("ALTER DATABASE {scratch} RENAME TO {name}").format(**names))
    finally:
        connection.close()


def remove_database(place: ServerPlace, name: str) -> None:
    """Remove a database of a server if it is there, whoever is connected to it. Raises StoreError and its kinds."""
    from psycopg2 import sql

    connection = connect(place, MAINTENANCE)
    try:
        with sentences(place), connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    finally:
        connection.close()


def said_to_programs(place: ServerPlace, database: str | None = None) -> str:
    """A server as PostgreSQL's own programs take it, or another `database` of it; no password is in it."""
    from psycopg2.extensions import make_dsn

    said: str = make_dsn(place.uri, **({"dbname": database} if database else {}))
    return said


MAINTENANCE = "postgres"
"""The database that every server has."""


# -- sentences


@contextmanager
def sentences(place: ServerPlace) -> Iterator[Progress]:
    """Turn the errors of the driver into our own, with a sentence that says what to do. Raises StoreError and its kinds, and Refused."""
    driver, progress = _driver(), Progress()
    try:
        yield progress
    except driver.Error as problem:
        if problem.pgcode is None and isinstance(problem, (driver.ProgrammingError, driver.NotSupportedError)):
            raise  # a mistake of ours, which the server never saw
        raise _error(problem, place, progress) from problem


def _error(problem: Any, place: ServerPlace, progress: Progress) -> EscalateError:
    """The error of ours that says what is wrong and what to do."""
    code, said = problem.pgcode, _first_line(problem)
    if progress.is_committing and (code is None or code.startswith(LOST)):
        return PerhapsRecorded(place)
    if code is None:
        return _without_code(said, place, progress)
    if code == MEANWHILE:
        return StoreLocked(
            f"{problem.diag.message_primary.rstrip('.')} by somebody else: run the command again. {NOTHING}"
        )
    if code[:2] == OUR_REFUSALS:
        return Refused(problem.diag.message_primary)
    make = _BY_CODE.get(code) or _BY_CODE.get(code[:2])
    return (
        make(place, said)
        if make
        else StoreError(f"{place} could not do this ({said}, {code}): ask its administrator. {NOTHING}")
    )


def _first_line(problem: Any) -> str:
    """What the server or the driver said, in a line: the last of what was tried, without what it says of itself."""
    said = getattr(problem.diag, "message_primary", None) or str(problem).strip()
    lines = [line for line in said.splitlines() if line and not _MORE.match(line)] or ["it does not say why"]
    return cut(re.sub(r"^.*?(FATAL|ERROR|PANIC):\s+", "", lines[-1]).rstrip("."), 200)


_MORE = re.compile(r"\t|DETAIL:|HINT:|password retrieved from file")
"""How a line begins that says more of the one before it."""


def _how_to_start(place: ServerPlace) -> str:
    try:
        refuse_unproven(settled(read_address(place.uri).given, os.environ) | {"sslmode": ""})
    except Refused:
        return "ask its administrator whether it runs, and whether it can be reached from here"
    return "start it with systemctl start postgresql, or ask its administrator"


Make = Callable[[ServerPlace, str], EscalateError]


def _away(place: ServerPlace, said: str) -> EscalateError:
    return ServerAway(f"There is no server at {place}: {_how_to_start(place)} ({said.rpartition('failed: ')[2]}).")


def _not_answering(place: ServerPlace, _: str) -> EscalateError:
    return ServerAway(
        f"The server at {place} did not answer within {place.wait} seconds: try again, set a longer server_timeout, or ask its administrator."
    )


def _unknown_host(place: ServerPlace, said: str) -> EscalateError:
    return ServerAway(f"{place} names a computer that cannot be found ({said}): check the name, and the network.")


def _no_service(place: ServerPlace, said: str) -> EscalateError:
    return ServerAway(
        f"{place} cannot be looked up ({said}): write the service into ~/.pg_service.conf, or name the server itself."
    )


def _unproven(place: ServerPlace, said: str) -> EscalateError:
    return NotLetIn(
        f"The server at {place} did not prove that it is the one that is meant ({said}): put the certificate of its authority into ~/.postgresql/root.crt."
    )


def _starting(place: ServerPlace, said: str) -> EscalateError:
    return ServerAway(f"The server at {place} is not ready ({said}): try again in a minute.")


def _crowded(place: ServerPlace, said: str) -> EscalateError:
    return ServerAway(f"The server at {place} has as many connections as it takes ({said}): try again in a minute.")


def _no_database(place: ServerPlace, said: str) -> EscalateError:
    return NoDatabase(
        f"The server has no such database ({said}): check that {place} is right, or make it with escalate server init {as_typed(place.uri)}"
    )


def _no_password(place: ServerPlace, _: str) -> EscalateError:
    return NotLetIn(
        f"The server at {place} asks for a password, and none is kept: write it into ~/.pgpass (which nobody else may read) or a service file, or run keyring set {KEYRING} {as_typed(place.uri)}"
    )


def _wrong_password(place: ServerPlace, said: str) -> EscalateError:
    return NotLetIn(
        f"The server at {place} does not take that login or its password ({said}): put it right where it is kept."
    )


def _no_login(place: ServerPlace, said: str) -> EscalateError:
    return NotLetIn(
        f"The server at {place} does not let you in ({said}): ask its administrator to make the login, and to run escalate server member add."
    )


def _not_that_user(place: ServerPlace, said: str) -> EscalateError:
    return NotLetIn(
        f"The server at {place} takes that login only from the user of this computer who is called so ({said}):"
        " become that user (sudo -u), or use postgresql://LOGIN@localhost/DATABASE, which asks for a password."
    )


def _not_let_in(place: ServerPlace, said: str) -> EscalateError:
    return NotLetIn(f"The server at {place} does not let you in ({said}): ask its administrator.")


def _no_rights(place: ServerPlace, said: str) -> EscalateError:
    return NotLetIn(
        f"The server at {place} lets {login_at(place.uri, os.environ)} in, but not to this ({said}): ask its administrator to run escalate server member add. {NOTHING}"
    )


def _not_set_up(place: ServerPlace, said: str) -> EscalateError:
    return NotSetUp(
        f"Nobody has made a place for cases at {place} ({said}): escalate server init {as_typed(place.uri)} does."
    )


def _slow(place: ServerPlace, said: str) -> EscalateError:
    if "timeout" in said:
        return StoreLocked(
            f"The server at {place} took longer than {place.wait} seconds: try again, or set a longer server_timeout. {NOTHING}"
        )
    return StoreLocked(f"The server at {place} was told to stop this ({said}): try again. {NOTHING}")


def _locked(place: ServerPlace, _: str) -> EscalateError:
    return StoreLocked(f"{place} has been in use by somebody else for {place.wait} seconds: try again. {NOTHING}")


def _full(place: ServerPlace, _: str) -> EscalateError:
    return StoreUnwritable(
        f"The disk of the server at {place} is full: ask its administrator to make room, and try again. {NOTHING}"
    )


def _read_only(place: ServerPlace, _: str) -> EscalateError:
    return StoreUnwritable(
        f"The server at {place} is a copy that can only be read: name the one that is written to. {NOTHING}"
    )


def _lost(place: ServerPlace, said: str) -> EscalateError:
    return ConnectionLost(f"The connection to {place} was lost ({said}) before this was done: run the command again.")


def _no_text(_: ServerPlace, __: str) -> EscalateError:
    return Refused(NO_TEXT)


def _damaged(place: ServerPlace, said: str) -> EscalateError:
    return NotOurFile(f"The cases at {place} are damaged ({said}): ask its administrator to restore a dump. {NOTHING}")


_BY_CODE: dict[str, Make] = {
    "08": _lost,
    "25006": _read_only,
    "25P03": _lost,
    "28": _no_login,
    "28P01": _wrong_password,
    "3D000": _no_database,
    "3F000": _not_set_up,
    "22021": _no_text,
    "22P05": _no_text,
    "40": _locked,
    "42501": _no_rights,
    "42883": _not_set_up,
    "42P01": _not_set_up,
    "53100": _full,
    "53300": _crowded,
    "55P03": _locked,
    "57014": _slow,
    "57P01": _lost,
    "57P02": _lost,
    "57P03": _starting,
    "57P05": _lost,
    "58": _damaged,
    "XX001": _damaged,
    "XX002": _damaged,
}
"""What is said of an error that has a code, by the code or the class it begins with (PostgreSQL's documentation, appendix A)."""

_BY_WORDS: tuple[tuple[str, Make], ...] = (
    (r"no password supplied", _no_password),
    (r"password authentication failed|SASL authentication failed|empty password", _wrong_password),
    (r"database .* does not exist", _no_database),
    (r"Peer authentication failed", _not_that_user),
    (
        r"role .* does not exist|not permitted to log in|pg_hba\.conf|(Ident|GSSAPI|certificate|LDAP|PAM) authentication failed",
        _no_login,
    ),
    (r"permission denied for database", _no_login),
    (r"too many clients|too many connections|connection slots are reserved", _crowded),
    (r"is (starting up|shutting down)|in recovery mode|not (yet )?accepting connections", _starting),
    (r"service .* not found|service file", _no_service),
    (r"could not translate host name|Name or service not known", _unknown_host),
    (r"certificate|does not support SSL", _unproven),
    (r"timeout expired|failed: .*timed out", _not_answering),
    (r"connection to server .* failed|could not connect|Connection refused", _away),
)
"""What is said of an error that has none, which is so of all while one connects: the first of these that is found in it."""


def _without_code(said: str, place: ServerPlace, progress: Progress) -> EscalateError:
    if said == SILENT:
        return ConnectionLost(
            f"The server at {place} has not answered for {place.wait + GRACE} seconds: try again, or ask its administrator. {NOTHING}"
        )
    for words, make in _BY_WORDS:
        if re.search(words, said):
            return make(place, said)
    return _not_let_in(place, said) if progress.is_connecting else _lost(place, said)


# -- whose tables they are


def refuse_other_schema(found: str | None, ours: int, place: ServerPlace) -> None:
    """Refuse tables that are not those of this escalate; `found` is what the server says of itself. Raises OtherSchema, NotSetUp."""
    if found is None:
        raise _not_set_up(place, "it does not say what it is")
    if int(found) > ours:
        raise OtherSchema(
            f"{place} was brought up to date by a later version of escalate: update escalate to use it. Nothing in it was changed."
        )
    if int(found) < ours:
        raise OtherSchema(
            f"{place} is of an earlier version of escalate: its owner brings it up to date with escalate server init {as_typed(place.uri)}"
        )


def not_a_member(place: ServerPlace) -> EscalateError:
    """The error for a login that belongs to no agency."""
    return _no_rights(place, "the login belongs to no agency")
