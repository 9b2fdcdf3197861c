"""A sheet of a log as it was read from its file: what each cell says, and what the sheet tells beside the words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from escalate.errors import listed

Row = tuple[str, ...]
"""The cells of a row as plain text, up to the last that says something."""

Place = tuple[int, int]
"""Where a cell stands: the numbers of its row and its column, from 1."""


STRUCK = "has words that are struck through, read like the others"
COLOURED = "is coloured otherwise than others: what a colour means is not taken over"
HIDDEN = "is hidden in the sheet, read like the others"


def noted(columns: Iterable[int]) -> str:
    """What is said of a row with notes on cells of these columns."""
    letters = listed([column_letter(column) for column in columns], "and")
    return f"has a note on the cell in column {letters}, which is not taken over"


class Merged(NamedTuple):
    """A range of cells that were merged into one."""

    row: int
    """The first row."""
    column: int
    """The first column."""
    last_row: int
    """The last row."""
    last_column: int
    """The last column."""

    @property
    def name(self) -> str:
        """`B3:B7`."""
        return f"{column_letter(self.column)}{self.row}:{column_letter(self.last_column)}{self.last_row}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read from one sheet of a spreadsheet, or from a file of text."""

    rows: tuple[Row, ...]
    """The first is row 1."""
    name: str | None = None
    """What the sheet is called; None in a file that has no sheets."""
    dates: frozenset[Place] = frozenset()
    """The cells that the file itself keeps as dates, whatever their texts would be read as. Text files have none."""
    faults: Mapping[Place, str] = field(default_factory=dict)
    """The cells whose text is not what somebody sees there, or is none, each with the reason and what to do."""
    marks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """What a row tells otherwise than by words (colours, strike-through, notes on cells), by its number."""
    merged: tuple[Merged, ...] = ()
    """The ranges of cells that were merged into one: what they say stands in the first cell alone."""
    remarks: tuple[str, ...] = ()
    """What is to be known about the sheet as a whole."""


@dataclass(frozen=True, slots=True)
class Book:
    """All the sheets of a file in which something stands."""

    sheets: tuple[Sheet, ...]
    """In their order in the file."""
    remarks: tuple[str, ...] = ()
    """What is to be known about the file: how it was guessed to be written, or which sheets were not read."""


def column_letter(number: int) -> str:
    """What spreadsheets call a column: A to Z, AA and on."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
