"""What stands in a row of the derived tables, and what it is in the domain."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from escalate.domain.lines import CaseLine, Deadline
from escalate.domain.london import moment, written

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
