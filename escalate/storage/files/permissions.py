"""The folders around the file with the cases: who may read what, and what an interrupted run left."""

import os
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
    if database.parent.name == "escalate" and database.parent.is_dir():  # a folder that is ours; another may be shared
        private.append(database.parent)
    return [path for path in private if not path.is_symlink() and path.stat().st_mode & OPEN_TO_OTHERS]


def warnings(database: Path) -> Iterator[str]:
    """A sentence for each way in which others who use the computer can read the file with the cases or put another in its place.

    Windows has no such modes: nothing is said there.
    """
    if os.name != "posix" or not database.exists():
        return
    from shlex import quote  # few have to be told

    folder = database.absolute().parent
    if database.stat().st_mode & OPEN_TO_OTHERS:
        yield f"Others who use this computer can read {database}. This keeps it to yourself: chmod 600 {quote(str(database))}"
    mode = folder.stat().st_mode
    if (
        mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX
    ):  # with the sticky bit they reach their own files only
        yield f"Others who use this computer can replace what is in {folder}. This stops them: chmod go-w {quote(str(folder))}"


def close_to_others(path: Path) -> None:
    """Leave a file or folder to its owner alone. Raises OSError."""
    path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OPEN_TO_OTHERS)


def left_over(now: datetime, *folders: Path) -> list[Path]:
    """The files that interrupted runs left half made in these folders."""
    return [
        path
        for folder in dict.fromkeys(folders)
        if folder.is_dir()
        for path in parts_in(folder)
        if path.stat().st_mtime < (now - LEFT_OVER).timestamp()
    ]


def parts_in(folder: Path) -> list[Path]:
    """The files in a folder that are half made, or were left so by a run that was interrupted, with what SQLite keeps beside them."""
    return sorted(path for kind in ("part", "part-journal") for path in folder.glob(f".escalate-*.{kind}"))
