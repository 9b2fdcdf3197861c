"""Files that are there whole or not at all, and that a power cut cannot take back. For what writes files, in storage and output."""

import os
from contextlib import suppress
from pathlib import Path


def put(part: Path, path: Path, *, replace: bool) -> bool:
    """Gives a file that was made its name; without `replace` only if nobody has that name: else it says False. Raises OSError."""
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


def remember(folder: Path) -> None:
    """Has the disk remember which files a folder has, where it can."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def make_folder(folder: Path) -> None:
    """A folder where there is none, with those it lies in, all of mode 0700; the disk remembers them. Raises OSError."""
    for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        each.mkdir(mode=0o700, exist_ok=True)
        remember(each.parent)
