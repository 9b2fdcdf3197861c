"""The report as csv: one long table with a line for each figure, for whoever works on with it in another program."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from escalate.domain.reporting.model import Report
from escalate.domain.worktime.clock import london
from escalate.output.report.commentary import commentary_blocks
from escalate.output.report.sections import head, sections
from escalate.output.report.tables import FigureTable, Plain, Row, Several, Share
from escalate.output.sending.export_csv import BYTE_ORDER_MARK, csv_line
from escalate.output.sending.export_rows import CellValue
from escalate.output.words import inert

COLUMNS = ("Period", "Table", "Line", "Figure", "Value")


def as_csv(report: Report, filters: Mapping[str, str | None]) -> Iterator[bytes]:
    """A line for each figure: the period, the table, what the line of it is about, what the figure is, and the figure."""
    yield BYTE_ORDER_MARK + csv_line(COLUMNS)
    name = report.period.name or report.period.days
    top = head(report, filters)
    for line in top.lines:
        yield csv_line([name, "About", "", "", inert(line)])
    for block in commentary_blocks(report.commentary or ""):
        yield csv_line([name, "Commentary", "", "", inert(block.text)])
    for section in sections(report):
        for line_name, figure, value in _figures(section.table):
            yield csv_line([name, section.heading, line_name, figure, value])


def _figures(table: FigureTable) -> Iterator[tuple[str, str, CellValue]]:
    """What stands in a table, figure by figure; a line goes by what stands in its first column."""
    first, *others = table.columns
    for row in table.lines:
        name = _name(row)
        if not others:
            yield name, first.heading, name
        for column, value in zip(others, row[1:], strict=True):
            headings: Sequence[str] = column.taken_apart or (column.heading,)
            values = value.values if isinstance(value, Several) else (value,)
            for heading, single in zip(headings, values, strict=True):
                yield name, heading, _plain(single)


def _name(row: Row) -> str:
    first = row[0]
    return inert(first.shown if isinstance(first, Several) else str(first))


def _plain(value: Plain) -> CellValue:
    if isinstance(value, Share):
        return f"{value.part:.4g}"
    if isinstance(value, datetime):
        return london(value)
    if isinstance(value, str):
        return inert(value)
    return f"{value:g}" if isinstance(value, float) else value
