"""A protocol file that takes another and changes parts of it: what the two come to together."""

from collections.abc import Mapping
from typing import Any

from escalate.domain.protocol.shape import Problems

EXTENDS, REMOVE = "extends", "remove"

Tree = dict[str, Any]


def extended(base: Mapping[str, Any], own: Mapping[str, Any], problems: Problems) -> Tree:
    """The tree of a file over that of the file it takes.

    What it says stands instead of what the other says. Tables are gone through field by field; of a list of tables that have
    keys, each goes over the one with its key, or comes to the end, or takes it away with `remove = true`. Any other list
    stands as a whole.
    """
    together = _over(dict(base), {name: value for name, value in own.items() if name != EXTENDS}, "", problems)
    together.pop(EXTENDS, None)
    return together


def _over(base: Tree, own: Mapping[str, Any], place: str, problems: Problems) -> Tree:
    for name, value in own.items():
        where = f"{place}.{name}" if place else name
        before = base.get(name)
        if isinstance(value, dict) and isinstance(before, dict):
            base[name] = _over(dict(before), value, where, problems)
        elif _keyed(value):
            base[name] = _list_over(before if before and _keyed(before) else [], value, where, problems)
        else:
            base[name] = value
    return base


def _list_over(base: list[Tree], own: list[Tree], place: str, problems: Problems) -> list[Tree]:
    found = [dict(each) for each in base]
    for i, item in enumerate(own):
        named = {name: value for name, value in item.items() if name != REMOVE}
        same = [each for each in found if _key(each) == _key(item)]
        if (
            not same and "route" not in item
        ):  # the route of a stage may be left unsaid where there is but one of that key
            same = [each for each in found if each.get("key") == item.get("key")]
        if len(same) > 1:
            problems.add(f"{place}[{i}].key", f'"{item.get("key")}" is on several routes; say which with route')
        elif item.get(REMOVE) is True:
            if not same:
                problems.add(f"{place}[{i}].{REMOVE}", f'there is no "{item.get("key")}" to take away')
            found = [each for each in found if each not in same]
        elif same:
            found[found.index(same[0])] = _over(dict(same[0]), named, f"{place}[{i}]", problems)
        else:
            found.append(_over({}, named, f"{place}[{i}]", problems))
    return found


def _keyed(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) and "key" in each for each in value)


def _key(item: Mapping[str, Any]) -> tuple[object, object]:
    return item.get("route"), item.get("key")
