"""Reading .ods files, as LibreOffice and Google Sheets write them: one part of XML, which says of every cell what it holds and how it is shown."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, iterparse

from escalate.domain.importing.sheet import HIDDEN, STRUCK, Merged, Place, Sheet, noted
from escalate.errors import Refused
from escalate.storage.files.excel_sheet import ERROR
from escalate.storage.files.sheet_rows import LAST_COLUMN, MOST_ROWS, plain_rows, plain_text

MOST_UNPACKED = 100_000_000
"""Bytes of its content: a file of a few kilobytes can unpack to more than any machine holds."""

_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, ParseError, EOFError, RuntimeError, NotImplementedError,
)  # fmt: skip
_DAMAGED = "is damaged, or is protected by a password: save a copy as .xlsx or .csv."
_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_SPACE = {
    prefix: f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}"
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
}
_ROW, _TABLE = f"{_SPACE['table']}table-row", f"{_SPACE['table']}table"
_CELLS = (f"{_SPACE['table']}table-cell", f"{_SPACE['table']}covered-table-cell")
_PARAGRAPH, _NOTE, _STYLE = f"{_SPACE['text']}p", f"{_SPACE['office']}annotation", f"{_SPACE['style']}style"
_SPACES, _BREAK, _TAB = (f"{_SPACE['text']}{name}" for name in ("s", "line-break", "tab"))


def is_open_document(content: bytes) -> bool:
    """Whether what is packed says that it is such a file: its first part, which is not compressed, does."""
    return _TYPE in content[:200]


def read_open_document(path: Path, content: bytes) -> tuple[list[Sheet], list[Sheet]]:
    """The sheets of an .ods file, those that are shown and those that are hidden. Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if package.getinfo("content.xml").file_size > MOST_UNPACKED:
                raise Refused(f"{path} unpacks to more than 100 MB: is it the right file?")
            text = package.read("content.xml")
        if b"<!DOCTYPE" not in text:  # nothing that grows: entities are declared there
            return _sheets(path, text)
    except _BROKEN as problem:
        raise Refused(f"{path} {_DAMAGED}") from problem
    raise Refused(f"{path} {_DAMAGED}")


def _sheets(path: Path, text: bytes) -> tuple[list[Sheet], list[Sheet]]:
    struck: set[str] = set()
    invisible: set[str] = set()
    shown: list[Sheet] = []
    hidden: list[Sheet] = []
    reading: _OpenSheet | None = None
    for event, element in iterparse(io.BytesIO(text), ("start", "end")):  # noqa: S314 (nothing is declared in it)
        if element.tag == _TABLE and event == "start":
            reading = _OpenSheet(struck)
        elif event == "start":
            continue
        elif element.tag == _STYLE:
            _note_style(element, struck, invisible)
        elif element.tag == _ROW and reading:
            reading.add(element)
            element.clear()
        elif element.tag == _TABLE and reading:
            sheet = reading.sheet(path, _of(element, "table", "name"))
            (hidden if _of(element, "table", "style-name") in invisible else shown).append(sheet)
            reading = None
    return shown, hidden


def _note_style(element: Element, struck: set[str], invisible: set[str]) -> None:
    """Keep the names of the styles that strike words through, and of those that hide a sheet."""
    name = _of(element, "style", "name")
    for each in element.iter():
        if _of(each, "style", "text-line-through-style") not in ("", "none"):
            struck.add(name)
        if _of(each, "table", "display") == "false":
            invisible.add(name)


class _OpenSheet:
    """One sheet while its rows come in."""

    def __init__(self, struck: set[str]) -> None:
        self._struck = struck
        self._rows: list[list[str]] = []
        self._dates: set[Place] = set()
        self._faults: dict[Place, str] = {}
        self._marks: dict[int, list[str]] = {}
        self._merged: list[Merged] = []

    def sheet(self, path: Path, name: str) -> Sheet:
        """The sheet, once all its rows are in. Raises Refused where there is too much in it."""
        marks = {number: tuple(found) for number, found in self._marks.items()}
        return Sheet(
            tuple(plain_rows(path, self._rows)), name, frozenset(self._dates), self._faults, marks, tuple(self._merged)
        )

    def add(self, row: Element) -> None:
        """The next row, as many times as the file says that it stands there."""
        times = int(_of(row, "table", "number-rows-repeated") or 1)
        cells = list(self._cells(row))
        if not any(cells):
            cells = []
        for _ in range(min(times, MOST_ROWS + 2 - len(self._rows))):
            if cells and _of(row, "table", "visibility") in ("collapse", "filter"):
                self._marks.setdefault(len(self._rows) + 1, []).append(HIDDEN)
            self._rows.append(cells)

    def _cells(self, row: Element) -> Iterator[str]:
        """The texts of a row, up to the last cell that the file does not just repeat to the end of the sheet."""
        number, column = len(self._rows) + 1, 1
        notes: list[int] = []
        for cell in row:
            if cell.tag not in _CELLS:
                continue
            text = self._text(number, column, cell)
            times = int(_of(cell, "table", "number-columns-repeated") or 1)
            if text and cell.find(_NOTE) is not None:
                notes.append(column)
            if text and _of(cell, "table", "style-name") in self._struck:
                self._marks.setdefault(number, []).append(STRUCK)
            self._note_merged(number, column, cell)
            yield from [text] * min(times, max(LAST_COLUMN - column, 0) if text else LAST_COLUMN // 16)
            column += times
        if notes:
            self._marks.setdefault(number, []).append(noted(notes))

    def _note_merged(self, number: int, column: int, cell: Element) -> None:
        down, across = (int(_of(cell, "table", f"number-{name}-spanned") or 1) for name in ("rows", "columns"))
        if down > 1 or across > 1:
            self._merged.append(Merged(number, column, number + down - 1, column + across - 1))

    def _text(self, number: int, column: int, cell: Element) -> str:
        """What a cell says: a date year first, anything else as it is shown where that adds letters or noughts."""
        kind = _of(cell, "office", "value-type")
        shown = "\n".join(_words(each) for each in cell.iter(_PARAGRAPH) if not _is_noted(cell, each))
        if kind == "date":
            self._dates.add((number, column))
            said = _of(cell, "office", "date-value")
            return plain_text(datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said))
        if kind == "time":
            return plain_text(shown)
        if kind == "boolean":
            return plain_text(_of(cell, "office", "boolean-value") == "true")
        if shown.startswith(("#", "Err:")):
            self._faults[number, column] = ERROR
        if kind in ("float", "currency", "percentage"):
            is_as_kept = not any(map(str.isalpha, shown)) and not shown.startswith("0")
            return plain_text(float(_of(cell, "office", "value")) if is_as_kept else shown)
        return plain_text(shown)


def _is_noted(cell: Element, paragraph: Element) -> bool:
    """Whether a paragraph is one of a note on the cell."""
    return any(paragraph is each for note in cell.iter(_NOTE) for each in note.iter(_PARAGRAPH))


def _words(element: Element) -> str:
    """The text of a paragraph, with its spaces and the ends of its lines."""
    inside = {_SPACES: " " * int(_of(element, "text", "c") or 1), _BREAK: "\n", _TAB: "\t"}.get(element.tag, "")
    return (
        inside
        + (element.text or "")
        + "".join(_words(each) + (each.tail or "") for each in element if each.tag != _NOTE)
    )


def _of(element: Element, space: str, name: str) -> str:
    """An attribute of an element; empty where it has none."""
    return element.get(f"{_SPACE[space]}{name}", "")
