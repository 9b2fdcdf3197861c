"""Files that are half made: private, beside the place they are for, and gone afterwards unless they were given a name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from escalate import durable
from escalate.errors import Refused


@contextmanager
def part_file(folder: Path, prefix: str = ".escalate-") -> Iterator[Path]:
    """An empty file of mode 0600 to make something in, removed afterwards unless it was given a name. Raises Refused."""
    with sentences(folder):
        number, part = durable.begin_part(folder, prefix)
        os.close(number)
    try:
        yield part
    finally:
        for path in (part, journal_of(part)):
            with suppress(FileNotFoundError):
                path.unlink()


def journal_of(path: Path) -> Path:
    """The file in which SQLite keeps how a file was before what is just being written."""
    return path.with_name(f"{path.name}-journal")


def remove_part(path: Path) -> bool:
    """Remove a half-made file; False where that cannot be done."""
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return False
    return True


def refuse_link(path: Path) -> None:
    """Refuse a link. Raises Refused."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to another place: name that place itself.")


@contextmanager
def sentences(folder: Path) -> Iterator[None]:
    """Say that a folder cannot be written where the system says so. Raises Refused."""
    try:
        yield
    except OSError as problem:
        raise Refused(
            f"{folder} cannot be written ({problem.strerror or problem}): nothing was left there."
        ) from problem
