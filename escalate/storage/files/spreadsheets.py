"""Spreadsheets as units keep them, .xlsx or .csv, read as rows of plain text. What a file is, its content says, not its name."""

import csv
import io
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any

from escalate.errors import Refused, UnknownName, listed
from escalate.on_demand import optional_library

MOST_BYTES = 50_000_000
MOST_TEXT = 20_000_000
"""Of a .csv in bytes, and of any sheet in letters: pictures take room in an .xlsx, words alone never so much."""
MOST_ROWS = 20_000
"""No unit has had so many escalations; reading and opening them takes less than half a millisecond each."""
MOST_COLUMNS = 300
MOST_CELLS = 1_000_000
"""Looked at, the empty ones between and below what is filled in as well: a column that is coloured to its end has a million."""
MOST_LETTERS = 131_072
"""In one cell. Excel has at most 32,767, and Python's csv this many."""
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Of Excel. A file that speaks of others was not saved by it, and a row so far down would be reached through all above it."""

MOST_PARTS = 10_000
MOST_UNPACKED = 100_000_000
MOST_MARKS = 800_000
MOST_OTHER_MARKS = 100_000
"""An .xlsx is packed: one of a few kilobytes can unpack to more than any machine holds. Its sheets may have so many opening and
closing marks in them (two to seven for a cell), and all that is beside them (styles, names, links) together fewer, because the
library builds that up whole."""

_DELIMITERS = (",", ";", "\t")
_SAMPLE = 30  # rows by which a delimiter is chosen, and by which a sheet counts as empty
_SAMPLE_TEXT = 1_000_000  # characters of them
_PACKED, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a sheet, the first being row 1; a remark where something about the file had to be guessed."""

    rows: tuple[Row, ...]
    remark: str | None = None


def read_sheet(path: Path, sheet: str | None = None) -> Sheet:
    """A .csv file, or a sheet of an .xlsx file: the only one that has anything in it, or the one named. Raises Refused."""
    content = _content(path)
    if content.startswith(_PACKED):
        return _excel(path, content, sheet)
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise Refused(f"{path} is protected by a password: save a copy without one, and import that.")
        raise Refused(f"{path} is in a format of old Office programs: save it as .xlsx or .csv, and import that.")
    if sheet is not None:
        raise Refused(f"{path} is not an .xlsx file and has no sheets: leave --sheet out.")
    return _separated(path, content)


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise Refused(f"{path} is a folder: name the spreadsheet itself.")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else problem
        raise Refused(f"{path} cannot be read: {reason}.") from problem
    if len(content) > MOST_BYTES:
        raise Refused(f"{path} is larger than 50 MB: divide it, and import the parts.")
    if not content.strip():
        raise Refused(f"{path} is empty.")
    return content


# -- .csv -----------------------------------------------------------------------------------------------------------------


def _separated(path: Path, content: bytes) -> Sheet:
    if len(content) > MOST_TEXT:
        raise Refused(f"{path} is larger than 20 MB: divide it, and import the parts.")
    text, remark = _decoded(path, content)
    said, text = _said_delimiter(text)
    delimiter = said or _guessed_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = _rows(path, reader)
    except csv.Error as problem:
        raise Refused(
            f"{path} is not a sound .csv file near line {reader.line_num}: a quotation mark opens there and does not close, or stands inside a cell."
        ) from problem
    return Sheet(tuple(rows), remark)


def _decoded(path: Path, content: bytes) -> tuple[str, str | None]:
    """Text in UTF-8, in UTF-16 where the file says so, or else as Excel writes it in western Europe. Raises Refused."""
    if content.startswith(_UTF_16):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise Refused(f"{path} is not a spreadsheet: give an .xlsx or .csv file.")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        guessed = encoding == "cp1252"
        return text, "It is not in UTF-8, so it was read in the Windows encoding (1252)." if guessed else None
    raise Refused(f"{path} is text in an encoding that is not known: save it as CSV UTF-8, or as .xlsx.")


def _said_delimiter(text: str) -> tuple[str | None, str]:
    """Excel's own first line, `sep=;`, where there is one: it becomes an empty row, so that numbers stay right."""
    first, newline, rest = text.partition("\n")
    if first.strip().casefold() in {f"sep={each}" for each in _DELIMITERS} | {"sep="}:
        return first.strip("\r ")[4:5] or "\t", newline + rest
    return None, text


def _guessed_delimiter(text: str) -> str:
    """The one that divides most rows into the same number of cells."""

    def evenly(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(text[:_SAMPLE_TEXT], newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in islice(reader, _SAMPLE) if len(cells) > 1]
        except csv.Error:
            return 0
        return max(((width - 1) * times for width, times in Counter(widths).items()), default=0)

    return max(_DELIMITERS, key=evenly)


# -- .xlsx ----------------------------------------------------------------------------------------------------------------

_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, ArithmeticError, EOFError,
    NotImplementedError, RuntimeError, AssertionError, OSError,
)  # fmt: skip
"""What the library raises for one file or another that is none of Excel's: it has no error of its own for all of them."""


def _excel(path: Path, content: bytes, sheet: str | None) -> Sheet:
    _check_package(path, content)
    library: Any = optional_library("openpyxl", "office", "An Excel file")
    try:
        with warnings.catch_warnings():  # about what escalate does not use
            warnings.simplefilter("ignore")
            book = library.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            found = _chosen(path, book, sheet)
            rows = _rows(path, found.iter_rows(values_only=True))
    except _BROKEN as problem:
        raise Refused(f"{path} is damaged, or no spreadsheet: open it in Excel and save it as a new file.") from problem
    return Sheet(tuple(rows))


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
        raise _too_many_cells(path)
    if others > MOST_OTHER_MARKS:
        raise Refused(
            f"{path} has too many styles, names or links in it: copy the cells into a new file, and import that."
        )


def _marks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many marks of XML a part opens or closes, roughly: nothing of it is kept."""
    with package.open(part) as unpacked:
        return sum(piece.count(b"<") for piece in iter(lambda: unpacked.read(1_000_000), b""))


def _chosen(path: Path, book: Any, wanted: str | None) -> Any:
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
        raise Refused(f"{path.name} has no sheet with anything in its first {_SAMPLE} rows: name one with --sheet.")
    return full[0]


def _has_something(sheet: Any) -> bool:
    return any(
        _trimmed([_plain(cell) for cell in cells]) for cells in sheet.iter_rows(max_row=_SAMPLE, values_only=True)
    )


# -- cells ----------------------------------------------------------------------------------------------------------------


def _plain(value: object) -> str:
    """What a cell says, as text: a date year first, a whole number without a fraction, a tick box as yes or no."""
    if isinstance(value, str):
        sound = value if value.isascii() else value.encode(errors="replace").decode()
        return sound.replace("\r\n", "\n").replace("\0", "").strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        seconds = "minutes" if not value.second else "seconds"
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", timespec=seconds)
    if isinstance(value, date):
        return value.isoformat()
    return _plain(str(value))


def _trimmed(row: list[str]) -> Row:
    """Cells without the empty ones after the last that says something."""
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def _rows(path: Path, found: Iterable[Sequence[object]]) -> list[Row]:
    """Rows as plain text, without the empty ones after the last that says something. Raises Refused where there are too many."""
    rows: list[Row] = []
    looked_at = letters = 0
    for number, cells in enumerate(found, 1):
        looked_at += len(cells)
        if number > LAST_ROW or len(cells) > LAST_COLUMN:
            raise Refused(f"{path.name} has more rows or columns than Excel: is it the right file?")
        if looked_at > MOST_CELLS:
            raise _too_many_cells(path)
        if any(isinstance(cell, str) and len(cell) > MOST_LETTERS for cell in cells):
            raise Refused(
                f"{path.name} has more than {MOST_LETTERS:,} letters in one cell of row {number}: is it the right file?"
            )
        row = _trimmed([_plain(cell) for cell in cells])
        if len(row) > MOST_COLUMNS:
            raise Refused(f"{path.name} has something in column {len(row)} of row {number}: is it the right file?")
        letters += sum(map(len, row))
        if letters > MOST_TEXT:
            raise Refused(f"{path.name} has more than 20 million letters in it: divide it, and import the parts.")
        if row and number > MOST_ROWS:
            raise Refused(f"{path.name} has more than {MOST_ROWS:,} rows: divide it, and import the parts.")
        if number <= MOST_ROWS:
            rows.append(row)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def _too_many_cells(path: Path) -> Refused:
    return Refused(
        f"{path.name} has too many cells, the empty ones counted: delete the rows and columns with nothing in them, or divide it."
    )
