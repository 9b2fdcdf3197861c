"""The files that nothing which is made for others may take the place of, not even with --force."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from escalate.commands.shared.session import Session
from escalate.commands.shared.witness import folders
from escalate.storage.backups.kept import is_backup
from escalate.storage.files.paths import is_one
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
        beside = [file.resolve().with_name(f"{file.name}{end}") for end in _BESIDE]
        yield any(is_one(path, each) for each in (file, *beside)), "where the cases are kept"
    yield _belongs_to_another(there), "kept beside a file of cases"
    yield is_one(path, settings.path), "the settings file"
    yield any(is_one(path, folder / NAME) for folder in folders(here)), "where the heads of the record are kept"
    of_protocols = there.suffix.casefold() == ".toml" and is_one(there.parent, settings.protocols)
    yield protocols and of_protocols, "in the folder of your protocols"
    yield is_backup(path, settings.backups), OTHER_CASES


def _belongs_to_another(path: Path) -> bool:
    """Whether a path is that of what SQLite keeps beside a file that is there."""
    return any(
        path.name.casefold().endswith(end) and path.with_name(path.name[: -len(end)]).is_file() for end in _BESIDE
    )
