"""How a file of command lines is read.

    .at 2026-11-23T10:00        from here on this is the present moment
    .by unit                    from here on this is who records
    .environment NAME=value     from here on this is in the environment as well; alone, nothing more is
    .write my.toml              a file, of the lines below that begin with a bar
    | id = "my"
    .copy one other             a copy of a file, unpacked where it ends in .gz
    .remove one                 a file less
    .mode 644 one               a file that others may read
    .sql cases.db STATEMENTS    what another program does to a database; triggers that would keep it from that are dropped
    .tables cases.db            what stands in a database now
    show 1                      a command line, as it is typed after `escalate`
    < first\nsecond\n           what it gets on standard input
    + show 1                    the same twice: as it is, and with --json
    80 show 1                   on a terminal of 80 columns
    TZ=Asia/Tokyo show 1        with this in the environment

`{ESC}`, `{NL}`, `{TAB}`, `{FF}` and `{LONG}` in a command line are characters that cannot stand here: escape, a line end, a tab, a byte
that is no text, and ten thousand times x.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).with_name("lines")

CHARACTERS = {"{ESC}": "\x1b", "{NL}": "\n", "{TAB}": "\t", "{FF}": "\udcff", "{LONG}": "x" * 10_000}


class Line(NamedTuple):
    """A command line with all that it is given."""

    words: tuple[str, ...]
    stdin: str
    environment: dict[str, str]
    """What differs from the environment that all have."""
    columns: int | None
    """Of the terminal it is run on; None where its streams are pipes."""


class Deed(NamedTuple):
    """What is done to the folder between two command lines."""

    name: str
    """`write`, `copy`, `remove`, `mode`, `sql` or `tables`."""
    words: tuple[str, ...]
    text: str
    """What follows the name: for `write`, the content of the file."""


def read(name: str) -> list[Line | Deed]:
    """What a file in `lines` says, in order. Raises ValueError for a line that cannot be read."""
    return list(_steps((FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n")))


def _steps(written: list[str]) -> Iterator[Line | Deed]:
    always: dict[str, str] = {}
    more: dict[str, str] = {}
    for number, line in enumerate(written):
        if not line.strip() or line.startswith(("#", "| ", "< ")) or line == "|":
            continue
        name, _, rest = line.partition(" ")
        if name == ".at":
            always["ESCALATE_NOW"] = rest
        elif name == ".by":
            always["ESCALATE_BY"] = rest
        elif name == ".environment":
            more = dict(_pair(word) for word in shlex.split(rest))
        elif name == ".write":
            yield Deed("write", (rest,), "".join(f"{each}\n" for each in _following(written, number, "|")))
        elif name == ".sql":
            yield Deed("sql", (rest.partition(" ")[0],), rest.partition(" ")[2])
        elif name in {".copy", ".remove", ".mode", ".tables"}:
            yield Deed(name[1:], tuple(shlex.split(rest)), rest)
        elif name.startswith("."):
            raise ValueError(f"line {number + 1}: {name} is not known")
        else:
            stdin = "".join(_following(written, number, "<")).replace("\\n", "\n").replace("\\t", "\t")
            yield from _lines(line, stdin, always | more)


def _following(written: list[str], number: int, mark: str) -> Iterator[str]:
    """What stands after the mark in the lines below this one that begin with it."""
    for line in written[number + 1 :]:
        if line != mark and not line.startswith(f"{mark} "):
            return
        yield line[2:]


def _lines(written: str, stdin: str, environment: dict[str, str]) -> Iterator[Line]:
    columns, both = None, False
    mark, _, rest = written.partition(" ")
    if mark == "+":
        both, written = True, rest
    elif mark.isdecimal():
        columns, written = int(mark), rest
    words = shlex.split(written)
    more = dict(environment)
    while words and re.fullmatch(r"_?[A-Z][A-Z_]*=.*", words[0], re.DOTALL):
        key, value = _pair(words.pop(0))
        more[key] = value
    typed = tuple(map(_with_characters, words))
    yield Line(typed, stdin, more, columns)
    if both:
        yield Line((*typed, "--json"), stdin, more, columns)


def _pair(word: str) -> tuple[str, str]:
    key, _, value = word.partition("=")
    return key, value


def _with_characters(word: str) -> str:
    for name, character in CHARACTERS.items():
        word = word.replace(name, character)
    return word
