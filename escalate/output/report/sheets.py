"""The report as an Excel file: a sheet for each table, figures as numbers, and nothing in it that Excel would run."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from escalate.domain.reporting.model import Report
from escalate.output.excel import disk_errors, excel_text, new_workbook
from escalate.output.report.sections import head, sections
from escalate.output.report.tables import ReportSection, Row, Several
from escalate.output.words import inert

CellValue = str | int | float | None

WIDEST, NARROWEST, MARGIN = 60, 10, 2
"""How wide a column is at most and at least, and how much wider than its longest text, in characters."""

A4 = 9
"""What Excel calls that paper."""


def as_xlsx(report: Report, filters: Mapping[str, str | None]) -> bytes:
    """The workbook. Raises Refused where openpyxl is not installed."""
    book = new_workbook(report.known_at)
    _about(book.active, report, filters)
    for section in sections(report):
        _fill(book.create_sheet(section.heading[:31]), section)
    content = BytesIO()
    with disk_errors():
        book.save(content)
    return content.getvalue()


def _about(sheet: Any, report: Report, filters: Mapping[str, str | None]) -> None:
    """The first sheet: the period, and what is counted."""
    top = head(report, filters)
    sheet.title = "About"
    says = [f"{section.heading}: {section.says}" for section in sections(report) if section.says]
    for number, line in enumerate((top.title, top.days, *top.lines, "", *says), 1):
        _write(sheet, number, 1, line)
    _bold(sheet, 1)
    sheet.column_dimensions["A"].width = 110


def _fill(sheet: Any, section: ReportSection) -> None:
    """The sheet of a section: its table."""
    from openpyxl.utils import get_column_letter

    table = section.table
    headings = [heading for column in table.columns for heading in column.taken_apart or (column.heading,)]
    rows: list[list[CellValue]] = [list(headings), *map(_taken_apart, table.lines)]
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            _write(sheet, number, column, value)
    _bold(sheet, 1)
    if table.total:
        _bold(sheet, sheet.max_row)
    sheet.freeze_panes = "A2"
    for number in range(1, len(headings) + 1):
        longest = max(len(str(row[number - 1] or "")) for row in rows)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + MARGIN, NARROWEST), WIDEST)
    _lay_out_for_print(sheet)


def _lay_out_for_print(sheet: Any) -> None:
    """Pages across, as wide as the table, with its headings on each."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _taken_apart(row: Row) -> list[CellValue]:
    """The values of a row as single ones."""
    found: list[CellValue] = []
    for value in row:
        found += value.values if isinstance(value, Several) else [value]
    return found


def _write(sheet: Any, row: int, column: int, value: CellValue) -> None:
    """A number as one; text as text, whatever it begins with, also once somebody edits it."""
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if isinstance(value, str):
        cell.value = excel_text(inert(value))
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell.value = value


def _bold(sheet: Any, row: int) -> None:
    from openpyxl.styles import Font

    for cell in sheet[row]:
        cell.font = Font(bold=True)
