"""Cases, deadlines and histories as an Excel file: a case at a time, so that a country's cases need no more room than one."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from escalate.errors import Refused
from escalate.output.excel import FORMULA, LAST_ROW, disk_errors, excel_text, new_workbook
from escalate.output.sending.export_rows import TABLES, CaseAsKnown, CellValue, ExportColumn

FIRST_YEAR = 1900
"""The year in which Excel counts a day too many."""

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
    """A sheet that is written from above downwards, a row at a time."""

    def __init__(self, book: Any, name: str, columns: Sequence[ExportColumn]) -> None:
        from openpyxl.styles import Alignment, Font
        from openpyxl.utils import get_column_letter

        letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._sheet: Any = book.create_sheet(name.capitalize())
        self._rows, self._last = 0, letters[-1]
        self._styles: dict[tuple[type, bool, bool], Any] = {}
        # long text is shown whole, and short beside its beginning
        self._whole = Alignment(vertical="top", wrap_text=True)
        for letter, column in zip(letters, columns, strict=True):
            self._sheet.column_dimensions[letter].width = column.width
        self._sheet.freeze_panes = "B2"
        self._sheet.page_setup.orientation = "landscape"
        self._sheet.print_title_rows, self._sheet.print_title_cols = "1:1", "A:A"
        self.add([column.heading for column in columns], Font(name="Calibri", size=11, bold=True))

    def add(self, row: Iterable[CellValue], font: Any = None) -> None:
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
