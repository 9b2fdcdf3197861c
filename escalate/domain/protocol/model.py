"""A protocol: a partnership's published procedure, with its parts by their names."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from escalate.domain.case.details import NAMES
from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.ladder import Ladders
from escalate.domain.protocol.parts import (
    NEXT_STEP,
    Action,
    Contact,
    DatedEvent,
    Edition,
    Example,
    Fact,
    Form,
    Reminder,
    Route,
    Stage,
    Theme,
    Timescale,
)
from escalate.domain.worktime.local_calendar import CalendarChoice, OwnCalendar
from escalate.errors import UnknownName, nearest


class Bearing(NamedTuple):
    """What bears on an action whatever the case."""

    action: Action
    """The action itself: as long as it is kept here, no other has its identity."""
    is_unconditional: bool
    """No answer and no dated event bears on it, and it is done only once."""
    repeats: bool
    """It has to be done repeatedly."""
    is_over_with_stage: bool
    """Leaving its stage bears on what it calls for; a duty that is done once stays owed."""
    is_only_if_overdue: bool
    """It is there only where the time of another action has run out."""
    counted: tuple[Timescale, ...]
    """Its timescales; of what only begins with something, that as a time without a figure."""
    contacts: tuple[str, ...]
    """Whom to reach for it, by role, with the number and address of the role."""
    as_read: Mapping[tuple[int, str], Timescale]
    """Its timescales, and the caps on the stages it ends, as others read them: by the identity of ours, and who reads it so."""


@dataclass(frozen=True)  # without slots, so that properties can be cached
class Protocol:
    """A partnership's published procedure, in one edition. The fields are those of its file (see protocol.file)."""

    id: str
    """The short name people type, in small letters, digits and hyphens."""
    title: str
    """What the document is called."""
    partnership: str
    """The name of the partnership that published it."""
    covers: tuple[str, ...]
    """Whom it is about: `children`, `adults` or both."""
    source: str
    """Which document it was taken from."""
    edition: Edition
    """Which dated version of the document this is."""
    calendar: CalendarChoice
    """Whose working days count."""
    facts: tuple[Fact, ...]
    """What its conditions ask about a case."""
    routes: tuple[Route, ...]
    """Its ladders; there is at least one."""
    stages: tuple[Stage, ...]
    """Of all routes, in the order of the file."""
    after_resolution: tuple[Action, ...]
    """What is still owed once a case is resolved."""
    standing_actions: tuple[Action, ...]
    """What can fall due at any stage."""
    reminders: tuple[Reminder, ...]
    """What to keep in mind at every stage."""
    contacts: tuple[Contact, ...]
    """Whom to reach, by role."""
    forms: tuple[Form, ...]
    """The forms it asks for."""
    themes: tuple[Theme, ...]
    """What disagreements are mostly about, to count cases by."""
    not_for: tuple[str, ...]
    """What it must not be used for."""
    dated_events: tuple[DatedEvent, ...] = ()
    """The `moments` of its file."""
    calendars: tuple[CalendarChoice, ...] = ()
    """Other days that are counted, such as school days."""
    concern: str | None = None
    """What the document calls the instant that `concern` stands for: `the initial concern`; None where it gives it no name."""
    examples: tuple[Example, ...] = ()
    """Cases worked out by hand, which `protocol check` plays."""
    earlier: tuple[tuple[datetime, "Protocol"], ...] = ()
    """The editions a case was under before this one, each with the instant until which it was. Not in the file."""

    # -- editions and calendars

    def as_known(self, at: datetime) -> "Protocol":
        """The edition a case was under at an instant."""
        return next((before for until, before in self.earlier if at < until), self)

    @property
    def own_calendar(self) -> OwnCalendar | None:
        """What its calendar is made of; None where it is simply a nation's."""
        if self.calendar.is_a_nations and not self.calendars:
            return None
        return OwnCalendar(self.calendar, self.calendars)

    @property
    def counts_on(self) -> str:
        """The name of the calendar its cases count on."""
        own = self.own_calendar
        return own.name_for(self.id) if own else self.calendar.name

    # -- routes and stages

    @cached_property
    def ladders(self) -> Ladders:
        """What leads where."""
        return Ladders(self.id, self.routes, self.stages, (event.key for event in self.dated_events))

    def route(self, key: str | None) -> Route:
        """A route by its key; the first where none is named. Raises UnknownName."""
        if key is None:
            return self.routes[0]
        for route in self.routes:
            if route.key == key:
                return route
        raise UnknownName("route", key, [route.key for route in self.routes], f" in {self.id}")

    def only(self, route: str) -> "Protocol":
        """The protocol with only one of its routes. Raises UnknownName."""
        way = self.route(route)
        return replace(self, routes=(way,), stages=tuple(self.ladder(way.key)))

    def ladder(self, route: str) -> list[Stage]:
        """The stages of a route, in the order of the file."""
        return [stage for stage in self.stages if stage.route == route]

    def find(self, route: str, name: str) -> Stage | None:
        """The stage that `4` means on a route, or that `main:1` means anywhere."""
        return self.ladders.find(route, name)

    def stage(self, route: str, name: str) -> Stage:
        """A stage by name. Raises UnknownName."""
        return self.ladders.stage(route, name)

    # -- actions and whom to reach for them

    @property
    def actions(self) -> Iterator[Action]:
        """Every action, wherever it stands."""
        for stage in self.stages:
            yield from stage.actions
        yield from self.after_resolution
        yield from self.standing_actions

    def bearing_on(self, action: Action) -> Bearing:
        """What bears on an action whatever the case."""
        found = self._bearings.get(id(action))
        if found is None:
            found = self._bearings[id(action)] = self._bearing_on(action)
        return found

    def _bearing_on(self, action: Action) -> Bearing:
        caps = [route.cap for route in self.routes if route.cap and action.ends_stage]
        timescales = (*action.timescales, *caps)
        return Bearing(
            action=action,
            is_unconditional=not (action.repeats or self._hangs_on_answers(action, timescales)),
            repeats=action.repeats,
            is_over_with_stage=action.ends_stage or action.window or action.key == NEXT_STEP or action.repeats,
            is_only_if_overdue=action.is_only_if_overdue,
            counted=action.counted,
            contacts=tuple(self.reached_through(action)),
            as_read={
                (id(each), other.read_by): each.as_read(other) for each in timescales for other in each.other_readings
            },
        )

    def _hangs_on_answers(self, action: Action, timescales: Iterable[Timescale]) -> bool:
        if action.when or any(each.when for each in timescales):
            return True
        return any(self.dated_event(each.anchor.key) for each in timescales if each.anchor.kind is AnchorKind.ACTION)

    @cached_property
    def _bearings(self) -> dict[int, Bearing]:
        """What bearing_on found, by the identity of the action."""
        return {}

    def reached_through(self, action: Action) -> Iterator[str]:
        """Whom to reach for an action, by role, with the number and address of the role."""
        return (contact.reached_at for key in action.contacts for contact in self.contacts if contact.key == key)

    # -- what it asks about a case

    def dated_event(self, key: str) -> DatedEvent | None:
        """A dated event by its key."""
        return next((event for event in self.dated_events if event.key == key), None)

    def lies_ahead(self, event: DatedEvent) -> bool:
        """Whether something is counted back from a dated event, so that it is one to come."""
        anchor = Anchor(AnchorKind.ACTION, event.key)
        timescales = (timescale for action in self.actions for timescale in action.timescales)
        backward = (timescale for timescale in timescales if timescale.backward)
        return any(anchor in (each.anchor, *(other.anchor for other in each.other_readings)) for each in backward)

    @property
    def asked(self) -> list[str]:
        """The keys of the facts and dated events it asks for."""
        return [*(fact.key for fact in self.facts), *(event.key for event in self.dated_events)]

    def fact(self, key: str) -> Fact:
        """A fact by its key. Raises UnknownName."""
        for fact in self.facts:
            if fact.key == key:
                return fact
        raise UnknownName("fact", key, [*self.asked, *nearest(key, NAMES)], f" that {self.id} asks for")

    @cached_property
    def taken_for_granted(self) -> dict[str, str]:
        """What its questions count as until somebody says otherwise: answers by the keys of their facts."""
        return {fact.key: fact.unless_said for fact in self.facts if fact.unless_said}

    def as_answered(self, answers: Mapping[str, str]) -> dict[str, str]:
        """Answers with those that are taken for granted where nobody has said otherwise."""
        return {**self.taken_for_granted, **answers}

    # -- themes

    def theme(self, said: str) -> str:
        """The key of the theme with this key, name or unmistakable beginning of a key; any other text is a theme of one's own."""
        plain = " ".join(said.split())
        folded = plain.casefold()
        named = [key for key, short, name in self._folded_themes if folded in (short, name)]
        meant = named or [key for key, short, _ in self._folded_themes if len(folded) > 2 and short.startswith(folded)]
        return meant[0] if len(meant) == 1 else plain

    @cached_property
    def _folded_themes(self) -> list[tuple[str, str, str]]:
        """Of each theme its key, and its key and name in small letters."""
        return [(each.key, each.key.casefold(), each.name.casefold()) for each in self.themes]

    def theme_name(self, key: str) -> str:
        """The name of a theme; a theme of one's own has no other name than itself."""
        return self._theme_names.get(key, key)

    @cached_property
    def _theme_names(self) -> dict[str, str]:
        return {theme.key: theme.name for theme in self.themes}
