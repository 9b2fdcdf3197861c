"""The names of backups: when each was made, and which file it is of. What a backup holds, and so which is the newest, says kept.py."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import count
from pathlib import Path

from escalate.domain.worktime.clock import at_london

_DATED = re.compile(r"-(\d{8}T\d{6}Z)(?:-(\d{1,9}))?\.db$")
"""The instant in UTC that stands in the name of a backup, and which it was of that second."""

_DATED_BEFORE = re.compile(r"-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)(?:-(\d{1,9}))?\.db$")
"""The same as earlier versions wrote it, by the clock in London."""

Dated = tuple[datetime, int]
"""When a file was made, and which it was of that second."""


def backups_in(folder: Path) -> list[Path]:
    """The backups in a folder, and the files that were replaced by one, by their dated names, the oldest first."""
    found = [(dated_by_name(path.name), path) for path in plain_files(folder)]
    return [path for dated, path in sorted((dated, path) for dated, path in found if dated)]


def plain_files(folder: Path) -> list[Path]:
    """The files in a folder, by name; no links, no folders, and nothing that cannot be read whole, such as a pipe."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())


def dated_by_name(name: str) -> Dated | None:
    """When a file was made, and which it was of that second, as its name says; None for a name without a date."""
    try:
        if found := _DATED.search(name):
            return datetime.strptime(found[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), int(found[2] or 1)
        if found := _DATED_BEFORE.search(name):
            day, clock = date.fromisoformat(found[1]), time(int(found[2]), int(found[3]), int(found[4]))
            return at_london(day, clock), int(found[5] or 1)
    except ValueError:  # figures that are no date
        pass
    return None


def is_named_for(name: str, database: Path) -> bool:
    """Whether a file has the name of a backup of this file; what a restored one replaced has not."""
    dated = _DATED.search(name) or _DATED_BEFORE.search(name)
    return dated is not None and name[: dated.start()] == database.stem


def dated_names(folder: Path, database: Path, what: str, now: datetime) -> Iterator[Path]:
    """The names a copy of a file made now may have in a folder, each with a higher number in case those before are taken."""
    stem = f"{database.stem}{what}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield folder / f"{stem}.db"
    for n in count(2):
        yield folder / f"{stem}-{n}.db"
