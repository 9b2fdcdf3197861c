"""The rows of a spreadsheet as plain text, and how much of it a file may have."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from escalate.domain.importing.sheet import Row
from escalate.errors import Refused

MOST_TEXT = 20_000_000
"""In a sheet, in letters; in a .csv file, in bytes. Pictures take room in an .xlsx file, words alone never so much."""

MOST_ROWS = 20_000
"""No unit has had so many escalations. Reading and opening them takes less than half a millisecond each."""

MOST_COLUMNS = 300
"""In which something stands."""

MOST_CELLS = 1_000_000
"""Looked at, the empty ones between and below included: a column that is coloured to its end has a million."""

MOST_LETTERS = 131_072
"""In one cell. Excel has at most 32,767, and Python's csv this many."""

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
"""Of Excel. It did not save a file that speaks of others, and a row so far down is reached through all those above it."""

_SPELT_OUT = re.compile(r"_x([0-9A-Fa-f]{4})_")  # how Excel keeps characters that XML cannot have


def plain_rows(path: Path, found: Iterable[Sequence[object]]) -> list[Row]:
    """Rows as plain text, up to the last that says something. Raises Refused where there is too much."""
    rows: list[Row] = []
    looked_at = letters = 0
    for number, cells in enumerate(found, 1):
        looked_at += len(cells)
        if number > LAST_ROW or len(cells) > LAST_COLUMN:
            raise Refused(f"{path.name} has more rows or columns than Excel: is it the right file?")
        if looked_at > MOST_CELLS:
            raise too_many_cells(path)
        if any(isinstance(cell, str) and len(cell) > MOST_LETTERS for cell in cells):
            raise Refused(
                f"{path.name} has more than {MOST_LETTERS:,} letters in one cell of row {number}: is it the right file?"
            )
        row = plain_row(cells)
        if len(row) > MOST_COLUMNS:
            raise Refused(f"{path.name} has something in column {len(row)} of row {number}: is it the right file?")
        letters += sum(map(len, row))
        if letters > MOST_TEXT:
            raise Refused(f"{path.name} has more than 20 million letters in it: divide it, and import the parts.")
        if row and number > MOST_ROWS:
            raise Refused(f"{path.name} has more than {MOST_ROWS:,} rows: divide it, and import the parts.")
        if number <= MOST_ROWS:
            rows.append(row)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def plain_row(cells: Iterable[object]) -> Row:
    """The cells of a row as plain text, up to the last that says something."""
    row = [plain_text(cell) for cell in cells]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def plain_text(value: object) -> str:
    """What a cell says, as text: a date year first, a whole number without a fraction, a tick box as yes or no."""
    if isinstance(value, str):
        sound = value if value.isascii() else value.encode(errors="replace").decode()
        if "_x" in sound:
            sound = _SPELT_OUT.sub(lambda code: chr(int(code[1], 16)).encode(errors="replace").decode(), sound)
        if "\r" in sound:
            sound = sound.replace("\r\n", "\n").replace("\r", "\n")
        return sound.replace("\0", "").strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        seconds = "minutes" if not value.second else "seconds"
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(" ", timespec=seconds)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="minutes" if not value.second else "seconds")
    if isinstance(value, timedelta):
        return _hours(value)
    return plain_text(str(value))


def _hours(value: timedelta) -> str:
    """A length of time as a sheet shows it, `09:30`: some programs keep a time of day so."""
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def too_many_cells(path: Path) -> Refused:
    """The error for a sheet that would take too long to look through."""
    return Refused(
        f"{path.name} has too many cells, the empty ones counted: delete the rows and columns with nothing in them, or divide it."
    )
