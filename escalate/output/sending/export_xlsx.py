"""Cases, deadlines and histories as an Excel file: a case at a time, so that a country's cases need no more room than one."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from escalate.errors import Refused
from escalate.output.excel import (
    FORMULA,
    LAST_ROW,
    disk_errors,
    excel_text,
    height_of,
    new_workbook,
    pages_wide,
    print_on_a4,
    width_of,
)
from escalate.output.sending.export_rows import TABLES, CaseAsKnown, CellValue, ExportColumn

FIRST_YEAR = 1900
"""The year in which Excel counts a day too many."""

LOOKED_AT = 500
"""So many rows are waited for before the columns get their widths."""

_FORMATS: dict[type, str] = {datetime: "yyyy-mm-dd hh:mm", date: "yyyy-mm-dd", int: "0"}


def write_workbook(into: BinaryIO, cases: Iterable[CaseAsKnown], *, identify: bool, at: datetime) -> None:
    """Writes an Excel file with a sheet for each table, its headings always in sight and ready to filter by.

    Raises Refused, and OSError.
    """
    book = new_workbook(at, write_only=True)
    sheets = {name: _Sheet(book, name, table.shown(identify)) for name, table in TABLES.items()}
    try:
        with disk_errors():
            for case in cases:
                for name, table in TABLES.items():
                    for row in table.rows(case, identify):
                        sheets[name].add(row)
            for sheet in sheets.values():
                sheet.finish()
            _save(book, into)
    except Exception:
        for sheet in sheets.values():
            sheet.give_up()
        raise


def _save(book: Any, into: BinaryIO) -> None:
    """Writes all that the sheets do not hold. `book.save` would leave the archive open where it fails."""
    from openpyxl.writer.excel import ExcelWriter

    with ZipFile(into, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()


class _Sheet:
    """A sheet that is written from above downwards; how wide its columns are follows from its first rows."""

    def __init__(self, book: Any, name: str, columns: Sequence[ExportColumn]) -> None:
        from openpyxl.styles import Alignment
        from openpyxl.utils import get_column_letter

        self._letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._columns = columns
        self._sheet: Any = book.create_sheet(name.capitalize())
        self._rows, self._written = 1, 0
        self._first: list[list[CellValue]] | None = []
        self._widths: list[int] = []
        self._styles: dict[tuple[type, bool, bool], Any] = {}
        # long text is shown whole, and short beside its beginning
        self._whole = Alignment(horizontal="left", vertical="top", wrap_text=True)
        self._sheet.freeze_panes = "B2"
        self._sheet.print_title_rows, self._sheet.print_title_cols = "1:1", "A:A"
        print_on_a4(self._sheet)

    def add(self, row: Iterable[CellValue]) -> None:
        """Adds a row. Raises Refused where a sheet has no more room."""
        self._rows += 1
        if self._rows > LAST_ROW:
            raise Refused(
                f"A sheet of an Excel file ends at row {LAST_ROW:,}: export fewer cases, or write csv or json."
            )
        if self._first is None:
            self._append(list(row))
            return
        self._first.append(list(row))
        if len(self._first) == LOOKED_AT:
            self._begin()

    def finish(self) -> None:
        """Lets every column be filtered by what stands in it."""
        self._begin()
        self._sheet.auto_filter.ref = f"A1:{self._letters[-1]}{self._rows}"

    def give_up(self) -> None:
        """Lets go of what was not finished, which would otherwise complain by itself later on."""
        if self._first is not None:  # nothing was begun
            return
        for part in (self._sheet._rows, self._sheet._writer.xf):  # noqa: SLF001
            with suppress(Exception):
                part.close()

    def _begin(self) -> None:
        """Writes the headings and the first rows, once it is known how wide what stands in them is."""
        from openpyxl.styles import Font

        if self._first is None:
            return
        first, self._first = self._first, None
        headings: list[CellValue] = [column.heading for column in self._columns]
        self._widths = [
            width_of(column.width, column.heading, [row[n] for row in first]) for n, column in enumerate(self._columns)
        ]
        self._sheet.page_setup.fitToWidth = pages_wide(self._widths)
        for letter, width in zip(self._letters, self._widths, strict=True):
            self._sheet.column_dimensions[letter].width = width
        self._append(headings, Font(name="Calibri", size=11, bold=True))
        for row in first:
            self._append(row)

    def _append(self, row: Sequence[CellValue], font: Any = None) -> None:
        self._written += 1
        height = height_of(row, self._widths)
        if height:  # a program that opens the file may leave rows as high as one line, and then the rest is not seen
            self._sheet.row_dimensions[self._written].height = height
        self._sheet.append([self._cell(value, font) for value in row])
        if height:  # it is written, and a country's rows would take room
            del self._sheet.row_dimensions[self._written]

    def _cell(self, value: CellValue, font: Any) -> Any:
        """A value as Excel takes it: instants are dates, and text is text whatever it begins with."""
        from openpyxl.cell import WriteOnlyCell

        if value is None:
            return None
        if isinstance(value, date) and value.year <= FIRST_YEAR:
            value = value.isoformat()
        cell: Any = WriteOnlyCell(self._sheet)
        cell.value = excel_text(value) if isinstance(value, str) else value
        quoted = isinstance(value, str) and value.lstrip().startswith(FORMULA)
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
