"""What encrypting, decrypting and another key come to."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import RenderableType

from escalate.output.documents import Document
from escalate.output.tables import grid
from escalate.output.upkeep.documents import CasesHeld, held_document
from escalate.output.upkeep.pages import held
from escalate.wording import how_many

PLAIN_COPY = "is not encrypted, and stays as it is: remove it, or keep it where nobody gets at it."


def to_encrypt(file: CasesHeld, key: str, copies: Sequence[Path]) -> RenderableType:
    """What would get a key, and where that would be kept."""
    rows = [("File", str(file.path)), ("Holds", held(file)), ("Key", key)]
    return grid([*rows, *([("Backups", f"{how_many(len(copies), 'copy', 'copies')} as well")] if copies else [])])


def to_decrypt(file: CasesHeld) -> RenderableType:
    """What would be without a key."""
    rows = [("File", str(file.path)), ("Holds", held(file))]
    return grid(
        [*rows, ("Backups", "those made until now stay encrypted: keep the key, or the recovery key, for them")]
    )


def encryption_document(
    file: CasesHeld,
    key: str | None,
    key_file: Path | None,
    recovery_key: str | None,
    copies: Sequence[Path],
    left: Sequence[Path],
    *,
    dry_run: bool,
) -> Document:
    """`encrypt --json`, `rekey --json` and `decrypt --json`; `key` says where it is kept, or that there is none."""
    return held_document(file) | {
        "encrypted": key is not None,
        "key": key,
        "key_file": str(key_file) if key_file else None,
        "recovery_key": recovery_key,
        "copies": [str(path) for path in copies],
        "left": [str(path) for path in left],
        "dry_run": dry_run,
    }
