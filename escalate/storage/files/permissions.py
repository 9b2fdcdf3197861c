"""The folders around the file with the cases: who may read what, what an interrupted run left, and whether they are on another computer."""

import os
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from escalate.wording import IS_WINDOWS, as_typed

OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO
LEFT_OVER = timedelta(hours=1)
"""A half-made file that is older than this was left by a run that was interrupted."""

REMOTE = {"9p", "afs", "ceph", "cifs", "fuse.sshfs", "ncpfs", "nfs", "nfs4", "smb3", "smbfs"}
"""What Linux calls the file systems of other computers."""

_MOUNTS = Path("/proc/self/mounts")
_OF_OTHERS = 4
"""What Windows calls the drives of other computers."""


def open_to_others(database: Path, backups: Path) -> list[Path]:
    """Which of the file with the cases, its folder and the backups other users of the computer could read or change."""
    private = [path for path in (database, backups) if path.exists()]
    if backups.is_dir():
        private += [path for path in backups.iterdir() if path.is_file()]
    if database.parent.name == "escalate" and database.parent.is_dir():  # a folder that is ours; another may be shared
        private.append(database.parent)
    return [path for path in private if not path.is_symlink() and is_open_to_others(path)]


def is_open_to_others(path: Path) -> bool:
    """Whether others who use the computer can read or change a file or folder; its administrator always can. Raises OSError."""
    if IS_WINDOWS:
        from escalate.access_lists import list_of, others_in

        return bool(others_in(list_of(path)))
    return bool(path.stat().st_mode & OPEN_TO_OTHERS)


def warnings(database: Path) -> Iterator[str]:
    """A sentence for each way in which others who use the computer can read the file with the cases or put another in its place."""
    if not database.exists():
        return
    folder = database.absolute().parent
    if is_open_to_others(database):
        yield f"Others who use this computer can read {database}. This keeps it to yourself: {to_close(database)}"
    if _others_can_replace_in(folder):
        yield f"Others who use this computer can replace what is in {folder}. This stops them: {_to_close_to_writers(folder)}"
    if told := _told_of_share(database):
        yield told


def _others_can_replace_in(folder: Path) -> bool:
    """Whether others can put a file in the place of one in a folder."""
    if IS_WINDOWS:
        from escalate.access_lists import list_of, others_in

        return bool(others_in(list_of(folder), who_write=True))
    mode = folder.stat().st_mode
    return bool(mode & (stat.S_IWGRP | stat.S_IWOTH)) and not mode & stat.S_ISVTX  # with which they reach their own


def to_close(path: Path) -> str:
    """What somebody types so that a file is theirs alone."""
    return _to_grant(path, "F") if IS_WINDOWS else as_typed("chmod", "600", str(path))


def _to_close_to_writers(folder: Path) -> str:
    """What somebody types so that nobody else writes into a folder."""
    return _to_grant(folder, "(OI)(CI)F") if IS_WINDOWS else as_typed("chmod", "go-w", str(folder))


def _to_grant(path: Path, rights: str) -> str:
    """What somebody types on Windows so that nobody but they themselves has rights to a file or folder."""
    return as_typed(
        "icacls", str(path), "/inheritance:r", "/grant:r", f"{os.environ.get('USERNAME', '%USERNAME%')}:{rights}"
    )


def close_to_others(path: Path) -> None:
    """Leave a file or folder to its owner alone. Raises OSError."""
    if IS_WINDOWS:
        from escalate import access_lists

        access_lists.close_to_others(path)
    else:
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


def _told_of_share(path: Path) -> str | None:
    """What SQLite cannot promise of a file where it is; None where it is on this computer, or nobody can tell."""
    if not is_on_share(path.absolute()):
        return None
    return (
        f"{path} is on another computer. Two people who record at the same time can damage it there, and a power cut can take what was recorded:"
        " have one person at a time use it, or keep the cases on a server (escalate help server)."
    )


def is_on_share(path: Path) -> bool:
    if isinstance(path, PureWindowsPath):
        return is_share_of_windows(path) or _is_drive_of_others(path)
    return _MOUNTS.exists() and mounted_as(path, _MOUNTS.read_text(encoding="utf-8", errors="replace")) in REMOTE


def is_share_of_windows(path: PureWindowsPath) -> bool:
    r"""Whether a path names another computer, as in `\\server\cases\escalate.db`."""
    return path.drive.startswith(r"\\") and path.drive[2:4] not in {"?\\", ".\\"}


def _is_drive_of_others(path: PurePath) -> bool:
    """Whether a letter stands for a drive of another computer."""
    if sys.platform != "win32":
        return False
    import ctypes

    found: int = ctypes.windll.kernel32.GetDriveTypeW(path.anchor)
    return found == _OF_OTHERS


def mounted_as(path: PurePath, mounts: str) -> str:
    """The kind of the file system that a path is in, by what Linux says is mounted where; empty where that says nothing of it."""
    found, deepest = "", -1
    for line in mounts.splitlines():
        _, place, kind, *_ = [*line.split(" "), "", "", ""]
        folder = PurePosixPath(place.replace("\\040", " ").replace("\\134", "\\"))
        if place and path.is_relative_to(folder) and len(folder.parts) >= deepest:
            found, deepest = kind, len(folder.parts)
    return found
