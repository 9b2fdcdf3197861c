"""Reading .xlsx files: what unpacks to more than any machine holds is refused before the library reads it."""

import io
import re
import warnings
import zipfile
import zlib
from pathlib import Path
from typing import Any

from escalate.domain.importing.sheet import Sheet
from escalate.errors import Refused
from escalate.on_demand import optional_library
from escalate.storage.files.excel_sheet import ExcelSheet
from escalate.storage.files.sheet_rows import too_many_cells

MOST_PARTS = 10_000
"""Files packed in an .xlsx."""

MOST_UNPACKED = 100_000_000
"""Bytes of all of them: one of a few kilobytes can unpack to more than any machine holds."""

MOST_MARKS = 800_000
"""Opening and closing marks of XML in its sheets, two to seven for a cell."""

MOST_OTHER_MARKS = 100_000
"""Such marks in all that is beside them (styles, names, links), because the library builds that up whole."""

_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]|<(?:\w+:)?f?$")  # or what may be one, where a piece ends
_WORKBOOK = "xl/workbook.xml"
_STRICT = b"http://purl.oclc.org/ooxml/"
_STRICT_NAME = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/")

_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, ArithmeticError, EOFError,
    NotImplementedError, RuntimeError, AssertionError, OSError,
)  # fmt: skip
"""What the library raises for one file or another that is none of Excel's: it has no error of its own for all of them."""


def read_excel(path: Path, content: bytes) -> tuple[list[Sheet], list[Sheet]]:
    """The sheets of an .xlsx file, those that are shown and those that are hidden. Raises Refused."""
    has_formulas = _check_package(path, content)
    library: Any = optional_library("openpyxl", "office", "An Excel file")
    content = _transitional(content)
    try:
        with warnings.catch_warnings():  # about what escalate does not use
            warnings.simplefilter("ignore")
            book = library.load_workbook(io.BytesIO(content), data_only=True, keep_links=False)
            formulas = library.load_workbook(io.BytesIO(content), keep_links=False) if has_formulas else None
            shown: list[Sheet] = []
            hidden: list[Sheet] = []
            for each in book.worksheets:
                sheet = ExcelSheet(path, each, formulas[each.title] if formulas else None).read()
                (shown if each.sheet_state == "visible" else hidden).append(sheet)
    except _BROKEN as problem:
        raise Refused(
            f"{path} is damaged, or not a spreadsheet: open it in Excel and save it as a new file."
        ) from problem
    return shown, hidden


def _transitional(content: bytes) -> bytes:
    """The package in the usual form of the format: what is saved as Strict Open XML names the same things otherwise, and the library does not know it."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        if _WORKBOOK not in package.namelist() or _STRICT not in package.read(_WORKBOOK):
            return content
        parts = {part.filename: package.read(part) for part in package.infolist()}
    rewritten = io.BytesIO()
    with zipfile.ZipFile(rewritten, "w") as package:
        for name, part in parts.items():
            package.writestr(name, _STRICT_NAME.sub(rb"http://schemas.openxmlformats.org/\1/2006/", part))
    return rewritten.getvalue()


def _check_package(path: Path, content: bytes) -> bool:
    """Whether there is a formula in it. Raises Refused for what is packed but no spreadsheet, or unpacks to too much: no part unpacks to more than it says."""
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
            has_formulas = False
            for part in parts:
                marks, formulas = _marks(package, part)
                has_formulas = has_formulas or formulas
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
    return has_formulas


def _marks(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> tuple[int, bool]:
    """How many marks of XML a part opens or closes, roughly, and whether one begins as that of a formula does: nothing of it is kept."""
    marks, formulas = 0, False
    with package.open(part) as unpacked:
        for piece in iter(lambda: unpacked.read(1_000_000), b""):
            marks += piece.count(b"<")
            formulas = formulas or _FORMULA.search(piece) is not None
    return marks, formulas and part.filename.startswith("xl/worksheets/")
