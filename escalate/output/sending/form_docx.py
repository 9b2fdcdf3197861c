"""A form as a Word document, in our own layout: a table for each section, a row for each field."""

import io
from typing import Any

from escalate.on_demand import optional_library
from escalate.output.sending.form import KNOWN, Filled, FilledForm, head, shown, title
from escalate.output.words import inert

A4 = (210 * 36_000, 297 * 36_000)
"""Width and height, in the units of Word files: 36,000 a millimetre."""

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
    _widths(paper, table)


def _widths(paper: Any, table: Any) -> None:
    """A third for the headings; some programs take widths from the columns, some from the cells."""
    table.autofit = False
    page = paper.sections[0]
    whole = page.page_width - page.left_margin - page.right_margin
    for column, share in zip(table.columns, (0.35, 0.65), strict=True):
        column.width = int(whole * share)
        for cell in column.cells:
            cell.width = column.width
