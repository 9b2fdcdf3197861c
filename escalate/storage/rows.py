"""Rows of the derived tables as cases and deadlines, and back."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from operator import attrgetter, itemgetter
from typing import Any

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.model import CaseLine, Deadline
from escalate.domain.worktime.clock import read_instant, written
from escalate.storage.interface import Row

TEXT, IDENTITY, SUBJECT = "text", "identity", "subject"
"""The kinds of words: free text, who somebody is, and the reference of the person."""

CLOCK = "clock"
"""What the data of an entry or a look has where the clock was set by hand: what the computer's own clock said."""


DEEPEST = 40
"""So deep are the tables and lists at most that escalate writes into each other; Python goes no deeper than some hundred."""


def read_json(text: str) -> Any:
    """What JSON in a row says. Raises ValueError where it is none, or deeper than any that was written."""
    if text.count("[") + text.count("{") > DEEPEST and _depth(text) > DEEPEST:
        raise ValueError("nested too deeply")
    return json.loads(text)


def _depth(text: str) -> int:
    """How deep tables and lists stand in each other; what stands in quotation marks is text."""
    depth = deepest = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[][{}]', text, re.DOTALL):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def these(values: Iterable[str]) -> dict[str, str]:
    """The values for a statement that has `{in_these}` in it: any of them, however many there are."""
    return {"these": as_json(list(values))}


CASE_FIELDS = tuple(name for name in CaseLine._fields if name != "identity")
_CASES = len(CASE_FIELDS)
_INSTANTS = (
    "target_at", "due_at", "act_by", "agreed_until", "met_at", "ahead_at", "limit_at", "stopped_since", "judged_until", "ended_at", "runs_from",
    "other_reading_at",
)  # fmt: skip
_FLAGS = ("outside_hours", "provisional", "waiting", "ends_stage", "is_window")
_TEXTS = (
    "route", "stage", "stage_name", "action", "action_name", "owner", "cite", "ahead_of",
    "occurrence", "side", "once_passed", "then_owner", "call", "agreement", "ended_entry", "late_in",
)  # fmt: skip
_AS_THEY_ARE = (*_TEXTS, *_INSTANTS, *_FLAGS)
DEADLINE_FIELDS = (*_AS_THEY_ARE, "visit", "is_standing", "contacts", "unanswered")
DEADLINE_COLUMNS = ("n", *DEADLINE_FIELDS)
"""What the derived tables have of a deadline, by column and in the order in which it is written."""
CASE_COLUMNS = (
    "ref", "protocol", "edition", "edition_digest", "calendar", "route", "stage", "stage_name", "status", "subject",
    "raising_agency", "receiving_agency", "concern_at", "raised_at", "entered_at", "resolved_at", "facts", "involved", "themes",
)  # fmt: skip
"""The same of a case; the digest of its edition stands for the id."""
_DEADLINES = len(DEADLINE_FIELDS)
_INSTANTS_HERE = slice(len(_TEXTS), len(_TEXTS) + len(_INSTANTS))
_FLAGS_HERE = slice(_INSTANTS_HERE.stop, len(_AS_THEY_ARE))
_NOT_IN_ROWS = {name: value for name, value in Deadline._field_defaults.items() if name not in DEADLINE_FIELDS}
_READ = (*_AS_THEY_ARE, "occasion", "contacts", "unanswered", *_NOT_IN_ROWS)
_as_fields = itemgetter(
    *map(_READ.index, Deadline._fields)
)  # by place: twice as fast as by name, and lists have many rows
_texts, _instants, _flags = attrgetter(*_TEXTS), attrgetter(*_INSTANTS), attrgetter(*_FLAGS)


def case_line_of(row: Row, identity: Mapping[str, str] | None = None) -> CaseLine:
    """The case in a row that begins with CASE_FIELDS. What a deadline has too is called the same, so they go by their order."""
    values = tuple(row)[:_CASES]
    *first, entered_at, concern_at, raised_at, subject, raising, receiving, calendar, facts, involved, themes = values
    instants = read_instant(entered_at), read_instant(concern_at), read_instant(raised_at)
    read = read_json if facts[2 * DEEPEST :] else json.loads  # short texts go no deeper, and lists have many rows
    lists = {} if facts == "{}" else read(facts), _several(involved), _several(themes)
    return CaseLine._make((*first, *instants, subject, raising, receiving, calendar, *lists, identity or {}))


def deadline_of(row: Row) -> Deadline:
    """The deadline in a row that ends with DEADLINE_FIELDS, in their order."""
    values = tuple(row)[-_DEADLINES:]
    instants = [each if each is None else read_instant(each) for each in values[_INSTANTS_HERE]]
    visit, _, contacts, unanswered = values[-4:]  # the second is what its occasion says too
    read = (
        *values[: len(_TEXTS)], *instants, *map(bool, values[_FLAGS_HERE]), Occasion.numbered(visit), _several(contacts),
        _several(unanswered), *_NOT_IN_ROWS.values(),
    )  # fmt: skip
    return Deadline._make(_as_fields(read))


def _several(text: str) -> tuple[str, ...]:
    return () if text == "[]" else tuple((read_json if text[2 * DEEPEST :] else json.loads)(text))  # most are empty


def deadline_values(deadline: Deadline) -> tuple[object, ...]:
    """The values of DEADLINE_FIELDS in a row."""
    instants, flags = map(written_or_none, _instants(deadline)), map(int, _flags(deadline))
    occasion = deadline.occasion
    return (
        *_texts(deadline), *instants, *flags, occasion.number, int(occasion.at_any_stage), listed(deadline.contacts),
        listed(deadline.unanswered),
    )  # fmt: skip


def written_or_none(at: datetime | None) -> str | None:
    """An instant as rows have it."""
    return written(at) if at else None


def _json_encoder() -> Callable[[object], str]:
    """Encodes as JSON. `json` makes what encodes anew for every text, which takes longer than a short text does: it is made once."""
    encoder = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
    if c_make_encoder is None:  # a Python that has it not in C
        return encoder.encode
    pieces = c_make_encoder(None, encoder.default, encode_basestring, None, ":", ",", True, False, True)
    return lambda value: "".join(pieces(value, 0))


as_json = _json_encoder()
"""JSON as rows and hashes have it: the same value always gives the same text."""


@lru_cache(1024)
def listed(texts: tuple[str, ...]) -> str:
    """Texts as rows have them. Most have none, and very many the same."""
    return as_json(texts)
