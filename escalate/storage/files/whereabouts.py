"""Where in its files a mistake of a protocol stands, as a person finds it: `stage 3, action panel, within, line 92`."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

Steps = tuple[str | int, ...]
"""The way to a place from the top of a file: names of tables and fields, and where in a list, from 0."""

_NOUNS = {
    "actions": "action", "after_resolution": "after resolution, action", "calendars": "calendar", "closures": "closure", "contacts": "contact",
    "examples": "example", "facts": "fact", "fields": "field", "forms": "form", "moments": "moment", "reminders": "reminder", "routes": "route",
    "stages": "stage", "standing_actions": "at any stage, action", "terms": "term", "themes": "theme", "timescales": "timescale",
}  # fmt: skip
"""What one of a list is called, by the name of the list in a file."""
_NAMED_BY = ("key", "heading", "name")
"""The fields that a person knows one of a list by, the best first."""
_LONGEST_NAME = 100
"""A name that is longer is a mistake itself: then the one meant is counted out."""

# Compiled where they are first used: most commands load this and never need it.
_STEP = r"([^.\[\]]+)|\[(\d+)\]"
_PART = r"(?:[\w-]+|\"[^\"]*\"|'[^']*')"
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = rf"\s*\[(\[?)\s*({_DOTTED})\s*\]"
_SAYS = rf"\s*({_DOTTED})\s*="
_BEYOND_ITS_LINE = r'"""(?:\\.|[^\\])*?"""(?!")|\'\'\'.*?\'\'\'(?!\')|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*|[\[\]{}]'
"""What may take a value beyond its line: texts, and brackets that stand in no text and no remark."""


class Whereabouts(NamedTuple):
    """The files a protocol is read from."""

    texts: Sequence[str]
    """That of the file itself, then of those it extends, the nearest first. All are well-formed."""
    whole: Mapping[str, Any]
    """What they say together."""

    def of(self, place: str, number: int | None = None) -> tuple[int, str]:
        """The number of the text that has to be changed, and the place there in words, for one such as `stages[2].name`.

        `number` says that the place is one of that text, and not of all of them together.
        """
        steps = _steps(place)
        if number is not None:
            return number, _in_words(steps, _tree(self.texts[number]), _lines(self.texts[number]))
        number = deepest = 0
        way: Steps = ()
        for n, text in enumerate(self.texts):
            own, depth, is_all = _followed(steps, self.whole, _tree(text))
            if depth > deepest:
                number, deepest, way = n, depth, own
            if is_all:
                break
        return number, _in_words(steps, self.whole, _lines(self.texts[number]), way)


def _steps(place: str) -> Steps:
    return tuple(name or int(index) for name, index in re.findall(_STEP, place))


def _followed(steps: Steps, whole: Any, own: Any) -> tuple[Steps, int, bool]:
    """As much of a way through the whole as one of its files says, as the way to the same in that file, and how many steps that is.

    And whether nothing is to be found in the files that it extends, because it says anew a list whose items have no keys.
    """
    way: list[str | int] = []
    depth = 0
    is_all = False
    for step in steps:
        there: str | int | None = step
        if isinstance(step, int):
            there = _same_in(own, whole, step) if isinstance(own, list) else None
        elif not isinstance(own, dict) or step not in own:
            there = None
        changes_the_only_one = isinstance(step, int) and isinstance(own, dict)
        if there is None and not changes_the_only_one:
            break
        if there is not None:
            way.append(there)
            own = own[there]
        depth += 1
        whole = _at(whole, step)
        goes_on = changes_the_only_one or (isinstance(whole, dict) and "key" in whole)
        is_all |= isinstance(step, int) and not goes_on
    return tuple(way), depth, is_all


def _same_in(own: Sequence[Any], whole: Any, index: int) -> int | None:
    """Where in a file's list that one of the whole list stands: the one of its key, or without keys of its number."""
    meant = _at(whole, index)
    if not isinstance(meant, dict) or "key" not in meant:
        return index if index < len(own) else None
    before = sum(_is_same_route(each, meant) for each in whole[:index] if _at(each, "key") == meant["key"])
    same = [n for n, each in enumerate(own) if _at(each, "key") == meant["key"] and _is_same_route(each, meant)]
    return same[min(before, len(same) - 1)] if same else None


def _is_same_route(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both say the same route, or one of them says none."""
    return len({each["route"] for each in (one, other) if isinstance(each.get("route"), str)}) < 2


def _at(value: Any, step: str | int) -> Any:
    """What stands at a step; None where there is no such place."""
    try:
        return value[step]
    except (LookupError, TypeError):
        return None


def _in_words(steps: Steps, tree: Any, lines: Mapping[Steps, int], way: Steps | None = None) -> str:
    """`stage 3, action panel, within, line 92`; `way` leads to the same in the text the lines are of, as far as it says it."""
    words = [*_names(steps, tree)]
    way = steps if way is None else way
    line = next((lines[way[:n]] for n in range(len(way), 0, -1) if way[:n] in lines), None)
    return ", ".join([*words, *([f"line {line}"] if line else [])])


def _names(steps: Steps, tree: Any) -> Iterator[str]:
    """What each step of a way is called; what goes without saying is left out: the only timescale, and which of a list of words."""
    routes = _at(tree, "routes")
    several_routes = isinstance(routes, list) and len(routes) > 1
    for n, step in enumerate(steps):
        above, tree = tree, _at(tree, step)
        if isinstance(step, str):
            if not (step in _NOUNS and n + 1 < len(steps)):
                yield step
        elif (noun := _NOUNS.get(str(steps[n - 1]))) and (noun != "timescale" or len(above or ()) > 1):
            yield f"{noun} {_name(tree, step, several_routes)}"


def _name(item: Any, index: int, several_routes: bool) -> str:
    """What one of a list is called: its key, or its number; a stage with its route, where there are several."""
    named = [
        str(item[field]) for field in _NAMED_BY if isinstance(item, dict) and isinstance(item.get(field), str | int)
    ]
    plain = [each for each in named if each.strip() and each.isprintable() and len(each) <= _LONGEST_NAME]
    route = item.get("route") if several_routes and isinstance(item, dict) else None
    return (f"{route}:{plain[0]}" if isinstance(route, str) else plain[0]) if plain else f"number {index + 1}"


# A file and those it extends are asked again for each mistake, so what is in them is found once.
@lru_cache(maxsize=16)
def _tree(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text)


@lru_cache(maxsize=16)
def _lines(text: str) -> Mapping[Steps, int]:
    """The line at which each table and each field of a well-formed text begins, from 1."""
    found: dict[Steps, int] = {}
    last: dict[Steps, int] = {}
    table: Steps = ()
    going_on = _going_on(text)
    for number, line in enumerate(text.split("\n"), 1):
        if number in going_on:
            continue
        if header := re.match(_HEADER, line):
            table = _table(_keys(header[2]), bool(header[1]), last)
            found.setdefault(table[:-1] if header[1] else table, number)
            found.setdefault(table, number)
        elif says := re.match(_SAYS, line):
            found.setdefault((*table, *_keys(says[1])), number)
    return found


def _keys(dotted: str) -> Steps:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _table(names: Steps, one_more: bool, last: dict[Steps, int]) -> Steps:
    """The way to a table by the names in its brackets; `last` has the number of the last one of each list, and is kept up."""
    way: Steps = ()
    for n, name in enumerate(names, 1):
        way = (*way, name)
        if n == len(names) and one_more:
            last[way] = last.get(way, -1) + 1
        if way in last:
            way = (*way, last[way])
    return way


def _going_on(text: str) -> set[int]:
    """The lines of a well-formed text that go on with a value begun on a line before, from 1."""
    found: set[int] = set()
    line, depth, at = 1, 0, 0
    for token in re.finditer(_BEYOND_ITS_LINE, text, re.DOTALL):
        begins = line + text.count("\n", at, token.start())
        if depth:
            found.update(range(line + 1, begins + 1))
        line = begins + token[0].count("\n")
        found.update(range(begins + 1, line + 1))
        at = token.end()
        depth += (token[0] in "[{") - (token[0] in "]}")
    return found
