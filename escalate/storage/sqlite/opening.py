"""Opening the file with the cases: private, recognised as ours, brought up to date, and with a sentence for whatever goes wrong."""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from escalate.durable import flush_folder, make_folder
from escalate.errors import (
    EscalateError,
    ForeignFile,
    NewerFile,
    NotOurFile,
    Refused,
    StoreError,
    StoreLocked,
    StoreReplaced,
    StoreUnwritable,
)
from escalate.storage.files.paths import is_there

SCHEMA_VERSION = 7
"""How many migrations a file of today has had (schema.py). It stands here because schema.py loads sqlite-utils."""

APPLICATION_ID = 0x45534341  # "ESCA": tells our file from any other SQLite file

BUSY_SECONDS = 10
"""How long SQLite waits for a lock before it gives up."""

BUSY_ROUNDS = 5
"""How often we wait that long again, while other programs get their turn."""

UNDISTURBED_TRIES = 3
"""How often slow work starts again because somebody wrote meanwhile, before it keeps writers out."""

LAST_REFERENCE, TO_WIPE, WORKED_OUT_BY = "last reference", "to wipe", "rules"
"""Facts of the file itself: the number of the last case before a backup was restored; set while erased words may still lie in
unused pages; by which version of the rules the derived tables were worked out."""

DAMAGE: tuple[type[Exception], ...] = (ValueError, KeyError, TypeError, IndexError, Refused)
"""What reading a row raises when it is not as it was written."""

_PRAGMAS = (
    "PRAGMA journal_mode = DELETE",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",  # nothing of a case is ever written to a folder for scratch files
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
)
_WRITES_OF_OTHERS = "PRAGMA data_version"  # another number after another connection has written
_MIGRATIONS_DONE = "PRAGMA user_version"
_WHOSE_FILE = (  # in one statement: another process may be making the file just now
    "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),"
    " (SELECT count(*) FROM sqlite_master)"
)
_TAKE_BACK = "ROLLBACK"
_FACTS = "SELECT name, value FROM kept"
_SET_FACT = "INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_DROP_FACT = "DELETE FROM kept WHERE name = ?"

Identity = tuple[int, int]
"""Device and inode: which file a path names."""

Made = TypeVar("Made")

Values = Sequence[object] | Mapping[str, object]


class OpenFile:
    """The database file while it is open. Every part of the store asks its questions through one of these."""

    def __init__(self, connection: sqlite3.Connection, path: Path, identity: Identity | None) -> None:
        self.connection = connection
        self.path = path
        self._identity = identity

    def rows(self, query: str, values: Values = ()) -> list[sqlite3.Row]:
        """Every row that a query finds."""
        return self.connection.execute(query, values).fetchall()

    def row(self, query: str, values: Values = ()) -> Any:
        """The first row that a query finds, or None."""
        return self.connection.execute(query, values).fetchone()

    @contextmanager
    def writing(self, dry_run: bool = False) -> Iterator[None]:
        """Everything inside happens, or nothing does; nothing does in a dry run. Raises StoreReplaced."""
        with transaction(self.connection, _TAKE_BACK if dry_run else "COMMIT"):
            if identity_of(self.path) != self._identity:
                raise StoreReplaced(self.path)
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Everything inside sees the file as it is at one moment."""
        self.connection.execute("BEGIN")
        try:
            yield
        finally:
            if self.connection.in_transaction:
                self.connection.execute(_TAKE_BACK)

    def as_it_is(self, make: Callable[[], Made]) -> Made:
        """Make something slow of the file as it is at one moment, without making writers wait.

        Starts again where somebody wrote meanwhile; the last time it keeps writers out.
        """
        for _ in range(UNDISTURBED_TRIES):
            before = self._writes_of_others
            made = make()
            if self._writes_of_others == before:
                return made
        with self.reading():
            return make()

    @contextmanager
    def undamaged(self, where: str, others: tuple[type[Exception], ...] = ()) -> Iterator[None]:
        """Say that the file is damaged where something cannot be read as it was written. Raises NotOurFile."""
        try:
            yield
        except (*DAMAGE, *others) as problem:
            raise NotOurFile(f"{self.path} is damaged in {where}: restore a backup with escalate restore.") from problem

    def facts(self) -> dict[str, str]:
        """What the file remembers about itself, by name."""
        return dict(self.connection.execute(_FACTS).fetchall())

    def set_fact(self, name: str, value: str) -> None:
        """Remember a fact about the file itself. Inside `writing`."""
        self.connection.execute(_SET_FACT, [name, value])

    def drop_fact(self, name: str) -> None:
        """Forget a fact about the file itself. Inside `writing`."""
        self.connection.execute(_DROP_FACT, [name])

    @property
    def _writes_of_others(self) -> int:
        return _number(self.connection, _WRITES_OF_OTHERS)


@contextmanager
def connected(path: Path) -> Iterator[OpenFile]:
    """Open the file, make it if there is none, and bring an older one up to date. Raises StoreError and its kinds."""
    with sentences(path):
        _make_private(path)
        identity = identity_of(path)
        connection = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            connection.row_factory = sqlite3.Row
            recognised(connection, path)
            for pragma in _PRAGMAS:
                connection.execute(pragma)
            _bring_up_to_date(connection)
        except BaseException:
            connection.close()
            raise
    try:
        with sentences(path, of_system=False):
            yield OpenFile(connection, path, identity)
    finally:
        connection.close()


def identity_of(path: Path) -> Identity | None:
    """Which file a path names now, if any: another one after a backup was restored there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make_private(path: Path) -> None:
    """Make an empty file of mode 0600 in a folder of mode 0700, where there is none. Raises StoreError."""
    _refuse_links(path)
    if path.is_dir():
        raise StoreError(f"{path} is a folder: name a file with --db, or with ESCALATE_DB.")
    if is_there(path):
        return
    make_folder(path.parent)
    for folder in path.parents:  # before the file is there: where it is, nobody need ask whether its folders will last
        flush_folder(folder)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return  # another process was quicker, which is as good


def _refuse_links(path: Path) -> None:
    """Refuse a file, or one that SQLite writes beside it, that is a link. Raises StoreError.

    Whoever made the link would choose what is read, and where children's names are written.
    """
    for each in (path, *(path.with_name(f"{path.name}-{kind}") for kind in ("journal", "wal", "shm"))):
        if each.is_symlink():
            what = "name the file itself with --db, or with ESCALATE_DB" if each == path else "take it away"
            raise StoreError(f"{each} is a link to another file: {what}.")


def recognised(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not ours, or newer than we are, before anything is changed. Raises ForeignFile, NewerFile."""
    application, version, tables = connection.execute(_WHOSE_FILE).fetchone()
    if application != APPLICATION_ID and tables:
        raise ForeignFile(
            f"{path} is a database of another program: name an escalate file with --db, or with ESCALATE_DB."
        )
    if version > SCHEMA_VERSION:
        raise NewerFile(
            f"{path} was written by a later version of escalate: update escalate to open it. Nothing in it was changed."
        )


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    if _number(connection, _MIGRATIONS_DONE) == SCHEMA_VERSION:
        return
    from escalate.storage.sqlite.schema import migrate  # sqlite-utils costs more than all the rest of a start

    with transaction(connection):
        if _number(connection, _MIGRATIONS_DONE) < SCHEMA_VERSION:  # nobody did it while we waited
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection, SCHEMA_VERSION)


@contextmanager
def transaction(connection: sqlite3.Connection, end: str = "COMMIT") -> Iterator[None]:
    """All of it or nothing, with the file ours from the first read on."""
    _begin(connection)
    try:
        yield
        connection.execute(end)
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
            connection.execute(_TAKE_BACK)
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Take the lock for writing. Raises sqlite3.OperationalError where one program holds it for longer than BUSY_SECONDS.

    SQLite asks ever more seldom and so lets latecomers go first: of many at once, some wait longer than any of them takes.
    So we wait again, BUSY_ROUNDS times at most, while others do get their turn.
    """
    for _ in range(BUSY_ROUNDS):
        before = _number(connection, _WRITES_OF_OTHERS)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            waited = problem
            others_wrote = _number(connection, _WRITES_OF_OTHERS) != before
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not others_wrote:
                raise
        else:
            return
    raise waited


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    number: int = connection.execute(pragma).fetchone()[0]
    return number


@contextmanager
def sentences(path: Path, *, of_system: bool = True) -> Iterator[None]:
    """Turn the errors of SQLite, and with `of_system` those of the operating system, into our own. Raises StoreError and its kinds."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as problem:
        if isinstance(problem, OSError) and not of_system:
            raise
        raise _sentence(problem, path) from problem


def _sentence(problem: Exception, path: Path) -> EscalateError:
    """The error of ours that says what is wrong and what to do."""
    code = getattr(problem, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(
            f"{path} has been in use by another program for {BUSY_SECONDS} seconds: try again. Nothing was written."
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreUnwritable(f"The disk that holds {path} is full: make room and try again. Nothing was written.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR):
        return StoreUnwritable(
            f"{path} cannot be written ({problem}): it needs a disk and a folder you may write to. Nothing was written."
        )
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CONSTRAINT) or "no such" in str(problem):
        return NotOurFile(
            f"{path} is not an escalate database, or is damaged ({problem}): name another with --db, or restore a backup with escalate restore."
        )
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
    return StoreUnwritable(
        f"{path} cannot be opened ({reason}): name a file in a folder you may write to with --db, or with ESCALATE_DB."
    )
