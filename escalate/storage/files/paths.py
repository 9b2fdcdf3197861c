"""Paths as people give them, and a sentence for one that cannot be."""

from pathlib import Path

from escalate.errors import Refused, StoreUnwritable


def path_from(said: str) -> Path:
    """The absolute path that somebody means, `~` included. Raises Refused."""
    if "\0" in said:
        raise Refused("A path with a NUL in it cannot be opened: name another file.")
    try:
        return Path(said).expanduser().absolute()
    except (RuntimeError, OSError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else str(problem).rstrip(".")
        raise Refused(f'"{said}" cannot be used as a path ({reason}): name another file.') from problem


def is_there(path: Path) -> bool:
    """Whether there is something at a path, be it a link to nothing. Raises StoreUnwritable where that cannot be known."""
    try:
        return path.exists() or path.is_symlink()
    except OSError as problem:
        raise StoreUnwritable(
            f"{path} cannot be opened ({problem.strerror}): name a file in a folder you may write to."
        ) from problem
