"""JSON documents: plain values, every key always there, null where there is nothing; and how they are written.

Each folder has the documents of its subject beside the pages of it, in files that load no Rich.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from escalate.domain.worktime.clock import london

Document = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """An instant as ISO 8601, to the second and with London's offset."""
    return london(at).isoformat() if at else None


def json_pieces(document: object) -> Iterator[str]:
    """One JSON document, piece by piece, in characters that every encoding has.

    A list has a line for each thing; a long list within the document may be an iterator, so that it need not be held at once.
    """
    if isinstance(document, list | Iterator):
        yield from _json_lines(document, "\n")
    else:
        yield from _json_pieces(document, "\n")
    yield "\n"


def _json_lines(things: Iterable[object], line: str) -> Iterator[str]:
    """A list with a line for each thing, as indenting them takes six times as long; `line` is a line end with the indent of the list."""
    begins, deeper = "[", line if line == "\n" else f"{line}  "
    for each in things:
        yield f"{begins}{deeper}{json.dumps(each)}"
        begins = ","
    yield f"{line}]" if begins == "," else "[]"


def _json_pieces(value: object, line: str) -> Iterator[str]:
    """A value as `json.dumps` writes it with an indent of two; `line` is a line end with the indent of the value."""
    deeper, begins = f"{line}  ", "{"
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield f"{begins}{deeper}{json.dumps(key)}: "
            yield from _json_pieces(each, deeper)
            begins = ","
        yield f"{line}}}"
    elif isinstance(value, Iterator):
        yield from _json_lines(value, line)
    elif isinstance(value, list) and value:
        yield json.dumps(value, indent=2).replace("\n", line)
    else:
        yield json.dumps(value)
