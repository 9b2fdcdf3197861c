"""Rows of the history as entries, and back: what an entry keeps for good, and what stands apart so that it can be erased."""

from collections.abc import Iterable, Mapping
from typing import Any

from escalate.domain.case.details import IDENTITIES, LISTS, SIDES
from escalate.domain.case.entries import OPENED, SET, Entry
from escalate.domain.worktime.clock import read_instant
from escalate.storage.hashes import hash_of
from escalate.storage.interface import Row
from escalate.storage.records import IndexRow
from escalate.storage.rows import CLOCK, IDENTITY, SUBJECT, TEXT, read_json

OF_A_PERSON = {*IDENTITIES, "email", "phone"}
"""The words of an entry that say who somebody is."""


def entry_of(row: Row, words: Mapping[str, Mapping[str, str]]) -> Entry:
    """The entry in a row, with the words that stand apart from it by kind and field. Those not given, or erased, are withheld."""
    texts, identities, apart = (words.get(kind, {}) for kind in (TEXT, IDENTITY, SUBJECT))
    here = {*texts, *identities, *apart}
    data = read_json(row["data"])
    clock = data.pop(CLOCK, None)
    return Entry(
        case=row["case_ref"],
        seq=row["seq"],
        kind=row["kind"],
        at=read_instant(row["at"]),
        recorded_at=read_instant(row["recorded_at"]),
        by=row["by"],
        data=_with_subject(data, row["kind"], apart),
        words=texts,
        identities=identities,
        withheld=tuple(name for name in read_json(row["commitments"]) if name not in here),
        clock=read_instant(clock) if clock else None,
    )


def _with_subject(data: dict[str, Any], kind: str, apart: Mapping[str, str]) -> dict[str, Any]:
    """The data of an entry with the reference of the person back in its place, in the order of the keys."""
    if kind == OPENED:
        return dict(sorted((data | {SUBJECT: apart.get(SUBJECT)}).items()))
    if kind == SET and apart:
        return data | {"particulars": dict(sorted((data["particulars"] | apart).items()))}
    return data


def set_apart(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Part data into what an entry keeps for good and what may be erased one day: the reference of the person."""
    left = {key: value for key, value in data.items() if key != SUBJECT}
    apart = {SUBJECT: data[SUBJECT]} if data.get(SUBJECT) else {}
    if SUBJECT in data.get("particulars", {}):
        left["particulars"], apart = set_apart(data["particulars"])
    return left, apart


def commitment(salt: str, content: str) -> str:
    """A hash that proves words while their salt is there, and tells nothing once it is erased with them."""
    return hash_of(f"{salt}\0{content}")


def said_in(entry: Entry) -> list[tuple[str, Iterable[tuple[str, str]]]]:
    """All that can be found in an entry as fields and what they say, by kind: words, identities, and agencies, themes and the like."""
    data = {**entry.data, **entry.data.get("particulars", {})}
    values = [(typed, data.get(key)) for typed, key in {**SIDES, **LISTS}.items()]
    values.append(("reference", entry.data.get("imported", {}).get("reference")))
    details = [
        (typed, each) for typed, value in values if value for each in ([value] if isinstance(value, str) else value)
    ]
    return [(TEXT, entry.words.items()), (IDENTITY, entry.identities.items()), (TEXT, details)]


def indexed(entry: Entry) -> list[tuple[str, str, str]]:
    """What the index has of an entry: content, field and kind."""
    return [(content, field, kind) for kind, said in said_in(entry) for field, content in said]


def index_rows(ref: str, entries: Iterable[Entry]) -> list[IndexRow]:
    """The rows of the index for entries of a case."""
    return [
        IndexRow(content, ref, entry.seq, field, kind) for entry in entries for content, field, kind in indexed(entry)
    ]
