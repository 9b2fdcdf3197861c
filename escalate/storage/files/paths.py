"""Paths as people give them, a sentence for one that cannot be, and the same as SQLite takes them."""

from pathlib import Path, PurePath

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


def uri_of(path: PurePath) -> str:
    r"""A whole path as SQLite takes it in a URI. One on a share, as in `\\server\cases\escalate.db`, comes after an empty authority."""
    uri = path.as_uri()
    return uri if uri.startswith("file:///") else uri.replace("file://", "file:////", 1)
