"""The report as an Excel file: a sheet for each table, figures as numbers, dates as dates, and nothing in it that Excel would run."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, NamedTuple

from escalate.domain.reporting.model import Report
from escalate.domain.worktime.clock import london
from escalate.output.excel import (
    disk_errors,
    excel_text,
    height_of,
    new_workbook,
    pages_wide,
    print_on_a4,
    width_of,
)
from escalate.output.report.charts import add_chart
from escalate.output.report.commentary import commentary_blocks
from escalate.output.report.sections import head, sections
from escalate.output.report.tables import FigureTable, Plain, ReportSection, Row, Several, Share
from escalate.output.words import inert

WIDEST, NARROWEST = 36, 11
"""How wide a column is at most and at least, in characters."""

OF_TEXT = 110
"""How wide a sheet of text is, in characters: as wide as A4 on its side."""

WHEN, PERCENT = "ddd d mmm yyyy hh:mm", "0%"
"""How Excel shows instants and shares."""

SHADED, RULE = "F3F2F1", "B1B4B6"
"""The grounds of headings, and the lines below rows."""


def as_xlsx(report: Report, filters: Mapping[str, str | None]) -> bytes:
    """The workbook. Raises Refused where openpyxl is not installed."""
    book = new_workbook(report.known_at)
    top, found = head(report, filters), sections(report)
    _fill_with_text(book.active, "About", [top.title, *top.below])
    if report.commentary:
        blocks = commentary_blocks(report.commentary)
        headings = [n for n, each in enumerate(blocks, 1) if each.kind == "heading"]
        _fill_with_text(book.create_sheet(), "Commentary", [each.text for each in blocks], headings)
    for section in found:
        _fill(book.create_sheet(section.heading[:31]), section, top.title)
    says = [f"{section.heading}: {section.says}" for section in found if section.says]
    _fill_with_text(book.create_sheet(), "What is counted", ["What is counted", *says])
    content = BytesIO()
    with disk_errors():
        book.save(content)
    return content.getvalue()


def _fill_with_text(sheet: Any, title: str, lines: Sequence[str], bold: Sequence[int] = (1,)) -> None:
    """A sheet of paragraphs, in one column as wide as the page."""
    sheet.title = title
    for number, line in enumerate(lines, 1):
        _write(sheet, number, 1, line)
        sheet.row_dimensions[number].height = height_of([line], [OF_TEXT])
    for number in bold:
        _bold(sheet, number)
    sheet.column_dimensions["A"].width = OF_TEXT
    sheet.sheet_view.showGridLines = False
    print_on_a4(sheet)


class _Column(NamedTuple):
    """A column of a sheet."""

    heading: str
    """What stands above it."""
    numeric: bool
    """It has figures, and stands on the right."""
    values: list[Plain]
    """What stands in it, from above downwards."""

    @property
    def width(self) -> int:
        """How wide it is, in characters; letters of other programs are wider than Excel's."""
        return max(round(width_of(WIDEST, self.heading, [_as_seen(each) for each in self.values]) * 1.15), NARROWEST)


def _fill(sheet: Any, section: ReportSection, title: str) -> None:
    """The sheet of a section: its table, and its chart below."""
    from openpyxl.utils import get_column_letter

    columns = _columns(section.table)
    widths = [column.width for column in columns]
    for number, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = widths[number - 1]
        _write(sheet, 1, number, column.heading, numeric=column.numeric)
        for row, value in enumerate(column.values, 2):
            _write(sheet, row, number, value, numeric=column.numeric)
    lines = zip(*([column.heading, *column.values] for column in columns), strict=True)
    for number, line in enumerate(lines, 1):
        texts = [value if isinstance(value, str) else None for value in line]
        sheet.row_dimensions[number].height = height_of(texts, widths)
    _rule(sheet)
    if section.table.total:
        _bold(sheet, sheet.max_row)
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    _print_on_a4(sheet, title)
    sheet.page_setup.fitToWidth = pages_wide(widths)
    sheet.print_title_cols = "A:A"
    if add_chart(sheet, section.name, section.table, [column.heading for column in columns]):
        sheet.page_setup.fitToHeight = 1


def _columns(table: FigureTable) -> list[_Column]:
    """The columns of a table, taken apart, save those of words in which nothing stands: the route where no protocol has several."""
    headings = [
        (heading, column.numeric) for column in table.columns for heading in column.taken_apart or (column.heading,)
    ]
    rows = [_taken_apart(row) for row in table.lines]
    columns = [_Column(*heading, [row[n] for row in rows]) for n, heading in enumerate(headings)]
    return [each for each in columns if each.numeric or not rows or any(each.values)]


def _taken_apart(row: Row) -> list[Plain]:
    """The values of a row as single ones."""
    found: list[Plain] = []
    for value in row:
        found += value.values if isinstance(value, Several) else [value]
    return found


def _as_seen(value: Plain) -> object:
    """What takes as much room as a value does."""
    if isinstance(value, Share):
        return "100%"
    return "Wed 30 Sep 2026 23:59" if isinstance(value, datetime) else value


def _write(sheet: Any, row: int, column: int, value: Plain, *, numeric: bool = False) -> None:
    """A number as one, and an instant as London's; text as text, whatever it begins with, also once somebody edits it."""
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column)
    cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="right" if numeric else "left")
    match value:
        case str():
            cell.value = excel_text(inert(value))
            cell.data_type = "s"
            cell.quotePrefix = True
        case datetime():
            cell.value, cell.number_format = london(value).replace(tzinfo=None), WHEN
        case Share():
            cell.value, cell.number_format = value.part, PERCENT
        case _:
            cell.value = value


def _rule(sheet: Any) -> None:
    """The first row bold, on a ground of its own and above a line; a fine line below each other."""
    from openpyxl.styles import Border, PatternFill, Side

    _bold(sheet, 1)
    for cell in sheet[1]:
        cell.fill = PatternFill("solid", start_color=SHADED)
        cell.border = Border(bottom=Side("thin", color="0B0C0C"))
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.border = Border(bottom=Side("hair", color=RULE))


def _print_on_a4(sheet: Any, title: str) -> None:
    """A4, with the title of the report above each page."""
    print_on_a4(sheet)
    sheet.oddHeader.left.text = title.replace("&", "&&")
    sheet.page_margins.top, sheet.page_margins.header = 0.8, 0.35  # inches


def _bold(sheet: Any, row: int) -> None:
    from openpyxl.styles import Font

    for cell in sheet[row]:
        cell.font = Font(name="Calibri", size=11, bold=True)
