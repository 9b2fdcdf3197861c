"""Spreadsheets as units keep them, .xlsx, .ods or .csv, read as sheets of plain text. What a file is, its content says, not its name."""

from pathlib import Path

from escalate.domain.importing.sheet import Book, Sheet
from escalate.errors import Refused, UnknownName, listed
from escalate.storage.files.csv_files import read_csv
from escalate.storage.files.excel import read_excel
from escalate.storage.files.open_document import is_open_document, read_open_document
from escalate.storage.files.plain_files import read_plain

MOST_BYTES = 50_000_000

_PACKED, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAMPLE_ROWS = 30  # by which a sheet counts as empty


def read_book(path: Path, sheet: str | None = None) -> Book:
    """The sheets of a file that have something in them, those that are hidden left out, or the one that is named. Raises Refused."""
    content = _content(path)
    if content.startswith(_PACKED):
        read = read_open_document if is_open_document(content) else read_excel
        return _wanted(path, *read(path, content), sheet)
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise Refused(f"{path} is protected by a password: save a copy without one, and import that.")
        raise Refused(f"{path} is in a format of old Office programs: save it as .xlsx or .csv, and import that.")
    if sheet is not None:
        raise Refused(f"{path} is not an .xlsx file and has no sheets: leave --sheet out.")
    return read_csv(path, content)


def _wanted(path: Path, shown: list[Sheet], hidden: list[Sheet], wanted: str | None) -> Book:
    """Of the sheets that are shown and those that are hidden, the ones to read. Raises Refused."""
    if wanted is not None:
        named = [each for each in (*shown, *hidden) if (each.name or "").casefold() == wanted.strip().casefold()]
        if not named:
            raise UnknownName("sheet", wanted, [each.name or "" for each in shown], f" in {path.name}")
        return Book((named[0],))
    full = [each for each in shown if any(each.rows[:_SAMPLE_ROWS])]
    if not full:
        raise Refused(
            f"{path.name} has no sheet with anything in its first {_SAMPLE_ROWS} rows: name one with --sheet."
        )
    unread = [f'"{each.name}"' for each in hidden if any(each.rows)]
    was = "is" if len(unread) == 1 else "are"
    remark = f"Not read: {listed(unread, 'and')}, which {was} hidden in the file; --sheet NAME reads one."
    return Book(tuple(full), (remark,) if unread else ())


def _content(path: Path) -> bytes:
    too_large = Refused(f"{path} is larger than 50 MB: divide it, and import the parts.")
    content = read_plain(path, MOST_BYTES, too_large, "spreadsheet")
    if not content.strip():
        raise Refused(f"{path} is empty.")
    return content
