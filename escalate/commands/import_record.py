"""Importing what `escalate export json` wrote: the cases come back with their histories."""

from pathlib import Path

from escalate.commands.shared.session import Session
from escalate.commands.shared.taking import refuse_server, take_over
from escalate.storage.files.written_record import as_written, read_record


def is_record(path: Path) -> bool:
    """Whether a file is taken for an export of ours, and no spreadsheet."""
    return path.suffix.casefold() == ".json"


def import_record(here: Session, path: Path, *, write: bool, as_json: bool) -> None:
    """Take over the cases of an export, or say what would become of them. Raises Refused, StoreError."""
    refuse_server(here, "import")
    record = read_record(path)
    left_out = ["Who looked at names, and which digests were sent, is not in an export."]
    if not record.identified:
        left_out.insert(0, "Names, dates of birth and addresses are not in it: they are exported with --identify.")
    with as_written(path):
        take_over(
            here, record, str(path), "import", left_out,
            write=write, as_json=as_json, hint="Nothing was written: --write takes the cases over.",
        )  # fmt: skip
