"""The imports there were, and what taking one back did."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from escalate.domain.importing.imported import Run
from escalate.output.columns import Columns, Page, Piece
from escalate.output.documents import instant
from escalate.output.words import full, inert
from escalate.wording import how_many


class Undone(NamedTuple):
    """What became of what an import had recorded."""

    voided: list[str]
    """The cases that were taken back."""
    undone: list[tuple[str, int]]
    """The entries that were taken back, by case and number."""
    left: list[tuple[str, str]]
    """The cases in which something was left, each with why."""


def runs_page(runs: Sequence[Run]) -> Page:
    """The imports, the oldest first, each by its number."""
    if not runs:
        return Page([("Nothing was imported yet.", "")])
    table = Columns("Import", "When", "Opened", "Changes")
    for number, run in enumerate(runs, 1):
        cases = f"{run.opened[0]} to {run.opened[-1]}" if len(run.opened) > 1 else "".join(run.opened)
        table.add(
            str(number),
            full(run.at),
            f"{how_many(len(run.opened), 'case')}{f' ({cases})' if cases else ''}",
            str(len(run.changes)),
        )
    return Page([table, ("escalate import --undo N shows what taking one back would do; with --write it is done.", "")])


def runs_document(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The imports, as JSON."""
    return [
        {
            "import": number,
            "at": instant(run.at),
            "opened": list(run.opened),
            "changes": [{"case": ref, "entry": seq} for ref, seq in run.changes],
        }
        for number, run in enumerate(runs, 1)
    ]


def undone_page(number: int, undone: Undone, *, written: bool, backup: Path | None) -> Page:
    """What was taken back, or would be, and what is left."""
    would = "" if written else "would be "
    parts: list[Piece | Columns] = []
    if undone.voided:
        parts.append(
            (f"Import {number}: {how_many(len(undone.voided), 'case')} {would}void: {', '.join(undone.voided)}.", "")
        )
    if undone.undone:
        entries = ", ".join(f"{ref} entry {seq}" for ref, seq in undone.undone)
        parts.append((f"Import {number}: {how_many(len(undone.undone), 'change')} {would}undone: {entries}.", ""))
    parts += [(inert(f"{ref} is left: {why}."), "") for ref, why in undone.left]
    if not parts:
        parts.append((f"Nothing of import {number} is left to take back.", ""))
    if backup:
        parts.append((inert(f"A backup was made before: {backup}."), ""))
    if not written and (undone.voided or undone.undone):
        parts.append(("Nothing was written: --write takes it back.", ""))
    return Page(parts)


def undone_document(number: int, undone: Undone, *, written: bool, backup: Path | None) -> dict[str, Any]:
    """The same, as JSON."""
    return {
        "import": number,
        "written": written,
        "voided": undone.voided,
        "undone": [{"case": ref, "entry": seq} for ref, seq in undone.undone],
        "left": [{"case": ref, "why": why} for ref, why in undone.left],
        "backup": str(backup) if backup else None,
    }
