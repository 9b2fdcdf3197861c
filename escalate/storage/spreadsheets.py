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

from escalate.domain.errors import Refused, UnknownName, listed
from escalate.lazily import optional

MOST_BYTES = 50_000_000
MOST_UNPACKED = 400_000_000
"""An .xlsx is packed: one of a few kilobytes can unpack to more than any machine holds."""
MOST_ROWS = 200_000
MOST_COLUMNS = 300

_DELIMITERS = (",", ";", "\t")
_SAMPLE = 30  # rows by which a delimiter is chosen, and by which a sheet counts as empty
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
    text, remark = _decoded(path, content)
    said, text = _said_delimiter(text)
    delimiter = said or _guessed_delimiter(text)
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            rows.append(_trimmed(_plain(cell) for cell in cells))
            _check_size(path, rows)
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
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
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
    library: Any = optional("openpyxl", "office", "An Excel file")
    try:
        with warnings.catch_warnings():  # about what escalate does not use
            warnings.simplefilter("ignore")
            book = library.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            found = _chosen(path, book, sheet)
            rows: list[Row] = []
            for cells in found.iter_rows(values_only=True):
                rows.append(_trimmed(_plain(cell) for cell in cells))
                _check_size(path, rows)
    except _BROKEN as problem:
        raise Refused(f"{path} is damaged, or no spreadsheet: open it in Excel and save it as a new file.") from problem
    while rows and not rows[-1]:
        rows.pop()
    return Sheet(tuple(rows))


def _check_package(path: Path, content: bytes) -> None:
    """Raises Refused for what is packed but no .xlsx file, or unpacks to too much: no part unpacks to more than it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            names = {part.filename for part in parts}
    except _BROKEN as problem:
        raise Refused(f"{path} is damaged: open it in Excel and save it as a new file.") from problem
    if not any(name.startswith("xl/") for name in names):
        raise Refused(f"{path} is not an .xlsx file: open it, and save it as .xlsx or .csv.")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Refused(f"{path} unpacks to more than 400 MB: is it the right file?")


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
    return any(_trimmed(_plain(cell) for cell in cells) for cells in sheet.iter_rows(max_row=_SAMPLE, values_only=True))


# -- cells ----------------------------------------------------------------------------------------------------------------


def _plain(value: object) -> str:
    """What a cell says, as text: a date year first, a whole number without a fraction, a tick box as yes or no."""
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
    return str(value).replace("\r\n", "\n").encode(errors="replace").decode().replace("\0", "").strip()


def _trimmed(cells: Iterable[str]) -> Row:
    """Cells without the empty ones after the last that says something."""
    row = list(cells)
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def _check_size(path: Path, rows: Sequence[Row]) -> None:
    if len(rows[-1]) > MOST_COLUMNS:
        raise Refused(f"{path.name} has something in column {len(rows[-1])} of row {len(rows)}: is it the right file?")
    if len(rows) > MOST_ROWS and rows[-1]:
        raise Refused(f"{path.name} has more than {MOST_ROWS:,} rows: divide it, and import the parts.")
