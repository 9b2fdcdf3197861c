"""The folders around the file with the cases: who may read what, and what an interrupted run left."""

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
LEFT_OVER = timedelta(hours=1)
"""A half-made file that is older than this was left by a run that was interrupted."""


def open_to_others(database: Path, backups: Path) -> list[Path]:
    """Which of the file with the cases, its folder and the backups other users of the computer could read or change."""
    private = [path for path in (database, backups) if path.exists()]
    if backups.is_dir():
        private += [path for path in backups.iterdir() if path.is_file()]
    if database.parent.name == "escalate":  # a folder that is ours; another may be shared
        private.append(database.parent)
    return [path for path in private if not path.is_symlink() and path.stat().st_mode & OPEN_TO_OTHERS]


def close_to_others(path: Path) -> None:
    """Leave a file or folder to its owner alone. Raises OSError."""
    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OPEN_TO_OTHERS)


def left_over(now: datetime, *folders: Path) -> list[Path]:
    """The files that interrupted runs left half made in these folders."""
    return [
        path
        for folder in dict.fromkeys(folders)
        if folder.is_dir()
        for path in _parts(folder)
        if path.stat().st_mtime < (now - LEFT_OVER).timestamp()
    ]


def _parts(folder: Path) -> Iterator[Path]:
    yield from folder.glob(".escalate-*.part")
    yield from folder.glob(".escalate-*.part-journal")
