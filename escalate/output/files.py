"""Files made for others: whole or not at all, for their owner alone to read, and never in the place of another unasked."""

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
    """Give a file to write into; it appears at the path when all is written, and not at all if anything fails.

    None and `-` are standard output. The file has mode 0600. A file that is there already is replaced only with `force`,
    and `spared` (the file with the cases) never. Raises Refused.
    """
    if path in (None, STANDARD_OUTPUT):
        with TemporaryFile() as held:  # a slow reader must not keep others from writing to the cases
            yield held
            held.seek(0)
            terminal.pass_on(held)
        return
    assert path is not None
    with _refused_by_the_disk(path):
        _refuse(path, force, spared)
        number, name = mkstemp(prefix=".escalate-", suffix=".part", dir=path.parent)  # of mode 0600
        part = Path(name)
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
    """Have the disk keep what was written so far. Raises OSError where there is no room."""
    made.flush()
    os.fsync(made.fileno())


def make(path: Path | None, content: bytes, *, force: bool = False, spared: Path | None = None) -> None:
    """Make a file of what is at hand already. Raises Refused."""
    with making(path, force=force, spared=spared) as file:
        file.write(content)


def _refuse(path: Path, force: bool, spared: Path | None) -> None:
    """Raise Refused for a path that must not be written to."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to another file: name the file itself.")
    if path.is_dir():
        raise Refused(f"{path} is a folder: name a file in it.")
    if spared is not None and _is_database(spared, path):
        raise Refused(f"{path} is where the cases are kept: name another file.")
    if path.exists() and not path.is_file():
        raise Refused(f"{path} is not an ordinary file: name another, or - for standard output.")
    if path.exists() and not force:
        raise _already_there(path)


def _is_database(database: Path, path: Path) -> bool:
    """Whether a path is that of the database, by whatever name, or of its journal. It is not opened: that could lose its locks."""
    names = {database.resolve(), database.resolve().with_name(f"{database.name}-journal")}
    return path.resolve() in names or (path.exists() and database.exists() and path.samefile(database))


def _already_there(path: Path) -> Refused:
    return Refused(f"{path} is there already: name another file, or replace it with --force.")


@contextmanager
def _refused_by_the_disk(path: Path) -> Iterator[None]:
    """Say what the operating system refuses as a refusal of ours."""
    try:
        yield
    except OSError as problem:
        raise Refused(f"{path} cannot be written ({problem.strerror or problem}): nothing was left there.") from problem
