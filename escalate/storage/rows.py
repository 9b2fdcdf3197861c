"""Rows of the derived tables as cases and deadlines, and back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.worktime.clock import read_instant, written

TEXT, IDENTITY, SUBJECT = "text", "identity", "subject"
"""The kinds of words: free text, who somebody is, and the reference of the person."""

THESE = "(SELECT value FROM json_each(:these))"
"""In a statement: any of the values that `these` hands over, however many there are."""


def these(values: Iterable[str]) -> dict[str, str]:
    """The values for a statement that has THESE in it."""
    return {"these": as_json(list(values))}


_CASE = tuple(name for name in CaseLine._fields if name != "identity")
_CASES = len(_CASE)
CASE_COLUMNS = ", ".join(f"c.{name}" for name in _CASE)
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
_texts, _instants, _flags = attrgetter(*_TEXTS), attrgetter(*_INSTANTS), attrgetter(*_FLAGS)
DEADLINE_COLUMNS = ", ".join(f"d.{name}" for name in DEADLINE_FIELDS)


def case_line_of(row: Sequence[Any], identity: Mapping[str, str] | None = None) -> CaseLine:
    """The case in a row that begins with CASE_COLUMNS, which are in the order of the fields."""
    *first, entered_at, concern_at, raised_at, subject, raising, receiving, calendar, facts, involved, themes = row[
        :_CASES
    ]
    instants = read_instant(entered_at), read_instant(concern_at), read_instant(raised_at)
    lists = {} if facts == "{}" else json.loads(facts), _several(involved), _several(themes)
    return CaseLine._make((*first, *instants, subject, raising, receiving, calendar, *lists, identity or {}))


def deadline_of(row: Sequence[Any]) -> Deadline:
    """The deadline in a row that ends with DEADLINE_COLUMNS."""
    values = dict(zip(DEADLINE_FIELDS, row[-len(DEADLINE_FIELDS) :], strict=True))
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
