"""Putting a backup in the place of the file with the cases, and erasing in backups what was erased since they were made."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO, NamedTuple

from escalate import durable
from escalate.domain.case.entries import ERASED, Entry
from escalate.domain.case.look import ERASED_LOOKS, ERASED_REASONS, Look
from escalate.errors import BrokenBackup, OtherStructure, Refused, WrittenMeanwhile
from escalate.storage.backups.encrypting import give_key, key_of_file
from escalate.storage.backups.making import Contents, look_through
from escalate.storage.backups.naming import dated_names
from escalate.storage.backups.part_files import journal_of, part_file, refuse_link, sentences
from escalate.storage.sqlite.copies import LetGo, follow, kept_from_others, last_number, refuse_unrecognised
from escalate.storage.store import Store, open_store


@dataclass(frozen=True, slots=True)
class SinceBackup:
    """What a file knows that a backup made earlier cannot know."""

    own_id: str = ""
    """The random name that tells the file from every other; empty where nothing was recorded in it."""
    erased: tuple[Entry, ...] = ()
    """The last entry about an erasure of every case in which words were erased."""
    looks: tuple[Look, ...] = ()
    """What says which looks at names, and which changes of calendars, lost their words."""
    last_number: int = 0
    """The number of its last case."""


def since(store: Store) -> SinceBackup:
    """What has to be remembered when a backup takes the place of this file."""
    history = store.history
    return SinceBackup(
        store.own_id if history.size.entries else "",
        tuple(history.erasures()),
        tuple(store.looks.erasures()),
        last_number(store.database),
    )


@contextmanager
def prepared(source: Path, database: Path, present: SinceBackup) -> Iterator[tuple[Path, Contents]]:
    """A checked copy of a backup beside the file it is to replace, up to date, and without what was erased since it was made.

    Raises BrokenBackup, NewerFile, Refused.
    """
    with sentences(database.parent):
        durable.make_folder(database.parent)
    with _checked_copy(source, database.parent) as (part, held):
        with open_store(part) as store:
            missing = _missing_erasures(store, present)
            with store.writing():
                follow(store.database, present.last_number)
                store.erase(missing)
                _erase_apart(store, present)
            store.wipe()
        key = key_of_file(database)
        if key and key != key_of_file(part):  # a restored file has the key of the one whose place it takes
            give_key(part, key)
        durable.flush(part)
        yield part, held


def verified(backup: Path) -> Contents:
    """What a backup holds, looked through in a copy: it could be restored. Raises BrokenBackup, NewerFile, Refused."""
    with _checked_copy(backup, backup.parent) as (_, held):
        return held


def still_has(backup: Path, present: SinceBackup) -> bool:
    """Whether a backup has words that were erased since it was made. Raises BrokenBackup, NewerFile, Refused."""
    with _checked_copy(backup, backup.parent) as (part, _), open_store(part) as store:
        return bool(_missing_erasures(store, present) or _missing_apart(store, present))


def erase_again(backup: Path, present: SinceBackup) -> bool:
    """Erase in a backup what was erased since it was made, and return whether there was any. Raises BrokenBackup, NewerFile, Refused."""
    with _checked_copy(backup, backup.parent) as (part, _):
        with open_store(part) as store:
            missing = _missing_erasures(store, present)
            if not (missing or _missing_apart(store, present)):
                return False
            with store.writing():
                store.erase(missing)
                _erase_apart(store, present)
            store.wipe()
        with sentences(backup.parent):
            durable.flush(part)
            durable.put(part, backup, replace=True)
            durable.flush_folder(backup.parent)
    return True


class Held(NamedTuple):
    """The file with the cases, while nobody else can write it."""

    file: BinaryIO
    """To read from: opening it once more would give the lock away."""
    let_go: LetGo
    """Gives the lock away, and closes the file."""


@contextmanager
def replacing(database: Path, head: str | None) -> Iterator[Held | None]:
    """Keep everybody else from writing the file, which still has the head that was shown unless it cannot be read. Raises Refused.

    Yields None where there is no file.
    """
    if not database.exists():
        yield None
        return
    with database.open("rb") as file, kept_from_others(database, head) as unlock:

        def let_go() -> None:
            unlock()
            file.close()

        yield Held(file, let_go)


def put_in_place(part: Path, database: Path, present: Held | None, folder: Path, now: datetime) -> Path | None:
    """Put a prepared file in the place of the one with the cases, and return where in the folder of backups that one is kept.

    Where that fails at any step, everything is as it was. Raises Refused.
    """
    kept: Path | None = None
    with sentences(folder):
        if present:
            refuse_link(folder)
            durable.make_folder(folder)
            kept = _keep_replaced(database, present.file, folder, now)
    try:
        _replace(part, database, present.let_go if present else lambda: None)
    except BaseException:
        if kept:
            _take_back(kept, database)
        raise
    durable.flush_folder(database.parent)
    return kept


def _missing_apart(store: Store, present: SinceBackup) -> set[str]:
    """The looks at names, and the changes of calendars, in this file whose words were erased in the present one."""
    if store.own_id != present.own_id:
        return set()
    looks = {
        name for each in present.looks for name in each.data.get(ERASED_LOOKS, ())
    } & store.looks.with_words().keys()
    reasons = {key for each in present.looks for key in each.data.get(ERASED_REASONS, ())}
    return looks | reasons & {each.key for each in store.reasons.all()}


def _erase_apart(store: Store, present: SinceBackup) -> None:
    """Erase in this file what was erased of looks, and of changes of calendars, in the present one. Inside `writing`."""
    for each in present.looks if _missing_apart(store, present) else ():
        store.erase_looks(each.data.get(ERASED_LOOKS, ()), each.by, each.at)
        store.erase_reasons(each.data.get(ERASED_REASONS, ()), each.by, each.at)


def _missing_erasures(store: Store, present: SinceBackup) -> list[Entry]:
    """The entries with which to erase in this file what was erased in the present one, if both are of the same history."""
    if store.own_id != present.own_id:
        return []
    found = []
    refs = set(store.history.refs())
    for erasure in sorted((each for each in present.erased if each.case in refs), key=attrgetter("recorded_at")):
        entries = store.history.entries(erasure.case, identify=False)
        if not any((each.kind, each.recorded_at) == (ERASED, erasure.recorded_at) for each in entries):
            found.append(erasure._replace(seq=len(entries) + 1, words={}, withheld=()))
    return found


@contextmanager
def _checked_copy(source: Path, folder: Path) -> Iterator[tuple[Path, Contents]]:
    """A private copy of a backup, brought up to date and looked through. Raises BrokenBackup, NewerFile, Refused."""
    refuse_link(source)
    _refuse_unrecognised(source)
    with part_file(folder) as part:
        try:
            with source.open("rb") as file, part.open("wb") as copy:
                shutil.copyfileobj(file, copy)
        except OSError as problem:
            reason = problem.strerror or problem
            raise Refused(f"{source} cannot be copied to {folder} ({reason}): nothing was changed.") from problem
        yield part, look_through(part, of=source)


def _refuse_unrecognised(source: Path) -> None:
    """Refuse what is not ours, is newer than we are, or was copied while it was written. Raises BrokenBackup, NewerFile, ForeignFile."""
    journal = journal_of(source)
    if journal.exists() and journal.stat().st_size:
        raise BrokenBackup(source, f"it was being written when it was copied, as {journal.name} beside it says")
    try:
        refuse_unrecognised(source)
    except OtherStructure as problem:
        raise BrokenBackup(source, problem.difference) from problem


def _keep_replaced(database: Path, present: BinaryIO, folder: Path, now: datetime) -> Path:
    """Keep the file that is replaced under a dated name, and return that. Raises OSError."""
    kept = next(
        path for path in dated_names(folder, database, "-replaced", now) if _link_or_copy(path, database, present)
    )
    try:
        if journal_of(database).exists():
            # left by a write that was cut short in a file that cannot be read: it belongs to that one
            _move(journal_of(database), journal_of(kept))
    except BaseException:
        _take_back(kept, database)
        raise
    durable.flush_folder(folder)
    return kept


def _replace(part: Path, database: Path, let_go: LetGo) -> None:
    """Put a file in the place of the one that is kept from others. Raises Refused."""
    with sentences(database.parent):
        is_put = durable.put_held(part, database, let_go, replace=True)
    if not is_put:
        raise WrittenMeanwhile(database)


def _take_back(kept: Path, database: Path) -> None:
    """Leave nothing of a file that was to be replaced and was not: one of two names for the same file could be erased without the other."""
    with suppress(OSError):  # the disk refuses already, which is what is said
        if journal_of(kept).exists():
            _move(journal_of(kept), journal_of(database))
        kept.unlink(missing_ok=True)
        durable.flush_folder(kept.parent)


def _move(journal: Path, to: Path) -> None:
    """Move a journal, to another disk as well. Raises OSError."""
    try:
        journal.replace(to)
    except OSError:
        with part_file(to.parent) as part:
            part.write_bytes(journal.read_bytes())
            durable.flush(part)
            durable.put(part, to, replace=True)
        journal.unlink()


def _link_or_copy(path: Path, database: Path, present: BinaryIO) -> bool:
    """Give the file a second name, or where that cannot be, make a copy with it. Returns False if the name is taken."""
    try:
        path.hardlink_to(database)
    except FileExistsError:
        return False
    except OSError:  # some network drives and memory sticks have no links, and a link cannot lead to another disk
        with part_file(path.parent) as part:
            with part.open("wb") as copy:
                shutil.copyfileobj(present, copy)
            durable.flush(part)
            return durable.put(part, path, replace=False)
    return True
