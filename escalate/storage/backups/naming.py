"""The names of backups: when each was made, which file it is of, and which one somebody means."""

import os
import re
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import count
from pathlib import Path

from escalate.domain.worktime.clock import at_london, london
from escalate.errors import Refused, UnknownName
from escalate.storage.backups.part_files import refuse_link
from escalate.storage.sqlite.copies import id_of

LATEST = "latest"
"""What people say for the newest backup."""


def backups_in(folder: Path) -> list[Path]:
    """The backups in a folder, and the files that were replaced by one, by their dated names, the oldest first."""
    if not folder.is_dir():
        return []
    found = [(_date_in_name(path.name), path) for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
    return [path for dated, path in sorted((dated, path) for dated, path in found if dated)]


def made_at(backup: Path) -> datetime:
    """When a backup was made, as its name says."""
    dated = _date_in_name(backup.name)
    assert dated is not None
    return dated[0]


def _date_in_name(name: str) -> tuple[datetime, int] | None:
    """When a file was made, and which it was of that second, as its name says; None for a name without a date."""
    found = re.search(r"-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)(?:-(\d{1,9}))?\.db$", name)
    if found is None:
        return None
    try:
        day, clock = date.fromisoformat(found[1]), time(int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        return None
    return at_london(day, clock), int(found[5] or 1)


def backups_of(folder: Path, database: Path) -> list[Path]:
    """The backups that have the name of a file, the oldest first, without those that a restored one replaced."""
    ours = re.compile(re.escape(database.stem) + r"-\d{4}-\d\d-\d\d-\d{6}(-\d+)?\.db")
    return [path for path in backups_in(folder) if ours.fullmatch(path.name)]


def find_backup(said: str, folder: Path, database: Path, own_id: str) -> Path:
    """The backup that somebody means: by its path, by its name in the folder, or the latest. Raises UnknownName, Refused.

    The latest is the latest of the file with this id; where the file has none because it cannot be read, the latest with its name.
    """
    there = [path for path in backups_of(folder, database) if not own_id or id_of(path) in (own_id, None)]
    if said == LATEST and there:
        return there[-1]
    path = next((path for path in (Path(said).expanduser().absolute(), folder / said) if os.path.lexists(path)), None)
    if path is None:
        raise UnknownName("backup", said, [*(each.name for each in reversed(backups_in(folder)))], f" in {folder}")
    refuse_link(path)
    if not path.is_file():
        raise Refused(f"{path} is not a file: name a backup, or {LATEST}.")
    if database.exists() and path.samefile(database):
        raise Refused(f"{path} is the file with the cases itself: name a backup, or {LATEST}.")
    return path


def dated_names(folder: Path, database: Path, what: str, now: datetime) -> Iterator[Path]:
    """The names a copy of a file made now may have in a folder, each with a higher number in case those before are taken."""
    stem = f"{database.stem}{what}-{london(now):%Y-%m-%d-%H%M%S}"
    yield folder / f"{stem}.db"
    for n in count(2):
        yield folder / f"{stem}-{n}.db"
