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


def is_one(path: Path, other: Path) -> bool:
    """Whether two paths are those of one file or folder, by whatever name, be it there or not. Neither is opened: that could lose the locks on it.

    Of what is not there, a name in other letters is the same name: on macOS and Windows it would be the same file.
    """
    if path.resolve() == other.resolve():
        return True
    if path.exists() or other.exists():
        return path.exists() and other.exists() and path.samefile(other)
    a, b = path.resolve(), other.resolve()
    return a.name.casefold() == b.name.casefold() and is_one(a.parent, b.parent)


def uri_of(path: PurePath) -> str:
    r"""A whole path as SQLite takes it in a URI. One on a share, as in `\\server\cases\escalate.db`, comes after an empty authority."""
    uri = path.as_uri()
    return uri if uri.startswith("file:///") else uri.replace("file://", "file:////", 1)
