"""The shape of a protocol file as a JSON Schema, so that an editor can say what may stand where while somebody types.

What it refuses, our own reading refuses too, with a better sentence. What only the whole file can show (a key that leads
nowhere, a calendar that is not there) is left to the reading.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

from escalate.domain.protocol.anchors import ANCHOR_EXAMPLES, KEY, parse_anchor
from escalate.domain.protocol.conditions import parse_condition
from escalate.domain.protocol.extends import EXTENDS, ONE_OF_A_LIST, REMOVE
from escalate.domain.protocol.file import ACTION, OTHER_READING, PROTOCOL, TIMESCALE
from escalate.domain.protocol.shape import (
    REQUIRED,
    Choice,
    Day,
    Field,
    Kind,
    ListOf,
    Parsed,
    Shape,
    Table,
    Text,
    Whole,
    YesNo,
)
from escalate.domain.worktime.allowance import CLOSE
from escalate.domain.worktime.read_allowance import AT_ONCE, UNITS, parse_protocol_allowance
from escalate.domain.worktime.working_hours import parse_hours
from escalate.errors import listed

Tree = dict[str, Any]

NAME = "protocol.schema.json"
"""What the file is called; it stands beside the protocol files."""

DIRECTIVE = f"#:schema ./{NAME}"
"""The first line of a protocol file, by which editors find it."""

_DRAFT = "http://json-schema.org/draft-07/schema#"  # the newest that the usual TOML editors read
_NAMED = {"action": ACTION, "timescale": TIMESCALE, "other-reading": OTHER_READING}
"""Shapes that stand in more than one place."""


def schema_text() -> str:
    """The file itself."""
    return json.dumps(file_schema(), indent=1, ensure_ascii=False) + "\n"


def file_schema() -> Tree:
    """All a file may say; and where it does not extend another, all it has to say."""
    file = _table(PROTOCOL)
    file["properties"][EXTENDS] = {
        "description": 'The protocol this file takes and changes parts of, by its id or the path of its file, such as "pan-area". '
        "What this file does not say is then as it is there.",
        **_text(),
    }
    return {
        "$schema": _DRAFT,
        "title": "A protocol file of escalate",
        **file,
        "if": {"not": {"required": [EXTENDS]}},
        "then": _complete(PROTOCOL),
        "definitions": {name: _item(shape) for name, shape in _NAMED.items()}
        | {grammar.name: {"pattern": grammar.pattern} for grammar in _GRAMMARS.values()},
    }


# -- what may stand somewhere ---------------------------------------------------------------------------------------------


def _may_stand(kind: Kind) -> Tree:
    match kind:
        case Text(pattern=pattern):
            return _text(pattern)
        case YesNo():
            return {"type": "boolean"}
        case Whole(least=least, most=most):
            return {"type": "integer", "minimum": least, "maximum": most}
        case Day():
            return {"type": "string", "format": "date"}  # in TOML with quotes or without
        case Choice(words=words):
            return {"enum": list(words)}
        case Parsed(parse=parse):
            # A reference alone would hide what the field is for; and this way nobody is shown the pattern.
            return {"type": "string", "anyOf": [{"$ref": f"#/definitions/{_GRAMMARS[parse].name}"}]}
        case Table():
            return {"type": "object", "additionalProperties": _text()}
        case ListOf(kind=Shape() as shape):
            return {"type": "array", "items": _referred_to(shape)}
        case ListOf(kind=inner):
            return {"type": "array", "items": _may_stand(inner)}
        case Shape(one_of=groups):
            pairs = [pair for group in groups for pair in combinations(group, 2)]
            never = {"not": {"anyOf": [{"required": list(pair)} for pair in pairs]}} if pairs else {}
            return _table(kind) | never
    raise TypeError(f"there is no schema for {kind}")


def _text(pattern: str = "") -> Tree:
    return {"type": "string", "pattern": f"^(?:{pattern})$" if pattern else r"\S"}


def _table(shape: Shape) -> Tree:
    """A table that need not say anything."""
    return {
        "type": "object",
        "properties": {field.name: _described(field) for field in shape.fields},
        "additionalProperties": False,
    }


def _referred_to(shape: Shape) -> Tree:
    name = next((name for name, each in _NAMED.items() if each is shape), None)
    return {"$ref": f"#/definitions/{name}"} if name else _item(shape)


def _item(shape: Shape) -> Tree:
    """A table in a list. One with a key may change or take away that of another file; any other stands as a whole."""
    table = _table(shape)
    if not _has_key(shape):
        return table | {name: each for name, each in _complete(shape).items() if name != "properties"}
    says = f"Takes away what the file named by {EXTENDS} has under this key."
    table["properties"][REMOVE] = {"description": says, "const": True}
    return {**table, "required": ["key"]}


def _described(field: Field) -> Tree:
    default = field.default if isinstance(field.default, bool | str | tuple) and field.default not in ("", ()) else None
    return {
        "description": _sentence(field),
        **_may_stand_in(field),
        **({} if default is None else {"default": list(default) if isinstance(default, tuple) else default}),
    }


def _may_stand_in(field: Field) -> Tree:
    """What a field may hold: where a table may change the only one of a list, that as well."""
    if field.name == ONE_OF_A_LIST and isinstance(field.kind, ListOf) and isinstance(field.kind.kind, Shape):
        return {"anyOf": [_may_stand(field.kind), _table(field.kind.kind)]}
    return _may_stand(field.kind)


def _sentence(field: Field) -> str:
    usual = _GRAMMARS[field.kind.parse].examples if isinstance(field.kind, Parsed) else ()
    examples = _NARROWER.get(field.name, usual)
    such_as = f" It may say {listed([json.dumps(each) for each in examples], 'or')}." if examples else ""
    return f"{field.says[0].upper()}{field.says[1:]}.{such_as}"


def _has_key(shape: Shape) -> bool:
    return any(field.name == "key" for field in shape.fields)


# -- what a file has to say that stands for itself ------------------------------------------------------------------------


def _complete(shape: Shape) -> Tree:
    """What a table needs beside what may stand in it: its required fields, and one of each group."""
    inside: Tree = {field.name: inner for field in shape.fields if (inner := _complete_inside(field.kind))}
    if _has_key(shape):
        inside[REMOVE] = False
    required = [field.name for field in shape.fields if field.default is REQUIRED]
    choices = [{"required": list(names)} for names in product(*shape.one_of)] if shape.one_of else []
    return {
        **({"required": required} if required else {}),
        **({"oneOf": choices} if choices else {}),
        **({"properties": inside} if inside else {}),
    }


def _complete_inside(kind: Kind) -> Tree:
    match kind:
        case ListOf(kind=Shape() as inner):
            return {"items": _complete(inner)} if _has_key(inner) else {"type": "array"}
        case Shape():
            return _complete(kind)
    return {}


# -- the small grammars ---------------------------------------------------------------------------------------------------


def _words(*phrases: str) -> str:
    """Any of some phrases, in capitals or not, with any space between their words."""
    return "|".join(_phrase(phrase) for phrase in sorted(phrases, key=len, reverse=True))


def _phrase(phrase: str) -> str:
    return r"\s+".join("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in phrase.split())


_FIGURE = rf"[0-9]+(\s*({_words('to')}|-|–)\s*[0-9]+)?\s*({_words('clear')}\s+)?"
_UNIT = rf"({_words(*UNITS)}|{KEY}\s+({_words('day', 'hour')}))[Ss]?"
_ON_THE_DAY = rf"{_words(*AT_ONCE)}|({_words('the')}\s+)?{_words('same')}\s+{KEY}\s+{_words('day')}"
_BY = rf"\s+{_words('by')}\s+({_words(CLOSE, 'noon')}|[0-9]{{1,2}}:[0-9]{{2}})"
_TERM = r"\S+\s+is\s+(not\s+)?\S+"
_TIME = r"T?[0-9]{2}[0-9:.,]*"


@dataclass(frozen=True, slots=True)
class _Grammar:
    """What a text with a grammar of its own may say: a pattern that takes all its parser takes, and examples."""

    name: str
    """What the schema calls it."""
    pattern: str
    """A regular expression that takes all its parser takes, and maybe more."""
    examples: tuple[str, ...]
    """Texts its parser takes, shown where somebody types one."""


_ALLOWANCES = (
    "24 hours",
    "5 working days",
    "1 to 3 working days",
    "10 days",
    "6 weeks",
    "3 clear days",
    "5 working days inclusive",
    "1 working day by 12:00",
    "2 days by close of business",
    "same working day",
    "immediately",
    "5 school days",
)
_CONDITIONS = ("severity is high", "severity is not low", "looked-after is yes or on-a-plan is yes", "hearing is known")
_HOURS = ("09:00 to 17:00", "08:30 to 16:30")
_NARROWER = {"before": ("hearing",), "every": ("24 hours", "10 working days", "6 weeks", "3 months")}
"""Examples for fields in which not all of their grammar makes sense."""


_GRAMMARS: dict[Callable[[str], Any], _Grammar] = {
    parse_protocol_allowance: _Grammar(
        "allowance",
        rf"^\s*({_FIGURE}{_UNIT}(\s+{_words('inclusive')})?|{_ON_THE_DAY})({_BY})?\s*$",
        _ALLOWANCES,
    ),
    parse_anchor: _Grammar("anchor", rf"^\s*(stage\s+\S+|{KEY}(\s+overdue)?)\s*$", ANCHOR_EXAMPLES),
    parse_condition: _Grammar("condition", rf"^\s*{_TERM}(\s+(and|or)\s+{_TERM})*\s*$", _CONDITIONS),
    parse_hours: _Grammar("hours", rf"^\s*{_TIME}\s+to\s+{_TIME}\s*$", _HOURS),
}
