"""Where else may be what was erased in a file: in its copies, and in what was left half made. It is erased there too, or named."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from escalate.errors import EscalateError, cut, listed
from escalate.storage.backups.kept import copies_of
from escalate.storage.backups.naming import dated_by_name, plain_files
from escalate.storage.backups.part_files import remove_part
from escalate.storage.backups.restoring import SinceBackup, erase_again, still_has
from escalate.storage.files.permissions import parts_in
from escalate.storage.files.witness import NAME
from escalate.storage.sqlite.copies import id_of

SHOWN = 8
"""So many files are named that were not looked into."""


class NotReached(NamedTuple):
    """What may still have what was erased, a sentence each."""

    left: list[str]
    """Copies that have it, or cannot be read."""
    unseen: list[str]
    """What nobody looked into, because it is no file of cases."""


def erase_in_copies(database: Path, folder: Path, present: SinceBackup) -> NotReached:
    """Erase in every copy in the folder of backups what was erased in the file, and remove what was left half made there."""
    left = [
        f"{path} may have what was erased, and cannot be removed: remove it by hand." for path in _half_made(folder)
    ]
    for path in copies_in_reach(database, folder, present.own_id):
        try:
            erase_again(path, present)
        except EscalateError as problem:
            left.append(f"{path} may still have what was erased: {problem.sentence} Remove it by hand.")
    return NotReached([*left, *_beside(database, folder, present)], list(_unseen(folder)))


def copies_in_reach(database: Path, folder: Path, own_id: str) -> list[Path]:
    """The copies of a file in the folder of backups, whatever they are called."""
    return [path for path in copies_of(folder, own_id) if not _is(path, database)]


def copies_of_moved(folder: Path, backups: Path, own_id: str) -> list[str]:
    """The copies that are left here of a file that was moved to a server, a sentence each: nothing is erased in them."""
    found = [path for place in dict.fromkeys((folder, backups)) for path in copies_of(place, own_id)]
    return [
        f"{path} is from before the cases were moved to the server, and may still have what was erased: remove it."
        for path in found
        if id_of(path) == own_id
    ]


def _half_made(folder: Path) -> list[Path]:
    """Remove the copies that are half made, or were left so, in the folder of backups; those that cannot be removed.

    One that somebody is making just now has what was erased: whoever makes it is told that it could not be.
    """
    return [part for part in parts_in(folder) if not remove_part(part)]


def _beside(database: Path, folder: Path, present: SinceBackup) -> Iterator[str]:
    """The copies beside the file itself that still have what was erased: they are somebody's own, and are not changed."""
    if folder == database.parent:
        return
    for part in parts_in(database.parent):
        if id_of(part) == present.own_id and not remove_part(part):
            yield f"{part} may have what was erased, and cannot be removed: remove it by hand."
    for path in copies_of(database.parent, present.own_id):
        if not _is(path, database) and _may_have(path, present):
            yield (
                f"{path} is a copy of the file and may still have what was erased:"
                f" remove it, or put it into {folder} and run escalate doctor --repair."
            )


def _may_have(path: Path, present: SinceBackup) -> bool:
    """Whether a copy has what was erased, or cannot be looked through."""
    try:
        return still_has(path, present)
    except EscalateError:
        return True


def _unseen(folder: Path) -> Iterator[str]:
    """What is in the folder of backups and is no file of cases."""
    files = [path.name for path in plain_files(folder) if not is_known(path)]
    folders = [path.name for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []
    names = [*files, *folders]
    if names:
        more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
        shown = listed([*(cut(name, 60) for name in names[:SHOWN]), *more], "and")
        yield f"Nobody looked into {shown} in {folder}: check for yourself whether what was erased is in there."


def is_known(path: Path) -> bool:
    """Whether a file in the folder of backups is a file of cases, has the name of one, or bears witness: that has no words in it."""
    return path.name == NAME or dated_by_name(path.name) is not None or id_of(path) is not None


def _is(path: Path, database: Path) -> bool:
    return path == database or (database.exists() and path.samefile(database))
