"""What stands in a row of the history, and what it is in the domain; and what of it stands apart so that it can be erased."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from escalate.domain.case.details import LISTS, SIDES
from escalate.domain.case.entries import OPENED, SET, Entry
from escalate.domain.worktime.clock import moment
from escalate.storage.rows import IDENTITY, SUBJECT, TEXT


def entry_of(row: sqlite3.Row, words: Mapping[str, Mapping[str, str]]) -> Entry:
    """An entry of the row and what stands apart from it, by its kind: what is not given, or erased, is withheld."""
    texts, identities, apart = (words.get(kind, {}) for kind in (TEXT, IDENTITY, SUBJECT))
    here = {*texts, *identities, *apart}
    return Entry(
        case=row["case_ref"],
        seq=row["seq"],
        kind=row["kind"],
        at=moment(row["at"]),
        recorded_at=moment(row["recorded_at"]),
        by=row["by"],
        data=_whole(json.loads(row["data"]), row["kind"], apart),
        words=texts,
        identities=identities,
        withheld=tuple(name for name in json.loads(row["commitments"]) if name not in here),
    )


def _whole(data: dict[str, Any], kind: str, apart: Mapping[str, str]) -> dict[str, Any]:
    """What an entry says for good together with what is kept apart of it, in the order of the names."""
    if kind == OPENED:
        return dict(sorted((data | {SUBJECT: apart.get(SUBJECT)}).items()))
    if kind == SET and apart:
        return data | {"particulars": dict(sorted((data["particulars"] | apart).items()))}
    return data


def set_apart(data: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """What an entry keeps for good, and what of it is kept apart, to be erased one day: the reference of the person."""
    left = {key: value for key, value in data.items() if key != SUBJECT}
    apart = {SUBJECT: data[SUBJECT]} if data.get(SUBJECT) else {}
    if SUBJECT in data.get("particulars", {}):
        left["particulars"], apart = set_apart(data["particulars"])
    return left, apart


def commitment(salt: str, content: str) -> str:
    """What an entry keeps of words that may be erased: it proves them while the salt is kept, and tells nothing after."""
    return hashlib.sha256(f"{salt}\0{content}".encode()).hexdigest()


def said_in(entry: Entry) -> list[tuple[str, Iterable[tuple[str, str]]]]:
    """What is said in an entry, by its kind: the words, the identities, and what the history keeps for good."""
    kept = {**entry.data, **entry.data.get("particulars", {})}
    named = [(typed, kept.get(key)) for typed, key in {**SIDES, **LISTS}.items()]
    named.append(("reference", entry.data.get("imported", {}).get("reference")))
    several = [
        (typed, each) for typed, value in named if value for each in ([value] if isinstance(value, str) else value)
    ]
    return [(TEXT, entry.words.items()), (IDENTITY, entry.identities.items()), (TEXT, several)]


def indexed(ref: str, entry: Entry) -> list[tuple[str, str, int, str, str]]:
    """What the full-text index has of an entry of a case: content, case, number, field and kind."""
    return [(content, ref, entry.seq, field, kind) for kind, said in said_in(entry) for field, content in said]
