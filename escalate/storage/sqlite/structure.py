"""What tells all that a file is made of from what escalate makes: tables, indexes, triggers and views, each with its text.

A trigger could copy rows away, a view in the place of a table hide some or never end, a guard of the right name guard nothing. So
each opening compares all of it before the first row is read (opening.py), with structure.txt, which has what escalate makes today:
making that anew takes longer than a command. For an older file, and to name what differs, it is made anew here.
"""

import re
import sqlite3
from contextlib import closing
from typing import NamedTuple

from escalate.storage.sqlite.distrust import Parts, parts_of

_LETTERS = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\[[^]]*\]|`(?:[^`]|``)*`|\w+|\S""")
"""What a statement is made of: names and strings in their marks, words, and single signs."""

_LONGEST = 20_000
"""In letters. Nothing that escalate makes is longer, and what is need not be taken apart to see that it is none of it."""


class Part(NamedTuple):
    """A table, index, trigger or view."""

    kind: str
    """What it is, in SQLite's word."""
    name: str
    """Its name."""
    table: str
    """The table that it belongs to, or its own name."""
    text: str
    """The statement that makes it, whatever spaces, capitals, and marks around names it was written with; empty where SQLite makes it by itself."""

    def __str__(self) -> str:
        return f'the {self.kind} "{self.name}"'


def difference(found: Parts, version: int) -> str | None:
    """What first tells a file from what escalate makes with so many migrations; None where nothing does."""
    here, right = _plain(found), _plain(made(version))
    if here == right:  # with another version of sqlite-utils, it is written otherwise
        return None
    its, ours = ({(each.kind == "trigger", each.name): each for each in parts if each.text} for parts in (here, right))
    said = [
        *(f"{each} is not one of escalate's" for key, each in its.items() if key not in ours),
        *(f"{each} is not as escalate makes it" for key, each in its.items() if ours.get(key, each) != each),
        *(f"{each} is gone" for key, each in ours.items() if key not in its),
    ]
    return said[0] if said else "it has something twice"


def made(version: int) -> Parts:
    """What escalate makes with so many migrations; with none, nothing."""
    if version < 1:
        return []
    from escalate.storage.sqlite.schema import migrate  # sqlite-utils costs more than all the rest of a start

    with closing(sqlite3.connect(":memory:")) as connection:
        connection.row_factory = sqlite3.Row
        migrate(connection, version)
        return parts_of(connection)


def _plain(parts: Parts) -> list[Part]:
    """The same, with single spaces, small letters, and names in one kind of marks; strings stay as they are."""
    return [Part(kind, name, table, _plain_text(text)) for kind, name, table, text in parts]


def _plain_text(text: str) -> str:
    if len(text) > _LONGEST:
        return text
    return " ".join(_plain_letters(each) for each in _LETTERS.findall(text))


def _plain_letters(letters: str) -> str:
    if letters[0] in "'\"":
        return letters
    if letters[0] in "[`":
        return f'"{letters[1:-1]}"'
    return letters.casefold()
