"""The report as a Word document, for a partnership to write its annual report around: headings, its commentary, and tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from escalate.domain.reporting.model import Report
from escalate.output.report.commentary import CommentaryBlock, commentary_blocks
from escalate.output.report.sections import head, sections
from escalate.output.report.tables import FigureTable, shown
from escalate.output.word import MILLIMETRE, POINT, repeat_on_each_page, saved, set_margins, set_widths, word_document
from escalate.output.words import inert

MARGIN = 15 * MILLIMETRE

SMALL = 9 * POINT
"""The height of letters in a table."""

OF_FIGURES = 9
"""How much room a column of figures takes, in letters."""

MOST = 40
"""So many letters at most make a column of words wider."""

STYLES = {"quote": "Quote", "bullet": "List Bullet", "number": "Normal", "paragraph": "Normal"}


def as_docx(report: Report, filters: Mapping[str, str | None]) -> bytes:
    """The bytes of a .docx file. Raises Refused where the library for it is not installed."""
    top = head(report, filters)
    made = word_document(top.title, report.known_at)
    set_margins(made, MARGIN)
    made.add_heading(inert(top.title), level=1)
    for line in top.below:
        made.add_paragraph(inert(line))
    if report.commentary:
        made.add_heading("Commentary", level=2)
        for block in commentary_blocks(report.commentary):
            _add_block(made, block)
    for section in sections(report):
        made.add_heading(section.heading, level=2)
        if section.says:
            made.add_paragraph(inert(section.says))
        if section.table.rows:
            _add_table(made, section.table)
        else:
            made.add_paragraph(section.none)
    return saved(made)


def _add_block(made: Any, block: CommentaryBlock) -> None:
    if block.kind == "heading":
        made.add_heading(inert(block.text), level=3)
        return
    paragraph = made.add_paragraph(style=STYLES[block.kind])
    if block.kind == "number":
        paragraph.add_run(f"{block.number} ")
    for each in block.words:
        run = paragraph.add_run(inert(each.text))
        run.bold, run.italic = each.strong or None, each.stressed or None


def _add_table(made: Any, table: FigureTable) -> None:
    """A table as wide as the page, its headings on each."""
    lines = [[shown(value) for value in row] for row in table.lines]
    drawn = made.add_table(rows=1, cols=len(table.columns), style="Table Grid")
    repeat_on_each_page(drawn.rows[0])
    _fill(drawn.rows[0], [column.heading for column in table.columns], table, bold=True)
    for n, line in enumerate(lines, 1):
        _fill(drawn.add_row(), line, table, bold=bool(table.total) and n == len(lines))
    set_widths(made, drawn, _shares(table, lines))
    made.add_paragraph()


def _fill(row: Any, line: Sequence[str], table: FigureTable, *, bold: bool) -> None:
    for cell, said, column in zip(row.cells, line, table.columns, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = 0
        if column.numeric:
            paragraph.alignment = 2  # right
        run = paragraph.add_run(inert(said))
        run.font.size, run.bold = SMALL, bold or None


def _shares(table: FigureTable, lines: Sequence[Sequence[str]]) -> list[float]:
    """How wide each column is, as shares of the page: words get more the more they say."""
    wide = [
        OF_FIGURES if column.numeric else min(max(len(column.heading), *(len(line[n]) for line in lines)), MOST)
        for n, column in enumerate(table.columns)
    ]
    return [each / sum(wide) for each in wide]
