"""What is named beside a report: a commentary in Markdown, and reports that were published before."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from escalate.errors import Refused
from escalate.storage.files.plain_files import read_plain

LONGEST_COMMENTARY = 200_000
"""Bytes: some 70 pages."""

LARGEST_REPORT = 100_000_000
"""Bytes."""


def read_commentary(path: Path) -> str:
    """The text of a commentary. Raises Refused."""
    too_large = Refused(
        f"{path} is larger than {LONGEST_COMMENTARY // 1000} kB: a commentary is a few pages of Markdown, without pictures."
    )
    content = read_plain(path, LONGEST_COMMENTARY, too_large)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise Refused(
            f"{path} is not text in UTF-8, from line {line} on: save it again as plain text, with UTF-8 as its encoding."
        ) from problem
    if not text.strip():
        raise Refused(f"{path} is empty: write what is to stand before the figures into it.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_document(path: Path) -> Mapping[str, Any]:
    """The JSON document of a report. Raises Refused."""
    too_large = Refused(f"{path} is too large for a report: name what escalate report --suppress N --json wrote.")
    try:
        document = json.loads(read_plain(path, LARGEST_REPORT, too_large).decode("utf-8-sig"))
    except (ValueError, RecursionError) as problem:
        raise Refused(
            f"{path} is no JSON that can be read: name what escalate report --suppress N --json wrote."
        ) from problem
    if not isinstance(document, dict):
        raise Refused(
            f"{path} is not what escalate report --json wrote: name the JSON of the report that was published."
        )
    return document
