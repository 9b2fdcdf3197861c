"""Time limits and calendars of a protocol in words."""

from collections.abc import Sequence
from itertools import combinations

from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Fact, OwnerWhen, Stage, Timescale
from escalate.domain.worktime.allowance import Unit
from escalate.domain.worktime.local_calendar import CalendarChoice, Span
from escalate.errors import listed
from escalate.output.words import TYPED, Called, nation

_GOES_ON = {"stage": "its stage is left", "case": "the case is closed"}
"""When a window goes on, by what the file says it outlives."""


def stages_in_words(names: Sequence[str], protocol: Protocol, called: Called = TYPED) -> str:
    """`stage 3, or stage 1 of route complaint`; by its name, where nobody types it."""
    said = []
    for name in names:
        route, _, key = name.rpartition(":")
        of = f'"{protocol.route(route).name}"' if route and called.by_name else f"route {route}"
        said.append(f"stage {key} of {of}" if route else f"stage {key}")
    return listed(said, "or")


def window_in_words(action: Action, protocol: Protocol, called: Called = TYPED) -> str:
    """`a time to go to stage 2, which goes on after its stage is left`: what a window is for, and whether it goes on."""
    if action.not_for_going_up or action in protocol.after_resolution:
        goes_on = f", and goes on after {_GOES_ON[action.outlives]}" if action.outlives else ""
        return f"it may be done, and need not be{goes_on}"
    where = f"to {stages_in_words(action.leads_to, protocol, called)}" if action.leads_to else "up in"
    goes_on = f", which goes on after {_GOES_ON[action.outlives]}" if action.outlives else ""
    return f"a time to go {where}{goes_on}"


def owner_in_words(one: OwnerWhen, called: Called = TYPED) -> str:
    """`Adult board, if population is adult`."""
    return f"{one.owner}, if {called.condition(one.when.text)}"


def owners_in_words(thing: Action | Stage, called: Called = TYPED) -> list[str]:
    """Who is responsible in certain cases, and in which."""
    return [owner_in_words(each, called) for each in thing.owners]


def answers_in_words(fact: Fact) -> str:
    """`high / low; low until somebody says otherwise`."""
    unless = f"; {fact.unless_said} until somebody says otherwise" if fact.unless_said else ""
    return f"{' / '.join(fact.answers)}{unless}"


_CLOSES = {None: "its stage is left", "stage": "the case is closed", "case": "it is used"}
"""Until when a window without a time is open, by what the file says it outlives."""


def without_a_limit(action: Action, stage: Stage | None) -> str:
    """What there is instead of a time, for an action without one."""
    if action.window:
        return f"no time limit: open until {_CLOSES[action.outlives if stage else 'case']}"
    duties = [each for each in stage.actions if not (each.ends_stage or each.window)] if stage else []
    if action.ends_stage and any(duty.timescales for duty in duties):
        return "no time limit of its own: the stage has the time of its duties"
    return "no time limit: agree a date"


def which_counts(action: Action, protocol: Protocol) -> str:
    """Which of several times counts; empty where there is one, or none."""
    if len(action.timescales) < 2:
        return ""
    if action.whichever == "earlier" and _exclude_each_other([each.when for each in action.timescales], protocol):
        return "the one that applies, and until that is known the earliest"
    return f"the {action.whichever} of these"


def _exclude_each_other(conditions: Sequence[Condition | None], protocol: Protocol) -> bool:
    """Whether no two of some plain conditions, without "or", can hold at once."""
    from escalate.domain.authoring.satisfiable import can_hold  # few files have such times

    plain = [each for each in conditions if each and len(each.alternatives) == 1]
    return len(plain) == len(conditions) and not any(can_hold(protocol, *pair) for pair in combinations(plain, 2))


def in_words(timescale: Timescale, protocol: Protocol, called: Called = TYPED) -> str:
    """`within 24 to 48 hours of entry to the stage`."""
    figure, rest = figure_in_words(timescale, protocol, called)
    return f"{figure} {rest}"


def figure_in_words(timescale: Timescale, protocol: Protocol, called: Called = TYPED) -> tuple[str, str]:
    """`within 24 to 48 hours` and `of entry to the stage`: how long, and all that is said of it."""
    figure, counts_from = _limit(timescale, _anchor(timescale.anchor, protocol, called))
    other = timescale.failing_that
    parts = [
        counts_from,
        f" (until then: of {_anchor(other, protocol, called)})" if other else "",
        f", aiming at {timescale.target}" if timescale.target else "",
        f"; at most {timescale.extendable_to} if extended for a reason" if timescale.extendable_to else "",
        "; a later date can be agreed for a reason" if timescale.extendable else "",
        f" (only if {called.condition(timescale.extendable_when.text)})" if timescale.extendable_when else "",
        f"; the clock stops while {called.condition(timescale.stops_while.text)}" if timescale.stops_while else "",
        f", if {called.condition(timescale.when.text)}" if timescale.when else "",
    ]
    return figure, "".join(parts)


def others_in_words(timescale: Timescale, protocol: Protocol, called: Called = TYPED) -> list[str]:
    """`within 48 hours of entry to the stage, as read by agencies that are open at weekends`: each other reading."""
    return [
        f"{in_words(timescale.as_read(other), protocol, called)}, as read by {other.read_by}"
        for other in timescale.other_readings
    ]


def beginning_in_words(action: Action, protocol: Protocol, called: Called = TYPED) -> str:
    """`from "reply" being done on; `: what something without a time limit begins with."""
    return f"from {_anchor(action.begins, protocol, called)} on; " if action.begins else ""


def _limit(timescale: Timescale, anchor: str) -> tuple[str, str]:
    """The limit itself, and what it counts from."""
    within = timescale.within
    if within.unit in (Unit.IMMEDIATELY, Unit.SAME_WORKING_DAY):
        day = "same day" if within.unit is Unit.IMMEDIATELY else f"same {within.day_name.removeprefix('same ')}"
        by = f"by {within.by} " if within.by else ""
        known = timescale.anchor.kind is AnchorKind.KNOWN
        return f"{by}the {day}", "it becomes known" if known else f"as {anchor}"
    if timescale.backward:
        return f"at least {within}", f"before {anchor}"
    if timescale.repeats:
        return f"every {within},", f"the first within {within} of {anchor}"
    by = f", by {within.by}" if within.by else ""
    return f"within {within._replace(by=None)}", f"of {anchor}{by}"


def _anchor(anchor: Anchor, protocol: Protocol, called: Called) -> str:
    """What a time counts from, so that it can follow "within 2 days of": `entry to the stage`, `"discussion" being done`."""
    if anchor.kind is AnchorKind.STAGE_ENTRY:
        return f"entry to stage {anchor.key}"
    if anchor.kind is AnchorKind.OVERDUE:
        return f'the time for "{called.action(anchor.key)}" running out'
    if anchor.kind is AnchorKind.ACTION:
        name = called.action(anchor.key)
        return f'"{name}"' if protocol.dated_event(anchor.key) else f'"{name}" being done'
    if anchor.kind is AnchorKind.CONCERN and protocol.concern:
        return protocol.concern
    return _OF[anchor.kind]


_OF = {
    AnchorKind.CONCERN: "the disputed decision, or the concern first arising",
    AnchorKind.RAISED: "the raising of the case",
    AnchorKind.STAGE: "entry to the stage",
    AnchorKind.KNOWN: "it becoming known",
    AnchorKind.RESOLVED: "the resolution",
}
"""What every protocol can count from, as it follows "within 2 days of"."""


def calendar_lines(protocol: Protocol, called: Called = TYPED) -> list[str]:
    """Every calendar a protocol counts on, the usual one first, with what is different from the nation's."""
    usual = (
        [_nation(protocol.calendar.name, called)]
        if protocol.calendar.is_a_nations and not protocol.calendar.key
        else []
    )
    return [*usual, *(line.removeprefix("usual: ") for line in own_calendars(protocol, called))]


def own_calendars(protocol: Protocol, called: Called = TYPED) -> list[str]:
    """The calendars a protocol makes itself, each with what is different from the nation's; the usual one first."""
    return [
        f"{called.key(choice.key) or 'usual'}: {_in_words(choice, called)}"
        for choice in (protocol.calendar, *protocol.calendars)
        if choice.key or not choice.is_a_nations
    ]


def _in_words(choice: CalendarChoice, called: Called) -> str:
    hours = [f"{opens:%H:%M} to {closes:%H:%M}" for opens, closes in ([choice.hours] if choice.hours else [])]
    hours += [f"{day.capitalize()} {opens:%H:%M} to {closes:%H:%M}" for day, (opens, closes) in choice.hours_on.items()]
    parts = [
        _nation(choice.name, called),
        f"with the bank holidays of {listed([_nation(name, called) for name in choice.also], 'and')} as well"
        if choice.also
        else "",
        f"working days {', '.join(day.capitalize() for day in choice.week)}" if choice.week else "",
        "" if choice.bank_holidays else "bank holidays count as working days",
        f"hours {'; '.join(hours)}" if hours else "",
        f"closed {listed([_named(span) for span in choice.closures], 'and')}" if choice.closures else "",
        f"term time only: {listed([_named(span) for span in choice.terms], 'and')}" if choice.terms else "",
    ]
    return ", ".join(part for part in parts if part)


def _nation(name: str, called: Called) -> str:
    """`England and Wales (england-and-wales)`: as people say it, and as it is typed where it is."""
    return nation(name) if called.by_name else f"{nation(name)} ({name})"


def days_in_words(span: Span) -> str:
    """`24 December 2026 to 1 January 2027`, and whether they come back."""
    days = [f"{day.day} {day:%B %Y}" for day in dict.fromkeys((span.first, span.last))]
    again = " and the same days of every year that follows" if span.every_year else ""
    until = f", as far as {span.until.day} {span.until:%B %Y}" if span.until else ""
    return f"{' to '.join(days)}{again}{until}"


def _named(span: Span) -> str:
    """`24 December 2026 to 1 January 2027 (council closed)`."""
    return f"{days_in_words(span)} ({span.name})"
