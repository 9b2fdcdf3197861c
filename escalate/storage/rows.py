"""What stands in a row of the derived tables, and what it is in the domain."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.worktime.clock import moment, written

TEXT, IDENTITY, SUBJECT = "text", "identity", "subject"

_CASE = (
    "ref", "protocol", "edition", "route", "status", "stage", "stage_name", "entered_at", "concern_at", "raised_at", "subject",
    "raising_agency", "receiving_agency", "calendar", "facts", "involved", "themes",
)  # fmt: skip
_CASES = len(_CASE)
CASE_COLUMNS = ", ".join(f"c.{name}" for name in _CASE)
_INSTANTS = (
    "target_at", "due_at", "act_by", "agreed_until", "met_at", "ahead_at", "limit_at", "stopped_since", "judged_until",
)  # fmt: skip
_FLAGS = ("outside_hours", "provisional", "waiting", "ends_stage", "is_window")
_TEXTS = (
    "route", "stage", "stage_name", "action", "action_name", "owner", "cite", "ahead_of",
    "occurrence", "side", "once_passed", "then_owner",
)  # fmt: skip
_AS_THEY_ARE = (*_TEXTS, *_INSTANTS, *_FLAGS)
DEADLINE_FIELDS = (*_AS_THEY_ARE, "visit", "is_standing", "contacts")
_texts, _instants, _flags = attrgetter(*_TEXTS), attrgetter(*_INSTANTS), attrgetter(*_FLAGS)
DEADLINE_COLUMNS = ", ".join(f"d.{name}" for name in DEADLINE_FIELDS)


def case_line_of(row: Sequence[Any], identity: Mapping[str, str] | None = None) -> CaseLine:
    """A case of the columns in CASE_COLUMNS, with which the row begins, and which are in the order of its fields."""
    *first, entered_at, concern_at, raised_at, subject, raising, receiving, calendar, facts, involved, themes = row[
        :_CASES
    ]
    moments = moment(entered_at), moment(concern_at), moment(raised_at)
    lists = {} if facts == "{}" else json.loads(facts), _several(involved), _several(themes)
    return CaseLine._make((*first, *moments, subject, raising, receiving, calendar, *lists, identity or {}))


def deadline_of(row: Sequence[Any]) -> Deadline:
    """A deadline of the columns in DEADLINE_COLUMNS, with which the row ends."""
    values = dict(zip(DEADLINE_FIELDS, row[-len(DEADLINE_FIELDS) :], strict=True))
    for name in _INSTANTS:
        if values[name] is not None:
            values[name] = moment(values[name])
    for name in _FLAGS:
        values[name] = bool(values[name])
    values["contacts"] = _several(values["contacts"])
    del values["is_standing"]  # as its occasion says too
    return Deadline(Occasion.numbered(values.pop("visit")), **values)


def _several(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(json.loads(text))  # as most are


def deadline_values(deadline: Deadline) -> tuple[object, ...]:
    instants, flags = map(written_or_none, _instants(deadline)), map(int, _flags(deadline))
    occasion = deadline.occasion
    return (
        *_texts(deadline), *instants, *flags, occasion.number, int(occasion.at_any_stage), as_json(deadline.contacts)
    )  # fmt: skip


def written_or_none(at: datetime | None) -> str | None:
    return written(at) if at else None


as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode
