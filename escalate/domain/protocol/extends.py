"""A protocol file that extends another one: the two merged into one tree."""

from collections.abc import Mapping
from typing import Any

from escalate.domain.protocol.shape import Problems

EXTENDS, REMOVE = "extends", "remove"
ONE_OF_A_LIST = "timescales"
"""The list whose only table another file may change field by field, where it writes a table in the place of the list."""
OTHER_READINGS = "other_readings"
_THE_PHRASE = ("within", "at_least", "every", "from", "before", "failing_that")
"""What a time limit says of its length and its beginning: where that is changed, how else it was read is said of another phrase."""
_ITS_OWN = "examples"
"""What no other file takes over: dates worked out for the one that has them."""

Tree = dict[str, Any]


def extended(base: Mapping[str, Any], own: Mapping[str, Any], problems: Problems) -> Tree:
    """The tree of a file merged with that of the file it extends.

    What the file says replaces what the other says, and tables are merged field by field. In a list of tables that have keys,
    each is merged with the one that has its key, or added at the end if there is none; with `remove = true` it removes that
    one. Any other list is replaced as a whole; but a table in the place of `timescales` changes the only one there is, field by
    field. Examples are not taken over: what they expect are the dates of the file they stand in. Nor are the other readings of
    a time limit of which the file changes the length or the beginning.
    """
    said = {name: value for name, value in own.items() if name != EXTENDS}
    kept = {name: value for name, value in base.items() if name not in (EXTENDS, _ITS_OWN)}
    return _merged_table(kept, said, "", problems)


def _merged_table(base: Mapping[str, Any], own: Mapping[str, Any], place: str, problems: Problems) -> Tree:
    together = dict(base)
    if not own.keys().isdisjoint(_THE_PHRASE):
        together.pop(OTHER_READINGS, None)
    for name, value in own.items():
        where, before = f"{place}.{name}" if place else name, base.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            together[name] = _merged_table(before, value, where, problems)
        elif isinstance(value, dict) and isinstance(before, list) and name == ONE_OF_A_LIST:
            together[name] = _changed(before, value, where, problems)
        elif _has_keys(value):
            together[name] = _merged_list(before if _has_keys(before) else [], value, where, problems)
        else:
            together[name] = value
    return together


def _changed(base: list[Any], own: Tree, place: str, problems: Problems) -> list[Any]:
    """A list of one table, changed field by field."""
    if len(base) != 1 or not isinstance(base[0], dict):
        problems.add(
            place,
            f"single brackets change the only timescale there is, and here there are {len(base) or 'none'};"
            " write all of them, each begun with two brackets",
        )
        return base
    return [_merged_table(base[0], own, f"{place}[0]", problems)]


def _merged_list(base: Any, own: list[Tree], place: str, problems: Problems) -> list[Tree]:
    found: list[Tree] = list(base)
    for i, item in enumerate(own):
        said = {name: value for name, value in item.items() if name != REMOVE}
        meant = _tables_meant(item, found)
        if len(meant) > 1:
            problems.add(f"{place}[{i}].key", f'"{item.get("key")}" is on several routes; say which with route')
        elif item.get(REMOVE) is True:
            if not meant:
                problems.add(f"{place}[{i}].{REMOVE}", f'there is no "{item.get("key")}" to take away')
            found = [each for each in found if each not in meant]
        elif meant:
            found[found.index(meant[0])] = _merged_table(meant[0], said, f"{place}[{i}]", problems)
        else:
            found.append(_merged_table({}, said, f"{place}[{i}]", problems))
    return found


def _tables_meant(item: Tree, tables: list[Tree]) -> list[Tree]:
    """The tables of the same route and key; the route of a stage may be left unsaid where there is but one of that key."""
    same_key = [each for each in tables if each.get("key") == item.get("key")]
    same = [each for each in same_key if each.get("route") == item.get("route")]
    return same or ([] if "route" in item else same_key)


def _has_keys(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) and "key" in each for each in value)
