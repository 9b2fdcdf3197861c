"""The shape of a protocol file, and a protocol read from the plain tree of one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from escalate.domain.protocol.anchors import KEY, Anchor, AnchorKind, parse_anchor
from escalate.domain.protocol.calendar_shape import BESIDE, USUAL
from escalate.domain.protocol.conditions import parse_condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import (
    BEGINS,
    OUTLIVES,
    RESOLVE,
    SIDES,
    UNDATED,
    Action,
    Contact,
    DatedEvent,
    Edition,
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
from escalate.domain.protocol.shape import (
    REQUIRED,
    Choice,
    Field,
    ListOf,
    Parsed,
    Problem,
    Problems,
    Shape,
    Table,
    Text,
    YesNo,
)
from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.read_allowance import parse_protocol_allowance
from escalate.errors import listed

ID = r"[a-z0-9][a-z0-9-]*"
"""What the id of a protocol looks like."""

# -- what a field may hold

_key = Text(KEY, "letters, digits and hyphens, without spaces")
_stage_name = Text(rf"({KEY}:)?{KEY}", 'the key of a stage such as "4", or of one on another route such as "main:1"')
_DATED = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?"
_dated = Text(rf"{_DATED}|{UNDATED}", 'a date with the year first, such as "2025-06" or "2025-06-30", or "undated"')
_year_first = Text(_DATED, 'a date with the year first, such as "2025-06" or "2025-06-30"')
_text = Text()
_yes_no = YesNo()
_condition = Parsed(parse_condition, None)
_anchor = Parsed(parse_anchor, Anchor(AnchorKind.STAGE))
_AT_ONCE = Allowance(0, Unit.IMMEDIATELY)
_allowance = Parsed(parse_protocol_allowance, _AT_ONCE)

# -- fields of several shapes

_typed = Field("key", _key, "the short name people type")
_asked = Field("ask", _text, "the question that is asked")
_when = Field("when", _condition, "in which cases it applies", None)
_cite = Field("cite", _text, "where in the document it is written")
_cite_optional = _cite._replace(default=None)
_reading = Field("reading", _text, "how an ambiguous phrase was read", None)


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
        anchor=from_ or before or Anchor(AnchorKind.STAGE),
        written_as="every" if every else "at_least" if at_least else "within",
        backward=before is not None,
        **others,
    )


def _other_reading(
    within: Allowance | None,
    at_least: Allowance | None,
    every: Allowance | None,
    from_: Anchor | None,
    before: Anchor | None,
    **others: Any,
) -> OtherReading:
    return OtherReading(
        within=within or at_least or every,
        anchor=from_ or before,
        written_as="within" if within else "at_least" if at_least else "every" if every else None,
        backward=before is not None if from_ or before else None,
        **others,
    )


# fmt: off
OTHER_READING = Shape(_other_reading, (
    Field("within", _allowance, 'how long is allowed by that reading, such as "48 hours"', None),
    Field("at_least", _allowance, "the same of a time that says at_least", None),
    Field("every", _allowance, "the same of a time that says every", None),
    Field("from", _anchor, "what the time counts from by that reading", None, attribute="from_"),
    Field("before", _anchor, "the same of a time that says before", None),
    Field("failing_that", _anchor, "what to count from until that has happened", None),
    Field("read_by", _text, 'who might read it so, such as "agencies that are open at weekends"'),
    _reading._replace(says="how they read it, and why", default=REQUIRED),
))

TIMESCALE = Shape(_timescale, (
    Field("within", _allowance, 'how long is allowed, such as "5 working days"', None),
    Field("at_least", _allowance, 'how long before a moment to come, such as "5 working days"', None),
    Field("every", _allowance, 'how often it has to be done, such as "6 weeks"', None),
    Field("from", _anchor, 'what the time counts from, such as "stage" or "concern"', None, attribute="from_"),
    Field("before", _anchor, "the moment that at_least counts back from", None),
    Field("failing_that", _anchor, "what to count from until that has happened", None),
    Field("target", _allowance, "a threshold before the limit, in a unit of its own", None),
    Field("extendable_to", _allowance, "the most that can be agreed before the time runs out, from the same moment", None),
    Field("extendable", _yes_no, "whether a later date can be agreed before the time runs out, where no most is named", False),
    Field("extendable_when", _condition, "in which cases a later date can be agreed", None),
    Field("stops_while", _condition, "in which case the clock stands still", None),
    _when,
    _cite,
    _reading,
    Field("other_readings", ListOf(OTHER_READING), "other ways to read the phrase, whose dates are told beside ours", ()),
), one_of=(("within", "at_least", "every"), ("from", "before")))

OWNER_WHEN = Shape(OwnerWhen, (
    _when._replace(says="in which cases", default=REQUIRED),
    Field("owner", _text, "who then is responsible"),
))
_owners = Field("owners", ListOf(OWNER_WHEN), "who is responsible in certain cases, the first that applies; otherwise the owner", ())

ACTION = Shape(Action, (
    _typed,
    Field("name", _text, "what has to be done"),
    Field("owner", _text, "who does it, if not the owner of the stage", None),
    _owners,
    _when,
    Field("form", _key, "the form it needs", None),
    Field("contacts", ListOf(_key), "whom to reach", ()),
    Field("ends_stage", _yes_no, "whether this deadline is the stage's own", False),
    Field("if_reached", _stage_name, "after resolution: owed only by a case that reached this stage", None),
    Field("timescales", ListOf(TIMESCALE), "how long it may take", ()),
    Field(BEGINS, _anchor, "what it begins with, where it has no time limit", None),
    Field("whichever", Choice(("earlier", "later")), "which of its timescales counts", "earlier"),
    Field("window", _yes_no, "whether it is a time in which something may be done, such as going up, which only closes", False),
    Field("not_for_going_up", _yes_no, "of a window of a stage: whether only doing it uses it, and not going up", False),
    Field("leads_to", ListOf(_stage_name), "of a window: the stages it is the time to go to, if not those that follow on the same route", ()),
    Field("outlives", Choice(OUTLIVES), "of a window: what it goes on after, its stage or the case; it closes with its stage if nothing is said", None),
    Field("side", Choice(SIDES), "whose side has to do it", None),
    Field("once_passed", _text, "what holds once its time has passed", None),
    Field("then_owner", _text, "who has to do with it as well once its time has passed", None),
    _cite_optional,
    _reading,
))

STAGE = Shape(Stage, (
    Field("route", _key, "the route it belongs to", ""),
    Field("key", _key, 'what the stage is called, such as "3"'),
    Field("name", _text, "who meets whom"),
    Field("owner", _text, "who is responsible"),
    _owners,
    Field("counterpart", _text, "whom they meet on the other side", None),
    Field("next", ListOf(_stage_name), "the stages that may follow, or [] when nothing does"),
    Field("actions", ListOf(ACTION), "what has to be done", ()),
    Field("needs", ListOf(_key), "what has to be done before it: it is told where that is not, and nobody is held back", ()),
    Field("not_owner_of", ListOf(_stage_name), "the stages whose owner must be somebody else: it is told where that is not so, and nobody is held back", ()),
    Field("reminders", ListOf(_text), "what to keep in mind", ()),
    _cite,
    _reading,
))

ROUTE = Shape(Route, (
    _typed,
    Field("name", _text, "what the route is called"),
    Field("starts", _key, "the key of its first stage"),
    Field("use", _text, "when to take it", None),
    Field("cap", TIMESCALE, "the limit on the whole of it", None),
    _cite_optional,
))

EDITION = Shape(Edition, (
    Field("dated", _dated, "the date of the document"),
    Field("agreed", _year_first, "when it was agreed", None),
    Field("review", _year_first, "when it is to be reviewed", None),
    Field("in_force", _year_first, "from when on new cases come under it, if not from its date", None),
))

FACT = Shape(Fact, (
    _typed,
    _asked,
    Field("answers", ListOf(_key), "the possible answers", ("yes", "no")),
    Field("unless_said", _key, "the answer it counts as until somebody says otherwise", None),
    _cite_optional,
))

DATED_EVENT = Shape(DatedEvent, (_typed, _asked._replace(says="the question that is asked: when ..."), _cite_optional))

REMINDER = Shape(Reminder, (Field("text", _text, "what to keep in mind"), _when, _cite))

CONTACT = Shape(Contact, (
    Field("key", _key, "the short name actions use"),
    Field("role", _text, "whom one reaches"),
    Field("area", _text, "for which council or agency", None),
    Field("email", _text, "the address of the role", None),
    Field("phone", _text, "the number of the role", None),
    _cite_optional,
))

FORM_FIELD = Shape(FormField, (
    Field("section", _text, "the heading of the section it begins", None),
    Field("heading", _text, "what the form calls it"),
    Field("source", _key, 'what goes there, such as "subject" or "level-current"'),
    Field("hint", _text, "what to mind in filling it in", None),
))

FORM = Shape(Form, (
    Field("key", _key, "the short name actions use"),
    Field("name", _text, "what the form is called"),
    Field("send_to", _text, "where it goes", None),
    _cite,
    Field("fields", ListOf(FORM_FIELD), "what goes in, in its order", ()),
    Field("template", _text, "your own Word file with fields in it, beside this file", None),
))

THEME = Shape(Theme, (_typed, Field("name", _text, "what the disagreement is about"), _cite))

EXAMPLE = Shape(Example, (
    Field("name", _text, "what it shows"),
    Field("opened", _text, 'when the case is raised, such as "23 Dec 2026 10:00"'),
    Field("concern", _text, "when the concern arose", None),
    Field("route", _key, "the route it takes, if not the first", None),
    Field("stage", _key, "the stage it begins at, if not the first", None),
    Field("facts", ListOf(_text), 'what is answered when it is opened, such as "looked-after=yes"', ()),
    Field("goes", ListOf(_text), 'what is recorded then, such as "24 Dec 2026 12:00 done talk"', ()),
    Field("due", Table('when what is due, such as "2 settle" = "29 Dec 2026"'), "when what is due in the end"),
    _cite_optional,
))

PROTOCOL = Shape(Protocol, (
    Field("id", Text(ID, "small letters, digits and hyphens"), "the short name people type"),
    Field("title", _text, "what the document is called"),
    Field("partnership", _text, "whose it is"),
    Field("covers", ListOf(Choice(("children", "adults"), "; where it is about neither, the list is empty: covers = []")), "whom it is about: children, adults or both; [] if it is about neither"),
    Field("source", _text, "which document it was taken from"),
    Field("concern", _text, 'what the document calls what "concern" counts from, such as "the initial concern"', None),
    Field("edition", EDITION, "which version this is"),
    Field("calendar", USUAL, "whose working days count"),
    Field("calendars", ListOf(BESIDE), "other days that are counted, such as school days", ()),
    Field("facts", ListOf(FACT), "what the conditions ask about a case", ()),
    Field("moments", ListOf(DATED_EVENT), "what happens and is dated, to count from", (), attribute="dated_events"),
    Field("routes", ListOf(ROUTE), "the ladders"),
    Field("stages", ListOf(STAGE), "the rungs"),
    Field("after_resolution", ListOf(ACTION), "what is still owed once a case is resolved", ()),
    Field("standing_actions", ListOf(ACTION), "what can fall due at any stage", ()),
    Field("reminders", ListOf(REMINDER), "what to keep in mind at every stage", ()),
    Field("contacts", ListOf(CONTACT), "whom to reach, by role", ()),
    Field("forms", ListOf(FORM), "the forms it asks for", ()),
    Field("themes", ListOf(THEME), "what disagreements are mostly about, to count cases by", ()),
    Field("not_for", ListOf(_text), "what it must not be used for", ()),
    Field("examples", ListOf(EXAMPLE), "cases worked out by hand, which protocol check plays", ()),
))
# fmt: on


def read_protocol(tree: Mapping[str, object]) -> tuple[Protocol, list[Problem]]:
    """Read a protocol from the plain tree of its file, and say every problem in it; trust the protocol only if there is none."""
    from escalate.domain.protocol.check import check  # what a case is under was sound when it was opened

    problems = Problems()
    protocol = _read(tree, problems)
    if not problems.lost_parts:  # otherwise much would be said to be nowhere that stands in a part with a mistyped name
        check(protocol, problems)
    return protocol, problems.found


def read_sound_protocol(tree: Mapping[str, object]) -> Protocol:
    """Read a protocol from the plain tree of a file in which there was no problem when it was checked."""
    return _read(tree, Problems())


def _read(tree: Mapping[str, object], problems: Problems) -> Protocol:
    read: Protocol = PROTOCOL.read(dict(tree), "", problems)
    return _completed(read)


def _completed(protocol: Protocol) -> Protocol:
    """The protocol with what its file may leave out: the route of a stage if there is only one, and the action that ends a stage."""
    default = protocol.routes[0].key if protocol.routes else ""
    return replace(
        protocol,
        stages=tuple(
            stage._replace(route=stage.route or default, actions=_with_closing(stage)) for stage in protocol.stages
        ),
    )


def _with_closing(stage: Stage) -> tuple[Action, ...]:
    if any(action.ends_stage for action in stage.actions):
        return stage.actions
    following = listed([f"stage {name.rpartition(':')[2]}" for name in stage.next], "or")
    name = f"Resolve, or go up to {following}" if following else "Resolve"
    return (*stage.actions, Action(RESOLVE, name, ends_stage=True, cite=stage.cite))
