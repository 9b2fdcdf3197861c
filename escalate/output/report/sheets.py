"""The report as an Excel file: a sheet for each table, figures as numbers, and nothing in it that Excel would run."""

from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

from escalate.domain.reporting.model import Report
from escalate.lazily import optional
from escalate.output.report.sections import Section, Several, Value, head, sections
from escalate.output.sending.export import excel_text
from escalate.output.words import inert

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


def as_xlsx(report: Report, filters: Mapping[str, str | None]) -> bytes:
    """The workbook. Raises Refused where openpyxl is not installed."""
    openpyxl = optional("openpyxl", "office", "An Excel file")
    book = openpyxl.Workbook()
    book.properties.creator = "escalate"
    book.properties.created = book.properties.modified = report.known_at.replace(tzinfo=None)
    _about(book.active, report, filters)
    for section in sections(report):
        _fill(book.create_sheet(section.heading[:31]), section)
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _about(sheet: "Worksheet", report: Report, filters: Mapping[str, str | None]) -> None:
    """The first sheet: the period, and what is counted."""
    from openpyxl.styles import Alignment

    top = head(report, filters)
    sheet.title = "About"
    says = [f"{section.heading}: {section.says}" for section in sections(report) if section.says]
    for number, line in enumerate((top.title, top.days, *top.lines, "", *says), 1):
        _write(sheet, number, 1, line)
        sheet.cell(number, 1).alignment = Alignment(wrap_text=True, vertical="top")
    _bold(sheet, 1)
    sheet.column_dimensions["A"].width = 110


def _fill(sheet: "Worksheet", section: Section) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    table = section.table
    headings = [heading for column in table.columns for heading in column.taken_apart or (column.heading,)]
    rows: list[list[str | int | float | None]] = [list(headings), *map(_taken_apart, table.lines)]
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            _write(sheet, number, column, value)
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
    _bold(sheet, 1)
    if table.total:
        _bold(sheet, sheet.max_row)
    sheet.freeze_panes = "A2"
    for number in range(1, len(headings) + 1):
        longest = max(len(str(row[number - 1] or "")) for row in rows)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest + 2, 10), 60)
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _taken_apart(row: tuple[Value, ...]) -> list[str | int | float | None]:
    found: list[str | int | float | None] = []
    for value in row:
        found += value.values if isinstance(value, Several) else [value]
    return found


def _write(sheet: "Worksheet", row: int, column: int, value: str | float | None) -> None:
    """A number as one; text as text, whatever it begins with, also once somebody edits it."""
    cell: Any = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = excel_text(inert(value))
        cell.data_type = "s"
        cell.quotePrefix = True
    else:
        cell.value = value


def _bold(sheet: "Worksheet", row: int) -> None:
    from openpyxl.styles import Font

    for cell in sheet[row]:
        cell.font = Font(bold=True)
