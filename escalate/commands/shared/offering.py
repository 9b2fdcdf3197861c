"""What there is to offer as somebody types: cases, protocols, stages, actions, answers, agencies. It never offers the name of a person.

Loaded when a value is asked for, and not for the name of a command.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from escalate.commands.shared.typed import Line, Value
from escalate.domain.case import details
from escalate.domain.case.status import STATUSES
from escalate.settings import Settings
from escalate.storage.offered import Offered, offered
from escalate.storage.places import ServerPlace

SECONDS = 2
"""So long a server is waited for."""

Found = TypeVar("Found")


class Desk:
    """Where what is offered is looked up: the settings, the cases, and the protocol that is meant."""

    def __init__(self, environment: Mapping[str, str], line: Line) -> None:
        self.settings = Settings(environment, line.database)
        self.line = line

    def of_cases(self, find: Callable[[Offered], Iterable[Found]]) -> list[Found]:
        """What is found among the cases; nothing where there are none. Raises StoreError."""
        place = self.settings.place
        if isinstance(place, ServerPlace):
            place = place._replace(wait=SECONDS)  # somebody waits with a finger on the key
        with offered(place) as cases:
            return list(find(cases)) if cases else []

    def of_case(self, find: Callable[[Offered, str], Iterable[Found]]) -> list[Found]:
        """What is found in the case that was named before."""

        def of_it(cases: Offered) -> Iterable[Found]:
            ref = cases.ref(self.line.given.get("CASE", ""))
            return find(cases, ref) if ref else ()

        return self.of_cases(of_it)

    def tables(self, name: str) -> Iterator[dict[str, Any]]:
        """The tables of a name, such as `facts`, in the protocol that was named, or in that of the case, and in those it extends. Raises Refused."""
        from escalate.storage.files.toml import parse_toml  # agencies and cases need none of it

        for text in self._protocol:
            found = parse_toml(text, "").get(name)
            yield from (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))

    @property
    def _protocol(self) -> list[str]:
        """The text of the protocol that is meant, and of those it extends as far as a case keeps them. Raises Refused, StoreError."""
        if named := self.line.given.get("PROTOCOL") or self.line.given.get("--protocol"):
            from escalate.storage.files.protocols import files_by_id
            from escalate.storage.files.toml import read_text

            paths = files_by_id(self.settings.protocols).get(named.partition("@")[0], ())
            return [read_text(path) for path in paths[-1:]]
        return self.of_case(lambda cases, ref: cases.protocol(ref))


def _cases(desk: Desk) -> Iterator[Value]:
    for case in desk.of_cases(lambda cases: cases.cases(desk.line.begun)):
        between = f"{case.raising or '?'} to {case.receiving or '?'}" if case.raising or case.receiving else ""
        yield case.ref, ", ".join(filter(None, (case.subject, between)))
        if case.subject and desk.line.begun:
            yield case.subject, ", ".join(filter(None, (case.ref, between)))


def _protocols(desk: Desk) -> Iterator[Value]:
    from escalate.storage.files.protocols import files_by_id  # loads what reads protocols

    yield from ((name, "") for name in sorted(files_by_id(desk.settings.protocols)))


def _keys(table: str, says: str) -> Callable[[Desk], Iterator[Value]]:
    """What finds the keys of a protocol's stages or routes, with what is said of each."""
    return lambda desk: ((str(each.get("key", "")), str(each.get(says, ""))) for each in desk.tables(table))


def _actions(desk: Desk) -> list[Value]:
    actions = desk.of_case(lambda cases, ref: cases.actions(ref))
    return [(each.key, each.name) for each in actions if each.key != NEXT_STEP]


def _agencies(desk: Desk) -> list[Value]:
    return [(name, "") for name in desk.of_cases(lambda cases: cases.agencies())]


def _themes(desk: Desk) -> list[Value]:
    listed = [str(each.get("key", "")) for each in desk.tables("themes")]
    return [(name, "") for name in dict.fromkeys([*listed, *desk.of_cases(lambda cases: cases.themes())])]


def _owners(desk: Desk) -> list[Value]:
    return [(name, "") for name in desk.of_cases(lambda cases: cases.owners())]


def _sides(desk: Desk) -> list[Value]:
    return [(name, "") for name in ("raising", "receiving", *desk.of_case(lambda cases, ref: cases.sides(ref)))]


def _statuses(_: Desk) -> list[Value]:
    return [(status, "") for status in STATUSES]


def _backups(desk: Desk) -> Iterator[Value]:
    file = desk.settings.file
    if file:
        from escalate.storage.backups.naming import backups_in, is_named_for

        yield "latest", "the newest"
        yield from (
            (path.name, "") for path in reversed(backups_in(desk.settings.backups)) if is_named_for(path.name, file)
        )


def _facts(desk: Desk) -> Iterator[Value]:
    """`severity=`, and when that stands there, or nothing else begins so, `severity=high`; nothing of who somebody is, or for free text."""
    name, equals, _ = desk.line.begun.partition("=")
    facts = {str(each.get("key")): each for each in desk.tables("facts")}
    events = {str(each.get("key")): each for each in desk.tables("moments")}
    keys = {
        **{key: str(each.get("ask", "")) for key, each in (facts | events).items()},
        **dict.fromkeys(details.NAMES, ""),
    }
    begun = [key for key in keys if key.casefold().startswith(name.casefold())]
    if equals or len(begun) == 1:
        name = name if equals else begun[0]
        values = _answers(desk, name, facts)
        yield from ((f"{name}={value}", "") for value in values)
        if values or equals:
            return
    yield from ((f"{key}=", says) for key, says in keys.items())


def _answers(desk: Desk, name: str, facts: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """What can be said of something a case is asked for."""
    if name in facts:
        return [str(answer) for answer in facts[name].get("answers", ("yes", "no"))]
    if name in ("from", "to", "involved"):
        return [agency for agency, _ in _agencies(desk)]
    if name == details.RELATED:
        return [case.ref for case in desk.of_cases(lambda cases: cases.cases(""))]
    return [theme for theme, _ in _themes(desk)] if name == "theme" else []


NEXT_STEP = "next-step"
"""What stands in the place of an action where only going up is called for (domain/protocol/parts.py)."""

FINDERS: dict[str, Callable[[Desk], Iterable[Value]]] = {
    "CASE": _cases,
    "PROTOCOL": _protocols,
    "STAGE": _keys("stages", "name"),
    "ROUTE": _keys("routes", "name"),
    "ACTION": _actions,
    "FACT=ANSWER": _facts,
    "AGENCY": _agencies,
    "--agency": _agencies,
    "--into": _agencies,
    "NAME...": _agencies,  # several names of one; people are named one at a time
    "THEME": _themes,
    "--owner": _owners,
    "SIDE": _sides,
    "STATUS": _statuses,
    "BACKUP": _backups,
}
"""What finds what is offered, by what help calls it, or by the option."""


def offered_for(environment: Mapping[str, str], line: Line) -> list[Value] | None:
    """What can come next in a line; None where there is nothing to look up. Raises StoreError, Refused."""
    finder = next((FINDERS[name] for name in line.wanted if name in FINDERS), None)
    return list(finder(Desk(environment, line))) if finder else None
