"""What the dates of a case rest on, as it is recorded: entries, editions and calendars with their hashes, and the links to the head.

Of other cases it has hashes only; of free text and identities the salted commitments, never the words.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from escalate.domain.case.model import Case
from escalate.storage import chain
from escalate.storage.calendars import Calendars
from escalate.storage.chain import Segment
from escalate.storage.files.protocols import tree_of
from escalate.storage.interface import Database
from escalate.storage.postgresql import agency_chain
from escalate.storage.reasons import kept_version, resealed
from escalate.storage.rows import these


class Evidence(NamedTuple):
    """All that is recorded of what the dates of a case rest on. Rows have their values in the order in which they are hashed."""

    chain: Segment
    """The links."""
    entries: list[list[Any]]
    """The entries of the case."""
    editions: list[list[Any]]
    """The editions it is or was under."""
    calendars: list[dict[str, Any]]
    """Every version of the calendars it counts on: `name`, `version`, the days off that `began` and `ended` with it, its `words` with their salts,
    and `erased_by`, the record that proves what is left of one that does not commit to its words."""

    def plain(self) -> dict[str, Any]:
        """All of it as plain values, as a certificate has it."""
        of, (number, before), links, head = self.chain
        links_and_head = {
            "of": of,
            "before": {"n": number, "hash": before},
            "links": list(map(list, links)),
            "head": head,
        }
        return {
            "chain": links_and_head, "entries": self.entries, "editions": self.editions, "calendars": self.calendars,
        }  # fmt: skip

    def tree_of(self, digest: str) -> dict[str, Any]:
        """The tables of one of the editions, by its digest, as its text has them."""
        text, bases = next((row[4], row[5]) for row in self.editions if row[3] == digest)
        return tree_of(text, json.loads(bases))


def evidence_of(database: Database, case: Case) -> Evidence:
    """What the dates of a case rest on. Inside `reading`, so that it is all of one moment. Raises NotOurFile."""
    with database.undamaged("what the dates of a case rest on"):
        calendars = list(_calendars(database, [case.calendar, *(each.calendar for each in case.editions)]))
        editions = list(_editions(database, [case.edition_digest, *(each.digest for each in case.editions)]))
        if database.agency is not None:
            # An agency's chain has no numbers of the whole record, and no link for an edition.
            entries = [[None, *list(row)[1:]] for row in database.rows("entries_of_cases", **these([case.ref]))]
            editions = [[None, *row[1:-2], None, None] for row in editions]
            return Evidence(agency_chain.segment(database, case.ref), entries, editions, calendars)
        entries = [list(row) for row in database.rows("case_in_chain", ref=case.ref)]
        needed: set[tuple[str, str | int]] = {(chain.ENTRY, str(row[0])) for row in entries} | {
            (chain.EDITION, str(row[0])) for row in editions
        }
        needed |= {(chain.CALENDAR, f"{each['name']}@{each['version'][0]}") for each in calendars}
        return Evidence(chain.segment(database, needed), entries, editions, calendars)


def _editions(database: Database, digests: Iterable[str]) -> Iterator[list[Any]]:
    for digest in dict.fromkeys(digests):
        row = database.row("edition_with_digest", digest=digest)
        if row is None:
            raise KeyError(digest)
        yield list(row)


def _calendars(database: Database, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Every version of these calendars, and of those that they are made of."""
    calendars = Calendars(database)
    own = {name: calendars.own(name) for name in names}
    for name in dict.fromkeys([*own, *(nation for each in own.values() if each for nation in each.nations)]):
        said: dict[int, dict[str, list[str]]] = {}
        for row in database.rows("words_of_calendar", calendar=name):
            said.setdefault(row["version"], {})[row["field"]] = [row["salt"], row["content"]]
        plain = {(number, field): content for number, words in said.items() for field, (_, content) in words.items()}
        for number in [version.number for version in calendars.versions(name)]:
            kept, words, erased_by = kept_version(database, f"{name}@{number}"), said.get(number, {}), None
            assert kept is not None
            if kept.commitments is None and (again := resealed(database).get(f"{name}@{number}")):
                kept, erased_by = kept._replace(commitments=again["commitments"]), list(again["look"])
            elif kept.commitments is None:  # its digest is over the words
                kept, words = kept.with_words(plain), {}
            version = [*kept.row, kept.commitments, kept.clock]
            yield {
                "name": name, "version": version, "began": kept.began, "ended": kept.ended, "words": words, "erased_by": erased_by,
            }  # fmt: skip
