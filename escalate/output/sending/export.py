"""Cases for other programs: csv, JSON and Excel. A case at a time, so that a country's cases need no more room than one."""

import errno
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from escalate.domain.deadlines.case_file import due_lines
from escalate.domain.deadlines.standing import standing
from escalate.errors import Refused
from escalate.lazily import optional
from escalate.output.case.documents import entry_document, record_document
from escalate.output.case.rows import due_document
from escalate.output.documents import Document
from escalate.output.sending.export_rows import TABLES, Cell, Column, Seen, Table

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.styles import Font

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for something else
LAST_ROW = 1_048_576  # of a sheet, and how much a cell takes: support.microsoft.com, "Excel specifications and limits"
LONGEST_TEXT = 32_767
FIRST_YEAR = 1900  # in which Excel counts a day too many
_CUT = " … (cut: escalate log has all of it)"
_FORMATS: dict[type, str] = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", int: "0"}
_FORMULA = tuple("=+-@＝＋－＠﹦﹢﹣﹫−")
_FORMULA_INSIDE = re.compile(rf"([;|]\s*)(?=[{''.join(map(re.escape, _FORMULA))}])")
_DIVIDES = re.compile('[,;|"]')
_SPELT_OUT = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A


# -- csv


def csv_lines(table: Table, cases: Iterable[Seen], *, identify: bool) -> Iterator[bytes]:
    """A table as csv that Excel opens rightly: in UTF-8, with CRLF, and with nothing in it that would be worked out."""
    yield BYTE_ORDER_MARK + _csv_line([column.heading for column in table.shown(identify)])
    for seen in cases:
        for row in table.rows(seen, identify):
            yield _csv_line([_csv_text(cell) for cell in row])


def _csv_line(cells: list[str]) -> bytes:
    return f"{','.join(map(_csv_cell, cells))}\r\n".encode()


def _csv_cell(text: str) -> str:
    """A cell in quotes where it could be taken apart: a program may divide at semicolons too, and take what follows for a formula."""
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if _DIVIDES.search(text) else text


def _csv_text(cell: Cell) -> str:
    """A cell as text: moments as `2026-11-20 16:00`, and a mark before what a spreadsheet would take for a formula."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    text = "" if cell is None else str(cell)
    text = _FORMULA_INSIDE.sub(r"\1'", text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


# -- JSON


def json_pieces(cases: Iterable[Seen]) -> Iterator[bytes]:
    """One JSON document, `{cases: [...], deadlines: [...], history: [...]}`; deadlines and history wait until the cases are out."""
    with TemporaryFile() as deadlines, TemporaryFile() as history:
        yield b'{"cases": ['
        yield from _items(_cases(cases, deadlines, history))
        for name, waiting in ((b"deadlines", deadlines), (b"history", history)):
            waiting.seek(0)
            yield b'],\n"%b": [' % name
            yield from _items(waiting)
        yield b"]}\n"


def _cases(cases: Iterable[Seen], deadlines: BinaryIO, history: BinaryIO) -> Iterator[bytes]:
    for file, now, horizon in cases:
        yield _line(record_document(file))
        deadlines.writelines(
            _line(due_document(line, standing(line.deadline, now, horizon))) for line in due_lines(file)
        )
        history.writelines(
            _line({"case": file.case.ref, **entry_document(entry, file.case)}) for entry in file.case.history
        )


def _line(document: Document) -> bytes:
    return f"{json.dumps(document)}\n".encode()


def _items(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines as the items of a JSON list."""
    for number, line in enumerate(lines):
        yield (b",\n" if number else b"\n") + line.rstrip()


# -- Excel


def write_workbook(into: BinaryIO, cases: Iterable[Seen], *, identify: bool, at: datetime) -> None:
    """Writes an Excel file with a sheet for each table, its headings always in sight and ready to filter by.

    Raises Refused, and OSError.
    """
    excel = optional("openpyxl", "office", "An Excel file")
    book: Workbook = excel.Workbook(write_only=True)
    book.properties.creator = "escalate"
    book.properties.created = book.properties.modified = at.replace(tzinfo=None)
    sheets = {name: _Sheet(book, name, table.shown(identify)) for name, table in TABLES.items()}
    try:
        for seen in cases:
            for name, table in TABLES.items():
                for row in table.rows(seen, identify):
                    sheets[name].add(row)
        for sheet in sheets.values():
            sheet.finish()
        with ZipFile(into, "w", ZIP_DEFLATED) as archive:  # not book.save: that leaves the archive open where it fails
            excel.writer.excel.ExcelWriter(book, archive).write_data()
    except Exception as problem:
        for sheet in sheets.values():
            sheet.give_up()
        if type(problem).__name__ == "SerialisationError":
            raise _as_the_system_says_it(problem) from problem
        raise


def _as_the_system_says_it(problem: Exception) -> OSError:
    """What lxml, which openpyxl writes through where it is there, says of a full disk, in the system's words."""
    number = getattr(errno, str(problem).removeprefix("IO_"), errno.EIO)
    return OSError(number, os.strerror(number))


class _Sheet:
    """A sheet that is written from above downwards, a row at a time."""

    def __init__(self, book: "Workbook", name: str, columns: Sequence[Column]) -> None:
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter

        letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._sheet: Any = book.create_sheet(name.capitalize())
        self._rows, self._last = 0, letters[-1]
        self._styles: dict[tuple[type, bool, bool], Any] = {}
        self._whole = Alignment(
            vertical="top", wrap_text=True
        )  # long text is shown whole, and short beside its beginning
        for letter, column in zip(letters, columns, strict=True):
            self._sheet.column_dimensions[letter].width = column.width
        self._sheet.freeze_panes = "B2"
        self._sheet.page_setup.orientation = "landscape"
        self._sheet.print_title_rows, self._sheet.print_title_cols = "1:1", "A:A"
        self.add([column.heading for column in columns], Font(name="Calibri", size=11, bold=True))

    def add(self, row: Iterable[Cell], font: "Font | None" = None) -> None:
        """Adds a row. Raises Refused where a sheet has no more room."""
        self._rows += 1
        if self._rows > LAST_ROW:
            raise Refused(
                f"A sheet of an Excel file ends at row {LAST_ROW:,}: export fewer cases, or write csv or json."
            )
        self._sheet.append([self._cell(value, font) for value in row])

    def finish(self) -> None:
        """Lets every column be filtered by what stands in it."""
        self._sheet.auto_filter.ref = f"A1:{self._last}{self._rows}"

    def give_up(self) -> None:
        """Lets go of what was not finished, which would otherwise complain by itself later on."""
        for part in (self._sheet._rows, self._sheet._writer.xf):  # noqa: SLF001
            with suppress(Exception):
                part.close()

    def _cell(self, value: Cell, font: "Font | None") -> Any:
        """A value as Excel takes it: moments are dates, and text is text whatever it begins with."""
        from openpyxl.cell import WriteOnlyCell

        if value is None:
            return None
        if isinstance(value, date) and value.year <= FIRST_YEAR:
            value = value.isoformat()
        cell: Any = WriteOnlyCell(self._sheet)
        cell.value = excel_text(value) if isinstance(value, str) else value
        quoted = isinstance(value, str) and value.lstrip().startswith(_FORMULA)
        kind = type(value), quoted, font is not None
        if kind not in self._styles:  # to look a style up for every cell would take most of the time
            cell.alignment = self._whole
            cell.number_format = _FORMATS.get(type(value), "General")
            cell.quotePrefix = quoted  # or it is worked out once somebody edits the cell
            if font:
                cell.font = font
            self._styles[kind] = cell._style  # noqa: SLF001
        cell._style = self._styles[kind]  # noqa: SLF001
        if isinstance(value, str):
            cell.data_type = "s"
        return cell


def excel_text(text: str) -> str:
    """Text no longer than a cell holds, in which nothing stands for another character."""
    text = _SPELT_OUT.sub("_x005F_", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(_CUT)] + _CUT
