"""What Excel files have in common: when and by what they were made, and text that is only text."""

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from textwrap import wrap
from typing import Any

from escalate.on_demand import optional_library

LONGEST_TEXT = 32_767
"""How many characters a cell takes (support.microsoft.com, "Excel specifications and limits")."""

LAST_ROW = 1_048_576
"""The last row of a sheet (the same page)."""

A4 = 9
"""The number of that paper in an Excel file (ECMA-376, part 1, 18.3.1.63)."""

MOST_ON_A_PAGE = 235
"""So many characters side by side are printed at some six tenths of their size on A4 on its side, in letters of 7 points."""

ROOM = 3
"""How many characters wider a column is than what stands in it, for the mark by which it is filtered."""

LINE_HEIGHT = 15.0
"""How high a line of Calibri 11 is, in points."""

HIGHEST_ROW = 409.0
"""How high a row can be, in points (support.microsoft.com, "Excel specifications and limits")."""

FORMULA = tuple("=+-@＝＋－＠﹦﹢﹣﹫−")
"""What a spreadsheet takes for the beginning of a formula."""

_CUT = " … (cut: escalate log has all of it)"
_SPELT_OUT = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A


def new_workbook(made_at: datetime, *, write_only: bool = False) -> Any:
    """An empty workbook. Raises Refused where openpyxl is not installed."""
    book = optional_library("openpyxl", "office", "An Excel file").Workbook(write_only=write_only)
    book.properties.creator = "escalate"
    book.properties.created = book.properties.modified = made_at.replace(tzinfo=None)
    return book


def print_on_a4(sheet: Any) -> None:
    """Have a sheet print on A4, on its side, as wide as the paper and on as many pages as it takes, each with its number."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = _fit_to_page()
    sheet.page_margins.left = sheet.page_margins.right = 0.4  # inches
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.page_margins.footer = 0.3
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "Page &P of &N"


def pages_wide(widths: Sequence[int]) -> int:
    """On how many pages side by side columns so many characters wide are printed, so that their letters can be read."""
    return -(-sum(widths) // MOST_ON_A_PAGE)


def _fit_to_page() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def width_of(most: int, heading: str, values: Sequence[object]) -> int:
    """How wide a column has to be, in characters, for what stands in it and its heading, which may take two lines; no wider than `most`."""
    longest = max((_length(value) for value in values), default=0)
    return min(most, max(longest, *map(len, heading.split()), -(-len(heading) // 2)) + ROOM)


def _length(value: object) -> int:
    if isinstance(value, datetime):
        return len("2026-11-20 16:00")
    if isinstance(value, date):
        return len("2026-11-20")
    return 0 if value is None else max(map(len, str(value).split("\n")))


def height_of(values: Sequence[object], widths: Sequence[int]) -> float | None:
    """How high a row has to be, in points, so that all that stands in it is seen in columns so many characters wide; None where one line is enough."""
    lines = max(_lines(value, width) for value, width in zip(values, widths, strict=True))
    return min(lines * LINE_HEIGHT, HIGHEST_ROW) if lines > 1 else None


def _lines(value: object, width: int) -> int:
    """How many lines a text takes in a column; what is no text takes one."""
    if not isinstance(value, str):
        return 1
    fits = max(int(width * 0.9), 1)  # other programs have wider letters
    if len(value) <= fits and "\n" not in value:  # as most
        return 1
    return sum(max(1, len(wrap(line, fits))) for line in value.split("\n"))


@contextmanager
def disk_errors() -> Iterator[None]:
    """Says what lxml, which openpyxl writes through where it is there, says of a full disk as the system does. Raises OSError."""
    try:
        yield
    except Exception as problem:
        if type(problem).__name__ != "SerialisationError":
            raise
        number = getattr(errno, str(problem).removeprefix("IO_"), errno.EIO)
        raise OSError(number, os.strerror(number)) from problem


def excel_text(text: str) -> str:
    """Text no longer than a cell holds, in which nothing stands for another character."""
    text = _SPELT_OUT.sub("_x005F_", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(_CUT)] + _CUT
