"""The charts of a report in Excel: Excel's own, drawn from the cells of their sheet.

Where a number of a table is hidden, the sheet has no chart: what is drawn would be what is hidden, or nothing where something is.
"""

from collections.abc import Sequence
from typing import Any

from escalate.output.report.tables import FigureTable, Several

HAVE_ONE = ("beside", "stage", "raising", "receiving", "theme", "level")
"""The sections that have a chart."""

STACKED = ("Open at the end", "Resolved", "Withdrawn")
"""The columns that a bar of cases is made of."""

COLOURS = {"Open at the end": "1D70B8", "Resolved": "5694CA", "Withdrawn": "B1B4B6"}
"""GOV.UK's blues and its grey: dark, light and lightest, so that they can be told apart when printed without colour."""

MOST_BARS = 25
"""A chart with more is read by nobody: the table above it has them all."""

CENTIMETRES_WIDE, A_BAR, BESIDE_BARS = 24.0, 0.9, 4.5


def add_chart(sheet: Any, name: str, table: FigureTable, headings: Sequence[str]) -> bool:
    """Draws the chart of a section below its table, and says whether it has one. `headings` are those of the sheet's columns."""
    rows = list(table.rows) if name in HAVE_ONE else []
    if not rows or not _is_whole(table):
        return False
    if name == "beside":
        _add_columns(sheet, len(headings), ("Opened", "Resolved", "Open at the end"), [str(row[0]) for row in rows])
    elif len(rows) <= MOST_BARS:
        _add_bars(sheet, headings, len(rows))
    else:
        return False
    return True


def _is_whole(table: FigureTable) -> bool:
    """Whether no number of a table is hidden: a number that is text is the mark of one."""
    figures = [n for n, column in enumerate(table.columns) if column.numeric]
    return not any(_is_mark(row[n]) for row in table.lines for n in figures)


def _is_mark(value: object) -> bool:
    parts = value.values if isinstance(value, Several) else (value,)
    return any(isinstance(part, str) for part in parts)


def _add_bars(sheet: Any, headings: Sequence[str], rows: int) -> None:
    """A bar for each row, made of its cases by how they stood."""
    from openpyxl.chart import BarChart, Reference

    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "stacked", 100, 60
    for heading in STACKED:
        column = headings.index(heading) + 1
        chart.add_data(Reference(sheet, min_col=column, min_row=1, max_row=rows + 1), titles_from_data=True)
        _paint(chart.series[-1], COLOURS[heading])
    named = headings.index("Name of the stage") + 1 if "Name of the stage" in headings else 1
    chart.set_categories(Reference(sheet, min_col=named, min_row=2, max_row=rows + 1))
    chart.x_axis.scaling.orientation = "maxMin"  # the first row at the top
    _finish(sheet, chart, f"Cases {sheet.title[0].lower()}{sheet.title[1:]}", A_BAR * rows + BESIDE_BARS)


def _add_columns(sheet: Any, columns: int, wanted: Sequence[str], figures: Sequence[str]) -> None:
    """A group of columns for each period."""
    from openpyxl.chart import BarChart, Reference

    chart = BarChart()
    chart.type, chart.gapWidth = "col", 60
    for name, colour in zip(wanted, COLOURS.values(), strict=True):
        row = figures.index(name) + 2
        chart.add_data(Reference(sheet, min_col=1, max_col=columns, min_row=row), from_rows=True, titles_from_data=True)
        _paint(chart.series[-1], colour)
    chart.set_categories(Reference(sheet, min_col=2, max_col=columns, min_row=1))
    _finish(sheet, chart, "Cases in each period", 9.0)


def _paint(series: Any, colour: str) -> None:
    series.graphicalProperties.solidFill = colour
    series.graphicalProperties.line.solidFill = "0B0C0C"


def _finish(sheet: Any, chart: Any, title: str, height: float) -> None:
    """A title, axes that are seen in every program, whole numbers, and a place below the table."""
    chart.title, chart.legend.position = title, "b"
    chart.width, chart.height = CENTIMETRES_WIDE, height
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete = False
    chart.y_axis.number_format, chart.y_axis.majorGridlines.spPr = "0", _grey_line()
    chart.y_axis.scaling.min = 0
    sheet.add_chart(chart, f"A{sheet.max_row + 2}")


def _grey_line() -> Any:
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    return GraphicalProperties(ln=LineProperties(solidFill="D9D9D9"))
