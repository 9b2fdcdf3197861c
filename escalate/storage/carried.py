"""The record of cases as one office has it, to be carried into the file of another: entry by entry, with the protocols and calendars they were judged by.

It comes from a file of cases (`FileRecord`), or from what `escalate export json` wrote of one (files/written_record.py). Entries are carried as they
stand in their rows, byte for byte, with the salts of their words.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from escalate.domain.case.entries import ADOPTED, ERASED, OPENED
from escalate.storage import chain
from escalate.storage.calendars import Calendars
from escalate.storage.entries import OF_A_PERSON
from escalate.storage.history import batches
from escalate.storage.interface import Database, Row
from escalate.storage.origins import Origin, origins
from escalate.storage.records import CalendarChange, NewEdition
from escalate.storage.rows import IDENTITY, as_json, read_json, these

FORMAT = 1
"""The form in which an export has the record; a later one that cannot be read by this version has another number."""

_VERSION = (
    "version", "made_at", "by", "opens", "closes", "first", "last", "published_to", "authority_from", "authority_to", "source", "commitments",
    "clock",
)  # fmt: skip
_EDITION = NewEdition._fields


class CarriedEntry(NamedTuple):
    """An entry as its row has it."""

    seq: int
    """Its number in its case, from 1."""
    kind: str
    """What happened, as `Entry.kind` has it."""
    at: str
    """When it happened (UTC)."""
    recorded_at: str
    """When it was recorded (UTC)."""
    by: str
    """Who recorded it."""
    data: str
    """All it keeps for good, as JSON."""
    commitments: str
    """A salted hash for every field of its words, as JSON."""
    words: tuple[tuple[str, str, str, str], ...]
    """Kind, field, salt and content of all of its words that are there."""


class CarriedRecord(ABC):
    """What is carried."""

    name: str
    """What messages call it."""
    own_id: str
    """The random name of the file it is of."""
    head: str
    """The head of that file."""

    @abstractmethod
    def refs(self) -> list[str]:
        """The references its cases have there, the oldest first."""

    @abstractmethod
    def histories(self, refs: Iterable[str]) -> Iterator[tuple[str, list[CarriedEntry]]]:
        """The entries of each case, the first first."""

    @abstractmethod
    def origins(self) -> Mapping[str, list[Origin]]:
        """Where cases were that were taken over into it before, by their references there."""

    @abstractmethod
    def editions(self) -> Iterator[NewEdition]:
        """The editions its cases are or were under."""

    @abstractmethod
    def calendars(self) -> Iterator[CalendarChange]:
        """Every version of the calendars they count on, the nations' before those made of them."""


class FileRecord(CarriedRecord):
    """The record of a database that is open, of all cases or of some. Inside `reading`."""

    def __init__(self, database: Database, refs: Iterable[str] | None = None, *, identify: bool = True) -> None:
        self._database = database
        self._refs = None if refs is None else list(refs)
        self._identify = identify
        self.name, self.own_id, self.head = database.name, chain.file_name(database), chain.head(database)

    def refs(self) -> list[str]:
        """The references its cases have, the oldest first."""
        return [row["ref"] for row in self._database.rows("refs_in_order")] if self._refs is None else list(self._refs)

    def histories(self, refs: Iterable[str]) -> Iterator[tuple[str, list[CarriedEntry]]]:
        """The entries of each case; without names nothing is left by which they could be proved."""
        for several in batches(refs):
            words: dict[int, list[tuple[str, str, str, str]]] = {}
            for row in self._database.rows("kept_words_of_cases", **these(several)):
                if self._identify or row["kind"] != IDENTITY:
                    said = (row["kind"], row["field"], row["salt"], row["content"])
                    words.setdefault(row["entry_id"], []).append(said)
            found: dict[str, list[CarriedEntry]] = {}
            for row in self._database.rows("entries_of_cases", **these(several)):
                entry = CarriedEntry(
                    row["seq"], row["kind"], row["at"], row["recorded_at"], row["by"], row["data"], row["commitments"],
                    tuple(words.get(row["id"], ())),
                )  # fmt: skip
                found.setdefault(row["case_ref"], []).append(entry)
            for ref in several:
                yield ref, found[ref] if self._identify else _without_names(found[ref])

    def origins(self) -> Mapping[str, list[Origin]]:
        """Where cases were before."""
        return origins(self._database)

    def editions(self) -> Iterator[NewEdition]:
        """The editions its cases are or were under."""
        for digest in self._named("edition_digest"):
            row = self._database.row("edition_with_digest", digest=digest)
            if row is not None:
                yield NewEdition(**{name: row[name] for name in _EDITION})

    def calendars(self) -> Iterator[CalendarChange]:
        """Every version of the calendars they count on."""
        calendars = Calendars(self._database)
        named = list(self._named("calendar"))
        own = {name: made_of for name in named if (made_of := calendars.own(name))}
        nations = [nation for made_of in own.values() for nation in made_of.nations]
        names = dict.fromkeys([*nations, *(name for name in named if name not in own), *own])
        yield from changes_of(self._database, [name for name in names if name in calendars.names])

    def _named(self, what: str) -> list[str]:
        """What the cases were opened or moved under: `edition_digest` or `calendar`."""
        found: dict[str, None] = {}
        for several in batches(self.refs()):
            with self._database.undamaged("the history"):
                for row in self._database.rows("entries_of_cases", **these(several)):
                    if row["kind"] in (OPENED, ADOPTED):
                        found.setdefault(read_json(row["data"])[what])
        return list(found)


def _without_names(entries: list[CarriedEntry]) -> list[CarriedEntry]:
    """Entries that commit to nothing that says who somebody is, but for what was erased, which an entry tells."""
    last = max((entry.seq for entry in entries if entry.kind == ERASED), default=0)
    return [
        entry
        if entry.seq < last
        else entry._replace(
            commitments=as_json(
                {
                    field: commits
                    for field, commits in read_json(entry.commitments).items()
                    if field not in OF_A_PERSON or any(said[1] == field for said in entry.words)
                }
            )
        )
        for entry in entries
    ]


def changes_of(database: Database, names: Iterable[str]) -> Iterator[CalendarChange]:
    """Every version of some calendars, as they were added."""
    wanted = list(names)
    own = {row["name"]: row["own"] for row in database.rows("whole_calendars")}
    versions, days, words = (
        _by_calendar(database.rows(statement)) for statement in ("whole_versions", "whole_days_off", "calendar_words")
    )
    for name in wanted:
        for row in versions.get(name, ()):
            number = row["version"]
            yield CalendarChange(
                name,
                own[name],
                {column: row[column] for column in _VERSION}
                | {"commitments": _as_far_as(row["commitments"], words.get(name, ()), number)},
                [(day["kind"], day["day"]) for day in days.get(name, ()) if day["until"] == number],
                [(day["kind"], day["day"], day["name"]) for day in days.get(name, ()) if day["since"] == number],
                [
                    (said["field"], said["salt"], said["content"])
                    for said in words.get(name, ())
                    if said["version"] == number
                ],
            )


def _as_far_as(commitments: str | None, words: Iterable[Row], version: int) -> str | None:
    """What a version commits to, as far as the words are there: that others were erased, another file has no record of."""
    if commitments is None:
        return None
    left = {said["field"] for said in words if said["version"] == version}
    return as_json({field: commits for field, commits in read_json(commitments).items() if field in left})


def _by_calendar(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["calendar"], []).append(row)
    return found
