"""What every Word document of ours has: A4, properties that tell nothing its pages do not, and tables whose headings are on every page."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from escalate.on_demand import optional_library
from escalate.output.words import inert

MILLIMETRE = 36_000
"""In the units of Word files."""

A4 = (210 * MILLIMETRE, 297 * MILLIMETRE)
"""Width and height, in the same units."""

POINT = 12_700
"""In the same units."""

_LONGEST_TITLE = 255
"""Characters: python-docx refuses a longer one in the properties of a file."""

_WIDEST, _BESIDE = 1.3, 3
"""What the widest letters take, and what a cell takes beside its words, in letters."""

_MOST_OF_A_LINE = 60
"""Characters that make a column wider; what is longer goes on in the next line."""

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def word_document(title: str, at: datetime) -> Any:
    """An empty document, upright on A4. Raises Refused where the library for it is not installed."""
    library: Any = optional_library("docx", "office", "A Word file")
    document = library.Document()
    document.sections[0].page_width, document.sections[0].page_height = A4
    about = document.core_properties
    about.title, about.author, about.comments = inert(title)[:_LONGEST_TITLE], "", ""
    about.last_modified_by = ""
    about.created = about.modified = at.replace(tzinfo=None)
    return document


def saved(document: Any) -> bytes:
    """The bytes of its file."""
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def set_margins(document: Any, width: int) -> None:
    """Leave as much free on all sides."""
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(document.sections[0], side, width)


def lay_on_its_side(document: Any) -> None:
    """Have its pages wider than high."""
    page = document.sections[0]
    page.orientation = type(page.orientation).LANDSCAPE
    page.page_height, page.page_width = A4


def repeat_on_each_page(row: Any) -> None:
    """Have the row of headings stand on top of each page, and no row broken over two."""
    properties = row._tr.get_or_add_trPr()  # noqa: SLF001 (the library has no name of its own for it)
    properties.append(row._tr.makeelement(f"{_WORD}tblHeader", {f"{_WORD}val": "true"}))  # noqa: SLF001


def column_shares(columns: Sequence[Sequence[str]], line: float) -> list[float]:
    """How wide each column of a table is, as shares of the page, by all texts in it: the longest word fits, and what says more gets more.

    `line` is how many letters the page is wide.
    """
    least, more = [], []
    for texts in columns:
        longest = max((len(word) for text in texts for word in text.split()), default=1)
        least.append(longest * _WIDEST + _BESIDE)
        more.append(max(min(max(map(len, texts)), _MOST_OF_A_LINE) - longest, 1))
    room = max(line - sum(least), 0)
    widths = [narrow + room * share / sum(more) for narrow, share in zip(least, more, strict=True)]
    return [width / sum(widths) for width in widths]


def set_widths(document: Any, table: Any, shares: Sequence[float]) -> None:
    """Set the widths of columns; some programs take them from the columns, some from the cells."""
    table.autofit = False
    page = document.sections[0]
    whole = page.page_width - page.left_margin - page.right_margin
    for column, share in zip(table.columns, shares, strict=True):
        column.width = int(whole * share)
        for cell in column.cells:
            cell.width = column.width
