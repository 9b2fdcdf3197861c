"""Random protocols: whatever a protocol file may say, and hardly any partnership would, as the text of the file."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeVar

from hypothesis import reject
from hypothesis import strategies as st

from escalate.domain.protocol.parts import OUTLIVES, RESOLVE, SIDES
from escalate.domain.worktime.calendar import CALENDARS
from escalate.errors import BrokenFile
from escalate.storage.files.protocols import parse_protocol

T = TypeVar("T")
Table = dict[str, Any]
"""A table of the file; what is None is left out of it."""

Place = tuple[str, str]
"""A stage: its route and its key."""

ROUTES = ("main", "urgent", "plan-2")
LADDERS = (("1", "2", "3", "4", "5", "6"), ("A", "B", "C", "D", "E", "F"), ("0", "1", "informal", "4a", "4b", "Board"))
ACTIONS = ("call", "meeting", "LADO-told", "panel-2")
FACTS = ("severity", "child-or-adult", "aged-16", "q")
ANSWERS = (("yes", "no"), ("high", "low"), ("high", "medium", "low"), ("yes", "no", "not-known", "4"))
CONTACTS = ("lead", "duty-desk")
FORMS = ("appendix-b", "form-1")
THEMES = ("thresholds", "step-down")
EDITIONS = ("undated", "2025", "2025-06", "2025-06-30")
FIGURES = (*range(1, 11), 13, 24, 48, 100, 900)
HOURS = ("minute", "hour", "clock hour", "working hour")
DAYS = ("day", "calendar day", "working day", "week", "calendar week", "working week", "month", "year")
ENDS = ("", "", "", " by 12:00", " by close of business", " by 9:30")
MOMENTS = ("hearing", "letter")
CALENDAR_KEYS = ("school", "desk")
WITHOUT_FIGURES = ("immediately", "Immediate", "same working day", "the same  working day", "0 working days", "0-0 wd")
TEXTS = (
    "Meet them",
    'Say "no", or don\'t',
    "A\\B: [bold]5[/] # not = {a} comment",
    "Réunion – 1st, «due» 😀",
    "a long name " * 9,
    "two\nlines and a\ttab",
    "\x1b[31m\u202eder",
)


@dataclass(frozen=True, slots=True)
class Names:
    """What the parts of a protocol may refer to: facts with their answers, every key that an action has, and so on.

    `texts` and `remarks`, which need not be there, take their turns: what a text says makes no difference to a case.
    """

    facts: Mapping[str, Sequence[str]]
    stages: Sequence[Place]
    actions: Sequence[str]
    contacts: Sequence[str]
    forms: Sequence[str]
    texts: Iterator[str]
    remarks: Iterator[str | None]
    at_stages: Sequence[str] = ()
    moments: Sequence[str] = ()
    calendars: Sequence[str] = ()


@st.composite
def protocols(draw: st.DrawFn) -> str:
    """The text of a protocol file in which nothing is wrong."""
    text = draw(_texts())
    try:
        parse_protocol(text, "random.toml")
    except BrokenFile as broken:  # a chain longer than any may be; it is the only mistake that may be drawn
        if any("waits for more than" not in problem for problem in broken.problems):
            raise
        reject()
    return text


@st.composite
def _texts(draw: st.DrawFn) -> str:
    """The text of a protocol file in which nothing is wrong, but that a chain of actions may be too long."""
    routes = ROUTES[: draw(st.integers(1, 3))]
    stages = [(route, key) for route in routes for key in _one(draw, LADDERS)[: draw(st.integers(1, 6))]]
    endings = [_one(draw, (None, RESOLVE, *ACTIONS)) for _ in stages]
    others = [[key for key in _some(draw, ACTIONS) if key != ending] for ending in endings]
    after, standing = _some(draw, ACTIONS), _some(draw, ACTIONS)
    used = [*(ending or RESOLVE for ending in endings), *after, *standing, *(key for keys in others for key in keys)]
    turn = draw(st.integers(0, len(TEXTS) - 1))
    thresholds = [None, *(name for route, key in stages for name in (key, f"{route}:{key}"))]
    names = Names(
        facts={key: _one(draw, ANSWERS) for key in _some(draw, FACTS)},
        stages=stages,
        actions=sorted(set(used)),
        contacts=_some(draw, CONTACTS),
        forms=_some(draw, FORMS),
        texts=cycle(TEXTS[turn:] + TEXTS[:turn]),
        remarks=cycle((*TEXTS[turn:], None, None, *TEXTS[:turn], None)),
        at_stages=sorted({*(ending for ending in endings if ending), *(key for keys in others for key in keys)}),
        moments=_some(draw, MOMENTS),
        calendars=_some(draw, CALENDAR_KEYS),
    )
    text, remark = names.texts, names.remarks
    return _file(
        {
            "id": "random",
            "title": next(text),
            "partnership": next(text),
            "covers": _some(draw, ("children", "adults")),
            "source": next(text),
            "not_for": [next(text)],
            "edition": {"dated": _one(draw, EDITIONS), "agreed": "2025-07", "review": "2026"},
            "calendar": {"name": _one(draw, CALENDARS)} | (_calendar(draw) if draw(st.booleans()) else {}),
            "calendars": [{"key": key, "name": _one(draw, CALENDARS)} | _calendar(draw) for key in names.calendars],
            "moments": [{"key": key, "ask": next(text), "cite": next(remark)} for key in names.moments],
            "facts": [
                {"key": key, "ask": next(text), "answers": None if answers == ANSWERS[0] else answers}
                | {"unless_said": _one(draw, (None, None, None, *answers[:1]))}
                for key, answers in names.facts.items()
            ],
            "routes": [draw(_route(route, names)) for route in routes],
            "stages": [
                draw(_stage(place, keys, ending, names))
                for place, keys, ending in zip(stages, others, endings, strict=True)
            ],
            "after_resolution": [
                _perhaps_a_window(draw, draw(_action(key, names))) | {"if_reached": _one(draw, thresholds)}
                for key in after
            ],
            "standing_actions": [draw(_action(key, names)) for key in standing],
            "reminders": [
                {"text": next(text), "when": _condition(draw, names), "cite": next(text)}
                for _ in range(draw(st.integers(0, 2)))
            ],
            "contacts": [
                {"key": key, "role": next(text), "area": next(remark), "phone": next(remark), "email": next(remark)}
                for key in names.contacts
            ],
            "forms": [
                {"key": key, "name": next(text), "send_to": next(remark), "cite": next(text)} for key in names.forms
            ],
            "themes": [{"key": key, "name": next(text), "cite": next(text)} for key in _some(draw, THEMES)],
        }
    )


@st.composite
def _route(draw: st.DrawFn, route: str, names: Names) -> Table:
    ladder = [key for way, key in names.stages if way == route]
    cap = _timescale(names, ["concern", "raised", *(f"stage {key}" for _, key in names.stages)], is_cap=True)
    return {
        "key": route,
        "name": next(names.texts),
        "starts": _one(draw, (*ladder[:1] * 3, *ladder)),
        "use": next(names.remarks),
        "cap": draw(cap) if draw(st.booleans()) else None,
        "cite": next(names.remarks),
    }


@st.composite
def _stage(draw: st.DrawFn, place: Place, keys: Sequence[str], ending: str | None, names: Names) -> Table:
    """A stage that leads on to later ones, on its route or on another, and now and then back to an earlier one."""
    route, key = place
    here = names.stages.index(place)
    before, after = names.stages[:here], names.stages[here + 1 :]
    onward = _one(draw, (after[:1], after[:1], _some(draw, after)))
    back = _one(draw, ([], [], [], _some(draw, before)))
    actions = [draw(_action(each, names, place)) for each in keys]
    if ending:
        closing = draw(_action(ending, names, place, ends_stage=True))
        actions.insert(draw(st.integers(0, len(actions))), closing)
    return {
        "route": None if route == ROUTES[0] and draw(st.booleans()) else route,
        "key": key,
        "name": next(names.texts),
        "owner": next(names.texts),
        "owners": _owners(draw, names),
        "counterpart": next(names.remarks),
        "next": [name if way == route else f"{way}:{name}" for way, name in (*onward, *back)],
        "actions": actions,
        "reminders": [next(names.texts)],
        "cite": next(names.texts),
        "reading": next(names.remarks),
    }


@st.composite
def _action(draw: st.DrawFn, key: str, names: Names, place: Place | None = None, *, ends_stage: bool = False) -> Table:
    """An action of a stage, or without a place one outside them all. The one that ends a stage depends on no fact."""
    when = None if ends_stage else _condition(draw, names)
    entered = [f"stage {stage}" for route, stage in names.stages if place is None or route == place[0]]
    moments = ["concern", "raised", "stage" if place else "resolved", *entered, *(["known"] * 3 if when else [])]
    repeats = not ends_stage and (place is not None or when is not None) and _one(draw, (False, False, False, True))
    timescale = _timescale(names, moments, key, repeats=repeats)
    timescales = [draw(timescale) for _ in range(draw(st.integers(1 if repeats else 0, 3)))]
    begins = [*names.moments, *(f"{each} overdue" for each in names.at_stages if each < key)]
    window = place is not None and not ends_stage and not repeats and _one(draw, (False, False, True))
    only_done = window and _one(draw, (False, False, True))
    elsewhere = [f"{route}:{stage}" for route, stage in names.stages if (route, stage) != place]
    return {
        "key": key,
        "name": next(names.texts),
        "owner": next(names.remarks),
        "owners": _owners(draw, names),
        "when": when,
        "form": _one(draw, (None, *names.forms)),
        "contacts": _some(draw, names.contacts),
        "ends_stage": ends_stage or None,
        "timescales": timescales,
        "cite": next(names.remarks),
        "reading": next(names.remarks),
        "begins": _one(draw, (None, *moments, *begins)) if not timescales and not ends_stage else None,
        "whichever": _one(draw, ("earlier", "later")) if len(timescales) > 1 else None,
        "window": window or None,
        "leads_to": _some(draw, elsewhere) if window and not only_done else None,
        "outlives": _one(draw, (None, *OUTLIVES)) if window else None,
        "not_for_going_up": True if only_done else None,
        "side": _one(draw, (None, *SIDES)),
        "once_passed": next(names.remarks) if timescales else None,
        "then_owner": next(names.remarks) if timescales else None,
    }


@st.composite
def _timescale(
    draw: st.DrawFn,
    names: Names,
    moments: Sequence[str],
    action: str | None = None,
    *,
    is_cap: bool = False,
    repeats: bool = False,
) -> Table:
    """A timescale of the action with that key, or of a whole route; it counts from a moment, or from another action."""
    when = _condition(draw, names)
    starts = [*moments, *(key for key in names.actions if key != action), *(["known"] * 3 if action and when else [])]
    starts += [*names.moments, *(f"{key} overdue" for key in names.at_stages if action and key < action)]
    said = {"when": when, "cite": next(names.texts), "reading": next(names.remarks)}
    if names.moments and not repeats and _one(draw, (False, False, False, True)):
        return {"at_least": _allowance(draw, names, ranges=False), "before": _one(draw, names.moments)} | said
    stops = {"stops_while": _condition(draw, names) if _one(draw, (False, False, True)) else None}
    if repeats:
        return {"every": _allowance(draw, names), "from": _one(draw, starts)} | stops | said
    within = _allowance(draw, names)
    plain = re.fullmatch(r"(\d+) ([a-z].*)", within)
    figure, unit = (int(plain[1]), plain[2]) if plain and not plain[2].startswith("to ") else (1, "")
    longer = f"{figure + 9} {unit}" if figure > 1 and not is_cap else None
    return (
        {
            "within": within,
            "from": _one(draw, starts),
            "failing_that": _one(draw, (None, *starts)),
            "target": f"1 {unit}" if figure > 1 and draw(st.booleans()) else None,
        }
        | _extension(draw, names, longer, is_cap=is_cap)
        | stops
        | said
    )


def _extension(draw: st.DrawFn, names: Names, longer: str | None, *, is_cap: bool) -> Table:
    """Whether a later date can be agreed, how much later, and in which cases."""
    said: Table = _one(draw, ({}, {"extendable": None if is_cap else True}, {"extendable_to": longer}))
    can_be = any(each is not None for each in said.values())
    return said | {"extendable_when": _condition(draw, names) if can_be and draw(st.booleans()) else None}


def _allowance(draw: st.DrawFn, names: Names, *, ranges: bool = True) -> str:
    low, high = sorted((_one(draw, FIGURES), _one(draw, FIGURES)))
    joint = _one(draw, ("", "", " to ", "-", " – ")) if ranges else ""
    figures = f"{low}{joint}{high if joint else ''}"
    match _one(draw, ("hours", "days", "days", "own", "")):
        case "hours":
            return f"{figures} {_one(draw, HOURS)}s"
        case "days":
            clear, inclusive = _one(draw, (("", ""), ("", ""), ("clear ", ""), ("", " inclusive")))
            return f"{figures} {clear}{_one(draw, DAYS)}s{inclusive}{_one(draw, ENDS)}"
        case "own" if names.calendars:
            return f"{figures} {_one(draw, names.calendars)} {_one(draw, ('days', 'hours'))}"
        case _:
            return str(_one(draw, WITHOUT_FIGURES))


CLOSURES: tuple[list[Table], ...] = (
    [],
    [{"from": "2026-12-24", "to": "2027-01-01", "name": "closed"}, {"on": "2026-12-22"}],
    [{"from": "2025-12-27", "to": "2026-01-02", "name": "closed", "every_year": True}],
    [{"on": "2025-11-30", "every_year": True, "until": "2026-12-31"}],
)


def _calendar(draw: st.DrawFn) -> Table:
    """What is different in a calendar from that of its nation."""
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    terms = [{"from": "2026-09-01", "to": "2026-12-18"}, {"from": "2027-01-05", "to": "2027-03-25", "name": "spring"}]
    return {
        "week": _one(draw, (None, days[:4], days, days[1:6])),
        "bank_holidays": _one(draw, (None, True, False)),
        "hours": _one(draw, (None, "08:30 to 17:00", "00:00 to 23:59")),
        "hours_on": _one(draw, (None, {"friday": "08:30 to 16:30"})),
        "closures": _one(draw, CLOSURES),
        "terms": terms if _one(draw, (False, False, True)) else None,
    }


def _condition(draw: st.DrawFn, names: Names) -> str | None:
    """Up to three terms, where there are facts."""
    said = ""
    for so_far in range(draw(st.integers(0, 3)) if names.facts else 0):
        if names.moments and draw(st.integers(0, 3)) == 3:
            said += f"{_one(draw, (' and ', ' or ')) if so_far else ''}{_one(draw, names.moments)} is {_one(draw, ('known', 'unknown'))}"
            continue
        fact = _one(draw, list(names.facts))
        said += _one(draw, (" and ", " or ")) if so_far else ""
        said += f"{fact} {_one(draw, ('is', 'is not'))} {_one(draw, names.facts[fact])}"
    return said or None


def _perhaps_a_window(draw: st.DrawFn, action: Table) -> Table:
    """What is owed after a resolution, or now and then what may be done then."""
    repeats = any("every" in each for each in action["timescales"])
    return action | {"window": True if not repeats and _one(draw, (False, False, True)) else None}


def _owners(draw: st.DrawFn, names: Names) -> list[Table]:
    """Who is responsible in certain cases, now and then."""
    conditions = [_condition(draw, names) for _ in range(_one(draw, (0, 0, 0, 1, 2)))]
    return [{"when": when, "owner": next(names.texts)} for when in conditions if when]


def _one(draw: st.DrawFn, names: Sequence[T]) -> T:
    return names[draw(st.integers(0, len(names) - 1))]


def _some(draw: st.DrawFn, names: Sequence[T]) -> list[T]:
    """Up to three of them, each once."""
    return list(dict.fromkeys(_one(draw, names) for _ in range(draw(st.integers(0, 3)) if names else 0)))


def _file(table: Table) -> str:
    return "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: object) -> str:
    """A value as TOML has it; what JSON makes of a text is a text of TOML as well."""
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(each)}' for key, each in value.items() if each is not None)} }}"
    if isinstance(value, list | tuple):
        return "[\n" + ",\n".join(_toml(each) for each in value) + "\n]"
    return json.dumps(value, ensure_ascii=False)
