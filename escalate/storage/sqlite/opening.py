"""Opening the file with the cases: private, recognised as ours, brought up to date, and with a sentence for whatever goes wrong."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from escalate.durable import begin_part, flush, flush_folder, keep_private, make_folder, put
from escalate.errors import (
    EscalateError,
    ForeignFile,
    NewerFile,
    NotOurFile,
    OtherStructure,
    StoreError,
    StoreLocked,
    StoreUnwritable,
)
from escalate.storage.files.paths import is_there
from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.sqlite.database import BUSY_SECONDS, OpenFile, identity_of, number_of, transaction
from escalate.storage.sqlite.distrust import Parts, parts_of, structure_text
from escalate.storage.sqlite.driver import READ_AND_WRITE, UNTOUCHED, code_of, connect, database_errors, new_key

if TYPE_CHECKING:  # no cycle, but a plain file needs nothing of it
    from escalate.storage.encryption.keys import FileKey

APPLICATION_ID = 0x45534341  # "ESCA": tells our file from any other SQLite file

_PRAGMAS = (
    "PRAGMA journal_mode = DELETE",  # the first: a file that stays untouched keeps the one it has
    "PRAGMA synchronous = EXTRA",
    "PRAGMA fullfsync = ON",  # on macOS, where fsync leaves what was written in the cache of the disk
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",  # nothing of a case is ever written to a folder for scratch files
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
)
_CANNOT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
_BESIDE = ("-journal", "-wal", "-shm")
"""What the names of the files end in that SQLite keeps beside one, and takes for parts of it."""

_AS_MADE = Path(__file__).with_name("structure.txt")
"""What a file of today is made of, to the letter."""

_WHOSE = "PRAGMA application_id"
_MIGRATIONS_DONE = "PRAGMA user_version"


@contextmanager
def connected(path: Path) -> Iterator[OpenFile]:
    """Open the file, make it if there is none, and bring an older one up to date. Raises StoreError and its kinds."""
    with sentences(path):
        _make_private(path)
        identity = identity_of(path)
        connection = _ready(path)
    try:
        with sentences(path, of_system=False):
            yield OpenFile(connection, path, identity)
    finally:
        connection.close()


def _ready(path: Path) -> sqlite3.Connection:
    """A connection to a file that is recognised and up to date. Raises StoreError and its kinds, `database_errors()`."""
    try:
        return _prepared(path, READ_AND_WRITE)
    except database_errors() as problem:
        wal = path.with_name(f"{path.name}-wal")
        if code_of(problem) not in _CANNOT_WRITE or wal.exists():
            raise
    # Another program left it with a write-ahead log, and SQLite begins one even to read: all of it is in the file itself.
    return _prepared(path, UNTOUCHED)


def _prepared(path: Path, mode: str) -> sqlite3.Connection:
    connection = connect(path, timeout=BUSY_SECONDS, mode=mode)
    try:
        recognised(connection, path)
        for pragma in _PRAGMAS if mode == READ_AND_WRITE else _PRAGMAS[1:]:
            connection.execute(pragma)
        _bring_up_to_date(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def sqlite_version() -> str:
    """The version of SQLite that reads and writes files."""
    return sqlite3.sqlite_version


def _make_private(path: Path) -> None:
    """Make an empty file of mode 0600 in a folder of mode 0700, where there is none. Raises StoreError."""
    _refuse_links(path)
    if path.is_dir():
        raise StoreError(f"{path} is a folder: name a file with --db, or with ESCALATE_DB.")
    if is_there(path):
        if not path.is_file():  # opening a pipe would wait for somebody at its other end
            raise StoreError(f"{path} is not a plain file: name one with --db, or with ESCALATE_DB.")
        return
    if path.name.casefold().endswith(_BESIDE):  # on macOS and Windows a name in other letters is the same name
        raise StoreError(
            f"{path} has the name of what SQLite keeps beside a file: name another with --db, or with ESCALATE_DB."
        )
    make_folder(path.parent)
    for folder in path.parents:  # before the file is there: where it is, nobody need ask whether its folders will last
        flush_folder(folder)
    key = new_key()
    if key:
        make_encrypted(path, key)
        return
    with suppress(FileExistsError):  # another process was quicker, which is as good
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        keep_private(path)


def begin(part: Path) -> None:
    """Encrypt an empty file, which nobody else has open, where new files begin encrypted. Raises StoreError, Refused."""
    key = new_key()
    if key:
        from escalate.storage.sqlite import sqlcipher

        with sentences(part):
            sqlcipher.begin(part, key)


def make_encrypted(path: Path, key: "FileKey") -> None:
    """Make an encrypted file with nothing in it, unless another process is quicker: then theirs is as good. Raises OSError."""
    from escalate.storage.sqlite import sqlcipher

    number, part = begin_part(path.parent)
    try:
        os.close(number)
        sqlcipher.begin(part, key)
        flush(part)
        put(part, path, replace=False)
    finally:
        part.unlink(missing_ok=True)
    flush_folder(path.parent)


def _refuse_links(path: Path) -> None:
    """Refuse a file, or one that SQLite writes beside it, that is a link. Raises StoreError.

    Whoever made the link would choose what is read, and where children's names are written.
    """
    for each in (path, *(path.with_name(f"{path.name}{end}") for end in _BESIDE)):
        if each.is_symlink():
            what = "name the file itself with --db, or with ESCALATE_DB" if each == path else "take it away"
            raise StoreError(f"{each} is a link to another file: {what}.")


def recognised(connection: sqlite3.Connection, path: Path) -> bool:
    """Refuse a file that is not ours, newer than we are, or not made as we make it, before anything of it is read or changed.

    Returns whether there is anything in it. Raises ForeignFile, NewerFile, OtherStructure.
    """
    connection.execute("BEGIN")  # another process may be making the file just now
    try:
        # no SELECT: a view in the file can have the name of SQLite's own table for a pragma
        whose, version = number_of(connection, _WHOSE), number_of(connection, _MIGRATIONS_DONE)
        found = parts_of(connection)
    finally:
        connection.execute("ROLLBACK")
    if whose != APPLICATION_ID and found:
        raise ForeignFile(
            f"{path} is a database of another program: name an escalate file with --db, or with ESCALATE_DB."
        )
    if version > SCHEMA_VERSION:
        raise NewerFile(
            f"{path} was written by a later version of escalate: update escalate to open it. Nothing in it was changed."
        )
    if other := difference(found, version):
        raise OtherStructure(path, other)
    return bool(found)


def difference(found: Parts, version: int) -> str | None:
    """What first tells what a file is made of from what escalate makes with so many migrations; None where nothing does."""
    if version == SCHEMA_VERSION and structure_text(found) == _AS_MADE.read_text(encoding="utf-8"):
        return None
    from escalate.storage.sqlite import structure

    return structure.difference(found, version) if version or found else None


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    if number_of(connection, _MIGRATIONS_DONE) == SCHEMA_VERSION:
        return
    from escalate.storage.sqlite.schema import migrate  # sqlite-utils costs more than all the rest of a start

    with transaction(connection):
        if number_of(connection, _MIGRATIONS_DONE) < SCHEMA_VERSION:  # nobody did it while we waited
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            migrate(connection, SCHEMA_VERSION)
            if other := difference(parts_of(connection), SCHEMA_VERSION):
                raise OtherStructure(path, other)


@contextmanager
def sentences(path: Path, *, of_system: bool = True) -> Iterator[None]:
    """Turn the errors of SQLite, and with `of_system` those of the operating system, into our own. Raises StoreError and its kinds."""
    try:
        yield
    except database_errors(OSError) as problem:
        if isinstance(problem, OSError) and not of_system:
            raise
        raise _sentence(problem, path) from problem


def _sentence(problem: Exception, path: Path) -> EscalateError:
    """The error of ours that says what is wrong and what to do."""
    code = code_of(problem)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreLocked(
            f"{path} has been in use by another program for {BUSY_SECONDS} seconds: try again. Nothing was written."
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreUnwritable(f"The disk that holds {path} is full: make room and try again. Nothing was written.")
    if code == sqlite3.SQLITE_TOOBIG:
        return NotOurFile(
            f"{path} has more in one place than escalate ever writes: restore a backup with escalate restore."
        )
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
