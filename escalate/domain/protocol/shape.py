"""Reading a tree of plain values into objects, and reporting every problem at once, each with its place.

A `Shape` is a table of fields, and says for a whole file format what is accepted. Reading never stops at a mistake: the
problem is noted, a blank of the right kind stands in, and the rest is read, so that one mistake never hides another.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Protocol

from escalate.errors import BadInput, listed, nearest

REQUIRED: Any = object()
"""The default of a field that a file has to say."""
_YEAR_FIRST = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Problem(NamedTuple):
    """Something that is wrong in a file."""

    place: str
    """Where, such as `stages[2].actions[0].name`, counted from 0; empty for the file as a whole."""
    sentence: str
    """What is wrong, and what to do about it."""

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}" if self.place else self.sentence


class Problems:
    """What was wrong so far, in the order found."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self.lost_parts = False
        """A part of the file, with all its keys, went unread because its name is mistyped: what names them cannot be checked."""

    def add(self, place: str, sentence: str) -> None:
        self.found.append(Problem(place, sentence))


class Kind(Protocol):
    """What a field may hold."""

    def read(self, value: object, place: str, problems: Problems) -> Any:
        """The value read, or a blank with the problem noted."""


class Field(NamedTuple):
    """A field of a shape."""

    name: str
    """Its name in the file."""
    kind: Kind
    """What it may hold."""
    says: str
    """What it is for, in words that can follow "it says"."""
    default: Any = REQUIRED
    """What stands for it where the file leaves it out; REQUIRED where the file must not."""
    attribute: str = ""
    """What it is called where the object is made; empty for its name."""


class Text(NamedTuple):
    """Words; `pattern` with `means` narrows them. A day that fits the pattern may stand without quotes."""

    pattern: str = ""
    """A regular expression that the whole text has to match; empty for any text."""
    means: str = ""
    """What a text that matches is, in words that can follow "should be"."""

    def read(self, value: object, place: str, problems: Problems) -> str:
        if isinstance(value, date) and self.pattern and re.fullmatch(self.pattern, value.isoformat()):
            return value.isoformat()
        if not isinstance(value, str):
            quoted = f'"{value}"' if isinstance(value, int | float | date) and not isinstance(value, bool) else None
            problems.add(place, f"{_shown(value)} should be text in quotes{': ' + quoted if quoted else ''}")
        elif not value.strip():
            problems.add(place, "is empty")
        elif self.pattern and not re.fullmatch(self.pattern, value):
            problems.add(place, f'"{value}" should be {self.means}')
        else:
            return " ".join(value.split())
        return ""


class YesNo:
    """true or false."""

    def read(self, value: object, place: str, problems: Problems) -> bool:
        if not isinstance(value, bool):
            problems.add(place, f"{_shown(value)} should be true or false, without quotes")
        return value is True


class Whole(NamedTuple):
    """A whole number between two others."""

    least: int
    """The smallest it may be."""
    most: int
    """The largest it may be."""

    def read(self, value: object, place: str, problems: Problems) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            problems.add(place, f"{_shown(value)} should be a whole number from {self.least} to {self.most}")
            return self.least
        return value


class Day:
    """A date with the year first, in quotes or without."""

    def read(self, value: object, place: str, problems: Problems) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) and _YEAR_FIRST.fullmatch(value) else "")
        except ValueError:
            problems.add(place, f'{_shown(value)} should be a date with the year first, such as "2026-12-24"')
            return date.min


class Choice(NamedTuple):
    """One of a few words."""

    words: Sequence[str]
    """The words it may be; the first stands in for any other."""
    or_else: str = ""
    """What to do where none of them fits, in words that can follow them."""

    def read(self, value: object, place: str, problems: Problems) -> str:
        if not isinstance(value, str) or value not in self.words:
            words = [f'"{word}"' for word in self.words]
            problems.add(place, f"{_shown(value)} should be {listed(words, 'or')}{self.or_else}")
            return self.words[0]
        return value


class Parsed(NamedTuple):
    """Text with a grammar of its own; `parse` raises BadInput with a sentence, and `blank` stands in for what it refused."""

    parse: Callable[[str], Any]
    """Reads the text. Raises BadInput with a sentence that says what is wrong."""
    blank: Any
    """What stands in for a text that `parse` refused."""

    def read(self, value: object, place: str, problems: Problems) -> Any:
        text = Text().read(value, place, problems)
        if not text:
            return self.blank
        try:
            return self.parse(text)
        except BadInput as problem:
            problems.add(place, problem.sentence)
            return self.blank


class Table(NamedTuple):
    """Texts and days by names that the file gives."""

    says: str
    """What the names and the texts are, in words that can follow "it says"."""

    def read(self, value: object, place: str, problems: Problems) -> dict[str, str]:
        if not isinstance(value, dict):
            problems.add(place, f"{_shown(value)} should be a table of its own: {self.says}")
            return {}
        plain = {name: each.isoformat() if isinstance(each, date) else each for name, each in value.items()}
        return {name: Text().read(each, f"{place}.{name}", problems) for name, each in plain.items()}


class ListOf(NamedTuple):
    """Any number of one kind."""

    kind: Kind
    """What each item may hold."""

    def read(self, value: object, place: str, problems: Problems) -> tuple[Any, ...]:
        if not isinstance(value, list):
            name = re.sub(r"\[[0-9]+\]", "", place)
            if isinstance(self.kind, Shape):
                said = f"a list: each begins with two brackets, [[{name}]]"
                problems.lost_parts |= isinstance(value, dict)
            else:
                said = "a list in square brackets" + (f": [{_shown(value)}]" if isinstance(value, str) else "")
            problems.add(place, f"{_shown(value)} should be {said}")
            return ()
        return tuple(self.kind.read(item, f"{place}[{i}]", problems) for i, item in enumerate(value))


class Shape(NamedTuple):
    """A table of fields, made into an object by `make`, which takes each field by keyword.

    Of the fields in each group of `one_of` exactly one has to be there.
    """

    make: Callable[..., Any]
    """Makes the object; it is given every field by keyword."""
    fields: tuple[Field, ...]
    """What the table may say, in the order in which it is read."""
    one_of: tuple[tuple[str, ...], ...] = ()
    """Groups of fields by their names: of each group exactly one has to be there."""

    def read(self, value: object, place: str, problems: Problems) -> Any:
        if not isinstance(value, dict):
            name = re.sub(r"\[[0-9]+\]", "", place)
            one = (
                f": it begins with one bracket, [{name}]"
                if isinstance(value, list) and re.search(r"\w$", place)
                else ""
            )
            problems.add(place, f"{_shown(value)} should be a table of its own{one}")
            problems = Problems()  # of what is not there, nothing else is to be said
        table = value if isinstance(value, dict) else {}
        mistyped = self._not_known(table, place, problems)
        for group in self.one_of:
            given = [name for name in group if name in table]
            if not given and mistyped.intersection(group):
                continue
            if not given:
                first = next(entry for entry in self.fields if entry.name == group[0])
                others = f" (or {listed(group[1:], 'or')})" if group[1:] else ""
                problems.add(_at(place, group[0]), f"is missing; it says {first.says}{others}")
            elif len(given) > 1:
                problems.add(_at(place, given[1]), f"cannot stand beside {given[0]}: say one of {listed(group, 'or')}")
        return self.make(
            **{
                entry.attribute or entry.name: self._field(
                    entry, table, place, Problems() if entry.name in mistyped else problems
                )
                for entry in self.fields
            }
        )

    def _not_known(self, table: dict[str, object], place: str, problems: Problems) -> set[str]:
        """Note what a table has no field for, and return the fields that are missing because they are mistyped."""
        known = {entry.name: entry for entry in self.fields}
        mistyped: set[str] = set()
        for name in table:
            if name not in known:
                near = nearest(name, known, most=1)
                advice = (
                    f'did you mean "{near[0]}"?' if near else f"what may stand here is {listed(list(known), 'and')}"
                )
                problems.add(_at(place, name), f"is not known; {advice}")
                problems.lost_parts |= any(_has_parts(known[each].kind) for each in near)
                mistyped.update(each for each in near if each not in table)
        return mistyped

    def _field(self, entry: Field, table: dict[str, object], place: str, problems: Problems) -> Any:
        where = _at(place, entry.name)
        if entry.name in table:
            return entry.kind.read(table[entry.name], where, problems)
        if entry.default is not REQUIRED:
            return entry.default
        problems.add(where, f"is missing; it says {entry.says}")
        return entry.kind.read(_BLANK_FOR.get(type(entry.kind), ""), where, Problems())


def _has_parts(kind: Kind) -> bool:
    """Whether what a field holds has fields, and keys, of its own."""
    return isinstance(kind.kind if isinstance(kind, ListOf) else kind, Shape)


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _shown(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "a table"
    return str(value)


_BLANK_FOR: dict[type, object] = {ListOf: [], Shape: {}, Table: {}}
