"""Backups: whole, checked copies of the file with the cases, and putting one in its place again."""

import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from tempfile import mkstemp
from typing import BinaryIO

from escalate import durable
from escalate.domain.case.history import ERASED, Entry
from escalate.domain.worktime.clock import at_london, london
from escalate.errors import BrokenBackup, NewerFile, Refused, StoreError, UnknownName
from escalate.storage import chain
from escalate.storage.opening import APPLICATION_ID, LAST_REFERENCE, recognised
from escalate.storage.store import Store, open_store

LATEST = "latest"


@dataclass(frozen=True, slots=True)
class Held:
    """What a file with cases holds: how many cases and entries, when the last was recorded, and the head of its chain."""

    path: Path
    cases: int
    entries: int
    recorded_at: datetime | None
    head: str
    own_id: str


def backups_in(folder: Path) -> list[Path]:
    """The backups in a folder, and the files that were replaced by one, by their dated names, the oldest first."""
    if not folder.is_dir():
        return []
    found = [(_dated(path.name), path) for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    return [path for dated, path in sorted((dated, path) for dated, path in found if dated)]


def made_at(backup: Path) -> datetime:
    """When a backup was made, as its name says."""
    dated = _dated(backup.name)
    assert dated is not None
    return dated[0]


def _dated(name: str) -> tuple[datetime, int] | None:
    """When the file of a name was made, and the how manieth in that second; None for a name that says no such thing."""
    found = re.search(r"-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)(?:-(\d{1,9}))?\.db$", name)
    try:
        clock = found and time(int(found[2]), int(found[3]), int(found[4]))
        return (
            (at_london(date.fromisoformat(found[1]), clock), int(found[5] or 1))
            if found and clock is not None
            else None
        )
    except ValueError:
        return None


def back_up(store: Store, folder: Path, now: datetime) -> Held:
    """Makes a dated copy of the file in a folder, looks it through, and has the disk remember it. Raises Refused, BrokenBackup."""
    with _sentences(folder):
        _refuse_link(folder)
        durable.make_folder(folder)
        with _part(folder) as part:
            _copied(store, part, folder)
            held = look_through(part)
            _sync(part)
            made = next(path for path in _names(folder, store.path, "", now) if durable.put(part, path, replace=False))
        durable.flush_folder(folder)
    return replace(held, path=made)


def _copied(store: Store, part: Path, folder: Path) -> None:
    try:
        store.copy_into(part)
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CORRUPT):
            raise
        raise Refused(
            f"{folder} cannot take the backup ({problem}): make room, or name another folder. Nothing was left there."
        ) from problem


def prune(folder: Path, database: Path, own_id: str, most: int) -> list[Path]:
    """Removes the oldest backups of a file beyond so many: none of another, none that cannot be read, none that a restored one replaced."""
    old = [path for path in _of(folder, database) if _id_of(path) == own_id][:-most]
    with _sentences(folder):
        for path in old:
            path.unlink()
        durable.flush_folder(folder)
    return old


def _of(folder: Path, database: Path) -> list[Path]:
    """The backups that have the name of a file, the oldest first, without those that a restored one replaced."""
    ours = re.compile(re.escape(database.stem) + r"-\d{4}-\d\d-\d\d-\d{6}(-\d+)?\.db")
    return [path for path in backups_in(folder) if ours.fullmatch(path.name)]


def _id_of(backup: Path) -> str | None:
    """The random name of the file that a backup is of; None where that cannot be read."""
    try:
        with closing(sqlite3.connect(f"{backup.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            return chain.file_name(db)
    except sqlite3.DatabaseError:
        return None


def named(said: str, folder: Path, database: Path, own_id: str) -> Path:
    """The backup that somebody means: by its path, by its name in the folder of backups, or the latest. Raises UnknownName, Refused.

    In a folder that others use as well, the latest of this file is meant; of one that cannot be read, the latest of that name.
    """
    there = [path for path in _of(folder, database) if not own_id or _id_of(path) in (own_id, None)]
    if said == LATEST and there:
        return there[-1]
    path = next((path for path in (Path(said).expanduser().absolute(), folder / said) if os.path.lexists(path)), None)
    if path is None:
        raise UnknownName("backup", said, [*(each.name for each in reversed(backups_in(folder)))], f" in {folder}")
    _refuse_link(path)
    if not path.is_file():
        raise Refused(f"{path} is not a file: name a backup, or {LATEST}.")
    if path.samefile(database) if database.exists() else False:
        raise Refused(f"{path} is the file with the cases itself: name a backup, or {LATEST}.")
    return path


@dataclass(frozen=True, slots=True)
class Since:
    """What a file remembers that a backup of it cannot know: its name, what was erased, and the number of its last case."""

    own_id: str = ""
    erased: tuple[Entry, ...] = ()
    last_number: int = 0


def since(store: Store) -> Since:
    """What is to be remembered when a backup takes the place of this file: nothing of one in which nothing was recorded."""
    history = store.history
    return Since(store.own_id if history.size.entries else "", tuple(history.erasures()), history.last_number)


@contextmanager
def prepared(source: Path, database: Path, present: Since) -> Iterator[tuple[Path, Held]]:
    """A copy of a backup beside the file it is to replace: brought up to date, looked through, and erased of what was erased since.

    Raises BrokenBackup, NewerFile, Refused.
    """
    with _sentences(database.parent):
        durable.make_folder(database.parent)
    with _copy(source, database.parent) as (part, held):
        with open_store(part) as store:
            again = _again(store, present)
            with store.writing():
                store.file.set_fact(LAST_REFERENCE, str(max(present.last_number, store.history.last_number)))
                store.erase(again)
            store.wipe()
        _sync(part)
        yield part, held


def still_has(backup: Path, present: Since) -> bool:
    """Whether a backup has words that were erased since it was made. Raises BrokenBackup, NewerFile, Refused."""
    with _copy(backup, backup.parent) as (part, _), open_store(part) as store:
        return bool(_again(store, present))


def erase_again(backup: Path, present: Since) -> bool:
    """Erases in a backup what was erased since it was made; whether there was any. Raises BrokenBackup, NewerFile, Refused."""
    with _copy(backup, backup.parent) as (part, _):
        with open_store(part) as store:
            again = _again(store, present)
            if not again:
                return False
            with store.writing():
                store.erase(again)
            store.wipe()
        with _sentences(backup.parent):
            _sync(part)
            durable.put(part, backup, replace=True)
            durable.flush_folder(backup.parent)
    return True


@contextmanager
def replacing(database: Path, head: str | None) -> Iterator[BinaryIO | None]:
    """Nobody else writes the file meanwhile, and its head is still the one that was shown; it may be one that cannot be read.

    Gives the file to read from: to open it once more would give the lock on it away. Raises Refused.
    """
    if not database.exists():
        yield None
        return
    uri = f"{database.as_uri()}?mode=rw"
    with database.open("rb") as file, closing(sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)) as db:
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.DatabaseError as problem:
            if getattr(problem, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise Refused(
                    f"{database} is in use by another program: try again when it is done. Nothing was replaced."
                ) from problem
        else:
            if head is not None and chain.head(db) != head:
                raise Refused(f"{database} has been written to meanwhile: look again. Nothing was replaced.")
        yield file


def put_in_place(part: Path, database: Path, present: BinaryIO | None, folder: Path, now: datetime) -> Path | None:
    """Puts a prepared file in the place of the one with the cases, which is kept in the folder of backups; where it is kept."""
    kept: Path | None = None
    with _sentences(database.parent):
        if present:
            _refuse_link(folder)
            durable.make_folder(folder)
            kept = _keep(database, present, folder, now)
        durable.put(part, database, replace=True)
        durable.flush_folder(database.parent)
    return kept


def look_through(path: Path, *, of: Path | None = None) -> Held:
    """What a copy holds, after looking through all of it but what is derived. Raises BrokenBackup, which says what is wrong."""
    try:
        with open_store(path) as store:
            head, faults = store.checks.history()
            faults = [
                *store.checks.file(),
                *faults,
                *(fault for ref in store.history.refs() for fault in store.checks.said(ref)),
            ]
            held = Held(of or path, *store.history.size, head, store.own_id)
    except NewerFile:
        raise
    except StoreError as problem:
        raise BrokenBackup(of or path, problem.sentence.replace(str(path), str(of or path))) from problem
    if faults:
        raise BrokenBackup(of or path, faults[0])
    return held


def _again(store: Store, present: Since) -> list[Entry]:
    """The entries that erase in this file what was erased in the present one, if it is of the same history."""
    if store.own_id != present.own_id:
        return []
    found = []
    refs = set(store.history.refs())
    for erasure in (each for each in present.erased if each.case in refs):
        entries = store.history.entries(erasure.case)
        if not any((each.kind, each.recorded_at) == (ERASED, erasure.recorded_at) for each in entries):
            found.append(erasure._replace(seq=len(entries) + 1, words={}, withheld=()))
    return found


@contextmanager
def _copy(source: Path, folder: Path) -> Iterator[tuple[Path, Held]]:
    """A private copy of a backup, brought up to date and looked through. Raises BrokenBackup, NewerFile, Refused."""
    _refuse_link(source)
    _recognise(source)
    with _part(folder) as part:
        try:
            with source.open("rb") as file, part.open("wb") as copy:
                shutil.copyfileobj(file, copy)
        except OSError as problem:
            reason = problem.strerror or problem
            raise Refused(f"{source} cannot be copied to {folder} ({reason}): nothing was changed.") from problem
        yield part, look_through(part, of=source)


def _recognise(source: Path) -> None:
    """Refuses what is no file of ours, is newer than we are, or was being written when it was copied, before it is copied."""
    journal = source.with_name(f"{source.name}-journal")
    if journal.exists() and journal.stat().st_size:
        raise BrokenBackup(source, f"it was being written when it was copied, as {journal.name} beside it says")
    try:
        with closing(sqlite3.connect(f"{source.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            recognised(db, source)
            is_ours = db.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    except sqlite3.DatabaseError as problem:
        raise BrokenBackup(source, f"SQLite says: {problem}") from problem
    if not is_ours:  # a new file, which an opening would fill
        raise BrokenBackup(source, "there is nothing in it")


def _keep(database: Path, present: BinaryIO, folder: Path, now: datetime) -> Path:
    """Gives the file that is replaced a second, dated name, or where that cannot be a copy of it."""
    kept = next(path for path in _names(folder, database, "-replaced", now) if _kept_as(path, database, present))
    journal = database.with_name(f"{database.name}-journal")
    if journal.exists():  # left by a write that was cut short in a file that cannot be read: it belongs to that one
        journal.replace(kept.with_name(f"{kept.name}-journal"))
    durable.flush_folder(folder)
    return kept


def _kept_as(path: Path, database: Path, present: BinaryIO) -> bool:
    try:
        path.hardlink_to(database)
    except FileExistsError:
        return False
    except OSError:  # some network drives and memory sticks have no links, and a link cannot lead to another disk
        with _part(path.parent) as part:
            with part.open("wb") as copy:
                shutil.copyfileobj(present, copy)
            _sync(part)
            return durable.put(part, path, replace=False)
    return True


def _names(folder: Path, database: Path, what: str, now: datetime) -> Iterator[Path]:
    """The dated names a copy of a file may have in a folder, the plainest first."""
    stem = f"{database.stem}{what}-{london(now):%Y-%m-%d-%H%M%S}"
    yield folder / f"{stem}.db"
    for n in count(2):
        yield folder / f"{stem}-{n}.db"


@contextmanager
def _part(folder: Path) -> Iterator[Path]:
    """An empty file of mode 0600 to make something in, which is gone afterwards unless it was given a name."""
    with _sentences(folder):
        number, name = mkstemp(prefix=".escalate-", suffix=".part", dir=folder)
        os.close(number)
    part = Path(name)
    try:
        yield part
    finally:
        for path in (part, part.with_name(f"{part.name}-journal")):
            with suppress(FileNotFoundError):
                path.unlink()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _refuse_link(path: Path) -> None:
    if path.is_symlink():
        raise Refused(f"{path} is a link to another place: name that place itself.")


@contextmanager
def _sentences(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise Refused(
            f"{folder} cannot be written ({problem.strerror or problem}): nothing was left there."
        ) from problem
