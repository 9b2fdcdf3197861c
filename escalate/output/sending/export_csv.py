"""A table as csv."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from escalate.output.excel import FORMULA
from escalate.output.sending.export_rows import CaseAsKnown, CellValue, ExportTable

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for something else
_FORMULA_INSIDE = re.compile(rf"([;|]\s*)(?=[{''.join(map(re.escape, FORMULA))}])")
_DIVIDES = re.compile('[,;|"]')


def csv_lines(table: ExportTable, cases: Iterable[CaseAsKnown], *, identify: bool) -> Iterator[bytes]:
    """A table as csv that Excel opens rightly: in UTF-8, with CRLF, and with nothing in it that would be worked out."""
    yield BYTE_ORDER_MARK + _line([column.heading for column in table.shown(identify)])
    for case in cases:
        for row in table.rows(case, identify):
            yield csv_line(row)


def csv_line(cells: Iterable[CellValue]) -> bytes:
    """A line of such a table."""
    return _line([_text(cell) for cell in cells])


def _line(cells: list[str]) -> bytes:
    return f"{','.join(map(_quoted, cells))}\r\n".encode()


def _quoted(text: str) -> str:
    """A cell in quotes where it could be taken apart: a program may divide at semicolons too, and take what follows for a formula."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if _DIVIDES.search(text) else text


def _text(cell: CellValue) -> str:
    """A cell as text: instants as `2026-11-20 16:00`, and a mark before what a spreadsheet would take for a formula."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    text = "" if cell is None else str(cell)
    text = _FORMULA_INSIDE.sub(r"\1'", text)
    return f"'{text}" if text.lstrip().startswith(FORMULA) else text
