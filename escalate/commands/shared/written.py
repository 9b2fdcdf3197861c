"""The file that --output names: its format goes by its ending, and it is there whole or not at all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from escalate.commands.shared.session import Session
from escalate.commands.shared.spared import spared
from escalate.errors import BadInput, listed
from escalate.output.files import making
from escalate.output.terminal import complain
from escalate.storage.files.paths import path_from

STANDARD_OUTPUT = "-"

PAGE = {".html": "html", ".htm": "html", ".json": "json"}
"""The formats of what is a page, by the endings of names; the first is what goes to standard output."""

PAGE_OR_WORD = PAGE | {".docx": "docx"}


class Written(NamedTuple):
    """A file that is being written."""

    file: BinaryIO
    """What to write into."""
    format: str
    """What it is to be."""


_CALLED = {"html": "page", "docx": "document", "json": "document", "svg": "picture"}
"""What a file of each format is called."""


@contextmanager
def written(
    here: Session, to_file: str | None, endings: Mapping[str, str], *, force: bool, as_json: bool
) -> Iterator[Written]:
    """Give the file to write into, and say when it is written; nothing is left where anything fails. Raises BadInput, Refused."""
    path, format_ = destination(to_file, endings, force=force, as_json=as_json)
    with making(path, force=force, spared=spared(here)) as file:
        yield Written(file, format_)
    if path:
        complain(f"The {_CALLED[format_]} was written to {path}.")


def destination(
    to_file: str | None, endings: Mapping[str, str], *, force: bool, as_json: bool
) -> tuple[Path | None, str]:
    """The file to write, None for standard output, and its format. Raises BadInput."""
    if force and to_file in (None, STANDARD_OUTPUT):
        raise BadInput("--force replaces a file: name it with --output.")
    if as_json:
        raise BadInput("--json prints a document, and --output writes a file: give one of them.")
    if to_file == STANDARD_OUTPUT:
        return None, next(iter(endings.values()))
    path = path_from(str(to_file))
    format_ = endings.get(path.suffix.casefold())
    if format_ is None:
        raise BadInput(f"{path} does not end in {listed([*endings], 'or')}: the ending says what to write.")
    return path, format_
