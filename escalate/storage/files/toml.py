"""Reading TOML files, with a sentence for whatever is wrong with one."""

import tomllib
from pathlib import Path

from escalate.errors import Refused
from escalate.storage.files.plain_files import read_plain

MOST_BYTES = 200_000
"""Eight times the longest protocol there is. What grows with the square of a file takes seconds from here on."""
MOST_DOTS = 500
"""In one line: keys of many hundred parts keep tomllib busy for minutes, and fill the memory."""


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
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        raise Refused(
            f"{path} is not text in UTF-8: save it again as UTF-8 (byte {problem.start + 1} is the first that is not)."
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
