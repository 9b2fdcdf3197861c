"""A form as a Word document, in our own layout: a table for each section, a row for each field."""

import io
from collections.abc import Sequence
from typing import Any

from escalate.on_demand import optional_library
from escalate.output.sending.form import KNOWN, Filled, FilledForm, head, shown, title
from escalate.output.words import inert

A4 = (210 * 36_000, 297 * 36_000)
"""Width and height, in the units of Word files: 36,000 a millimetre."""

MARGIN = 12 * 36_000
"""Around a log, in the same units."""

FORM_SHARES = (0.35, 0.65)
"""A third of the page for the headings."""

LINE, WIDEST, BESIDE = 150, 1.3, 3
"""Of a log, in characters of its letters: the width of the page, what the widest letters take, and what a cell takes beside its words."""

MOST_OF_A_LINE = 60
"""Characters that make a column of a log wider; what is longer goes on in the next line."""

SMALL = 8 * 12_700
"""The height of letters in a log: 8 points, in the units of Word files."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

LONGEST_TITLE = 255
"""Characters: python-docx refuses a longer one in the properties of a file."""


def form_docx(filled: FilledForm) -> bytes:
    """The bytes of a .docx file. Raises Refused where the library for it is not installed."""
    library: Any = optional_library("docx", "office", "A Word file")
    paper = library.Document()
    _describe(paper, filled)
    paper.sections[0].page_width, paper.sections[0].page_height = A4
    paper.add_heading(inert(title(filled)), level=1)
    for name, value in head(filled):
        line = paper.add_paragraph()
        line.add_run(f"{name}: ").bold = True
        line.add_run(inert(value))
        line.paragraph_format.space_after = 0
    for section, fields in filled.sections:
        paper.add_heading(inert(section), level=2) if section else paper.add_paragraph()
        _table(paper, fields)
    content = io.BytesIO()
    paper.save(content)
    return content.getvalue()


def log_docx(forms: Sequence[FilledForm]) -> bytes:
    """The bytes of a .docx file with a row for each case, on A4 on its side. Raises Refused where the library is not installed."""
    library: Any = optional_library("docx", "office", "A Word file")
    paper, first = library.Document(), forms[0]
    _describe(paper, first)
    page = paper.sections[0]
    page.orientation = library.enum.section.WD_ORIENT.LANDSCAPE
    page.page_height, page.page_width = A4
    for margin in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(page, margin, MARGIN)
    paper.add_heading(inert(title(first)), level=1)
    table = paper.add_table(rows=1, cols=len(first.fields), style="Table Grid")
    _repeated(table.rows[0])
    for cell, each in zip(table.rows[0].cells, first.fields, strict=True):
        _small(cell.paragraphs[0].add_run(inert(each.field.heading))).bold = True
    for form in forms:
        for cell, each in zip(table.add_row().cells, form.fields, strict=True):
            for n, line in enumerate(each.lines):
                _small((cell.paragraphs[0] if n == 0 else cell.add_paragraph()).add_run(inert(line)))
    _widths(paper, table, _shares(forms))
    content = io.BytesIO()
    paper.save(content)
    return content.getvalue()


def _shares(forms: Sequence[FilledForm]) -> list[float]:
    """How wide each column of a log is, as shares of the page: the longest word fits, and what says more gets more."""
    least, more = [], []
    for cells in zip(*(form.fields for form in forms), strict=True):
        said = [" ".join(each.lines) for each in cells]
        words = [word for text in (cells[0].field.heading, *said) for word in text.split()]
        longest = max(map(len, words))
        least.append(longest * WIDEST + BESIDE)
        more.append(max(min(max(map(len, said)), MOST_OF_A_LINE) - longest, 1))
    room = max(LINE - sum(least), 0)
    widths = [narrow + room * share / sum(more) for narrow, share in zip(least, more, strict=True)]
    return [width / sum(widths) for width in widths]


def _small(run: Any) -> Any:
    run.font.size = SMALL
    return run


def _repeated(row: Any) -> None:
    """Has the row of headings stand on top of each page, and no row broken over two."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 (the library has no name of its own for it)
    properties.append(row._tr.makeelement(f"{_WORD}tblHeader", {f"{_WORD}val": "true"}))  # noqa: SLF001


def _describe(paper: Any, filled: FilledForm) -> None:
    """Sets the properties of the file, so that they tell nothing the page does not."""
    about = paper.core_properties
    about.title, about.author, about.comments = inert(title(filled))[:LONGEST_TITLE], "", ""
    about.last_modified_by = ""
    about.created = about.modified = filled.at.replace(tzinfo=None)


def _table(paper: Any, fields: list[Filled]) -> None:
    """Adds the fields of a section: the headings on the left, what goes in on the right."""
    table = paper.add_table(rows=0, cols=2, style="Table Grid")
    for each in fields:
        name, value = table.add_row().cells
        name.paragraphs[0].add_run(inert(each.field.heading)).bold = True
        if each.field.hint:
            name.add_paragraph().add_run(inert(each.field.hint)).italic = True
        for n, line in enumerate(shown(each)):
            run = (value.paragraphs[0] if n == 0 else value.add_paragraph()).add_run(inert(line))
            run.italic = each.state != KNOWN
    _widths(paper, table, FORM_SHARES)


def _widths(paper: Any, table: Any, shares: Sequence[float]) -> None:
    """Sets the widths of columns; some programs take them from the columns, some from the cells."""
    table.autofit = False
    page = paper.sections[0]
    whole = page.page_width - page.left_margin - page.right_margin
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int(whole * share)
        for cell in column.cells:
            cell.width = column.width
