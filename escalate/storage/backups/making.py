"""Making backups: whole, checked copies of the file with the cases."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from escalate import durable
from escalate.errors import BrokenBackup, NewerFile, StoreError
from escalate.storage.backups.kept import backups_of, to_remove
from escalate.storage.backups.naming import dated_names
from escalate.storage.backups.part_files import part_file, refuse_link, sentences
from escalate.storage.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file with cases holds."""

    path: Path
    """Where it is."""
    cases: int
    """How many cases it holds."""
    entries: int
    """How many entries they have."""
    recorded_at: datetime | None
    """When the last entry was recorded (UTC)."""
    head: str
    """The head of its chain of hashes."""
    own_id: str
    """The random name that tells the file from every other."""


def back_up(store: Store, folder: Path, now: datetime) -> Contents:
    """Make a dated copy of the file in a folder, check it, and write it to disk. Raises Refused, BrokenBackup."""
    with sentences(folder):
        refuse_link(folder)
        durable.make_folder(folder)
        with part_file(folder) as part:
            store.copy_into(part, folder)
            held = look_through(part)
            durable.flush(part)
            made = next(
                path for path in dated_names(folder, store.path, "", now) if durable.put(part, path, replace=False)
            )
        durable.flush_folder(folder)
    return replace(held, path=made)


def prune(folder: Path, store: Store, made: Path, most: int, now: datetime) -> list[Path]:
    """Remove the oldest backups of a file, by what they hold, so that `most` are left with the one just made. Raises Refused.

    Backups of another file, those that cannot be read, those that hold what the file has not, and files that a backup replaced stay.
    """
    old = to_remove(backups_of(folder, store.path, store.own_id), store.database, made, most, now)
    with sentences(folder):
        for path in old:
            path.unlink()
        durable.flush_folder(folder)
    return old


def look_through(path: Path, *, of: Path | None = None) -> Contents:
    """Check all of a copy but what is derived, and return what it holds; `of` is what it is a copy of. Raises BrokenBackup, NewerFile."""
    source = of or path
    try:
        with open_store(path) as store:
            head, broken = store.checks.history()
            with store.database.reading():
                changed = list(store.checks.words(store.history.refs()))
            faults = [*store.checks.file(), *broken, *changed, *store.checks.apart()]
            held = Contents(source, *store.history.size, head, store.own_id)
    except NewerFile:
        raise
    except StoreError as problem:
        raise BrokenBackup(source, problem.sentence.replace(str(path), str(source))) from problem
    if faults:
        raise BrokenBackup(source, faults[0])
    return held
