"""Which backups of a file there are, by what they hold: the clock may have been wrong when one was named, its chain was not.

Of two backups the newer is the one whose chain goes further. Where neither goes on from the other, because a backup was restored
in between, the one that the file itself goes on from counts.
"""

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from escalate.errors import Refused, UnknownName
from escalate.storage import chain
from escalate.storage.backups.naming import Dated, backups_in, dated_by_name, is_named_for, plain_files
from escalate.storage.backups.part_files import refuse_link
from escalate.storage.files.paths import is_one
from escalate.storage.interface import Database
from escalate.storage.sqlite.copies import Holding, goes_on_from, holding, id_of, is_database

LATEST = "latest"
"""What people say for the newest backup."""

LISTED = "escalate restore lists them."


class Backup(NamedTuple):
    """A backup of a file, that can be read as far as its chain."""

    path: Path
    """Where it is."""
    dated: Dated
    """When it was made, as its name says, and which it was of that second."""
    holding: Holding
    """Which file it is of, and how far its chain goes."""

    def order(self, now: datetime) -> tuple[int, int, bool, Dated]:
        """Sorts the newest last: by what it holds, and among equals by its name, unless that is dated ahead."""
        return self.holding.links, self.holding.entries, self.dated[0] <= now, self.dated


def backups_of(folder: Path, database: Path, own_id: str = "") -> list[Backup]:
    """The backups with the name of a file that can be read, in any order; with the file's random name, those of it alone."""
    named = [path for path in backups_in(folder) if is_named_for(path.name, database)]
    found = [
        Backup(path, dated, held)
        for path in named
        if (dated := dated_by_name(path.name)) and (held := holding(path)) is not None
    ]
    return [each for each in found if not own_id or each.holding.own_id == own_id]


def no_backups(folder: Path, database: Path) -> list[Path]:
    """The files with the name of a backup of a file that are none: nothing in them can be read."""
    return [path for path in backups_in(folder) if is_named_for(path.name, database) and id_of(path) is None]


def is_backup(path: Path, folder: Path) -> bool:
    """Whether a path has the name of a backup in the folder of backups, or is that of a database wherever it is."""
    is_named = dated_by_name(path.name) is not None and is_one(path.resolve().parent, folder)
    return is_named or is_database(path)


def copies_of(folder: Path, own_id: str) -> list[Path]:
    """The copies of a file in a folder, whatever they are called, and what has the name of a backup and cannot be read."""
    dated = set(backups_in(folder))
    ids = {path: id_of(path) for path in plain_files(folder)}
    return [path for path, found in ids.items() if found == own_id or (found is None and path in dated)]


def other_names(database: Path, folder: Path) -> list[Path]:
    """Other names in a folder for the very file with the cases: what is written to it is written there as well."""
    if not database.exists() or database.stat().st_nlink == 1:  # on macOS a name in other letters is no other one
        return []
    return [path for path in plain_files(folder) if path != database and path.samefile(database)]


def has_all_of(database: Database, backup: Backup) -> bool:
    """Whether all that a backup holds is in the file still, which went on from it."""
    return chain.holds(database, (backup.holding.links, backup.holding.head)) is True


def in_order(folder: Path, database: Path, now: datetime) -> list[Path]:
    """The backups in a folder and the files that were replaced by one: the file's own by what they hold, the newest last, after all others."""
    own = sorted(backups_of(folder, database), key=lambda each: each.order(now))
    named = [each.path for each in own]
    return [*(path for path in backups_in(folder) if path not in named), *named]


def newest(found: Sequence[Backup], now: datetime) -> Backup | None:
    """The newest of these backups; None where there is none. Raises Refused where they parted, so that none is the newest."""
    last = max(found, key=lambda each: each.order(now), default=None)
    for other in found:
        if last and other.holding.links and not goes_on_from(last.path, other.holding):
            raise Refused(
                f"{last.path.name} and {other.path.name} hold records that parted, and neither goes on from the other:"
                f" name the one you mean. {LISTED}"
            )
    return last


def ancestry(found: Sequence[Backup], database: Database) -> list[Backup]:
    """The backups that a file goes on from, and those that go on from it; those of what a restored one replaced are neither."""
    present = Holding(chain.file_name(database), *chain.last_link(database), 0)
    return [each for each in found if has_all_of(database, each) or goes_on_from(each.path, present)]


def to_remove(found: Sequence[Backup], database: Database, made: Path, most: int, now: datetime) -> list[Path]:
    """The backups that go so that `most` are left, the oldest first; the one just made stays.

    One that holds what is not in the file itself never goes: what was recorded there may be nowhere else.
    """
    old = [each for each in found if each.path != made and has_all_of(database, each)]
    old.sort(key=lambda each: each.order(now))
    return [each.path for each in old[: max(0, len(old) + 1 - most)]]


def find_backup(said: str, folder: Path, database: Path, latest: Callable[[], Path | None]) -> Path:
    """The backup that somebody means: by its path, by its name in the folder, or the latest. Raises UnknownName, Refused."""
    if said == LATEST and (last := latest()):
        return last
    path = next((path for path in (Path(said).expanduser().absolute(), folder / said) if os.path.lexists(path)), None)
    if path is None:
        raise UnknownName("backup", said, [*(each.name for each in reversed(backups_in(folder)))], f" in {folder}")
    refuse_link(path)
    if not path.is_file():
        raise Refused(f"{path} is not a file: name a backup, or {LATEST}.")
    if database.exists() and path.samefile(database):
        raise Refused(f"{path} is the file with the cases itself: name a backup, or {LATEST}.")
    return path
