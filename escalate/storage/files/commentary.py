"""What is named beside a report: a commentary in Markdown."""

from pathlib import Path

from escalate.errors import Refused
from escalate.storage.files.plain_files import read_plain

LONGEST_COMMENTARY = 200_000
"""Bytes: some 70 pages."""


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
