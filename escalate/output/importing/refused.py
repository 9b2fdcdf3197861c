"""The rows of a log that could not be imported, as an Excel file to correct and import again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from escalate.domain.importing.headings import REFUSED_BECAUSE
from escalate.domain.importing.rows import RefusedRows
from escalate.output.excel import disk_errors, excel_text, new_workbook


def write_refused(made: BinaryIO, sheets: Sequence[RefusedRows], now: datetime) -> None:
    """A sheet for each that had refused rows, with all they say as text, and the reason in the last column. Raises Refused, OSError."""
    book = new_workbook(now, write_only=True)
    for number, refused in enumerate(sheets, 1):
        sheet = book.create_sheet(refused.sheet or f"Log {number}")
        sheet.freeze_panes = "A2"
        width = len(refused.headings)
        sheet.append(_texts(sheet, [*refused.headings, REFUSED_BECAUSE]))
        for texts, reason in refused.rows:
            sheet.append(_texts(sheet, [*texts[:width], *[""] * (width - len(texts)), reason]))
    with disk_errors():
        book.save(made)


def _texts(sheet: Any, texts: Iterable[str]) -> list[Any]:
    """Cells that are text and stay so: nothing in them becomes a date, a number or a formula when somebody edits it."""
    from openpyxl.cell import WriteOnlyCell

    cells = []
    for text in texts:
        cell: Any = WriteOnlyCell(sheet)
        cell.value = excel_text(text)
        cell.data_type = "s"
        cell.number_format = "@"
        cell.quotePrefix = True
        cells.append(cell if text else None)
    return cells
