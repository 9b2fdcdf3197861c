"""Two protocols beside each other: what changed from edition to edition, and two ladders rung by rung."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import time
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from escalate.domain.authoring.comparison import ChangeKind, Place, ProtocolDifference, RowKind, SideBySide, names
from escalate.domain.protocol.anchors import Anchor
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import (
    Action,
    Contact,
    DatedEvent,
    Example,
    Fact,
    Form,
    FormField,
    OtherReading,
    OwnerWhen,
    Reminder,
    Route,
    Stage,
    Theme,
    Timescale,
)
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.local_calendar import CalendarChoice, Span
from escalate.errors import listed
from escalate.output import tables
from escalate.output.case.readings import anchor_in_words
from escalate.output.names import Named
from escalate.output.protocol.in_words import (
    answers_in_words,
    beginning_in_words,
    calendar_lines,
    days_in_words,
    in_words,
    others_in_words,
    owner_in_words,
    owners_in_words,
    stages_in_words,
    window_in_words,
)
from escalate.output.terminal import WIDE
from escalate.output.words import TYPED, Called, inert, spaced

Pair = tuple[Protocol, Protocol]

NO_LIMIT = "no time limit"


# -- what changed ---------------------------------------------------------------------------------------------------------


def told_apart(pair: Pair, called: Called = TYPED) -> tuple[str, str]:
    """What tells two protocols apart; by name it is whose they are, and their titles where that is the same."""
    one, other = pair
    if not called.by_name or one.id == other.id:
        return names(*pair)
    if one.partnership != other.partnership:
        return one.partnership, other.partnership
    return (one.title, other.title) if one.title != other.title else names(*pair)


def differences_page(
    pair: Pair, found: Sequence[ProtocolDifference], width: int, called: Called = TYPED
) -> RenderableType:
    """Every difference under what it is about: what it was in the one, and what it is in the other."""
    one, other = pair
    before, after = told_apart(pair, called)
    what = _what_is_compared(pair, called)
    parts: list[RenderableType] = [Text(inert(f"{what}: from {before} to {after}"), style="bold")]
    if one.id == other.id and one.edition.begins > other.edition.begins:
        parts.append(Text("This goes back from the newer edition to the older: what is added here has gone since."))
    if not found:
        return Group(*parts, Text("No differences."))
    for topic, group in groupby(found, key=lambda each: each.topic):
        differences = list(group)
        parts.append(Text(f"\n{topic.value[0].upper()}{topic.value[1:]} ({len(differences)})", style="bold"))
        if width >= WIDE:
            parts.append(_wide_differences(pair, differences, width, called))
        else:
            parts += _narrow_differences(pair, differences)
    return Group(*parts)


def _what_is_compared(pair: Pair, called: Called) -> str:
    named = [each.title if called.by_name else each.id for each in pair]
    return " and ".join(named[:1] if pair[0].id == pair[1].id else named)


def _wide_differences(pair: Pair, found: Sequence[ProtocolDifference], width: int, called: Called) -> Table:
    table = tables.table("", "Where", *told_apart(pair, called), apart=1)
    table.expand = width < 2 * WIDE
    table.columns[0].width = len(ChangeKind.REMOVED)
    table.columns[1].ratio, table.columns[2].ratio, table.columns[3].ratio = 3, 5, 5
    for each in found:
        values = (_said(value, protocol, called) for value, protocol in zip((each.one, each.other), pair, strict=True))
        table.add_row(each.kind.value, place(each.place, pair, called), *(Text(inert(value)) for value in values))
    return table


def _narrow_differences(pair: Pair, found: Sequence[ProtocolDifference]) -> Iterator[RenderableType]:
    for each in found:
        yield Text(f"\n{each.kind.value:8} ").append(place(each.place, pair), style="bold")
        below = Table.grid(padding=(0, 2, 0, 0))
        for name, value, protocol in zip(names(*pair), (each.one, each.other), pair, strict=True):
            if value is not None:
                below.add_row(Text(name.removeprefix("edition "), style="dim"), Text(inert(_said(value, protocol))))
        yield Padding(below, (0, 0, 0, 9))


_KEYED = {
    "routes": "route {}",
    "stages": "stage {}",
    "after_resolution": "once resolved, {}",
    "standing_actions": "at any stage, {}",
    "facts": "fact {}",
    "moments": "moment {}",
    "contacts": "contact {}",
    "forms": "form {}",
    "themes": "theme {}",
    "calendars": "calendar {}",
    "owners": "owner if {}",
}
_FIELDS = {
    "timescales": "",
    "reminders": "",
    "text": "",
    "edition": "",
    "cap": "the whole of it",
    "counterpart": "with",
    "next": "what may follow",
    "starts": "first stage",
    "use": "when to take it",
    "when": "condition",
    "if_reached": "owed once reached",
    "once_passed": "once its time has passed",
    "then_owner": "who then has to do with it as well",
    "whichever": "which of its limits counts",
    "window": "it may be done, and only closes",
    "not_for_going_up": "going up is something else",
    "leads_to": "the time to go to",
    "outlives": "goes on after",
    "ends_stage": "the stage ends with it",
    "dated": "date",
    "agreed": "agreed on",
    "review": "review date",
    "in_force": "in force from",
    "cite": "where it is written",
    "reading": "how it is read",
    "other_readings": "how else it may be read",
    "ask": "question",
    "needs": "needed before it",
    "not_owner_of": "not whoever was responsible at",
    "begins": "begins with",
    "unless_said": "until somebody says otherwise",
    "hours_on": "hours on some days",
    "not_for": "what it is not for",
    "covers": "whom it is about",
    "fields": "headings",
}
"""What the fields of a file are called where their own names do not say it; nothing where what stands there says enough."""

EVERYWHERE = "at every stage"


def place(where: Place, pair: Pair, called: Called = TYPED) -> str:
    """`stage 3, resolve`: a place as people say it, with the route of a stage where there are several."""
    parts = []
    for step in where:
        key = step.key
        if step.field == "stages" and all(len(protocol.routes) == 1 for protocol in pair):
            key = key.rpartition(":")[2]
        keyed = _KEYED.get(step.field, "{}").format(_called(step.field, key, pair) if called.by_name else key)
        parts.append(keyed if key else _FIELDS.get(step.field, step.field.replace("_", " ")))
    return inert(", ".join(part for part in parts if part) or EVERYWHERE)


def _called(field: str, key: str, pair: Pair) -> str:
    """What a part of a protocol is called, by the newer of the two that has it."""
    if field in ("actions", "after_resolution", "standing_actions"):
        names = [each.name for protocol in reversed(pair) for each in protocol.actions if each.key == key]
    elif field in ("routes", "forms", "themes"):
        names = [each.name for protocol in reversed(pair) for each in getattr(protocol, field) if each.key == key]
    elif field == "contacts":
        names = [each.role for protocol in reversed(pair) for each in protocol.contacts if each.key == key]
    else:
        names = []
    return f'"{names[0]}"' if names else spaced(key)


def _said(value: Any, protocol: Protocol, called: Called = TYPED) -> str:
    """A value of a protocol in a line of words."""
    if isinstance(value, Timescale):
        return in_words(value, protocol, Named(protocol) if called.by_name else TYPED)
    if isinstance(value, CalendarChoice):
        return "; ".join(calendar_lines(replace(protocol, calendar=value, calendars=()), called))
    if isinstance(value, Mapping):
        return "; ".join(f"{called.key(key)} {_said(each, protocol, called)}" for key, each in value.items())
    if isinstance(value, Anchor) and called.by_name:
        return anchor_in_words(value, Named(protocol))
    if isinstance(value, Allowance | Anchor):
        return str(value)
    if type(value) is tuple:  # the parts of a protocol are tuples with names
        joiner = " to " if any(isinstance(each, time) for each in value) else ", "
        return joiner.join(_said(each, protocol, called) for each in value) or "none"
    if called.by_name:
        value = _in_named_words(value, protocol)
    return _IN_WORDS.get(type(value), str)(value)


def _in_named_words(value: Any, protocol: Protocol) -> Any:
    """A part of a protocol whose condition, or what it counts from, is said by names."""
    if isinstance(value, Condition):
        return value._replace(text=spaced(value.text))
    if isinstance(value, Action | Reminder | OwnerWhen) and value.when:
        return value._replace(when=value.when._replace(text=spaced(value.when.text)))
    if isinstance(value, FormField):
        return value._replace(source=spaced(value.source))
    if isinstance(value, OtherReading):
        return "; ".join(
            part for part in (_read_so(value, Named(protocol)), f"read so by {value.read_by}", value.reading) if part
        )
    return value


def _when(thing: Action | Reminder, called: Called = TYPED) -> str:
    return f" (when {called.condition(thing.when.text)})" if thing.when else ""


_IN_WORDS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda yes: "yes" if yes else "no",
    time: lambda hour: f"{hour:%H:%M}",
    Span: lambda span: f"{span.name}, {days_in_words(span)}",
    Condition: lambda condition: str(condition.text),
    Route: lambda route: f"{route.name}, from stage {route.starts}",
    Example: lambda example: f"opened {example.opened}",
    Stage: lambda stage: f"{stage.name}; owner: {stage.owner}",
    Action: lambda action: f"{action.name}{_when(action)}{f'; by: {action.owner}' if action.owner else ''}",
    OwnerWhen: owner_in_words,
    OtherReading: lambda other: "; ".join(
        part for part in (_read_so(other), f"read so by {other.read_by}", other.reading) if part
    ),
    Fact: lambda fact: f"{fact.ask} ({answers_in_words(fact)})",
    DatedEvent: lambda event: str(event.ask),
    Contact: lambda contact: ", ".join(
        part for part in (contact.role, contact.area, contact.phone, contact.email) if part
    ),
    Form: lambda form: f"{form.name}{f', to: {form.send_to}' if form.send_to else ''}",
    FormField: lambda field: f"{f'{field.section}: ' if field.section else ''}{field.heading}, from {field.source}",
    Theme: lambda theme: str(theme.name),
    Reminder: lambda reminder: f"{reminder.text}{_when(reminder)}",
}


def _read_so(other: OtherReading, called: Called = TYPED) -> str:
    """What is other by another reading: `48 hours, counted from raised`."""
    anchor, fallback = (_from(each, called) for each in (other.anchor, other.failing_that))
    failing_that = f"counted until then from {fallback}" if fallback else ""
    return ", ".join(
        part for part in (str(other.within or ""), f"counted from {anchor}" if anchor else "", failing_that) if part
    )


def _from(anchor: Anchor | None, called: Called) -> str:
    if anchor is None:
        return ""
    return anchor_in_words(anchor, called) if called.by_name else str(anchor)


# -- rung by rung ---------------------------------------------------------------------------------------------------------


def side_by_side_page(
    pair: Pair, rows: Sequence[SideBySide], width: int, called: tuple[Called, Called] = (TYPED, TYPED)
) -> RenderableType:
    """Two ladders in two columns: who meets, within what time, and on what condition; then what holds beside them."""
    table = tables.table(*told_apart(pair, called[0]), apart=1)
    table.expand = width < 2 * WIDE
    for column in table.columns:
        column.ratio = 1
    table.add_row(*(_head(protocol, words) for protocol, words in zip(pair, called, strict=True)))
    for row in rows:
        sides = (row.one, pair[0], called[0]), (row.other, pair[1], called[1])
        table.add_row(*(_cell(row.section, value, protocol, width >= WIDE, words) for value, protocol, words in sides))
    return table


def _head(protocol: Protocol, called: Called) -> RenderableType:
    edition = protocol.edition
    review = f", review {edition.review}" if edition.review else ""
    about = f"For {listed(protocol.covers, 'and')}. Edition: {edition.dated}{review}"
    return _block(
        Text(inert(protocol.title), style="bold"), [*([] if called.by_name else [protocol.partnership]), about]
    )


def _cell(kind: RowKind, value: Any, protocol: Protocol, wide: bool, called: Called) -> RenderableType:
    match kind:
        case RowKind.ROUTE:
            key = "" if called.by_name or not value else f"Route {value.key}: "
            return Text(inert(f"{key}{value.name}"), style="bold underline") if value else Text()
        case RowKind.STAGE:
            return _rung(value, protocol, wide, called) if value else Text()
        case RowKind.WHOLE:
            return _titled("The whole process", [_in_words(value, protocol, called)] if value else [NO_LIMIT])
        case RowKind.STANDING:
            return _titled("At any stage", [], _duties(value, protocol, called))
        case RowKind.RESOLVED:
            return _titled("Once resolved", [], _duties(value, protocol, called))
        case RowKind.CALENDAR:
            return _titled("Working days", calendar_lines(protocol, called))
        case RowKind.ASKS:
            return _titled(
                "What it asks about a case",
                [],
                [each.ask if called.by_name else f"{each.key}: {each.ask}" for each in value],
            )


def _titled(title: str, lines: Sequence[str], items: Sequence[str] = ()) -> RenderableType:
    return _block(Text(title, style="bold"), [*lines, *([] if lines or items else ["none"])], items)


def _block(heading: Text, lines: Sequence[str], items: Sequence[str] = (), last: Sequence[str] = ()) -> RenderableType:
    """A heading, lines below it, and a list of items."""
    parts: list[RenderableType] = [heading, *(Text(inert(line)) for line in lines)]
    if items:
        parts.append(tables.bullets(items))
    return Group(*parts, *(Text(inert(line)) for line in last))


def _duties(actions: Sequence[Action], protocol: Protocol, called: Called) -> list[str]:
    return [_duty(action, protocol, called) for action in actions]


def _duty(action: Action, protocol: Protocol, called: Called) -> str:
    return f"{action.name}{_when(action, called)}: {_limits(action, protocol, called)}"


def _limits(action: Action, protocol: Protocol, called: Called) -> str:
    """Every time limit of an action in words."""
    later = "the later of: " if len(action.timescales) > 1 and action.whichever == "later" else ""
    window = f", {window_in_words(action, protocol, called)}" if action.window else ""
    said = "; ".join(_in_words(timescale, protocol, called) for timescale in action.timescales)
    return f"{later}{said}{window}" if said else f"{beginning_in_words(action, protocol, called)}{NO_LIMIT}"


def _in_words(timescale: Timescale, protocol: Protocol, called: Called) -> str:
    """A time limit in words, and how else it may be read."""
    others = "; or ".join(others_in_words(timescale, protocol, called))
    return f"{in_words(timescale, protocol, called)}{f' (or {others})' if others else ''}"


def _rung(stage: Stage, protocol: Protocol, wide: bool, called: Called) -> RenderableType:
    """Who meets, the stage's own limit, and what else has to be done; where it does not go straight up, what may follow."""
    with_whom = f"; with: {stage.counterpart}" if stage.counterpart else ""
    owner = [f"owner: {'; or '.join([stage.owner, *owners_in_words(stage, called)])}{with_whom}"] if wide else []
    others = [action for action in stage.actions if not action.ends_stage]
    keys = [each.key for each in protocol.ladder(stage.route)]
    straight_up = stage.next == tuple(keys[keys.index(stage.key) + 1 :][:1])
    following = stages_in_words(stage.next, protocol, called) if called.by_name else listed(stage.next, "or")
    then = [] if straight_up else [f"then {following}" if following else "nothing follows"]
    heading = Text(inert(f"{stage.key}  {stage.name}"), style="bold")
    return _block(heading, [*owner, _limits(stage.closing, protocol, called)], _duties(others, protocol, called), then)
