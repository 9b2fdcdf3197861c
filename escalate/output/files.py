"""Files made for others: whole or not at all, for their owner alone to read, and never in the place of another unasked."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_IMODE
from typing import BinaryIO

from escalate.durable import begin_part, flush_folder, put, to_disk
from escalate.errors import Refused
from escalate.output import terminal
from escalate.output.scratch import is_scratch, scratch

STANDARD_OUTPUT = Path("-")

Spared = Callable[[Path], str | None]
"""What a path is, if nothing may be written there: `the settings file`."""


@contextmanager
def making(
    path: Path | None, *, force: bool = False, spared: Spared | None = None, for_others: bool = False
) -> Iterator[BinaryIO]:
    """Give a file to write into; it appears at the path when all is written, and not at all if anything fails.

    None and `-` are standard output. The file has mode 0600, and `for_others` 0644 or that of the one in whose place it comes. A file
    that is there already is replaced only with `force`, and what `spared` says is something else never. Raises Refused.
    """
    if path in (None, STANDARD_OUTPUT):
        with scratch() as held:  # a slow reader must not keep others from writing to the cases
            yield held
            held.seek(0)
            terminal.pass_on(held)
        return
    assert path is not None
    with _refused_by_the_disk(path):
        _refuse(path, force, spared)
        number, part = begin_part(path.parent, mode=_mode_for_others(path) if for_others else None)
        try:
            with os.fdopen(number, "wb") as made:
                yield made
                settle(made)
            if not put(part, path, replace=force):
                raise _already_there(path)
        finally:
            part.unlink(missing_ok=True)
        flush_folder(path.parent)


def settle(made: BinaryIO) -> None:
    """Have the disk keep what was written so far, unless it is for standard output. Raises OSError where there is no room."""
    if is_scratch(made):
        return
    made.flush()
    to_disk(made.fileno())


def make(
    path: Path | None,
    content: bytes,
    *,
    force: bool = False,
    spared: Spared | None = None,
    for_others: bool = False,
) -> None:
    """Make a file of what is at hand already. Raises Refused."""
    with making(path, force=force, spared=spared, for_others=for_others) as file:
        file.write(content)


def _mode_for_others(path: Path) -> int:
    """The mode of a file that others are to read: that of the one that is there, or one that all may read."""
    return S_IMODE(path.stat().st_mode) if path.exists() else 0o644


def _refuse(path: Path, force: bool, spared: Spared | None) -> None:
    """Raise Refused for a path that must not be written to."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to another file: name the file itself.")
    if path.is_dir():
        raise Refused(f"{path} is a folder: name a file in it.")
    if path.exists() and not path.is_file():
        raise Refused(f"{path} is not an ordinary file: name another, or - for standard output.")
    if spared is not None and (what := spared(path)):
        raise Refused(f"{path} is {what}: name another file.")
    if path.exists() and not force:
        raise _already_there(path)


def _already_there(path: Path) -> Refused:
    return Refused(f"{path} is there already: name another file, or replace it with --force.")


@contextmanager
def _refused_by_the_disk(path: Path) -> Iterator[None]:
    """Say what the operating system refuses as a refusal of ours."""
    try:
        yield
    except OSError as problem:
        raise Refused(f"{path} cannot be written ({problem.strerror or problem}): nothing was left there.") from problem
