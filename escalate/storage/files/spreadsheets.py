"""Spreadsheets as units keep them, .xlsx or .csv, read as rows of plain text. What a file is, its content says, not its name."""

from pathlib import Path

from escalate.errors import Refused
from escalate.storage.files.csv_files import read_csv
from escalate.storage.files.excel import read_excel
from escalate.storage.files.plain_files import read_plain
from escalate.storage.files.sheet_rows import SheetRows

MOST_BYTES = 50_000_000

_PACKED, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read_sheet(path: Path, sheet: str | None = None) -> SheetRows:
    """A .csv file, or a sheet of an .xlsx file: the only one that has anything in it, or the one named. Raises Refused."""
    content = _content(path)
    if content.startswith(_PACKED):
        return read_excel(path, content, sheet)
    if content.startswith(_OLD_OFFICE):
        if _ENCRYPTED in content:
            raise Refused(f"{path} is protected by a password: save a copy without one, and import that.")
        raise Refused(f"{path} is in a format of old Office programs: save it as .xlsx or .csv, and import that.")
    if sheet is not None:
        raise Refused(f"{path} is not an .xlsx file and has no sheets: leave --sheet out.")
    return read_csv(path, content)


def _content(path: Path) -> bytes:
    too_large = Refused(f"{path} is larger than 50 MB: divide it, and import the parts.")
    content = read_plain(path, MOST_BYTES, too_large, "spreadsheet")
    if not content.strip():
        raise Refused(f"{path} is empty.")
    return content
