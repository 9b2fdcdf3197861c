"""Reading TOML files, with a sentence for whatever is wrong with one."""

import tomllib
from pathlib import Path

from escalate.errors import Refused
from escalate.storage.files.plain_files import read_plain

MOST_BYTES = 200_000
"""Eight times the longest protocol there is. What grows with the square of a file takes seconds from here on."""
MOST_DOTS = 500
"""In one line: keys of many hundred parts keep tomllib busy for minutes, and fill the memory."""

_NOT_PLAIN = {
    b"PK\x03\x04": "a document of a word processor",
    b"\xd0\xcf\x11\xe0": "a document of a word processor",
    b"{\\rtf": "rich text",
    b"%PDF": "a PDF",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
"""What a file is that begins so, where a text editor has saved it as something else than was meant."""


def read_toml(path: Path) -> dict[str, object]:
    """The tables of a file. Raises Refused."""
    return parse_toml(read_text(path), path.name)


def read_text(path: Path) -> str:
    """The text of a file. Raises Refused."""
    content = read_plain(
        path,
        MOST_BYTES,
        Refused(f"{path} is larger than a protocol or settings file can be (200 kB): is it the right file?"),
    )
    if what := next((what for begins, what in _NOT_PLAIN.items() if content.startswith(begins)), None):
        raise Refused(f"{path} is {what}: save it again as plain text, with UTF-8 as its encoding.")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise Refused(
            f"{path} is not text in UTF-8, from line {line} on: save it again as plain text, with UTF-8 as its encoding."
        ) from problem


def parse_toml(text: str, name: str) -> dict[str, object]:
    """The tables of a text. Raises Refused, with line and column."""
    too_deep = Refused(f"{name}: nested too deeply; is it the right file?")
    if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
        raise too_deep
    try:
        return tomllib.loads(text)
    except RecursionError as problem:
        raise too_deep from problem
    except tomllib.TOMLDecodeError as problem:
        from escalate.storage.files.toml_mistakes import why_not_toml  # only a mistake needs it

        raise Refused(f"{name} is not well-formed TOML: {why_not_toml(text, str(problem))}.") from problem
    except ValueError as problem:  # a number of more digits than Python converts
        raise Refused(f"{name} is not well-formed TOML: it has a number of too many digits.") from problem
