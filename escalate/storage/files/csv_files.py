"""Reading .csv files, whatever separates their cells and whatever encoding Excel saved them in."""

import csv
import io
import re
from collections import Counter
from itertools import islice
from pathlib import Path

from escalate.domain.importing.sheet import Book, Sheet
from escalate.errors import Refused
from escalate.storage.files.sheet_rows import MOST_TEXT, plain_rows

_DELIMITERS = (",", ";", "\t")
_SAMPLE_ROWS = 30  # by which a delimiter is guessed
_SAMPLE_LETTERS = 1_000_000  # of which those rows are taken
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_OTHER_WINDOWS = re.compile("[a-zA-Z][‚„†‡ˆ‰‹Ž‘“”•˜™›œ][a-zA-Z]|[a-zA-Z][‚ƒ„‡ˆ‰‹](?![a-zA-Z])|œ[0-9]|[a-z]Š")
"""What letters with accents, and pounds, look like in this encoding where a Macintosh, or DOS, has written them."""


def read_csv(path: Path, content: bytes) -> Book:
    """A .csv file, which is one sheet. Raises Refused."""
    if len(content) > MOST_TEXT:
        raise Refused(f"{path} is larger than 20 MB: divide it, and import the parts.")
    text, remark = _decoded(path, content)
    said, text = _stated_delimiter(text)
    delimiter = said or _guessed_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        rows = plain_rows(path, reader)
    except csv.Error as problem:
        raise Refused(
            f"{path} is not a sound .csv file near line {reader.line_num}: a quotation mark opens there and does not close, or is inside a cell."
        ) from problem
    return Book((Sheet(tuple(rows)),), (remark,) if remark else ())


def _decoded(path: Path, content: bytes) -> tuple[str, str | None]:
    """Text in UTF-8, in UTF-16 where the file says so, or else as Excel writes it in western Europe. Raises Refused."""
    if content.startswith(_UTF_16):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise Refused(f"{path} is not a spreadsheet: give an .xlsx, .ods or .csv file.")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        guessed = encoding == "cp1252"
        if guessed and _OTHER_WINDOWS.search(text):
            raise Refused(
                f"{path} has letters with accents that a Macintosh or DOS writes: save it as CSV UTF-8, or as .xlsx."
            )
        return text, "It is not in UTF-8, so it was read in the Windows encoding (1252)." if guessed else None
    raise Refused(f"{path} is text in an encoding that is not known: save it as CSV UTF-8, or as .xlsx.")


def _stated_delimiter(text: str) -> tuple[str | None, str]:
    """Excel's own first line, `sep=;`, where there is one: it becomes an empty row, so that numbers stay right."""
    first, newline, rest = text.partition("\n")
    if first.strip().casefold() in {f"sep={each}" for each in _DELIMITERS} | {"sep="}:
        return first.strip("\r ")[4:5] or "\t", newline + rest
    return None, text


def _guessed_delimiter(text: str) -> str:
    """The one that divides most rows into the same number of cells."""

    def evenly(delimiter: str) -> int:
        reader = csv.reader(io.StringIO(text[:_SAMPLE_LETTERS], newline=""), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in islice(reader, _SAMPLE_ROWS) if len(cells) > 1]
        except csv.Error:
            return 0
        return max(((width - 1) * times for width, times in Counter(widths).items()), default=0)

    return max(_DELIMITERS, key=evenly)
