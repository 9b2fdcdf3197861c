"""Time limits and calendars of a protocol in words."""

from escalate.domain.protocol.anchors import ANCHORS, Anchor, AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Timescale
from escalate.domain.worktime.allowance import Unit
from escalate.domain.worktime.local_calendar import CalendarChoice
from escalate.errors import listed
from escalate.wording import how_many

_GOES_ON = {"stage": "its stage is left", "case": "the case is closed"}
"""When a window goes on, by what the file says it outlives."""


def window_in_words(action: Action) -> str:
    """`a time to go to stage 2, which goes on after its stage is left`: what a window is for, and whether it goes on."""
    where = f"to {listed([f'stage {name}' for name in action.leads_to], 'or')}" if action.leads_to else "up in"
    goes_on = f", which goes on after {_GOES_ON[action.outlives]}" if action.outlives else ""
    return f"a time to go {where}{goes_on}"


def in_words(timescale: Timescale, protocol: Protocol) -> str:
    """`within 24 to 48 hours from entry to the stage`."""
    anchor = _anchor(timescale.anchor, protocol)
    within = f"within {timescale.within} from"
    if timescale.within.unit is Unit.IMMEDIATELY:
        within = f"by {timescale.within.by} on the day of" if timescale.within.by else "on the day of"
    if timescale.backward:
        within = f"at least {timescale.within} before"
    if timescale.repeats:
        within = f"every {timescale.within}, first from"
    parts = [
        f"target {timescale.target}" if timescale.target else "",
        f"failing that from {_anchor(timescale.failing_that, protocol)}" if timescale.failing_that else "",
        f"extendable to {timescale.extendable_to}" if timescale.extendable_to else "",
        f"stopped while {timescale.stops_while.text}" if timescale.stops_while else "",
        f"when {timescale.when.text}" if timescale.when else "",
    ]
    return ", ".join([f"{within} {anchor}", *(part for part in parts if part)])


def _anchor(anchor: Anchor, protocol: Protocol) -> str:
    """What a time counts from: `entry to the stage`, `"discussion" being done`, or the key of a dated event."""
    if anchor.kind is AnchorKind.STAGE_ENTRY:
        return f"entry to stage {anchor.key}"
    if anchor.kind is AnchorKind.OVERDUE:
        return f'the time for "{anchor.key}" having run out'
    if anchor.kind is AnchorKind.ACTION:
        return f'"{anchor.key}"' if protocol.dated_event(anchor.key) else f'"{anchor.key}" being done'
    return ANCHORS[anchor.kind]


def calendar_lines(protocol: Protocol) -> list[str]:
    """Every calendar a protocol counts on, the usual one first, with what is different from the nation's."""
    usual = [protocol.calendar.name] if protocol.calendar.is_a_nations and not protocol.calendar.key else []
    return [*usual, *(line.removeprefix("usual: ") for line in own_calendars(protocol))]


def own_calendars(protocol: Protocol) -> list[str]:
    """The calendars a protocol makes itself, each with what is different from the nation's; the usual one first."""
    return [
        f"{choice.key or 'usual'}: {_in_words(choice)}"
        for choice in (protocol.calendar, *protocol.calendars)
        if choice.key or not choice.is_a_nations
    ]


def _in_words(choice: CalendarChoice) -> str:
    hours = [f"{opens:%H:%M} to {closes:%H:%M}" for opens, closes in ([choice.hours] if choice.hours else [])]
    hours += [f"{day} {opens:%H:%M} to {closes:%H:%M}" for day, (opens, closes) in choice.hours_on.items()]
    parts = [
        choice.name,
        f"working days {', '.join(choice.week)}" if choice.week else "",
        "" if choice.bank_holidays else "bank holidays count as working days",
        f"hours {'; '.join(hours)}" if hours else "",
        how_many(len(choice.closures), "closure") if choice.closures else "",
        f"term time only, to {max(term.last for term in choice.terms)}" if choice.terms else "",
    ]
    return ", ".join(part for part in parts if part)
