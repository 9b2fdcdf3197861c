"""Reading .xlsx files: what unpacks to more than any machine holds is refused before the library reads it."""

import io
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from escalate.errors import Refused, UnknownName, listed
from escalate.on_demand import optional_library
from escalate.storage.files.sheet_rows import SheetRows, plain_row, plain_rows, too_many_cells

MOST_PARTS = 10_000
"""Files packed in an .xlsx."""

MOST_UNPACKED = 100_000_000
"""Bytes of all of them: one of a few kilobytes can unpack to more than any machine holds."""

MOST_MARKS = 800_000
"""Opening and closing marks of XML in its sheets, two to seven for a cell."""

MOST_OTHER_MARKS = 100_000
"""Such marks in all that is beside them (styles, names, links), because the library builds that up whole."""

_SAMPLE_ROWS = 30  # by which a sheet counts as empty

_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, ArithmeticError, EOFError,
    NotImplementedError, RuntimeError, AssertionError, OSError,
)  # fmt: skip
"""What the library raises for one file or another that is none of Excel's: it has no error of its own for all of them."""


def read_excel(path: Path, content: bytes, sheet: str | None) -> SheetRows:
    """The rows of a sheet of an .xlsx file: the one named, or the only one with anything in it. Raises Refused."""
    _check_package(path, content)
    library: Any = optional_library("openpyxl", "office", "An Excel file")
    try:
        with warnings.catch_warnings():  # about what escalate does not use
            warnings.simplefilter("ignore")
            book = library.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            found = _wanted_sheet(path, book, sheet)
            rows = plain_rows(path, found.iter_rows(values_only=True))
    except _BROKEN as problem:
        raise Refused(f"{path} is damaged, or no spreadsheet: open it in Excel and save it as a new file.") from problem
    return SheetRows(tuple(rows))


def _check_package(path: Path, content: bytes) -> None:
    """Raises Refused for what is packed but no .xlsx file, or unpacks to too much: no part unpacks to more than it says."""
    damaged = Refused(f"{path} is damaged: open it in Excel and save it as a new file.")
    if content.count(b"PK\x01\x02") > MOST_PARTS:
        raise damaged
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if not any(part.filename.startswith("xl/") for part in parts):
                raise Refused(f"{path} is not an .xlsx file: open it, and save it as .xlsx or .csv.")
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Refused(f"{path} unpacks to more than 100 MB: is it the right file?")
            sheets = others = 0
            for part in parts:
                marks = _marks(package, part)
                if part.filename.startswith("xl/worksheets/sheet") or part.filename == "xl/sharedStrings.xml":
                    sheets += marks
                else:
                    others += marks
    except _BROKEN as problem:
        raise damaged from problem
    if sheets > MOST_MARKS:
        raise too_many_cells(path)
    if others > MOST_OTHER_MARKS:
        raise Refused(
            f"{path} has too many styles, names or links in it: copy the cells into a new file, and import that."
        )


def _marks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many marks of XML a part opens or closes, roughly: nothing of it is kept."""
    with package.open(part) as unpacked:
        return sum(piece.count(b"<") for piece in iter(lambda: unpacked.read(1_000_000), b""))


def _wanted_sheet(path: Path, book: Any, wanted: str | None) -> Any:
    """A sheet: one that has something in its first rows, or the one named. Raises Refused."""
    sheets = [each for each in book.worksheets if each.sheet_state == "visible"]
    for each in book.worksheets:
        each.reset_dimensions()  # what a file says of its own size can be wrong
    if wanted is not None:
        named = [each for each in book.worksheets if each.title.casefold() == wanted.strip().casefold()]
        if not named:
            raise UnknownName("sheet", wanted, [each.title for each in sheets], f" in {path.name}")
        return named[0]
    full = [each for each in sheets if _has_something(each)]
    if len(full) > 1:
        names = [f'"{each.title}"' for each in full]
        raise Refused(f"{path.name} has more than one sheet: choose {listed(names, 'or')} with --sheet.")
    if not full:
        raise Refused(
            f"{path.name} has no sheet with anything in its first {_SAMPLE_ROWS} rows: name one with --sheet."
        )
    return full[0]


def _has_something(sheet: Any) -> bool:
    return any(plain_row(cells) for cells in sheet.iter_rows(max_row=_SAMPLE_ROWS, values_only=True))
