"""What of the cases a shell can offer while somebody types: few rows, read fast, and never the name of a person.

Nothing is made, brought up to date or asked for: where a file is not there, is older or encrypted, nothing is offered.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from escalate.storage.engines import connected
from escalate.storage.interface import SCHEMA_VERSION, Database, Row
from escalate.storage.places import FilePlace, Place
from escalate.storage.rows import read_json

MOST = 30
"""So many cases are offered: more nobody reads."""

RECENT = 1000
"""Agencies, themes and owners are those of so many newest cases, or deadlines."""

_PLAIN = b"SQLite format 3\0"
_VERSION = slice(60, 64)
"""Where the header of a file of SQLite has the number of migrations done."""


class OfferedCase(NamedTuple):
    """A case to choose."""

    ref: str
    subject: str | None
    """The record number of whom it is about; None where it may be something else than a number."""
    raising: str | None
    receiving: str | None


class OfferedAction(NamedTuple):
    """Something that is to be done in a case."""

    key: str
    name: str
    stage: str


class Offered:
    """The cases in a place, for a shell. Made by `offered`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cases(self, begun: str) -> list[OfferedCase]:
        """The newest cases whose reference or record number begins so."""
        pattern = re.sub(r"([%_\\])", r"\\\1", begun) + "%"
        rows = self._database.rows("cases_begun", pattern=pattern, most=MOST)
        return [
            OfferedCase(row["ref"], _record_number(row["subject"]), row["raising_agency"], row["receiving_agency"])
            for row in rows
        ]

    def ref(self, said: str) -> str | None:
        """The one case that is meant by its reference, its number or a record number; None where there is none, or several."""
        wanted = said.strip().upper()
        numbered = re.fullmatch(r"([A-Z][A-Z0-9]*-|[A-Z]*)0*([0-9]{1,15})", wanted)
        rows = self._database.rows("refs_numbered", prefix=numbered[1], number=int(numbered[2])) if numbered else ()
        rows = rows or self._database.rows("refs_about", subject=said.strip(), lowered=wanted.lower())
        return rows[0]["ref"] if len(rows) == 1 else None

    def actions(self, ref: str) -> list[OfferedAction]:
        """What is to be done in a case."""
        return [
            OfferedAction(row["action"], row["action_name"], row["stage"])
            for row in self._database.rows("actions_open", case=ref)
        ]

    def protocol(self, ref: str) -> list[str]:
        """The text of the edition that a case is under, and of those it extends."""
        row = self._database.row("edition_of_case", case=ref)
        return [row["text"], *read_json(row["bases"])] if row else []

    def sides(self, ref: str) -> list[str]:
        """The other agencies that are involved in a case."""
        return [
            name for row in self._database.rows("agencies_of_case", case=ref) for name in read_json(row["involved"])
        ]

    def agencies(self) -> list[str]:
        """The agencies that recent cases name, those named most lately first."""
        found = [
            (row["raising_agency"], row["receiving_agency"], *read_json(row["involved"])) for row in self._recent()
        ]
        return list(dict.fromkeys(name for names in found for name in names if name))

    def themes(self) -> list[str]:
        """What recent cases are about."""
        return list(dict.fromkeys(theme for row in self._recent() for theme in read_json(row["themes"])))

    def owners(self) -> list[str]:
        """Who has to do what is due, by role as the protocols have it: never a person."""
        return [row["owner"] for row in self._database.rows("owners_open", most=RECENT)]

    def _recent(self) -> Sequence[Row]:
        return self._database.rows("sides_recent", most=RECENT)


def _record_number(subject: str | None) -> str | None:
    """What identifies a person and can be a number only: a single word with a digit in it, and no date."""
    if subject and re.fullmatch(r"\S*\d\S*", subject) and not re.fullmatch(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}", subject):
        return subject
    return None


@contextmanager
def offered(place: Place) -> Iterator[Offered | None]:
    """The cases in a place, as long as a shell asks; None where there are none to read without changing anything. Raises StoreError."""
    if isinstance(place, FilePlace) and not _is_of_today(place.path):
        yield None
        return
    with connected(place) as database:
        yield Offered(database)


def _is_of_today(path: Path) -> bool:
    """Whether a plain file with cases is there that nothing has to be done to. Raises OSError."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        header = file.read(_VERSION.stop)
    return header.startswith(_PLAIN) and int.from_bytes(header[_VERSION], "big") == SCHEMA_VERSION
