"""Files that exist whole or not at all, and that survive a power cut. Storage and output both write theirs this way."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

IS_WINDOWS = os.name == "nt"

HOLDS_OPEN_FILES = IS_WINDOWS
"""Windows gives a file that anybody has open no other name, and puts none in its place."""

_PATIENCE, _PAUSE = 10, 0.05
"""In seconds: what looks through every new file for viruses has it open for a moment."""


def put(part: Path, path: Path, *, replace: bool) -> bool:
    """Give a finished file its name. Without `replace`, return False if the name is taken. Raises OSError."""
    if HOLDS_OPEN_FILES:
        return _put_when_closed(part, path, replace=replace)
    if not replace:
        try:
            path.hardlink_to(part)
        except FileExistsError:
            return False
        except OSError:  # some network drives and memory sticks have no links
            if path.exists():
                return False
        else:
            part.unlink()
            return True
    part.replace(path)
    return True


def put_held(part: Path, path: Path, let_go: Callable[[], object], *, replace: bool) -> bool:
    """Give a file its name as `put` does, while we hold it, or the one whose place it takes: nobody else can write either meanwhile.

    Where a file that is open keeps its name, it is let go of first, and whoever else has it open is waited for. Returns False too where
    somebody wrote into the one whose place was taken after it was let go of: that one is back in its place then.
    """
    if not HOLDS_OPEN_FILES:
        return put(part, path, replace=replace)
    with _second_name(path, part.with_name(f"{part.stem}-replaced.part")) as replaced:
        before = _first_page(path) if replaced else b""
        let_go()
        is_put = put(part, path, replace=replace)
        if replaced and _first_page(replaced) != before:
            put(replaced, path, replace=True)
            return False
    return is_put


@contextmanager
def _second_name(path: Path, name: Path) -> Iterator[Path | None]:
    """A file under another name as well, which goes again; None where there is no file, or on a drive that has no second names."""
    try:
        name.hardlink_to(path)
    except OSError:
        yield None
        return
    try:
        yield name
    finally:
        name.unlink(missing_ok=True)


_PAGE = 4096
"""In bytes. Whatever is recorded in a file of SQLite changes its first page, in which changes are counted; an encrypted one wholly."""


def _first_page(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_PAGE)


def _put_when_closed(part: Path, path: Path, *, replace: bool) -> bool:
    """The same where nobody may have either file open: they are waited for, and then it is refused. Raises OSError."""
    last = time.monotonic() + _PATIENCE
    while True:
        try:
            if replace:
                part.replace(path)
            elif path.exists():
                return False
            else:
                part.rename(path)  # there, no name is given that is taken
        except FileExistsError:
            return False
        except PermissionError:
            if time.monotonic() > last or path.is_dir():
                raise
            time.sleep(_PAUSE)
        else:
            return True


def flush(path: Path) -> None:
    """Write a file to disk, which is opened to be written for that: Windows has it so. Raises OSError."""
    with path.open("rb+") as file:
        to_disk(file.fileno())


def to_disk(number: int) -> None:
    """Have the disk keep what was written to an open file or folder. Raises OSError.

    On macOS fsync leaves it in the cache of the disk; F_FULLFSYNC does not, and some network drives have none.
    """
    if sys.platform == "darwin":
        from fcntl import F_FULLFSYNC, fcntl

        with suppress(OSError):
            fcntl(number, F_FULLFSYNC)
            return
    os.fsync(number)


def flush_folder(folder: Path) -> None:
    """Write the list of a folder's files to disk, where the system can."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            to_disk(number)
        finally:
            os.close(number)


def begin_part(
    folder: Path, prefix: str = ".escalate-", suffix: str = ".part", mode: int | None = None
) -> tuple[int, Path]:
    """A new file with nothing in it, to make something in; open, by its number, and its path. Raises OSError.

    It is for its owner alone, unless a mode is given: then it has that, and on Windows whoever may read the folder may read it.
    """
    from tempfile import mkstemp  # most commands make no file

    number, name = mkstemp(prefix=prefix, suffix=suffix, dir=folder)  # of mode 0600
    if mode is None:
        keep_private(Path(name))
    elif not IS_WINDOWS:
        Path(name).chmod(mode)
    return number, Path(name)


def keep_private(path: Path) -> None:
    """Leave what was just made to its owner, where its mode does not do so. A drive that knows no owners is no better there than elsewhere."""
    if IS_WINDOWS:
        from escalate import access_lists

        with suppress(OSError):
            access_lists.close_to_others(path)


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, all of mode 0700, and write them to disk. Raises OSError."""
    for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        each.mkdir(mode=0o700, exist_ok=True)
        keep_private(each)
        flush_folder(each.parent)
