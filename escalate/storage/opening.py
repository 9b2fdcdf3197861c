"""Opening the file with the cases: private, known for ours, brought up to date, and with a sentence for everything that can go wrong."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from escalate.durable import flush_folder, make_folder
from escalate.errors import EscalateError, ForeignFile, NewerFile, NotOurFile, StoreError, StoreLocked, StoreUnwritable
from escalate.storage.files.paths import is_there

SCHEMA_VERSION = 6
"""Kept equal to schema.VERSION by a test: asking schema itself would load sqlite-utils for every command."""

APPLICATION_ID = 0x45534341  # "ESCA": tells our file from any other SQLite file
BUSY_SECONDS = 10
BUSY_ROUNDS = 5

_PRAGMAS = (
    "PRAGMA journal_mode = DELETE",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA temp_store = MEMORY",  # nothing of a case is ever written to a folder for scratch files
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
)


Identity = tuple[int, int]


@contextmanager
def connected(path: Path) -> Iterator[tuple[sqlite3.Connection, Identity | None]]:
    """A connection to the file, made if it is not there, and brought up to date if it is older, and which file that is.

    Raises StoreError and its kinds.
    """
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
            yield connection, identity
    finally:
        connection.close()


def identity_of(path: Path) -> Identity | None:
    """Which file it is that a path names now, if any: another one after a backup was restored there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make_private(path: Path) -> None:
    """An empty file of mode 0600 in a folder of mode 0700, where there is none. Raises StoreError for what is no file of its own."""
    for each in (path, *(path.with_name(f"{path.name}-{kind}") for kind in ("journal", "wal", "shm"))):
        if each.is_symlink():  # whoever made it chooses what is read, and where children's names are written
            what = "name the file itself with --db, or with ESCALATE_DB" if each == path else "take it away"
            raise StoreError(f"{each} is a link to another file: {what}.")
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


def recognised(connection: sqlite3.Connection, path: Path) -> None:
    """Refuses what is not ours, or is newer than we are, before anything is changed."""
    application, version, tables = (
        connection.execute(  # in one statement: another process may be making the file just now
            "SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),"
            " (SELECT count(*) FROM sqlite_master)"
        ).fetchone()
    )
    if application != APPLICATION_ID and tables:
        raise ForeignFile(
            f"{path} is a database of another program: name an escalate file with --db, or with ESCALATE_DB."
        )
    if version > SCHEMA_VERSION:
        raise NewerFile(
            f"{path} was written by a later version of escalate: update escalate to open it. Nothing in it was changed."
        )


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    if connection.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION:
        return
    from escalate.storage.schema import migrate

    with transaction(connection):
        if connection.execute("PRAGMA user_version").fetchone()[0] < SCHEMA_VERSION:  # nobody did it while we waited
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection)


@contextmanager
def transaction(connection: sqlite3.Connection, end: str = "COMMIT") -> Iterator[None]:
    """All of it or nothing, with the file ours from the first read on."""
    _begin(connection)
    try:
        yield
        connection.execute(end)
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back by itself where the disk is full
            connection.execute("ROLLBACK")
        raise


def _begin(connection: sqlite3.Connection) -> None:
    """Has the file to ourselves once it is our turn. Those before us may each take BUSY_SECONDS, all of them BUSY_ROUNDS as long.

    SQLite tries again ever more seldom and so lets latecomers go first: of many at once, some wait longer than any of them takes.
    """
    for _ in range(BUSY_ROUNDS):
        before = connection.execute("PRAGMA data_version").fetchone()[0]
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            waited = problem
            others = connection.execute("PRAGMA data_version").fetchone()[0] != before
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not others:
                raise
        else:
            return
    raise waited


@contextmanager
def sentences(path: Path, *, of_system: bool = True) -> Iterator[None]:
    """Turns what SQLite says, and the system where files are opened, into sentences."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as problem:
        if isinstance(problem, OSError) and not of_system:
            raise
        raise _sentence(problem, path) from problem


def _sentence(problem: Exception, path: Path) -> EscalateError:
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
