"""Files that exist whole or not at all, and that survive a power cut. Storage and output both write theirs this way."""

import os
from contextlib import suppress
from pathlib import Path


def put(part: Path, path: Path, *, replace: bool) -> bool:
    """Give a finished file its name. Without `replace`, return False if the name is taken. Raises OSError."""
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


def flush_folder(folder: Path) -> None:
    """Write the list of a folder's files to disk, where the system can."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def make_folder(folder: Path) -> None:
    """Make a folder and its missing parents, all of mode 0700, and write them to disk. Raises OSError."""
    for each in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        each.mkdir(mode=0o700, exist_ok=True)
        flush_folder(each.parent)
