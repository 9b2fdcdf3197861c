"""What Excel files have in common: when and by what they were made, and text that is only text."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from escalate.on_demand import optional_library

LONGEST_TEXT = 32_767
"""How many characters a cell takes (support.microsoft.com, "Excel specifications and limits")."""

LAST_ROW = 1_048_576
"""The last row of a sheet (the same page)."""

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
