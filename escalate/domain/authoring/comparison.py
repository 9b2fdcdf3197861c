"""Two editions of a protocol, or two protocols, beside each other: what differs by its keys, and the ladders rung by rung."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import (
    Edition,
    Example,
    FormField,
    OwnerWhen,
    Reminder,
    Stage,
    Timescale,
    field_names,
)
from escalate.domain.worktime.local_calendar import CalendarChoice, Span
from escalate.errors import UnknownName, listed

REWORDED = 0.6
"""Two sentences with more than this share of their words in common are one sentence, reworded."""


class ChangeKind(StrEnum):
    """What happened to something between the one and the other."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Topic(StrEnum):
    """What a difference is about, in the order in which people ask."""

    TIME_LIMITS = "time limits"
    LADDER = "the ladder"
    DUTIES = "what has to be done"
    CALENDAR = "working days"
    QUESTIONS = "what it asks about a case"
    REMINDERS = "what to keep in mind"
    BESIDE = "contacts, forms and themes"
    DOCUMENT = "the document"
    SOURCES = "where it is written, and how it is read"


class PlaceStep(NamedTuple):
    """A step of the way to a place in a file."""

    field: str
    """The name of a field in the file."""
    key: str = ""
    """In a list: the key of what is meant there."""


Place = tuple[PlaceStep, ...]

_TOPIC_OF_TABLE = {
    "routes": Topic.LADDER, "stages": Topic.LADDER,
    "after_resolution": Topic.DUTIES, "standing_actions": Topic.DUTIES,
    "calendar": Topic.CALENDAR, "calendars": Topic.CALENDAR,
    "facts": Topic.QUESTIONS, "moments": Topic.QUESTIONS,
    "reminders": Topic.REMINDERS, "not_for": Topic.REMINDERS,
    "contacts": Topic.BESIDE, "forms": Topic.BESIDE, "themes": Topic.BESIDE,
}  # fmt: skip
_TOPIC_OF_FIELD = {
    "timescales": Topic.TIME_LIMITS, "cap": Topic.TIME_LIMITS, "whichever": Topic.TIME_LIMITS, "begins": Topic.TIME_LIMITS, "needs": Topic.DUTIES, "not_for_going_up": Topic.TIME_LIMITS, "window": Topic.TIME_LIMITS,
    "leads_to": Topic.TIME_LIMITS, "outlives": Topic.TIME_LIMITS,
    "ends_stage": Topic.TIME_LIMITS,
    "actions": Topic.DUTIES, "reminders": Topic.REMINDERS, "cite": Topic.SOURCES, "reading": Topic.SOURCES, "other_readings": Topic.SOURCES,
}  # fmt: skip


class ProtocolDifference(NamedTuple):
    """Something that is not the same in both.

    A timescale is compared by all that decides when something is due; where it is written and how it was read are differences
    of their own.
    """

    place: Place
    """Where in the file it is."""
    kind: ChangeKind
    """What happened to it."""
    one: Any
    """A part of the first; None where it has nothing there."""
    other: Any
    """A part of the second; None where it has nothing there."""

    @property
    def topic(self) -> Topic:
        """What it is about, by the last step of its place that says so."""
        about = [_TOPIC_OF_TABLE.get(self.place[0].field, Topic.DOCUMENT)]
        about += [_TOPIC_OF_FIELD[step.field] for step in self.place[1:] if step.field in _TOPIC_OF_FIELD]
        return about[-1]


class RowKind(StrEnum):
    """What a row of two ladders holds: a route, a stage, the limit on the whole, or all that stands beside the ladders."""

    ROUTE = "route"
    STAGE = "stage"
    WHOLE = "whole"
    STANDING = "standing-actions"
    RESOLVED = "after-resolution"
    CALENDAR = "calendar"
    ASKS = "asks"


class SideBySide(NamedTuple):
    """What stands in a row of two protocols whose keys mean different things."""

    section: RowKind
    """What the row holds."""
    one: Any
    """A part of the first; None or empty where it has nothing there."""
    other: Any
    """A part of the second; None or empty where it has nothing there."""


# -- two editions: by keys ------------------------------------------------------------------------------------------------


def differences(one: Protocol, other: Protocol, routes: Sequence[str] = ()) -> list[ProtocolDifference]:
    """Everything that the two say differently, the time limits first.

    The order of a list counts only where it means something: that of routes, of stages, and of what a form asks for. Where
    routes are named, the others are left out.
    """
    found = _field_differences(_on_routes(one, routes), _on_routes(other, routes), ())
    return sorted(found, key=lambda each: list(Topic).index(each.topic))


def _on_routes(protocol: Protocol, named: Sequence[str]) -> Protocol:
    """The protocol with only those of its routes that are named; with all where none is."""
    if not named:
        return protocol
    routes = tuple(route for route in protocol.routes if route.key in named)
    return replace(protocol, routes=routes, stages=tuple(each for each in protocol.stages if each.route in named))


def _field_differences(one: Any, other: Any, place: Place) -> Iterator[ProtocolDifference]:
    """What differs between two things of a kind, field by field."""
    for field in field_names(one):
        before, after = getattr(one, field), getattr(other, field)
        if before == after or field == "earlier":  # what a case came from is no part of a file
            continue
        name = _IN_FILES.get(field, field)
        where = (*place, PlaceStep(name))
        if name == "cap":
            yield from _timescale_differences([before] if before else [], [after] if after else [], where)
        elif name == "timescales":
            yield from _timescale_differences(before, after, where)
        elif isinstance(before, Edition | CalendarChoice):
            yield from _field_differences(before, after, where)
        elif name in _SENTENCES or _holds_tables(before) or _holds_tables(after):
            yield from _list_differences(before, after, place, name)
        else:
            yield _difference(where, before, after)


_IN_FILES = {"dated_events": "moments"}
"""What a file calls a field that goes by another name here."""
_SENTENCES = ("reminders", "not_for")
_IN_ORDER = ("routes", "stages", "fields")
"""Lists whose order says something."""

Keyed = dict[tuple[str, int], Any]
"""Things by their key; where several have the same, with which of them it is, from 0 on."""


def _holds_tables(value: Any) -> bool:
    return isinstance(value, tuple) and not field_names(value) and any(field_names(each) for each in value)


def _difference(place: Place, one: Any, other: Any) -> ProtocolDifference:
    kind = (
        ChangeKind.ADDED if _says_nothing(one) else ChangeKind.REMOVED if _says_nothing(other) else ChangeKind.CHANGED
    )
    return ProtocolDifference(
        place, kind, None if kind is ChangeKind.ADDED else one, None if kind is ChangeKind.REMOVED else other
    )


def _says_nothing(value: Any) -> bool:
    return value is not False and not value


def _list_differences(
    before: Sequence[Any], after: Sequence[Any], place: Place, field: str
) -> Iterator[ProtocolDifference]:
    """What differs between two lists: of things with keys by those, of sentences by what they say."""
    ones, others = _by_key(before), _by_key(after)
    gone, new = [ones[key] for key in ones if key not in others], [others[key] for key in others if key not in ones]
    reworded = list(_take_reworded(gone, new))
    for one, other in [*((ones[key], others[key]) for key in ones if key in others), *reworded]:
        where = (*place, PlaceStep(field, _shown_key(one)))
        if not isinstance(one, str):
            yield from _field_differences(one, other, where)
        elif one != other:
            yield ProtocolDifference(where, ChangeKind.CHANGED, one, other)
    for things, kind in ((gone, ChangeKind.REMOVED), (new, ChangeKind.ADDED)):
        for thing in things:
            yield from _one_sided(thing, (*place, PlaceStep(field, _shown_key(thing))), kind)
    if field in _IN_ORDER:
        yield from _reordered(ones, others, (*place, PlaceStep(field), PlaceStep("order")))


def _take_reworded(gone: list[Any], new: list[Any]) -> Iterator[tuple[Any, Any]]:
    """The sentences that were only reworded, in pairs; each is taken out of its list."""
    for one in list(gone):
        other = next((each for each in new if _reworded(one, each)), None)
        if other is not None:
            gone.remove(one)
            new.remove(other)
            yield one, other


def _reordered(ones: Keyed, others: Keyed, place: Place) -> Iterator[ProtocolDifference]:
    """The difference, if what both have stands in another order."""
    before, after = ([key for key in keys if key in ones and key in others] for keys in (ones, others))
    if before != after:
        yield ProtocolDifference(
            place, ChangeKind.CHANGED, tuple(key for key, _ in before), tuple(key for key, _ in after)
        )


def _by_key(things: Sequence[Any]) -> Keyed:
    """Things by what identifies them in every edition."""
    met: Counter[str] = Counter()
    found: Keyed = {}
    for thing in things:
        key = _key(thing)
        found[key, met[key]] = thing
        met[key] += 1
    return found


def _key(thing: Any) -> str:
    match thing:
        case Stage():
            return f"{thing.route}:{thing.key}"
        case FormField():
            return thing.heading
        case Example():
            return thing.name
        case Reminder():
            return thing.text
        case OwnerWhen():
            return thing.when.text
        case Span() | str():
            return str(thing)
        case _:
            return str(thing.key)


def _shown_key(thing: Any) -> str:
    """The key that people type; empty for sentences and days, which have none."""
    return "" if isinstance(thing, Reminder | Span | str) else _key(thing)


def _reworded(one: Any, other: Any) -> bool:
    """Whether a sentence is another one in other words: most words are the same."""
    if not isinstance(one, Reminder | str):
        return False
    words, others = Counter(_key(one).split()), Counter(_key(other).split())
    return 2 * (words & others).total() > REWORDED * (words.total() + others.total())


def _one_sided(thing: Any, place: Place, kind: ChangeKind) -> Iterator[ProtocolDifference]:
    """Something that stands in one of them only, and after it what belongs under other topics: its actions and time limits."""

    def only(what: Any) -> tuple[Any, Any]:
        return (what, None) if kind is ChangeKind.REMOVED else (None, what)

    yield ProtocolDifference(place, kind, *only(thing))
    for action in getattr(thing, "actions", ()):
        yield from _one_sided(action, (*place, PlaceStep("actions", action.key)), kind)
    cap = getattr(thing, "cap", None)
    limits = [(timescale, "timescales") for timescale in getattr(thing, "timescales", ())]
    for timescale, field in [*limits, *([(cap, "cap")] if cap else [])]:
        yield ProtocolDifference((*place, PlaceStep(field)), kind, *only(timescale))


def _timescale_differences(
    before: Sequence[Timescale], after: Sequence[Timescale], place: Place
) -> Iterator[ProtocolDifference]:
    """Timescales have no keys: equal ones are paired first, then those that count from the same, then what is left."""
    gone, new = list(before), list(after)
    for alike in _ALIKE:
        for one in list(gone):
            other = next((each for each in new if alike(one) == alike(each)), None)
            if other is None:
                continue
            gone.remove(one)
            new.remove(other)
            if _limit(one) != _limit(other):
                yield ProtocolDifference(place, ChangeKind.CHANGED, one, other)
            for name in _BESIDE_THE_LIMIT:
                said, now = getattr(one, name), getattr(other, name)
                if said != now:
                    yield _difference((*place, PlaceStep(name)), said, now)
    yield from (ProtocolDifference(place, ChangeKind.REMOVED, each, None) for each in gone)
    yield from (ProtocolDifference(place, ChangeKind.ADDED, None, each) for each in new)


def _limit(timescale: Timescale) -> Timescale:
    """A timescale with only what decides when something is due."""
    return timescale._replace(cite="", reading=None, other_readings=())


_BESIDE_THE_LIMIT = ("cite", "reading", "other_readings")
"""The fields of a timescale that decide nothing."""


_ALIKE: tuple[Callable[[Timescale], Any], ...] = (
    lambda timescale: timescale,
    _limit,
    lambda timescale: (timescale.written_as, timescale.anchor, timescale.when),
    lambda timescale: timescale.when is None,
    lambda _: True,
)


# -- two protocols: rung by rung ------------------------------------------------------------------------------------------


def side_by_side(one: Protocol, other: Protocol, routes: tuple[str, str] | None = None) -> list[SideBySide]:
    """The ladders of two protocols, or one route of each, the first stage beside the first; then what stands beside the ladders."""
    if routes:
        one, other = one.only(routes[0]), other.only(routes[1])
    rows = []
    for way, other_way in zip_longest(one.routes, other.routes):
        rows.append(SideBySide(RowKind.ROUTE, way, other_way))
        ladders = (one.ladder(way.key) if way else [], other.ladder(other_way.key) if other_way else [])
        rows += [SideBySide(RowKind.STAGE, *stages) for stages in zip_longest(*ladders)]
        rows.append(SideBySide(RowKind.WHOLE, way and way.cap, other_way and other_way.cap))
    rows += [
        SideBySide(RowKind.STANDING, one.standing_actions, other.standing_actions),
        SideBySide(RowKind.RESOLVED, one.after_resolution, other.after_resolution),
        SideBySide(RowKind.CALENDAR, (one.calendar, *one.calendars), (other.calendar, *other.calendars)),
        SideBySide(RowKind.ASKS, (*one.facts, *one.dated_events), (*other.facts, *other.dated_events)),
    ]
    return [row for row in rows if row.one or row.other]


def names(one: Protocol, other: Protocol) -> tuple[str, str]:
    """What tells the two apart: their ids, or of one protocol its editions."""
    if one.id != other.id:
        return one.id, other.id
    if one.edition.dated != other.edition.dated:
        return f"edition {one.edition.dated}", f"edition {other.edition.dated}"
    return "the first file", "the second file"


# -- what is asked of both ------------------------------------------------------------------------------------------------


def routes_taken(one: Protocol, other: Protocol, named: Sequence[str]) -> tuple[str, str]:
    """The first of the routes named that each of them has, or else its first. Raises UnknownName for one that neither has."""
    known = [[route.key for route in protocol.routes] for protocol in (one, other)]
    for name in named:
        if name not in known[0] and name not in known[1]:
            keys = dict.fromkeys([*known[0], *known[1]])
            raise UnknownName("route", name, keys, f" in {_either(one, other)}")
    first, second = (next((name for name in named if name in keys), keys[0]) for keys in known)
    return first, second


def facts_meant(one: Protocol, other: Protocol, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """For each of them the facts it asks for. Raises UnknownName for one that neither asks for."""
    for key in given:
        if key not in one.asked and key not in other.asked:
            asked = dict.fromkeys([*one.asked, *other.asked])
            raise UnknownName("fact", key, asked, f" that {_either(one, other)} asks for")
    first, second = (
        {key: answer for key, answer in given.items() if key in protocol.asked} for protocol in (one, other)
    )
    return first, second


def remarks(one: Protocol, other: Protocol, routes: Sequence[str], given: Mapping[str, str]) -> Iterator[str]:
    """What was asked of both and holds for one of them only, in sentences."""
    sides = list(zip((one, other), names(one, other), strict=True))
    for protocol, name in sides:
        if routes and not any(route.key in routes for route in protocol.routes):
            yield f"{name} has no route {listed(routes, 'or')}: its route {protocol.routes[0].key} is taken."
    for key in given:
        asking = [name for protocol, name in sides if key in protocol.asked]
        if len(asking) == 1:
            yield f"Only {asking[0]} asks for {key}."


def _either(one: Protocol, other: Protocol) -> str:
    return one.id if one.id == other.id else f"{one.id} or {other.id}"
