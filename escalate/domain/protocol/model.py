"""A protocol: routes, stages, actions and timescales, as a partnership's file sets them out, and the shape of that file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.case.details import NAMES, is_moment
from escalate.domain.protocol.shape import Choice, Field, ListOf, Parsed, Problems, Shape, Text, YesNo
from escalate.domain.worktime.allowance import Allowance, Unit, parse_protocol_allowance
from escalate.domain.worktime.local_calendar import BESIDE, USUAL, CalendarChoice, OwnCalendar
from escalate.errors import BadCondition, BadInput, Refused, UnknownName, listed, nearest

NEXT_STEP = "next-step"
"""The key of the step that remains where what a stage was for is done and the case is still there."""

UNDATED = "undated"
"""What an edition without a date says instead of one."""

RESOLVE = "resolve"
"""The key of the action that ends a stage, where its file gives it no name of its own."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`severity is high`, with `and`, `or` and `is not`; kept as alternatives of (fact, answer, whether it should be so)."""

    text: str
    alternatives: tuple[tuple[tuple[str, str, bool], ...], ...]

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether it is known to hold; a fact nobody has given satisfies neither `is` nor `is not`, save that it is unknown."""
        return any(self._all_agree(terms, facts) for terms in self.alternatives)

    def known_by(self, facts: Mapping[str, str]) -> list[list[str]]:
        """For each alternative that holds, the facts that make it so."""
        return [[fact for fact, _, _ in terms] for terms in self.alternatives if self._all_agree(terms, facts)]

    @property
    def terms(self) -> Iterator[tuple[str, str]]:
        """Every (fact, answer) it mentions."""
        return ((fact, answer) for terms in self.alternatives for fact, answer, _ in terms)

    @staticmethod
    def _all_agree(terms: tuple[tuple[str, str, bool], ...], facts: Mapping[str, str]) -> bool:
        return all(_is(facts.get(fact), answer) is so for fact, answer, so in terms)


def _is(said: str | None, answer: str) -> bool | None:
    """Whether what was said is an answer; of a moment, `known` is that it is. None where nothing was said that could tell."""
    if said is None:
        return {KNOWN: False, UNKNOWN: True}.get(answer)
    return said == answer or (answer == KNOWN and is_moment(said))


KNOWN, UNKNOWN = "known", "unknown"
"""What a condition may ask about a moment, beside which no more is known of it."""


def parse_condition(text: str) -> Condition:
    """Reads a condition as a protocol writes it. Raises BadCondition."""

    def term(part: str) -> tuple[str, str, bool]:
        match = re.fullmatch(r"(\S+) is (not )?(\S+)", part.strip())
        if match is None:
            raise BadCondition(text, f'"{part.strip()}" does not say which fact is what')
        return match[1], match[3], match[2] is None

    return Condition(
        text,
        tuple(tuple(term(part) for part in re.split(r"\s+and\s+", terms)) for terms in re.split(r"\s+or\s+", text)),
    )


@dataclass(frozen=True, slots=True)
class Anchor:
    """The moment a timescale counts from: its `kind`, and for `stage-entry` and `action` which one."""

    kind: str
    key: str = ""

    def __str__(self) -> str:
        return {"stage-entry": f"stage {self.key}", "action": self.key, "overdue": f"{self.key} overdue"}.get(
            self.kind, self.kind
        )


_BEFORE_ENTRY = ("concern", "raised", "stage-entry")

MOMENTS = {
    "concern": "the disputed decision, or when the concern first arose",
    "raised": "when the case was raised",
    "stage": "entry to the stage",
    "known": "when the fact that calls for it became known",
    "resolved": "when the case was resolved",
}

SIDES = ("raising", "receiving")


def parse_anchor(text: str) -> Anchor:
    """Reads what a timescale counts from: a moment, `stage 3` for entry to a stage, `reply overdue` for the end of an action's

    time without it, or the key of an action or of a moment of the file's own. Raises BadInput.
    """
    if text in MOMENTS:
        return Anchor(text)
    if match := re.fullmatch(r"stage (\S+)", text):
        return Anchor("stage-entry", match[1])
    if match := re.fullmatch(rf"({_KEY}) overdue", text):
        return Anchor("overdue", match[1])
    if re.fullmatch(_KEY, text):
        return Anchor("action", text)
    moments = ", ".join(f'"{name}"' for name in MOMENTS)
    raise BadInput(
        f'"{text}" is not something to count from; try {moments}, "stage 3", the key of an action or a moment, or "reply overdue"'
    )


@dataclass(frozen=True, slots=True)
class Timescale:
    """An allowance, what it counts from, when it applies, where it is written, and how the phrase was read.

    `written_as` is the name the file gives it: `within`, `at_least` before something to come, or `every`. `backward`: it is
    what has to be left before the anchor, and not what is allowed after it. `target` is a lower threshold in a unit of its own. Its clock stands still while `stops_while`
    holds, and up to `extendable_to` from the same anchor a later date may be agreed.
    """

    within: Allowance
    anchor: Anchor
    failing_that: Anchor | None
    when: Condition | None
    cite: str
    reading: str | None
    written_as: str = "within"
    backward: bool = False
    target: Allowance | None = None
    stops_while: Condition | None = None
    extendable_to: Allowance | None = None

    @property
    def at_least(self) -> bool:
        """It is what has to be left before something."""
        return self.written_as == "at_least"

    @property
    def repeats(self) -> bool:
        """It begins anew each time the action is done."""
        return self.written_as == "every"

    @property
    def aims_at(self) -> Allowance | None:
        """The target: the lower figure of a range, or a threshold of its own."""
        return self.target or self.within.up_to_target


@dataclass(frozen=True, slots=True)
class Action:
    """Something that must be done. The one that `ends_stage` is met by resolving the case or going up.

    A `window` is the time in which a `side` may go up; it only closes. Of its timescales the earliest counts, or the `later`.
    Once its time has passed, what `once_passed` says holds, and `then_owner` has to do with it as well.
    """

    key: str
    name: str
    owner: str | None = None
    when: Condition | None = None
    form: str | None = None
    contacts: tuple[str, ...] = ()
    ends_stage: bool = False
    if_reached: str | None = None
    timescales: tuple[Timescale, ...] = ()
    cite: str | None = None
    reading: str | None = None
    window: bool = False
    side: str | None = None
    whichever: str = "earlier"
    once_passed: str | None = None
    then_owner: str | None = None

    @property
    def repeats(self) -> bool:
        """It has to be done again and again."""
        return any(timescale.repeats for timescale in self.timescales)


@dataclass(frozen=True, slots=True)
class Stage:
    """A rung of a ladder; `next` names the stages that may follow it, as `4` or, on another route, `main:1`."""

    key: str
    name: str
    owner: str
    next: tuple[str, ...]
    cite: str
    route: str = ""
    counterpart: str | None = None
    actions: tuple[Action, ...] = ()
    reminders: tuple[str, ...] = ()
    reading: str | None = None

    @property
    def closing(self) -> Action:
        """The action whose deadline is the stage's."""
        return next(action for action in self.actions if action.ends_stage)

    @property
    def label(self) -> str:
        """`stage 3`, as people say it."""
        return f"stage {self.key}"


@dataclass(frozen=True, slots=True)
class Route:
    """A ladder inside a protocol: where it starts, and the overall limit on it if it has one."""

    key: str
    name: str
    starts: str
    use: str | None
    cap: Timescale | None
    cite: str | None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a case that conditions ask for."""

    key: str
    ask: str
    answers: tuple[str, ...]
    cite: str | None

    def answer(self, said: str) -> str | None:
        """The answer somebody means, by its name or an unmistakable beginning of it."""
        plain = said.casefold()
        named = [answer for answer in self.answers if answer.casefold() == plain]
        meant = named or [answer for answer in self.answers if plain and answer.casefold().startswith(plain)]
        return meant[0] if len(meant) == 1 else None


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens and is dated, which timescales count from or back from: a meeting held, a hearing to come."""

    key: str
    ask: str
    cite: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to reach, by role: never a named person."""

    key: str
    role: str
    area: str | None
    email: str | None
    phone: str | None
    cite: str | None


@dataclass(frozen=True, slots=True)
class FormField:
    """Something a form asks for: its heading, what goes there (see domain.forms), the section it begins, and a word of guidance."""

    heading: str
    source: str
    section: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form the protocol asks for, where it goes, and what goes in."""

    key: str
    name: str
    send_to: str | None
    cite: str
    fields: tuple[FormField, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """Something disagreements are about, as the document counts them off."""

    key: str
    name: str
    cite: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to keep in mind at every stage; no deadline hangs on it."""

    text: str
    when: Condition | None
    cite: str


@dataclass(frozen=True, slots=True)
class Edition:
    """One dated version: dates as the document gives them, year first."""

    dated: str
    agreed: str | None = None
    review: str | None = None
    in_force: str | None = None

    @property
    def begins(self) -> str:
        """From when on new cases come under it, as far as is said; empty for a document without a date, which comes before all others."""
        return self.in_force or ("" if self.dated == UNDATED else self.dated)


class LimitsAbove(NamedTuple):
    """The limits further up than a stage that can run before their own stage is entered, and those on a whole route it leads to."""

    stages: tuple[tuple[Stage, tuple[Timescale, ...]], ...]
    caps: tuple[Timescale, ...]


class _WorkedOut:
    """What has been worked out of a protocol: no field, because it is no part of the file. It holds for good, as protocols never change."""

    __slots__ = ("_folded_themes", "_from_concern", "_limits_above")
    _limits_above: dict[tuple[str, str], LimitsAbove]
    _from_concern: dict[str, bool]
    _folded_themes: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Protocol(_WorkedOut):
    """A partnership's published procedure, in one edition."""

    id: str
    title: str
    partnership: str
    covers: tuple[str, ...]
    source: str
    edition: Edition
    calendar: CalendarChoice
    facts: tuple[Fact, ...]
    routes: tuple[Route, ...]
    stages: tuple[Stage, ...]
    after_resolution: tuple[Action, ...]
    standing_actions: tuple[Action, ...]
    reminders: tuple[Reminder, ...]
    contacts: tuple[Contact, ...]
    forms: tuple[Form, ...]
    themes: tuple[Theme, ...]
    not_for: tuple[str, ...]
    moments: tuple[Moment, ...] = ()
    calendars: tuple[CalendarChoice, ...] = ()
    earlier: tuple[tuple[datetime, "Protocol"], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_limits_above", {})
        object.__setattr__(self, "_from_concern", {})
        object.__setattr__(self, "_folded_themes", [])

    def as_known(self, at: datetime) -> "Protocol":
        """The edition a case was under at an instant; `earlier` has those it was moved from, each with until when."""
        return next((before for until, before in self.earlier if at < until), self)

    @property
    def own_calendar(self) -> OwnCalendar | None:
        """What its calendar is made of, where it is not just a nation's."""
        if self.calendar.is_a_nations and not self.calendars:
            return None
        return OwnCalendar(self.calendar, self.calendars)

    @property
    def counts_on(self) -> str:
        """The name of the calendar its cases count on."""
        own = self.own_calendar
        return own.name_for(self.id) if own else self.calendar.name

    def moment(self, key: str) -> Moment | None:
        """A moment by its key."""
        return next((moment for moment in self.moments if moment.key == key), None)

    def lies_ahead(self, moment: Moment) -> bool:
        """Whether something is counted back from a moment, so that it is one to come."""
        return any(
            timescale.backward and timescale.anchor == Anchor("action", moment.key)
            for action in self.actions
            for timescale in action.timescales
        )

    @property
    def actions(self) -> Iterator[Action]:
        """Every action, wherever it stands."""
        for stage in self.stages:
            yield from stage.actions
        yield from self.after_resolution
        yield from self.standing_actions

    def route(self, key: str | None) -> Route:
        """A route by its key; the first where none is named. Raises UnknownName."""
        if key is None:
            return self.routes[0]
        for route in self.routes:
            if route.key == key:
                return route
        raise UnknownName("route", key, [route.key for route in self.routes], f" in {self.id}")

    def only(self, route: str) -> "Protocol":
        """The same with one of its routes. Raises UnknownName."""
        way = self.route(route)
        return replace(self, routes=(way,), stages=tuple(self.ladder(way.key)))

    def ladder(self, route: str) -> list[Stage]:
        """The stages of a route, in the order of the file."""
        return [stage for stage in self.stages if stage.route == route]

    def find(self, route: str, name: str) -> Stage | None:
        """The stage that `4` means on a route, or that `main:1` means anywhere."""
        elsewhere, _, key = name.casefold().rpartition(":")
        on = elsewhere or route.casefold()
        named = (stage for stage in self.stages if stage.key.casefold() == key)
        return next((stage for stage in named if stage.route.casefold() == on), None)

    def stage(self, route: str, name: str) -> Stage:
        """A stage by name. Raises UnknownName."""
        for stage in self.stages:  # as histories name it
            if stage.key == name and stage.route == route:
                return stage
        found = self.find(route, name)
        if found is None:
            raise UnknownName(
                "stage", name, [stage.key for stage in self.ladder(route)], f" on the {route} route of {self.id}"
            )
        return found

    def following(self, stage: Stage) -> list[Stage]:
        """The stages that may follow one."""
        return [self.stage(stage.route, name) for name in stage.next]

    def reachable(self, stage: Stage) -> dict[tuple[str, str], tuple[Stage, ...]]:
        """Every stage above one, with the shortest way there: the stages after it, the one reached last."""
        ways: dict[tuple[str, str], tuple[Stage, ...]] = {}
        waiting: list[tuple[Stage, tuple[Stage, ...]]] = [(stage, ())]
        names = {(each.route.casefold(), each.key.casefold()): each for each in reversed(self.stages)}
        for here, way in waiting:
            for name in here.next:
                elsewhere, _, key = name.rpartition(":")
                after = names.get(((elsewhere or here.route).casefold(), key.casefold())) or self.stage(
                    here.route, name
                )
                if (after.route, after.key) not in ways and after is not stage:
                    ways[after.route, after.key] = (*way, after)
                    waiting.append((after, (*way, after)))
        return ways

    def counts_from_concern(self, route: str) -> bool:
        """Whether a limit on a route counts from the concern."""
        if route not in self._from_concern:
            actions = [action for stage in self.ladder(route) for action in stage.actions]
            kinds = {timescale.anchor.kind for action in actions for timescale in action.timescales}
            self._from_concern[route] = "concern" in kinds
        return self._from_concern[route]

    def leads_to(self, stage: Stage, other: Stage) -> bool:
        """Whether a case can come from one stage to another."""
        return (other.route, other.key) in self.reachable(stage)

    def limits_above(self, stage: Stage) -> LimitsAbove:
        """What may run out further up while a case is at a stage: asked of every case there, and worked out for the first."""
        place = stage.route, stage.key
        if place not in self._limits_above:
            above = self._above(stage)
            routes = [self.route(key) for key in dict.fromkeys([stage.route, *(each.route for each in above)])]
            early = [(each, tuple(filter(self._runs_before_entry, each.closing.timescales))) for each in above]
            caps = [route.cap for route in routes if route.cap and self._runs_before_entry(route.cap)]
            self._limits_above[place] = LimitsAbove(tuple(each for each in early if each[1]), tuple(caps))
        return self._limits_above[place]

    def _above(self, stage: Stage) -> list[Stage]:
        """The stages a case can come to from one, but for those from which it can come back there."""
        reached = [way[-1] for way in self.reachable(stage).values()]
        named = {name.casefold().rpartition(":")[2] for each in reached for name in each.next}
        if stage.key.casefold() not in named:  # as on most ladders: no way leads back to where no stage goes on to
            return reached
        return [each for each in reached if not self.leads_to(each, stage)]

    def _runs_before_entry(self, timescale: Timescale) -> bool:
        """Whether a timescale can run before its stage is entered; what it falls back on is not asked."""
        return timescale.anchor.kind in _BEFORE_ENTRY or self.moment(timescale.anchor.key) is not None

    def reached_through(self, action: Action) -> Iterator[str]:
        """Whom to reach for an action, by role, with the number and address of the role."""
        for contact in (contact for key in action.contacts for contact in self.contacts if contact.key == key):
            yield ", ".join(part for part in (contact.role, contact.area, contact.phone, contact.email) if part)

    def fact(self, key: str) -> Fact:
        """A fact by its key. Raises UnknownName."""
        for fact in self.facts:
            if fact.key == key:
                return fact
        asked = [*(fact.key for fact in self.facts), *(moment.key for moment in self.moments)]
        names = [*asked, *nearest(key, NAMES)]
        raise UnknownName("fact", key, names, f" that {self.id} asks for")

    def theme(self, said: str) -> str:
        """A theme of this protocol by its key, its name or an unmistakable beginning of the key; else what was said, as one's own."""
        plain = " ".join(said.split())
        folded = plain.casefold()
        if not self._folded_themes:
            self._folded_themes.extend((each.key, each.key.casefold(), each.name.casefold()) for each in self.themes)
        named = [key for key, short, name in self._folded_themes if folded in (short, name)]
        meant = named or [key for key, short, _ in self._folded_themes if len(folded) > 2 and short.startswith(folded)]
        return meant[0] if len(meant) == 1 else plain

    def checked_facts(self, given: Mapping[str, str]) -> dict[str, str]:
        """Facts with the answers meant, once each is one the protocol asks for with an answer it knows. Raises UnknownName, Refused."""
        checked = {}
        for key, said in given.items():
            moment = self.moment(key)
            if moment:
                checked[moment.key] = _checked_moment(moment.key, said)
                continue
            fact = self.fact(key)
            answer = fact.answer(said)
            if answer is None:
                words = [f"{key}={word}" for word in fact.answers]
                raise Refused(f'"{said}" does not answer {key}: say {listed(words, "or")}.')
            checked[key] = answer
        return checked


def _checked_moment(key: str, said: str) -> str:
    """A moment as the history keeps it. Raises Refused."""
    if said != UNKNOWN:
        try:
            known = datetime.fromisoformat(said)
        except ValueError:
            known = None
        if known is None or known.tzinfo is None:
            raise Refused(f'"{said}" does not say when {key} is: give a date, or {UNKNOWN}.')
    return said


# -- the shape of a protocol file -----------------------------------------------------------------------------------------

ID = r"[a-z0-9][a-z0-9-]*"
"""What the id of a protocol looks like."""

_KEY = r"[A-Za-z0-9][A-Za-z0-9-]*"
_key = Text(_KEY, "letters, digits and hyphens, without spaces")
_stage_name = Text(rf"({_KEY}:)?{_KEY}", 'the key of a stage such as "4", or of one on another route such as "main:1"')
_DATED = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_year_first = Text(_DATED, 'a date with the year first, such as "2025-06" or "2025-06-30"')
_text = Text()
_when = Field("when", Parsed(parse_condition, None), "in which cases it applies", None)
_cite = Field("cite", _text, "where in the document it is written")
_cite_optional = Field("cite", _text, "where in the document it is written", None)
_reading = Field("reading", _text, "how an ambiguous phrase was read", None)
_anchor = Parsed(parse_anchor, Anchor("stage"))

_allowance = Parsed(parse_protocol_allowance, Allowance(0, Unit.IMMEDIATELY))
_AT_ONCE = Allowance(0, Unit.IMMEDIATELY)


def _timescale(
    within: Allowance | None,
    at_least: Allowance | None,
    every: Allowance | None,
    from_: Anchor | None,
    before: Anchor | None,
    **others: Any,
) -> Timescale:
    return Timescale(
        within=within or at_least or every or _AT_ONCE,
        anchor=from_ or before or Anchor("stage"),
        written_as="every" if every else "at_least" if at_least else "within",
        backward=before is not None,
        **others,
    )


TIMESCALE = Shape(
    _timescale,
    (
        Field("within", _allowance, 'how long is allowed, such as "5 working days"', None),
        Field("at_least", _allowance, 'how long before a moment to come, such as "5 working days"', None),
        Field("every", _allowance, 'how often it has to be done, such as "6 weeks"', None),
        Field("from", _anchor, 'what the time counts from, such as "stage" or "concern"', None, attribute="from_"),
        Field("before", _anchor, "the moment that at_least counts back from", None),
        Field("failing_that", _anchor, "what to count from until that has happened", None),
        Field("target", _allowance, "a threshold before the limit, in a unit of its own", None),
        Field(
            "extendable_to",
            _allowance,
            "the most that can be agreed before the time runs out, from the same moment",
            None,
        ),
        Field("stops_while", Parsed(parse_condition, None), "in which case the clock stands still", None),
        _when,
        _cite,
        _reading,
    ),
    one_of=(("within", "at_least", "every"), ("from", "before")),
)
ACTION = Shape(
    Action,
    (
        Field("key", _key, "the short name people type"),
        Field("name", _text, "what has to be done"),
        Field("owner", _text, "who does it, if not the owner of the stage", None),
        _when,
        Field("form", _key, "the form it needs", None),
        Field("contacts", ListOf(_key), "whom to reach", ()),
        Field("ends_stage", YesNo(), "whether this deadline is the stage's own", False),
        Field("if_reached", _stage_name, "after resolution: owed only by a case that reached this stage", None),
        Field("timescales", ListOf(TIMESCALE), "how long it may take", ()),
        Field("whichever", Choice(("earlier", "later")), "which of its timescales counts", "earlier"),
        Field("window", YesNo(), "whether it is the time in which one may go up, which only closes", False),
        Field("side", Choice(SIDES), "whose side has to do it", None),
        Field("once_passed", _text, "what holds once its time has passed", None),
        Field("then_owner", _text, "who has to do with it as well once its time has passed", None),
        _cite_optional,
        _reading,
    ),
)
STAGE = Shape(
    Stage,
    (
        Field("route", _key, "the route it belongs to", ""),
        Field("key", _key, 'what the stage is called, such as "3"'),
        Field("name", _text, "who meets whom"),
        Field("owner", _text, "who is responsible"),
        Field("counterpart", _text, "whom they meet on the other side", None),
        Field("next", ListOf(_stage_name), "the stages that may follow, or [] when nothing does"),
        Field("actions", ListOf(ACTION), "what has to be done", ()),
        Field("reminders", ListOf(_text), "what to keep in mind", ()),
        _cite,
        _reading,
    ),
)
FORM_FIELD = Shape(
    FormField,
    (
        Field("section", _text, "the heading of the section it begins", None),
        Field("heading", _text, "what the form calls it"),
        Field("source", _key, 'what goes there, such as "subject" or "level-current"'),
        Field("hint", _text, "what to mind in filling it in", None),
    ),
)
PROTOCOL = Shape(
    Protocol,
    (
        Field("id", Text(ID, "small letters, digits and hyphens"), "the short name people type"),
        Field("title", _text, "what the document is called"),
        Field("partnership", _text, "whose it is"),
        Field("covers", ListOf(Choice(("children", "adults"))), "whom it is about: children, adults or both"),
        Field("source", _text, "which document it was taken from"),
        Field(
            "edition",
            Shape(
                Edition,
                (
                    Field(
                        "dated",
                        Text(rf"{_DATED}|{UNDATED}", '"2025-06", "2025-06-30" or "undated"'),
                        "the date of the document",
                    ),
                    Field("agreed", _year_first, "when it was agreed", None),
                    Field("review", _year_first, "when it is to be reviewed", None),
                    Field("in_force", _year_first, "from when on new cases come under it, if not from its date", None),
                ),
            ),
            "which version this is",
        ),
        Field("calendar", USUAL, "whose working days count"),
        Field("calendars", ListOf(BESIDE), "other days that are counted, such as school days", ()),
        Field(
            "facts",
            ListOf(
                Shape(
                    Fact,
                    (
                        Field("key", _key, "the short name people type"),
                        Field("ask", _text, "the question that is asked"),
                        Field("answers", ListOf(_key), "the possible answers", ("yes", "no")),
                        _cite_optional,
                    ),
                )
            ),
            "what the conditions ask about a case",
            (),
        ),
        Field(
            "moments",
            ListOf(
                Shape(
                    Moment,
                    (
                        Field("key", _key, "the short name people type"),
                        Field("ask", _text, "the question that is asked: when ..."),
                        _cite_optional,
                    ),
                )
            ),
            "what happens and is dated, to count from",
            (),
        ),
        Field(
            "routes",
            ListOf(
                Shape(
                    Route,
                    (
                        Field("key", _key, "the short name people type"),
                        Field("name", _text, "what the route is called"),
                        Field("starts", _key, "the key of its first stage"),
                        Field("use", _text, "when to take it", None),
                        Field("cap", TIMESCALE, "the limit on the whole of it", None),
                        _cite_optional,
                    ),
                )
            ),
            "the ladders",
        ),
        Field("stages", ListOf(STAGE), "the rungs"),
        Field("after_resolution", ListOf(ACTION), "what is still owed once a case is resolved", ()),
        Field("standing_actions", ListOf(ACTION), "what can fall due at any stage", ()),
        Field(
            "reminders",
            ListOf(Shape(Reminder, (Field("text", _text, "what to keep in mind"), _when, _cite))),
            "what to keep in mind at every stage",
            (),
        ),
        Field(
            "contacts",
            ListOf(
                Shape(
                    Contact,
                    (
                        Field("key", _key, "the short name actions use"),
                        Field("role", _text, "whom one reaches"),
                        Field("area", _text, "for which council or agency", None),
                        Field("email", _text, "the address of the role", None),
                        Field("phone", _text, "the number of the role", None),
                        _cite_optional,
                    ),
                )
            ),
            "whom to reach, by role",
            (),
        ),
        Field(
            "forms",
            ListOf(
                Shape(
                    Form,
                    (
                        Field("key", _key, "the short name actions use"),
                        Field("name", _text, "what the form is called"),
                        Field("send_to", _text, "where it goes", None),
                        _cite,
                        Field("fields", ListOf(FORM_FIELD), "what goes in, in its order", ()),
                    ),
                )
            ),
            "the forms it asks for",
            (),
        ),
        Field(
            "themes",
            ListOf(
                Shape(
                    Theme,
                    (
                        Field("key", _key, "the short name people type"),
                        Field("name", _text, "what the disagreement is about"),
                        _cite,
                    ),
                )
            ),
            "what disagreements are mostly about, to count cases by",
            (),
        ),
        Field("not_for", ListOf(_text), "what it must not be used for", ()),
    ),
)


def read_protocol(tree: Mapping[str, object]) -> tuple[Protocol, list[str]]:
    """A protocol from the plain tree of its file, with every problem in it; trust the protocol only if there is none."""
    from escalate.domain.protocol.check import check

    problems = Problems()
    read: Protocol = PROTOCOL.read(dict(tree), "", problems)
    protocol = _completed(read)
    check(protocol, problems)
    return protocol, problems.found


def _completed(protocol: Protocol) -> Protocol:
    """What a file may leave unsaid: the route of a stage when there is but one, and that a stage ends by resolving or going up."""
    default = protocol.routes[0].key if protocol.routes else ""
    return replace(
        protocol,
        stages=tuple(
            replace(stage, route=stage.route or default, actions=_with_closing(stage)) for stage in protocol.stages
        ),
    )


def _with_closing(stage: Stage) -> tuple[Action, ...]:
    if any(action.ends_stage for action in stage.actions):
        return stage.actions
    following = listed([f"stage {name.rpartition(':')[2]}" for name in stage.next], "or")
    name = f"Resolve, or go up to {following}" if following else "Resolve"
    return (*stage.actions, Action(RESOLVE, name, ends_stage=True, cite=stage.cite))
