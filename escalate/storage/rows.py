"""Rows of the derived tables as cases and deadlines, and back."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.worktime.clock import read_instant, written
from escalate.storage.interface import Row

TEXT, IDENTITY, SUBJECT = "text", "identity", "subject"
"""The kinds of words: free text, who somebody is, and the reference of the person."""


def these(values: Iterable[str]) -> dict[str, str]:
    """The values for a statement that has `{these}` in it: any of them, however many there are."""
    return {"these": as_json(list(values))}


CASE_FIELDS = tuple(name for name in CaseLine._fields if name != "identity")
_CASES = len(CASE_FIELDS)
_INSTANTS = (
    "target_at", "due_at", "act_by", "agreed_until", "met_at", "ahead_at", "limit_at", "stopped_since", "judged_until", "ended_at", "runs_from",
)  # fmt: skip
_FLAGS = ("outside_hours", "provisional", "waiting", "ends_stage", "is_window")
_TEXTS = (
    "route", "stage", "stage_name", "action", "action_name", "owner", "cite", "ahead_of",
    "occurrence", "side", "once_passed", "then_owner", "call", "agreement", "ended_entry", "late_in",
)  # fmt: skip
_AS_THEY_ARE = (*_TEXTS, *_INSTANTS, *_FLAGS)
DEADLINE_FIELDS = (*_AS_THEY_ARE, "visit", "is_standing", "contacts", "unanswered")
_DEADLINES = len(DEADLINE_FIELDS)
_texts, _instants, _flags = attrgetter(*_TEXTS), attrgetter(*_INSTANTS), attrgetter(*_FLAGS)


def case_line_of(row: Row, identity: Mapping[str, str] | None = None) -> CaseLine:
    """The case in a row that begins with CASE_FIELDS. What a deadline has too is called the same, so they go by their order."""
    values = tuple(row)[:_CASES]
    *first, entered_at, concern_at, raised_at, subject, raising, receiving, calendar, facts, involved, themes = values
    instants = read_instant(entered_at), read_instant(concern_at), read_instant(raised_at)
    lists = {} if facts == "{}" else json.loads(facts), _several(involved), _several(themes)
    return CaseLine._make((*first, *instants, subject, raising, receiving, calendar, *lists, identity or {}))


def deadline_of(row: Row) -> Deadline:
    """The deadline in a row that ends with DEADLINE_FIELDS, in their order."""
    values: dict[str, Any] = dict(zip(DEADLINE_FIELDS, tuple(row)[-_DEADLINES:], strict=True))
    for name in _INSTANTS:
        if values[name] is not None:
            values[name] = read_instant(values[name])
    for name in _FLAGS:
        values[name] = bool(values[name])
    for name in ("contacts", "unanswered"):
        values[name] = _several(values[name])
    del values["is_standing"]  # as its occasion says too
    return Deadline(Occasion.numbered(values.pop("visit")), **values)


def _several(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple(json.loads(text))  # most are empty


def deadline_values(deadline: Deadline) -> tuple[object, ...]:
    """The values of DEADLINE_FIELDS in a row."""
    instants, flags = map(written_or_none, _instants(deadline)), map(int, _flags(deadline))
    occasion = deadline.occasion
    return (
        *_texts(deadline), *instants, *flags, occasion.number, int(occasion.at_any_stage), as_json(deadline.contacts),
        as_json(deadline.unanswered),
    )  # fmt: skip


def written_or_none(at: datetime | None) -> str | None:
    """An instant as rows have it."""
    return written(at) if at else None


as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode
"""JSON as rows and hashes have it: the same value always gives the same text."""
