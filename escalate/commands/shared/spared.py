"""The files that nothing which is made for others may take the place of, not even with --force."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from escalate.commands.shared.session import Session
from escalate.commands.shared.witness import folders
from escalate.storage.backups.kept import is_backup
from escalate.storage.files.witness import NAME

if TYPE_CHECKING:  # no cycle, but it loads what makes temporary files
    from escalate.output.files import Spared

_BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a file: whatever stands there is taken for a part of it."""


OTHER_CASES = "a backup, or another file of cases"
"""What a file is called that holds cases, and is not the one in use."""


def spared(here: Session, *, protocols: bool = True) -> "Spared":
    """Whatever escalate lives on: the cases, backups, settings, the heads kept as a witness and, unless it writes them itself, protocols."""

    def why(path: Path) -> str | None:
        return next((what for kept, what in _kept(here, path, protocols) if kept), None)

    return why


def _kept(here: Session, path: Path, protocols: bool) -> Iterator[tuple[bool, str]]:
    settings, there = here.settings, path.resolve()
    file = settings.file
    if file is not None:
        beside = {file.resolve().with_name(f"{file.name}{end}") for end in _BESIDE}
        yield _same(path, file) or there in beside, "where the cases are kept"
    yield _belongs_to_another(there), "kept beside a file of cases"
    yield _same(path, settings.path), "the settings file"
    yield any(_same(path, folder / NAME) for folder in folders(here)), "where the heads of the record are kept"
    of_protocols = there.suffix == ".toml" and there.parent == settings.protocols.resolve()
    yield protocols and of_protocols, "in the folder of your protocols"
    yield is_backup(path, settings.backups), OTHER_CASES


def _same(path: Path, other: Path) -> bool:
    """Whether two paths are those of one file, by whatever name. Neither is opened: that could lose the locks on it."""
    return path.resolve() == other.resolve() or (path.exists() and other.exists() and path.samefile(other))


def _belongs_to_another(path: Path) -> bool:
    """Whether a path is that of what SQLite keeps beside a file that is there."""
    return any(path.name.endswith(end) and path.with_name(path.name.removesuffix(end)).is_file() for end in _BESIDE)
