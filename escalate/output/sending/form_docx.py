"""A form as a Word document, in our own layout: a table for each section, a row for each field."""

from collections.abc import Sequence
from typing import Any

from escalate.output.sending.form import KNOWN, Filled, FilledForm, head, shown, title
from escalate.output.word import (
    MILLIMETRE,
    POINT,
    column_shares,
    lay_on_its_side,
    repeat_on_each_page,
    saved,
    set_margins,
    set_widths,
    word_document,
)
from escalate.output.words import inert

MARGIN = 12 * MILLIMETRE
"""Around a log, in the units of Word files."""

FORM_SHARES = (0.35, 0.65)
"""A third of the page for the headings."""

LINE = 150
"""Of a log, in characters of its letters: the width of the page."""

SMALL = 8 * POINT
"""The height of letters in a log: 8 points, in the units of Word files."""


def form_docx(filled: FilledForm) -> bytes:
    """The bytes of a .docx file. Raises Refused where the library for it is not installed."""
    paper = word_document(title(filled), filled.at)
    paper.add_heading(inert(title(filled)), level=1)
    for name, value in head(filled):
        line = paper.add_paragraph()
        line.add_run(f"{name}: ").bold = True
        line.add_run(inert(value))
        line.paragraph_format.space_after = 0
    for section, fields in filled.sections:
        paper.add_heading(inert(section), level=2) if section else paper.add_paragraph()
        _table(paper, fields)
    return saved(paper)


def log_docx(forms: Sequence[FilledForm]) -> bytes:
    """The bytes of a .docx file with a row for each case, on A4 on its side. Raises Refused where the library is not installed."""
    first = forms[0]
    paper = word_document(title(first), first.at)
    lay_on_its_side(paper)
    set_margins(paper, MARGIN)
    paper.add_heading(inert(title(first)), level=1)
    table = paper.add_table(rows=1, cols=len(first.fields), style="Table Grid")
    repeat_on_each_page(table.rows[0])
    for cell, each in zip(table.rows[0].cells, first.fields, strict=True):
        _small(cell.paragraphs[0].add_run(inert(each.field.heading))).bold = True
    for form in forms:
        for cell, each in zip(table.add_row().cells, form.fields, strict=True):
            for n, line in enumerate(each.lines):
                _small((cell.paragraphs[0] if n == 0 else cell.add_paragraph()).add_run(inert(line)))
    set_widths(paper, table, _shares(forms))
    return saved(paper)


def _shares(forms: Sequence[FilledForm]) -> list[float]:
    """How wide each column of a log is, as shares of the page."""
    columns = zip(*(form.fields for form in forms), strict=True)
    return column_shares(
        [[cells[0].field.heading, *(" ".join(each.lines) for each in cells)] for cells in columns], LINE
    )


def _small(run: Any) -> Any:
    run.font.size = SMALL
    return run


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
    set_widths(paper, table, FORM_SHARES)
