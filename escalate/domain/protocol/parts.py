"""What a protocol is made of: routes, stages, actions and timescales, and what stands beside them.

Every value comes from the protocol's file, under the name that protocol.file gives it there. `cite` says where in the
document something is written, and `reading` how an ambiguous phrase of it was read.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.conditions import Condition
from escalate.domain.worktime.allowance import Allowance, Unit

NEXT_STEP = "next-step"
"""The key of the step that is left when all that a stage asks for is done and the case is still there."""

UNDATED = "undated"
"""What an edition without a date says instead of one."""

RESOLVE = "resolve"
"""The key of the action that ends a stage, where the file does not name one."""

SIDES = ("raising", "receiving")
"""The two sides of a case."""

OUTLIVES = ("stage", "case")
"""What a window may go on after: its stage having been left, or the case having been closed."""

BEGINS = "begins"
"""The field of an action that says what it begins with, where it has no time limit."""

Place = tuple[str, str]
"""A stage by its route and its key."""


def field_names(thing: object) -> tuple[str, ...]:
    """The names of the fields of a protocol or a part of one; none of a plain value."""
    return getattr(thing, "_fields", None) or tuple(getattr(thing, "__dataclass_fields__", ()))


_NO_FIGURE = Allowance(0, Unit.IMMEDIATELY)


class OtherReading(NamedTuple):
    """Another way to read the phrase behind a timescale. It counts for nothing; its date is told beside ours."""

    within: Allowance | None
    """How long, by that reading; None where that is as we read it."""
    anchor: Anchor | None
    """What it counts from, or back from, by that reading; None where that is as we read it."""
    failing_that: Anchor | None
    """What it counts from until the anchor has happened."""
    read_by: str
    """Who might read it so, by role. What one reader reads otherwise at an action counts together."""
    reading: str
    """How they read it, and why."""
    written_as: str | None = None
    """How the file says the figure: `within`, `at_least` or `every`; None where it gives none."""
    backward: bool | None = None
    """Whether the file says the anchor with `before`; None where it gives none."""


class Timescale(NamedTuple):
    """How long something may take, from when, and in which cases."""

    within: Allowance
    """How long; where `backward`, how long has to be left before the anchor."""
    anchor: Anchor
    """What it counts from, or back from."""
    failing_that: Anchor | None
    """What it counts from until the anchor has happened."""
    when: Condition | None
    """In which cases it applies; None in all."""
    cite: str
    """Where in the document it is written."""
    reading: str | None
    """How an ambiguous phrase was read; None where nothing was unclear."""
    written_as: str = "within"
    """How the file says it: `within`, `at_least` before something to come, or `every`."""
    backward: bool = False
    """It counts back from something to come."""
    target: Allowance | None = None
    """A lower threshold in a unit of its own."""
    stops_while: Condition | None = None
    """Its clock stands still while this holds."""
    extendable_to: Allowance | None = None
    """Up to how long, from the same anchor, a later date may be agreed."""
    extendable: bool = False
    """A later date may be agreed, and the file names no most."""
    extendable_when: Condition | None = None
    """In which cases a later date may be agreed; None in all."""
    other_readings: tuple[OtherReading, ...] = ()
    """Other ways to read the phrase, of readers who each have one."""

    @property
    def at_least(self) -> bool:
        """It is what has to be left before something."""
        return self.written_as == "at_least"

    @property
    def can_be_extended(self) -> bool:
        """A later date may be agreed, for a reason and before the time has run out."""
        return self.extendable or self.extendable_to is not None

    @property
    def repeats(self) -> bool:
        """It begins anew each time the action is done."""
        return self.written_as == "every"

    @property
    def aims_at(self) -> Allowance | None:
        """The target: the lower figure of a range, or a threshold of its own."""
        return self.target or self.within.up_to_target

    @property
    def anchors(self) -> list[tuple[str, Anchor]]:
        """What it counts from, and failing that, each by the name of its field in the file."""
        first = (BEGINS if self.written_as == BEGINS else "before" if self.backward else "from", self.anchor)
        return [first, ("failing_that", self.failing_that)] if self.failing_that else [first]

    @property
    def other_anchors(self) -> list[tuple[str, Anchor]]:
        """What it counts from by other readings, each by the place of its field in the file."""
        first = "before" if self.backward else "from"
        return [
            (f"other_readings[{i}].{name}", anchor)
            for i, other in enumerate(self.other_readings)
            for name, anchor in ((first, other.anchor), ("failing_that", other.failing_that))
            if anchor
        ]

    def as_read(self, other: OtherReading) -> "Timescale":
        """The timescale by another reading of its phrase."""
        return self._replace(
            within=other.within or self.within,
            target=None if other.within else self.target,
            anchor=other.anchor or self.anchor,
            failing_that=other.failing_that if other.anchor else other.failing_that or self.failing_that,
            reading=other.reading,
            other_readings=(),
        )


class OwnerWhen(NamedTuple):
    """Who is responsible in certain cases."""

    when: Condition
    """In which cases."""
    owner: str
    """Who then is, by role."""


def owner_by(usual: str, owners: Sequence[OwnerWhen], answers: Mapping[str, str]) -> str:
    """Who is responsible by these answers: the first whose condition holds, or else the usual owner.

    Whoever comes before that and may be meant, as a question is open, is named with the condition (C14).
    """
    if not owners:
        return usual
    may_be = []
    for each in owners:
        value = each.when.value(answers)
        if value:
            usual = each.owner
            break
        if value is None:
            may_be.append(f"; if {each.when.text}: {each.owner}")
    return usual + "".join(may_be)


class Action(NamedTuple):
    """Something that must be done."""

    key: str
    """The short name people type."""
    name: str
    """What has to be done."""
    owner: str | None = None
    """Who does it, by role; None for the owner of the stage."""
    when: Condition | None = None
    """In which cases it has to be done; None in all."""
    form: str | None = None
    """The key of the form it needs."""
    contacts: tuple[str, ...] = ()
    """The keys of whom to reach."""
    ends_stage: bool = False
    """It is met by resolving the case or going up, and its deadline is the stage's."""
    if_reached: str | None = None
    """After resolution: owed only by a case that came to this stage, or above it."""
    timescales: tuple[Timescale, ...] = ()
    """No time limit where there is none; of several, `whichever` counts."""
    cite: str | None = None
    """Where in the document it is written; None where its stage or its timescales say that."""
    reading: str | None = None
    """How an ambiguous phrase was read; None where nothing was unclear."""
    window: bool = False
    """It is a time in which something may be done, such as going up; it only closes."""
    leads_to: tuple[str, ...] = ()
    """Of a window, the stages it is the time to go to; without any, those that follow on the same route (C19)."""
    outlives: str | None = None
    """Of a window, what it goes on after: one of OUTLIVES; None where it closes with its stage (C19)."""
    side: str | None = None
    """Whose side has to do it: one of SIDES."""
    whichever: str = "earlier"
    """Which of its timescales counts: the `earlier` or the `later`."""
    once_passed: str | None = None
    """What holds once its time has passed."""
    then_owner: str | None = None
    """Who deals with it as well once its time has passed."""
    owners: tuple[OwnerWhen, ...] = ()
    """Who does it in certain cases; of several the first whose condition holds."""
    not_for_going_up: bool = False
    """Of a window of a stage, only doing it uses it: going up is something else (C19)."""
    begins: Anchor | None = None
    """What it waits for, where it has no time limit; None where it is called for without waiting for anything."""

    @property
    def counted(self) -> tuple[Timescale, ...]:
        """Its timescales; of what only begins with something, that as a time without a figure."""
        if self.begins is None:
            return self.timescales
        return (Timescale(_NO_FIGURE, self.begins, None, None, self.cite or "", None, written_as=BEGINS),)

    @property
    def is_only_if_overdue(self) -> bool:
        """It is there only where the time of another action has run out."""
        return bool(self.counted) and all(each.anchor.kind is AnchorKind.OVERDUE for each in self.counted)

    @property
    def repeats(self) -> bool:
        """It has to be done repeatedly."""
        return any(timescale.repeats for timescale in self.timescales)


class Stage(NamedTuple):
    """A rung of a ladder."""

    key: str
    """What people call it, such as `3`; no other stage of its route has that key."""
    name: str
    """Who meets whom."""
    owner: str
    """Who is responsible, by role."""
    next: tuple[str, ...]
    """The stages that may follow, as `4` or, on another route, `main:1`."""
    cite: str
    """Where in the document it is written."""
    route: str = ""
    """The key of its route; empty only while a file is read that has but one."""
    counterpart: str | None = None
    """Whom the owner meets on the other side."""
    actions: tuple[Action, ...] = ()
    """What has to be done at it; one of them ends it."""
    reminders: tuple[str, ...] = ()
    """What to keep in mind at it."""
    reading: str | None = None
    """How an ambiguous phrase was read; None where nothing was unclear."""
    owners: tuple[OwnerWhen, ...] = ()
    """Who is responsible in certain cases; of several the first whose condition holds."""
    needs: tuple[str, ...] = ()
    """The keys of the actions that have to be done before it; nobody is held back without them."""
    not_owner_of: tuple[str, ...] = ()
    """The stages that somebody else has to have been responsible for; nobody is held back where it is the same person."""

    @property
    def closing(self) -> Action:
        """The action whose deadline is the stage's."""
        return next(action for action in self.actions if action.ends_stage)

    def owner_by(self, answers: Mapping[str, str]) -> str:
        """Who is responsible by these answers."""
        return owner_by(self.owner, self.owners, answers)

    @property
    def label(self) -> str:
        """`stage 3`, as people say it."""
        return f"stage {self.key}"

    @property
    def place(self) -> Place:
        """What tells it from every other stage of the protocol."""
        return self.route, self.key

    def key_on(self, route: str) -> str:
        """Its key as people say it on a route: `4`, or from another route `main:4`."""
        return self.key if self.route == route else f"{self.route}:{self.key}"


class Route(NamedTuple):
    """A ladder inside a protocol."""

    key: str
    """The short name people type."""
    name: str
    """What it is called."""
    starts: str
    """The key of its first stage."""
    use: str | None
    """When to take it."""
    cap: Timescale | None
    """The limit on the whole of it."""
    cite: str | None
    """Where in the document it is written, if anywhere."""


class Fact(NamedTuple):
    """Something about a case that conditions ask for."""

    key: str
    """The short name people type."""
    ask: str
    """The question."""
    answers: tuple[str, ...]
    """The answers it can have: `yes` and `no` where the file names none."""
    cite: str | None
    """Where in the document it is written, if anywhere."""
    unless_said: str | None = None
    """The answer that it counts as until somebody says otherwise; None where it is then not known (C14)."""

    def answer(self, said: str) -> str | None:
        """The answer somebody means, by its name or an unmistakable beginning of it."""
        plain = said.casefold()
        named = [answer for answer in self.answers if answer.casefold() == plain]
        meant = named or [answer for answer in self.answers if plain and answer.casefold().startswith(plain)]
        return meant[0] if len(meant) == 1 else None


class DatedEvent(NamedTuple):
    """Something that happens and is dated, which timescales count from or back from: a meeting held, a hearing to come."""

    key: str
    """The short name people type."""
    ask: str
    """The question for its date."""
    cite: str | None
    """Where in the document it is written, if anywhere."""


class Contact(NamedTuple):
    """Whom to reach, by role: never a named person."""

    key: str
    """The short name that actions use."""
    role: str
    """Who it is, by role."""
    area: str | None
    """For which council or agency."""
    email: str | None
    """The e-mail address of the role."""
    phone: str | None
    """The telephone number of the role."""
    cite: str | None
    """Where in the document it is written, if anywhere."""

    @property
    def reached_at(self) -> str:
        """The role with its area, its number and its address, as far as there are any."""
        return ", ".join(part for part in (self.role, self.area, self.phone, self.email) if part)


class FormField(NamedTuple):
    """Something a form asks for."""

    heading: str
    """What the form calls it."""
    source: str
    """What goes there: one of protocol.form_sources.sources_of."""
    section: str | None = None
    """The heading of the section it begins."""
    hint: str | None = None
    """What to mind in filling it in."""


class Form(NamedTuple):
    """A form the protocol asks for."""

    key: str
    """The short name that actions use."""
    name: str
    """What it is called."""
    send_to: str | None
    """Where it goes."""
    cite: str
    """Where in the document it is written."""
    fields: tuple[FormField, ...] = ()
    """What goes in, in its order."""
    template: str | None = None
    """The name of the partnership's own Word file, in which places for it stand; None where it has our layout."""


class Theme(NamedTuple):
    """Something disagreements are about, as the document counts them off."""

    key: str
    """The short name people type."""
    name: str
    """What the disagreement is about."""
    cite: str
    """Where in the document it is written."""


class Reminder(NamedTuple):
    """Something to keep in mind at every stage; no deadline hangs on it."""

    text: str
    """What to keep in mind, in a sentence."""
    when: Condition | None
    """In which cases; None in all."""
    cite: str
    """Where in the document it is written."""


class Example(NamedTuple):
    """A case that the author of a file worked out by hand, for `protocol check` to play; see authoring.examples."""

    name: str
    """What it shows."""
    opened: str
    """When the case is raised, in London: `23 Dec 2026 10:00`."""
    concern: str | None
    """When the concern arose; None where it is not given."""
    route: str | None
    """The route it takes; None for the usual one."""
    stage: str | None
    """The stage it begins at; None for the first."""
    facts: tuple[str, ...]
    """The answers given when it is opened: `looked-after=yes`."""
    goes: tuple[str, ...]
    """What is recorded then, in order: `24 Dec 2026 12:00 done talk`."""
    due: Mapping[str, str]
    """When something is due in the end, by its action, with the stage before it where that is needed: `2 settle`."""
    cite: str | None
    """Where in the document its dates follow from."""


class Edition(NamedTuple):
    """One dated version: dates as the document gives them, year first, to the day, the month or the year."""

    dated: str
    """UNDATED where the document has no date."""
    agreed: str | None = None
    """When it was agreed; None where the document does not say."""
    review: str | None = None
    """When it is to be reviewed."""
    in_force: str | None = None
    """From when on new cases come under it, if not from its date."""

    @property
    def begins(self) -> str:
        """From when on new cases come under it; empty for a document without a date, which comes before all others."""
        return self.in_force or ("" if self.dated == UNDATED else self.dated)
