"""What has changed in the rows of a log since their cases were taken over, cell by cell."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from escalate.domain.deadlines.shifts import shifts
from escalate.domain.importing.changes import CellChange, RowChanges
from escalate.domain.importing.rows import Outcome
from escalate.errors import cut
from escalate.output.case.outcome import lines_of, shifts_of
from escalate.output.case.shifts import shifts_document
from escalate.output.columns import EMPTY, Columns, Page, Piece
from escalate.output.words import inert

LONGEST_SHOWN = 60
"""Characters of a cell: a whole text is read in the log."""


def changes_page(outcomes: Sequence[Outcome]) -> Page:
    """What changed, and what cannot be recorded of it."""
    return Page(changes_parts(outcomes, None))


def changes_parts(outcomes: Sequence[Outcome], now: datetime | None) -> list[Piece | Columns]:
    """What changed, what cannot be recorded of it, and with an instant what becomes of deadlines by what can."""
    parts: list[Piece | Columns] = []
    changed = [each for each in outcomes if each.changes]
    recordable = _table(changed, lambda cell: cell.can_be_recorded)
    if recordable:
        parts += [EMPTY, ("Changed in the log", "bold"), recordable]
    if now:
        for each in changed:
            parts += [(inert(f"{each.there}: {line}"), "") for line in _moved(each.changes, now)]
    refused = _lines(changed, lambda cell: cell.refused)
    if refused:
        parts += [EMPTY, ("Changed in the log, and not to be recorded from it", "bold"), refused]
    emptied = _table(changed, lambda cell: cell.emptied)
    if emptied:
        parts += [EMPTY, ("Emptied in the log: nothing is taken back because of that", "bold"), emptied]
    return parts


def cells_that(outcomes: Sequence[Outcome], hold: Callable[[CellChange], object]) -> int:
    """How many changed cells something holds of."""
    return sum(bool(hold(cell)) for each in outcomes if each.changes for cell in each.changes.cells)


def cells_document(changes: RowChanges | None) -> list[dict[str, Any]]:
    """The changed cells of a row, as JSON has them."""
    return [each._asdict() for each in changes.cells] if changes else []


def moved_document(changes: RowChanges, now: datetime) -> list[Any]:
    """What becomes of the deadlines of a case by what changed in its row."""
    before, after = changes.changed
    return shifts_document(shifts(before.deadlines if before else (), after.deadlines, now))


def _moved(changes: RowChanges | None, now: datetime) -> list[str]:
    """What becomes of the deadlines, in sentences."""
    if not changes or not changes.entries:
        return []
    return lines_of(changes.changed, shifts_of(changes.changed, now), now)


def _table(changed: Sequence[Outcome], hold: Callable[[CellChange], object]) -> Columns | None:
    table, empty = Columns("Row", "Case", "Cell", "Was", "Now"), True
    for each in changed:
        for cell in each.changes.cells if each.changes else ():
            if hold(cell):
                empty = False
                table.add(row_named(each), each.there or "", cell.place, _shown(cell.was), _shown(cell.becomes))
    return None if empty else table


def _lines(changed: Sequence[Outcome], said: Callable[[CellChange], str | None]) -> Columns | None:
    table, empty = Columns("", ""), True
    for each in changed:
        for cell in each.changes.cells if each.changes else ():
            if why := said(cell):
                empty = False
                says = f" said {_shown(cell.was)}, says {_shown(cell.becomes)} now:" if cell.was or cell.becomes else ""
                told = f"{cell.place}{says} {why}"
                table.add(f"row {row_named(each)}, {each.there}", told)
    return None if empty else table


def _shown(said: str | None) -> str:
    return cut(" ".join(said.split()), LONGEST_SHOWN) if said else "nothing"


def row_named(outcome: Outcome) -> str:
    """`7`; `2025: 7` where several sheets are read."""
    return f"{outcome.sheet}: {outcome.row}" if outcome.sheet else str(outcome.row)
