"""What stands in a row of the tables, and what it is in the domain."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from escalate.domain.casefile import CaseLine
from escalate.domain.deadlines import Deadline
from escalate.domain.history import OPENED, SET, Entry, moment, written
from escalate.domain.particulars import LISTS, SIDES

TEXT, IDENTITY, SUBJECT = "text", "identity", "subject"

CASE_COLUMNS = (
    "c.ref, c.protocol, c.edition, c.route AS case_route, c.status, c.stage AS case_stage, c.stage_name AS case_stage_name, c.entered_at,"
    " c.concern_at, c.raised_at, c.subject, c.raising_agency, c.receiving_agency, c.calendar, c.facts, c.involved, c.themes"
)
_INSTANTS = (
    "target_at", "due_at", "act_by", "agreed_until", "met_at", "ahead_at", "limit_at", "stopped_since", "judged_until",
)  # fmt: skip
_FLAGS = ("outside_hours", "provisional", "waiting", "ends_stage", "is_standing", "is_window")
_TEXTS = (
    "visit", "route", "stage", "stage_name", "action", "action_name", "owner", "cite", "contacts", "ahead_of",
    "occurrence", "side", "once_passed", "then_owner",
)  # fmt: skip
DEADLINE_FIELDS = (*_TEXTS, *_INSTANTS, *_FLAGS)
DEADLINE_COLUMNS = ", ".join(f"d.{name}" for name in DEADLINE_FIELDS)


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


def indexed(entry: Entry) -> list[tuple[str, str, int, str, str]]:
    """What the full-text index has of an entry: content, case, number, field and kind."""
    return [(content, entry.case, entry.seq, field, kind) for kind, said in said_in(entry) for field, content in said]


def case_line_of(row: sqlite3.Row, identity: Mapping[str, str] | None = None) -> CaseLine:
    return CaseLine(
        ref=row["ref"],
        protocol=row["protocol"],
        edition=row["edition"],
        route=row["case_route"],
        status=row["status"],
        stage=row["case_stage"],
        stage_name=row["case_stage_name"],
        entered_at=moment(row["entered_at"]),
        concern_at=moment(row["concern_at"]),
        raised_at=moment(row["raised_at"]),
        subject=row["subject"],
        raising_agency=row["raising_agency"],
        receiving_agency=row["receiving_agency"],
        calendar=row["calendar"],
        facts=json.loads(row["facts"]),
        involved=tuple(json.loads(row["involved"])),
        themes=tuple(json.loads(row["themes"])),
        identity=identity or {},
    )


def deadline_of(row: sqlite3.Row) -> Deadline:
    values = {name: row[name] for name in DEADLINE_FIELDS}
    values |= {name: values[name] and moment(values[name]) for name in _INSTANTS}
    values |= {name: bool(values[name]) for name in _FLAGS}
    values["contacts"] = tuple(json.loads(values["contacts"]))
    return Deadline(**values)


def deadline_values(deadline: Deadline) -> tuple[object, ...]:
    values = {name: getattr(deadline, name) for name in DEADLINE_FIELDS}
    values |= {name: written_or_none(values[name]) for name in _INSTANTS}
    values |= {name: int(values[name]) for name in _FLAGS}
    values["contacts"] = as_json(values["contacts"])
    return tuple(values.values())


def written_or_none(at: datetime | None) -> str | None:
    return written(at) if at else None


def as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
