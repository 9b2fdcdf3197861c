"""Why calendars were changed, and what closures are called: words that stand apart from the versions they belong to, so that they can be erased.

A version commits to its words by salted hashes. One that was made before the ninth migration does not: its digest is over the words themselves. Where
some of them are erased, the record of that has the digest of what is left, with commitments to all its words, and proves it from then on.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.case.look import ERASED_REASONS, RESEALED
from escalate.domain.worktime.clock import read_instant
from escalate.storage.entries import commitment
from escalate.storage.hashes import hash_of, new_salt
from escalate.storage.interface import Database
from escalate.storage.rows import as_json, read_json

WHY = "why"
"""Why a version was made: what its closures are called as well, unless one has words of its own under its day."""


class Reason(NamedTuple):
    """What was said of one version of a calendar."""

    calendar: str
    """The name of the calendar."""
    version: int
    """Its number."""
    made_at: datetime
    """When it was made (UTC)."""
    words: Mapping[str, str]
    """By `why`, or by a day: the words."""

    @property
    def key(self) -> str:
        """What stands for the version in the chain."""
        return f"{self.calendar}@{self.version}"


class Kept(NamedTuple):
    """A version of a calendar as its rows have it, without its words."""

    name: str
    """The name of the calendar."""
    row: list[Any]
    """From `version` to `source`, and what a calendar of a protocol's own is made of."""
    commitments: str | None
    """A salted hash for each of its words, as JSON; None of one that was made before the ninth migration."""
    clock: str | None
    """What the computer's own clock said (UTC), where the present moment was set by hand."""
    began: list[list[Any]]
    """The days off that began with it: day, kind, name and version."""
    ended: list[list[Any]]
    """The days off that ended with it."""

    @property
    def digest(self) -> str:
        """The digest of all this."""
        return hash_of(as_json([self.name, *self.row, self.commitments, self.clock, self.began, self.ended]))

    def with_words(self, said: Mapping[tuple[int, str], str]) -> "Kept":
        """The same with words in their places, by the version and the field; empty where they are gone."""

        def named(days: list[list[Any]]) -> list[list[Any]]:
            return [
                [day, kind, name or said.get((at, day), said.get((at, WHY), "")), at] for day, kind, name, at in days
            ]

        version, made_at, by, _, *others = self.row
        row = [version, made_at, by, said.get((version, WHY), ""), *others]
        return self._replace(row=row, began=named(self.began), ended=named(self.ended))

    @property
    def digest_at_first(self) -> str:
        """What was the digest before the ninth migration, of one with its words in their places."""
        return hash_of(as_json([self.name, *self.row, self.began, self.ended]))


def kept_version(database: Database, key: str, at_first: bool = False) -> Kept | None:
    """A version by its key, or as a file before the ninth migration has it; None where there is none."""
    name, _, version = key.rpartition("@")
    if not version.isdecimal():
        return None
    of = {"calendar": name, "version": int(version)}
    row = database.row("version_recorded_at_first" if at_first else "version_recorded", **of)
    if row is None:
        return None
    values = [*row, None, None] if at_first else list(row)
    began, ended = (list(map(list, database.rows(days, **of))) for days in ("days_begun", "days_ended"))
    return Kept(name, values[:-2], values[-2], values[-1], began, ended)


def digest_of_version(database: Database, key: str) -> str | None:
    """The digest that the link of a version has to have; None where there is no such version."""
    kept = kept_version(database, key)
    if kept is None or kept.commitments is not None:
        return kept and kept.digest
    if again := resealed(database).get(key):
        link = database.row("link_of", what="calendar", ref=key)
        as_left = kept._replace(commitments=again["commitments"]).digest
        return str(link["digest"]) if link and as_left == again["digest"] else as_left
    return kept.with_words(_said(database, kept.name)).digest_at_first


def resealed(database: Database) -> dict[str, Mapping[str, Any]]:
    """What records of erasures say is left of versions that have no commitments: `digest`, `commitments` and the row of the `look`, by their keys."""
    found: dict[str, Mapping[str, Any]] = {}
    for look, data in _records(database):
        found = {key: said | {"look": look} for key, said in data[RESEALED].items()} | found
    return found


def reasons_of(database: Database) -> dict[str, str]:
    """Why each version was made, by its key, as far as that was not erased."""
    return {
        f"{row['calendar']}@{row['version']}": row["content"]
        for row in database.rows("calendar_words")
        if row["field"] == WHY
    }


class Reasons:
    """What was said of all versions of calendars in one database. What erases does so inside `writing`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Reason]:
        """Every version that has words still."""
        words = self._words()
        return [
            Reason(row["calendar"], row["version"], read_instant(row["made_at"]), {field: said for field, (_, said) in words[key].items()})
            for row in self._database.rows("versions_and_commitments")
            if (key := f"{row['calendar']}@{row['version']}") in words
        ]  # fmt: skip

    def erase(self, keys: Collection[str]) -> dict[str, object]:
        """Erase the words of versions; what the record of it has to say."""
        again = {key: self._left_of(key) for key in self._resting_on(set(keys))}
        self._database.erase_reasons(sorted(keys))
        return {ERASED_REASONS: sorted(keys)} | ({RESEALED: again} if again else {})

    def erased(self) -> set[str]:
        """The keys of all versions whose words were erased."""
        return {key for _, data in _records(self._database) for key in data[ERASED_REASONS]}

    def faults(self) -> Iterator[str]:
        """A sentence for each word that is not what was recorded, or is gone though nothing says that it was erased."""
        words, erased, again = self._words(), self.erased(), resealed(self._database)
        for row in self._database.rows("versions_and_commitments"):
            key = f"{row['calendar']}@{row['version']}"
            name, said = f"version {row['version']} of the {row['calendar']} calendar", words.pop(key, {})
            commits = row["commitments"] or (again[key]["commitments"] if key in again else None)
            committed = _table(commits) if commits else dict.fromkeys(self._fields(key))
            for field in {**committed, **said}:
                called = f"the reason of {name}" if field == WHY else f"what {name} calls {field}"
                if field not in committed:
                    yield f"{called} was not recorded with it"
                elif field in said and key in erased:
                    yield f"{called} is there again, after it was erased"
                elif field in said and commits and commitment(*said[field]) != committed[field]:
                    yield f"{called} is not what was recorded"
                elif field not in said and commits and key not in erased:
                    yield f"{called} is gone, and nothing says that it was erased"
        for key in words:
            yield f"there are words of {key}, and no such version of a calendar"

    def _words(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Salt and content of all words, by the key of the version and by field."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for row in self._database.rows("calendar_words"):
            found.setdefault(f"{row['calendar']}@{row['version']}", {})[row["field"]] = (row["salt"], row["content"])
        return found

    def _fields(self, key: str) -> list[str]:
        """What a version without commitments can have words for."""
        kept = kept_version(self._database, key)
        return [WHY, *(day for day, kind, *_ in kept.began if kind == "closure")] if kept else []

    def _resting_on(self, keys: set[str]) -> Iterator[str]:
        """The versions without commitments whose digest is over words of these, and that no record proves yet."""
        again = resealed(self._database)
        for row in self._database.rows("versions_and_commitments"):
            key = f"{row['calendar']}@{row['version']}"
            kept = kept_version(self._database, key) if row["commitments"] is None and key not in again else None
            if kept and (key in keys or any(f"{kept.name}@{at}" in keys for _, _, name, at in kept.ended if not name)):
                yield key

    def _left_of(self, key: str) -> dict[str, str]:
        """What the record of an erasure says of a version, before its words go."""
        words = self._words().get(key, {})
        made = as_json({field: commitment(*said) for field, said in words.items()})
        kept = kept_version(self._database, key)
        assert kept is not None
        return {"commitments": made, "digest": kept._replace(commitments=made).digest}


def set_apart(words: Mapping[str, str]) -> tuple[list[tuple[str, str, str]], str]:
    """Field, salt and content of each of these words, and the commitments to them as JSON."""
    apart = [(field, new_salt(), said) for field, said in words.items()]
    return apart, as_json({field: commitment(salt, said) for field, salt, said in apart})


def _records(database: Database) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """The records of erasures that were about reasons, the first first, each with what it says; of one that is damaged the chain tells that."""
    for row in database.rows("erasures_of_reasons"):
        data = _table(row["data"])
        again = data.get(RESEALED, {})
        if isinstance(data.get(ERASED_REASONS), list) and isinstance(again, dict):
            yield list(row), data | {RESEALED: {key: said for key, said in again.items() if _is_resealed(said)}}


def _is_resealed(said: object) -> bool:
    return isinstance(said, dict) and all(isinstance(said.get(name), str) for name in ("commitments", "digest"))


def _table(text: str) -> dict[str, Any]:
    """The table that JSON says; an empty one where it says none."""
    try:
        found = read_json(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(database: Database, calendar: str) -> dict[tuple[int, str], str]:
    return {
        (row["version"], row["field"]): row["content"] for row in database.rows("words_of_calendar", calendar=calendar)
    }
