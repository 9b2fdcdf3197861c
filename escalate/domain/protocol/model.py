"""A protocol: routes, stages, actions and timescales, as a partnership's file sets them out, and the shape of that file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.details import NAMES
from escalate.domain.protocol.anchors import Anchor
from escalate.domain.protocol.conditions import UNKNOWN, Condition
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.local_calendar import CalendarChoice, OwnCalendar
from escalate.errors import Refused, UnknownName, listed, nearest

NEXT_STEP = "next-step"
"""The key of the step that remains where what a stage was for is done and the case is still there."""

UNDATED = "undated"
"""What an edition without a date says instead of one."""

RESOLVE = "resolve"
"""The key of the action that ends a stage, where its file gives it no name of its own."""


_BEFORE_ENTRY = ("concern", "raised", "stage-entry")


SIDES = ("raising", "receiving")


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
class DatedEvent:
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
    dated_events: tuple[DatedEvent, ...] = ()
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

    def dated_event(self, key: str) -> DatedEvent | None:
        """A moment by its key."""
        return next((event for event in self.dated_events if event.key == key), None)

    def lies_ahead(self, event: DatedEvent) -> bool:
        """Whether something is counted back from a moment, so that it is one to come."""
        return any(
            timescale.backward and timescale.anchor == Anchor("action", event.key)
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
        return timescale.anchor.kind in _BEFORE_ENTRY or self.dated_event(timescale.anchor.key) is not None

    def reached_through(self, action: Action) -> Iterator[str]:
        """Whom to reach for an action, by role, with the number and address of the role."""
        for contact in (contact for key in action.contacts for contact in self.contacts if contact.key == key):
            yield ", ".join(part for part in (contact.role, contact.area, contact.phone, contact.email) if part)

    def fact(self, key: str) -> Fact:
        """A fact by its key. Raises UnknownName."""
        for fact in self.facts:
            if fact.key == key:
                return fact
        asked = [*(fact.key for fact in self.facts), *(event.key for event in self.dated_events)]
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
            moment = self.dated_event(key)
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
