"""One sheet of an .xlsx file as openpyxl has it: what its cells say as they are shown, and what they tell by their looks."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from escalate.domain.importing.sheet import COLOURED, HIDDEN, STRUCK, Merged, Place, Sheet, noted
from escalate.errors import listed
from escalate.storage.files.sheet_rows import MOST_CELLS, MOST_ROWS, plain_rows, plain_text, too_many_cells

NEVER_CALCULATED = "holds a formula that was never worked out: open the file in Excel, save it, and import it again"
ERROR = "holds an error instead of a value: put it right in the sheet"
OTHERWISE = "is shown otherwise than it is kept: type there what is to be read, as text"

_COLOUR_NAMED = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|colou?r ?\d+)\]", re.IGNORECASE)
_PARTS = re.compile(r"""("[^"]*"|\\.|[-/ ])|([0#?])""")
_OTHERWISE = re.compile(r"""\[[<>=]|"[^"]*[A-Za-z][^"]*\"""")
"""What a format has that shows a number as something else than its digits: words, or one form or another by how large it is."""
_MOST_OF_ALL, _BANDED = 0.8, 0.4


class _Look(NamedTuple):
    """What a style of cells looks like."""

    struck: bool
    colour: Hashable
    """None for what is neither filled nor written in a colour."""


class ExcelSheet:
    """Reads one sheet; `formulas` is the same sheet with its formulas instead of their values, where the file has any."""

    def __init__(self, path: Path, found: Any, formulas: Any) -> None:
        self._path, self._found, self._formulas = path, found, formulas
        self._dates: set[Place] = set()
        self._faults: dict[Place, str] = {}
        self._struck: set[int] = set()
        self._notes: dict[int, list[int]] = {}
        self._colours: dict[int, set[Hashable]] = {}
        self._looks: dict[int, _Look] = {}

    def read(self) -> Sheet:
        """The sheet. Raises Refused where there is too much in it."""
        if self._found.max_row > MOST_ROWS and self._found.max_row * self._found.max_column > MOST_CELLS:
            raise too_many_cells(self._path)
        rows = plain_rows(self._path, self._texts())
        return Sheet(
            tuple(rows), self._found.title, frozenset(self._dates), self._faults, self._marks(),
            tuple(Merged(each.min_row, each.min_col, each.max_row, each.max_col) for each in self._found.merged_cells.ranges),
            tuple(self._hidden_columns()),
        )  # fmt: skip

    def _texts(self) -> Iterator[list[str]]:
        for number, cells in enumerate(self._found.iter_rows(), 1):
            yield [self._text(number, cell) for cell in cells]

    def _text(self, number: int, cell: Any) -> str:
        """What a cell says; what it tells beside that is kept by its row."""
        value = cell.value
        if value is None:
            if self._formulas is not None and self._formulas.cell(number, cell.column).data_type == "f":
                self._faults[number, cell.column] = NEVER_CALCULATED
                return "?"  # so that the row counts as one that says something
            return ""
        if cell.comment is not None:
            self._notes.setdefault(number, []).append(cell.column)
        if cell.has_style:
            self._look_at(number, cell)
            if cell.data_type == "d":
                self._dates.add((number, cell.column))
            elif cell.data_type == "n":
                return self._as_shown(number, cell)
        if cell.data_type == "e":
            self._faults[number, cell.column] = ERROR
        elif cell.data_type == "d":
            self._dates.add((number, cell.column))
        return (
            value if isinstance(value, str) else plain_text(value)
        )  # what is spelt out in text is read once, with the row

    def _as_shown(self, number: int, cell: Any) -> str:
        """A number as its format shows it, `ESC-0012`, where that adds letters or leading noughts."""
        text, shown_as = plain_text(cell.value), cell.number_format
        if shown_as == "General":
            return text
        shown = _filled_in(shown_as, text) if text.isdigit() else None
        if shown is not None:
            return shown
        if _OTHERWISE.search(shown_as):
            self._faults[number, cell.column] = OTHERWISE
        return text

    # -- what is told by looks

    def _look_at(self, number: int, cell: Any) -> None:
        style = cell.style_id
        look = self._looks.get(style)
        if look is None:
            look = self._looks[style] = _Look(bool(cell.font.strike), _colour(cell))
        if look.struck:
            self._struck.add(number)
        if look.colour is not None:
            self._colours.setdefault(number, set()).add(look.colour)

    def _marks(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for number, columns in self._notes.items():
            found.setdefault(number, []).append(noted(columns))
        for number in self._struck:
            found.setdefault(number, []).append(STRUCK)
        for number in self._coloured():
            found.setdefault(number, []).append(COLOURED)
        for number, row in self._found.row_dimensions.items():
            if row.hidden:
                found.setdefault(number, []).append(HIDDEN)
        return {number: tuple(marks) for number, marks in found.items()}

    def _coloured(self) -> Iterator[int]:
        """The rows whose colours are not those of a table as a whole, or of every other row of it."""
        by_row = {number: frozenset(colours) for number, colours in self._colours.items()}
        rows = {colours: [n for n, each in by_row.items() if each == colours] for colours in Counter(by_row.values())}
        for numbers in rows.values():
            share = len(numbers) / self._found.max_row
            is_banded = share > _BANDED and len({number % 2 for number in numbers}) == 1 and len(numbers) > 2
            if share <= _MOST_OF_ALL and not is_banded:
                yield from numbers

    def _hidden_columns(self) -> Iterator[str]:
        letters = [letter for letter, column in self._found.column_dimensions.items() if column.hidden]
        if letters:
            were = "Column {} is" if len(letters) == 1 else "Columns {} are"
            yield f"{were.format(listed(letters, 'and'))} hidden in the sheet, and read like the others."


def _colour(cell: Any) -> Hashable:
    """What a cell is filled with, or written in; None where that is nothing, white or black."""
    fill, font = cell.fill, cell.font
    if fill.patternType == "solid" and _told(fill.fgColor) not in (None, "FFFFFFFF", "00FFFFFF", ("theme", 0)):
        return _told(fill.fgColor)
    written = _told(font.color) if font.color else None
    return written if isinstance(written, str) and written[2:] != "000000" else None


def _told(colour: Any) -> Hashable:
    return colour.rgb if colour.type == "rgb" else (colour.type, getattr(colour, colour.type, None))


def _filled_in(shown_as: str, digits: str) -> str | None:
    """A whole number as a format of noughts, places and words shows it, `ESC-0012` or `123-456`; None for any other format.

    Where only spaces stand between its digits they are left as they are: a record number is written with them and without.
    """
    pattern = _COLOUR_NAMED.sub("", shown_as.split(";", maxsplit=1)[0])
    parts = _PARTS.findall(pattern)
    between = "".join(_literally(literal) for literal, _ in parts)
    if "".join(map("".join, parts)) != pattern or not any(place for _, place in parts):
        return None
    if not between.strip() and "0" not in pattern:
        return digits
    left, shown = digits, ""
    first = next(n for n, (_, place) in enumerate(parts) if place)
    for n in range(len(parts) - 1, -1, -1):
        literal, place = parts[n]
        if not place:
            shown = _literally(literal) + shown
        elif n == first:  # the first place takes all that is left
            shown = (left or ("0" if place == "0" else "")) + shown
        else:
            shown = (left[-1:] or ("0" if place == "0" else "")) + shown
            left = left[:-1]
    return shown


def _literally(text: str) -> str:
    """The text that a number format adds, without its quotation marks."""
    return re.sub(r'"([^"]*)"|\\(.)', lambda found: found[1] or found[2] or "", text)
