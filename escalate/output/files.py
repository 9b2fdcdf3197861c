"""Files made for others: whole or not at all, their owner's alone to read, and never in the place of another unasked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile, mkstemp
from typing import BinaryIO

from escalate.durable import flush_folder, put
from escalate.errors import Refused
from escalate.output import terminal

STANDARD_OUTPUT = Path("-")


@contextmanager
def making(path: Path | None, *, force: bool = False, spared: Path | None = None) -> Iterator[BinaryIO]:
    """Something to write into, which becomes the file at the path when all is in it; if anything fails, nothing does.

    None and `-` are standard output. The file has mode 0600; another is replaced only with `force`, and `spared` (the file with
    the cases) never. Raises Refused.
    """
    if path in (None, STANDARD_OUTPUT):
        with TemporaryFile() as held:  # whoever reads slowly must not keep the file with the cases from being written
            yield held
            held.seek(0)
            terminal.pass_on(held)
        return
    assert path is not None
    with _sentences(path):
        _refuse(path, force, spared)
        number, name = mkstemp(prefix=".escalate-", suffix=".part", dir=path.parent)  # of mode 0600
        part = Path(name)
        try:
            with os.fdopen(number, "wb") as made:
                yield made
                settle(made)
            if not put(part, path, replace=force):
                raise _there(path)
        finally:
            part.unlink(missing_ok=True)
        flush_folder(path.parent)


def settle(made: BinaryIO) -> None:
    """Has the disk keep what was written so far. Raises OSError where there is no room."""
    made.flush()
    os.fsync(made.fileno())


def make(path: Path | None, content: bytes, *, force: bool = False, spared: Path | None = None) -> None:
    """The same for what is at hand already. Raises Refused."""
    with making(path, force=force, spared=spared) as file:
        file.write(content)


def _refuse(path: Path, force: bool, spared: Path | None) -> None:
    """Raises Refused for what must not be written to."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to another file: name the file itself.")
    if path.is_dir():
        raise Refused(f"{path} is a folder: name a file in it.")
    if spared is not None and _is_of(spared, path):
        raise Refused(f"{path} is where the cases are kept: name another file.")
    if path.exists() and not path.is_file():
        raise Refused(f"{path} is not an ordinary file: name another, or - for standard output.")
    if path.exists() and not force:
        raise _there(path)


def _is_of(database: Path, path: Path) -> bool:
    """Whether a path is that of a database, by whatever name, or of its journal. It is not opened: that could lose its locks."""
    names = {database.resolve(), database.resolve().with_name(f"{database.name}-journal")}
    return path.resolve() in names or (path.exists() and database.exists() and path.samefile(database))


def _there(path: Path) -> Refused:
    return Refused(f"{path} is there already: name another file, or replace it with --force.")


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise Refused(f"{path} cannot be written ({problem.strerror or problem}): nothing was left there.") from problem
