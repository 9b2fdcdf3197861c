"""A paper as a Word document: headings, tables and lists that can be worked on further. It has no pictures; its tables say the same."""

from collections.abc import Iterable, Sequence
from typing import Any

from escalate.output.paper.model import Paper
from escalate.output.paper.parts import (
    LATE,
    SOON,
    Facts,
    Grid,
    Heading,
    Item,
    Items,
    Line,
    Lines,
    Part,
    Run,
    lines_of,
    plain,
)
from escalate.output.word import (
    MILLIMETRE,
    POINT,
    column_shares,
    repeat_on_each_page,
    saved,
    set_margins,
    set_widths,
    word_document,
)
from escalate.output.words import inert

MARGIN = 15 * MILLIMETRE
"""Around a page, in the units of Word files."""

FACTS = (0.27, 0.73)
"""The shares of names, and of what is said of each."""

SMALL = 9 * POINT
"""The height of letters in a table: 9 points, in the units of Word files."""

LINE = 105
"""How many of them a page is wide."""

LONGEST = 24
"""Letters of a word that make its column wider: what is longer is broken."""

LEVELS = ("List Bullet", "List Bullet 2", "List Bullet 3")
"""The styles of lists, and of lists in lists."""


def paper_docx(paper: Paper) -> bytes:
    """The bytes of a .docx file. Raises Refused where the library for it is not installed."""
    made = word_document(paper.title, paper.at)
    set_margins(made, MARGIN)
    made.add_heading(inert(paper.title), level=1)
    for part in paper.parts:
        _add(made, part)
    for note in paper.notes:
        made.add_paragraph().add_run(inert(note)).italic = True
    return saved(made)


def _add(made: Any, part: Part) -> None:
    match part:
        case Heading():
            made.add_heading(inert(plain([part.line])), level=part.depth + 2)
        case Lines():
            for line in part.lines:
                _runs(made.add_paragraph(), line)
        case Facts():
            rows = [((Lines((_bold(name),)),), (Lines(lines),)) for name, lines in part.rows]
            _table(made, (), rows, FACTS)
        case Items():
            _items(made, part.items)
        case Grid():
            _table(made, part.headings, part.rows, _shares(part))


def _bold(name: str) -> Line:
    return (Run(name, frozenset({"bold"})),)


def _items(made: Any, items: Iterable[Item], level: int = 0) -> None:
    for item in items:
        paragraph = made.add_paragraph(style=LEVELS[min(level, len(LEVELS) - 1)])
        _broken(paragraph, item.lines)
        _items(made, item.under, level + 1)


def _broken(paragraph: Any, lines: Sequence[Line]) -> None:
    """Lines in one paragraph."""
    for n, line in enumerate(lines):
        if n:
            paragraph.add_run().add_break()
        _runs(paragraph, line)


def _runs(paragraph: Any, line: Line) -> None:
    for each in line:
        run = paragraph.add_run(inert(each.text))
        run.bold = bool(each.looks & {"bold", LATE, SOON}) or None
        run.font.strike = "struck" in each.looks or None


def _table(
    made: Any, headings: Sequence[str], rows: Sequence[Sequence[Sequence[Part]]], shares: Sequence[float]
) -> None:
    """A table as wide as the page."""
    table = made.add_table(rows=1 if headings else 0, cols=len(shares), style="Table Grid")
    if headings:
        repeat_on_each_page(table.rows[0])
        for cell, heading in zip(table.rows[0].cells, headings, strict=True):
            _fill(cell, [Lines((_bold(heading),))])
    for row in rows:
        for cell, parts in zip(table.add_row().cells, row, strict=True):
            _fill(cell, parts)
    set_widths(made, table, shares)
    made.add_paragraph()


def _fill(cell: Any, parts: Sequence[Part]) -> None:
    """What stands in a cell, a paragraph for each line."""
    lines = [line for part in parts for line in lines_of(part)]
    for n, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        paragraph.paragraph_format.space_after = 0
        _runs(paragraph, line)
        for run in paragraph.runs:
            run.font.size = SMALL


def _shares(grid: Grid) -> list[float]:
    """How wide each column is, as shares of the page."""
    columns = [[heading] for heading in grid.headings]
    for row in grid.rows:
        for cell, column in zip(row, columns, strict=True):
            column += [_cut(plain([line])) for part in cell for line in lines_of(part)]
    return column_shares(columns, LINE)


def _cut(line: str) -> str:
    """A line without more of any word than a column has to be wide for; what has hyphens may be broken at them."""
    return " ".join(word[:LONGEST] for word in line.replace("-", "- ").split())
