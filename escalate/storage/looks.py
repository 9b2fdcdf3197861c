"""Who looked at names: a record for every look, added at the end and in the chain; its words are apart, so that they can be erased."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from escalate.domain.case.look import ASKED, ERASED_LOOKS, ERASED_REASONS, REASON, Look, key
from escalate.domain.worktime.clock import read_instant, written
from escalate.storage.entries import commitment
from escalate.storage.hashes import new_salt
from escalate.storage.interface import Database, Row
from escalate.storage.records import NewLook
from escalate.storage.rows import CLOCK, as_json, read_json

ERASE = "erase"
"""The command that a record of erased words has."""


class Looks:
    """The looks at names in one database. What adds or erases does so inside `writing`."""

    def __init__(self, database: Database, clock: datetime | None = None) -> None:
        self._database = database
        self._clock = {CLOCK: written(clock)} if clock else {}

    def all(self, *, identify: bool) -> list[Look]:
        """Every look that whoever asks may see, the oldest first; whom was asked for only with `identify`. Raises NotOurFile."""
        shown = (REASON, ASKED) if identify else (REASON,)
        words = self._words()
        with self._database.undamaged("the looks at names"):
            return [_look(row, words.get(_key(row), {}), shown) for row in self._database.rows("looks")]

    def add(
        self,
        by: str,
        at: datetime,
        command: str,
        cases: Iterable[str],
        data: Mapping[str, Any] | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        """Add a look at the end."""
        apart = [(field, new_salt(), content) for field, content in (words or {}).items()]
        commitments = {field: commitment(salt, content) for field, salt, content in apart}
        self._database.record_look(
            NewLook(
                written(at),
                by,
                command,
                as_json(list(cases)),
                as_json({**(data or {}), **self._clock}),
                as_json(commitments),
                apart,
            )
        )

    def erase(self, keys: Collection[str], by: str, at: datetime, cases: Iterable[str] = ()) -> None:
        """Erase the words of looks, with a record that says so."""
        if keys:
            self._database.erase_looks(sorted(keys))
            self.add(by, at, ERASE, cases, {ERASED_LOOKS: sorted(keys)})

    def with_words(self) -> dict[str, Look]:
        """The looks that have words which can be erased, by their keys."""
        return {each.key: each for each in self.all(identify=True) if each.words}

    def erased(self) -> set[str]:
        """The keys of all looks whose words were erased."""
        return {name for each in self.erasures() for name in each.data.get(ERASED_LOOKS, ())}

    def erasures(self) -> list[Look]:
        """The records that say which looks, or which changes of calendars, lost their words."""
        return [each for each in self.all(identify=False) if {ERASED_LOOKS, ERASED_REASONS} & each.data.keys()]

    def faults(self) -> Iterator[str]:
        """A sentence for each word of a look that is not what was recorded, or is gone though nothing says that it was erased."""
        words, erased = self._words(), self.erased()
        for row in self._database.rows("looks"):
            name, commits = _key(row), read_json(row["commitments"])
            said = words.pop(name, {})
            for field in sorted({*said, *commits}):
                if field not in commits:
                    yield f"look {name} has a {field} that was not recorded with it"
                elif field not in said and name not in erased:
                    yield f"the {field} of look {name} is gone, and nothing says that it was erased"
                elif field in said and name in erased:
                    yield f"the {field} of look {name} is there again, after it was erased"
                elif field in said and commitment(*said[field]) != commits[field]:
                    yield f"the {field} of look {name} is not what was recorded"
        for name in words:
            yield f"there are words of look {name}, and no such look"

    def _words(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Salt and content of all words, by the key of the look and by field."""
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for row in self._database.rows("look_words"):
            found.setdefault(key(row["agency"], row["look"]), {})[row["field"]] = (row["salt"], row["content"])
        return found


def _key(row: Row) -> str:
    return key(row["agency"], row["id"])


def _look(row: Row, said: Mapping[str, tuple[str, str]], shown: Collection[str]) -> Look:
    """A look as it is shown, with words of these names only."""
    words = {field: content for field, (_, content) in said.items() if field in shown}
    gone = read_json(row["commitments"]).keys() - said.keys()
    data = read_json(row["data"])
    clock = data.pop(CLOCK, None)
    return Look(
        row["agency"], row["id"], read_instant(row["at"]), row["by"], row["login"], row["command"],
        tuple(read_json(row["cases"])), data, words,
        tuple(sorted(said.keys() - words.keys())), tuple(sorted(gone)), read_instant(clock) if clock else None,
    )  # fmt: skip
