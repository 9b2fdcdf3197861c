"""Files with cases beside the one that is open: looked at without a change, kept from others, and made to follow the one before."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from escalate.domain.deadlines.model import RULES
from escalate.errors import BrokenBackup, NewerFile, NoKey, NotOurFile, Refused, WrittenMeanwhile
from escalate.storage import chain
from escalate.storage.interface import SCHEMA_VERSION, WORKED_OUT_BY, Database
from escalate.storage.sqlite.database import BUSY_SECONDS, LAST_REFERENCE, OpenFile, number_of
from escalate.storage.sqlite.distrust import parts_of
from escalate.storage.sqlite.driver import UNTOUCHED, code_of, connect, database_errors, header_of, key_of
from escalate.storage.sqlite.opening import difference, recognised, sentences

if TYPE_CHECKING:  # no cycle, but a plain file needs nothing of it
    from escalate.storage.encryption.keys import FileKey

LetGo = Callable[[], object]
"""Closes a file that was kept from others."""

_MAGIC = b"SQLite format 3\0"
_UNREADABLE = (NotOurFile, NewerFile, NoKey, Refused)


class Holding(NamedTuple):
    """Which file a copy is of, and how far its record goes."""

    own_id: str
    """The random name of the file."""
    links: int
    """The number of the last link of its chain; 0 in a copy made before there was one."""
    head: str
    """The hash of that link."""
    entries: int
    """The id of the last entry."""


def id_of(path: Path) -> str | None:
    """The random name of the file that a copy is of; None where that cannot be read."""
    try:
        with _untouched(path, may_ask=False) as copy:
            recognised(copy.connection, path)
            return chain.file_name(copy)
    except database_errors(*_UNREADABLE):
        return None


def is_database(path: Path) -> bool:
    """Whether a file, which is not the one that is open, is a database, of cases or of another program."""
    if not path.is_file() or path.is_symlink():
        return False
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC or header_of(path) is not None or id_of(path) is not None


def holding(path: Path) -> Holding | None:
    """What a copy holds; None where that cannot be read."""
    try:
        with _untouched(path, may_ask=False) as copy:
            recognised(copy.connection, path)
            own_id, entries = chain.file_name(copy), copy.row("next_entry")["id"] - 1
            return Holding(own_id, *_last_recorded(copy, own_id), entries)
    except database_errors(*_UNREADABLE):
        return None


def _last_recorded(copy: OpenFile, own_id: str) -> tuple[int, str]:
    """The last link of a copy, and its hash. Erasing adds a record to each copy by itself: of two that differ in nothing else one goes on from the other."""
    for statement in ("last_link_recorded", "last_link"):
        try:
            row = copy.row(statement)
        except copy.connection.OperationalError:  # made before looks were recorded, or before there was a chain
            continue
        return (row["n"], row["hash"]) if row else (0, own_id)
    return 0, own_id


def goes_on_from(path: Path, earlier: Holding) -> bool:
    """Whether a copy has all that an earlier one of the same file held."""
    try:
        with _untouched(path, may_ask=False) as copy:
            recognised(copy.connection, path)
            return chain.holds(copy, (earlier.links, earlier.head)) is True
    except database_errors(*_UNREADABLE):
        return False


def refuse_unrecognised(path: Path) -> None:
    """Refuse a copy that is not ours, is newer than we are, or has nothing in it.

    Raises BrokenBackup, NewerFile, ForeignFile, OtherStructure.
    """
    try:
        with _untouched(path) as copy:
            is_ours = recognised(copy.connection, path)
    except database_errors() as problem:
        raise BrokenBackup(path, f"SQLite says: {problem}") from problem
    if not is_ours:  # a new file, which an opening would fill
        raise BrokenBackup(path, "there is nothing in it")


def is_as_of_today(path: Path) -> bool:
    """Whether a file has had every migration, and its derived tables were worked out by today's rules. Raises NotOurFile."""
    try:
        with _untouched(path) as file:
            recognised(file.connection, path)
            is_migrated = number_of(file.connection, "PRAGMA user_version") == SCHEMA_VERSION
            return is_migrated and file.facts().get(WORKED_OUT_BY) == str(RULES)
    except database_errors() as problem:
        raise NotOurFile(f"{path} is damaged ({problem}): restore a backup with escalate restore.") from problem


@contextmanager
def kept_from_others(path: Path, head: str | None) -> Iterator[LetGo]:
    """Keep everybody else from a file, which still has the head that was shown unless it cannot be read. Raises Refused.

    Yields what lets go of it before this ends.
    """
    with closing(connect(path, timeout=BUSY_SECONDS)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except database_errors() as problem:
            if code_of(problem) == sqlite3.SQLITE_BUSY:
                raise Refused(
                    f"{path} is in use by another program: try again when it is done. Nothing was replaced."
                ) from problem
        else:
            is_other = difference(parts_of(connection), SCHEMA_VERSION)
            if head is not None and (is_other or chain.head(OpenFile(connection, path, None)) != head):
                raise WrittenMeanwhile(path)
        yield connection.close


@contextmanager
def copied_with_key(path: Path, part: Path, key: "FileKey | None") -> Iterator[tuple[str, LetGo]]:
    """A file, copied into an empty one with another key, or none; yields its head, and what lets go of the file before this ends.

    Others can write it when this ends. Raises StoreError, Refused.
    """
    from escalate.storage.sqlite import sqlcipher

    with sentences(path, of_system=False):
        present = key_of(path)
        with sqlcipher.kept_from_writers(path, present, BUSY_SECONDS) as connection:
            sqlcipher.copy(path, present, part, key)
            yield chain.head(OpenFile(connection, path, None)), connection.close


def last_number(database: Database) -> int:
    """The number of the last case that a file had, or one whose place it took. Raises Refused where it is no file."""
    return _as_file(database).last_number


def follow(database: Database, last: int) -> None:
    """Give out no reference up to a number again, nor one that was given before. Inside `writing`."""
    file = _as_file(database)
    file.set_fact(LAST_REFERENCE, str(max(last, file.last_number)))


def _as_file(database: Database) -> OpenFile:
    if not isinstance(database, OpenFile):
        raise Refused(f"{database.name} is a server, not a file: it has backups of its own.")
    return database


@contextmanager
def _untouched(path: Path, *, may_ask: bool = True) -> Iterator[OpenFile]:
    """A file, open so that nothing changes in it or beside it. Raises `database_errors()`, NoKey."""
    with closing(connect(path, mode=UNTOUCHED, may_ask=may_ask)) as connection:
        yield OpenFile(connection, path, None)
