"""Phrases known to be read in two ways, where a file does not say how it reads them, each with a start from which the readings part.

They are worth a second look, and nothing more: a `reading` says that somebody has had it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from escalate.domain.authoring.review import ReviewFinding
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Timescale
from escalate.domain.protocol.placed import all_actions
from escalate.domain.worktime.allowance import Allowance, Reckoning, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, london_date, spoken, spoken_day
from escalate.domain.worktime.counting import runs_out
from escalate.errors import BeyondCalendar
from escalate.wording import how_many

_LOOKED_AHEAD = 400
"""So many days are tried to find one from which two readings part: a year has every bank holiday."""

_A_DAY = timedelta(days=1)
_FEW_WEEKS = range(1, 3)
"""So many weeks are taken for working days; nobody counts more of them so."""
_A_MONTH = range(21, 24)
"""So many working days may be meant for a month."""


class _Doubt(NamedTuple):
    """A phrase that can be read in two ways."""

    place: str
    """Where the first of them stands, as `stages[2].actions[0].timescales[0]`."""
    phrase: str
    """What the file says."""
    other: str
    """What may be meant as well."""
    parting: str
    """From when the two part, and when each ends."""


def doubtful(protocol: Protocol, tree: Mapping[str, Any], calendar: Calendar, today: date) -> list[ReviewFinding]:
    """Phrases that can be read in two ways and have no reading, each kind once; `tree` has the words of the file."""
    found: dict[tuple[str, str], list[_Doubt]] = {}
    for place, timescale in _without_reading(protocol):
        for doubt in _doubts(protocol, place, timescale, tree, calendar, today):
            found.setdefault((doubt.phrase, doubt.other), []).append(doubt)
    return [ReviewFinding(doubts[0].place, _sentence(doubts), wrong=False) for doubts in found.values()]


def _sentence(doubts: list[_Doubt]) -> str:
    first, more = doubts[0], len(doubts) - 1
    beside = f" (here and in {how_many(more, 'other place')})" if more else ""
    said = f"{first.phrase}{beside} can also be read as {first.other}: {first.parting}"
    return f"{said}; say how you read it with reading, and how else it may be read under other_readings"


def _without_reading(protocol: Protocol) -> Iterator[tuple[str, Timescale]]:
    """Every timescale whose reading is not given, with its place."""
    for place, action, _ in all_actions(protocol):
        for n, timescale in enumerate(action.timescales):
            if not (timescale.reading or timescale.other_readings or action.reading):
                yield f"{place}.timescales[{n}]", timescale
    for i, route in enumerate(protocol.routes):
        if route.cap and not (route.cap.reading or route.cap.other_readings):
            yield f"routes[{i}].cap", route.cap


def _doubts(
    protocol: Protocol, place: str, timescale: Timescale, tree: Mapping[str, Any], calendar: Calendar, today: date
) -> Iterator[_Doubt]:
    """How else the length and the beginning of a time may be read."""
    if timescale.backward:
        return
    within = timescale.within._replace(target=None)
    written = _written(tree, f"{place}.{timescale.written_as}")
    plain = timescale.repeats or "calendar" in written.casefold()
    other = None if plain else _other_length(within)
    if other and (parting := _parting(within, other, calendar, today)):
        yield _Doubt(f"{place}.{timescale.written_as}", f'"{timescale.within}"', f'"{other}"', parting)
    anchor = _other_beginning(protocol, timescale)
    if anchor and (parting := _apart(within, timescale.anchor.kind, calendar, today)):
        yield _Doubt(f"{place}.from", f'from "{timescale.anchor}"', f'from "{anchor}"', parting)


def _other_length(within: Allowance) -> Allowance | None:
    """What else an allowance may mean; None where nobody is known to read it otherwise."""
    limit, unit = within.limit, within.unit
    if within.days_of or within.by or within.reckoning is not Reckoning.USUAL:
        return None
    if unit is Unit.HOUR and limit >= 48 and limit % 24 == 0:
        return Allowance(limit // 24, Unit.WORKING_DAY)
    if unit is Unit.DAY:
        return Allowance(limit, Unit.WORKING_DAY)
    if unit is Unit.WEEK and limit in _FEW_WEEKS:
        return Allowance(5 * limit, Unit.WORKING_DAY)
    if unit is Unit.MONTH and limit == 1:
        return Allowance(22, Unit.WORKING_DAY)
    if unit is Unit.WORKING_DAY and limit in _A_MONTH:
        return Allowance(1, Unit.MONTH)
    return None


def _other_beginning(protocol: Protocol, timescale: Timescale) -> AnchorKind | None:
    """What else a time may count from: of the concern and the raising the other, where the file does not tell them apart."""
    kind = timescale.anchor.kind
    if protocol.concern or timescale.failing_that:
        return None
    if kind is AnchorKind.CONCERN:
        return AnchorKind.RAISED
    counted = [each.anchor.kind for action in protocol.actions for each in action.timescales]
    return AnchorKind.CONCERN if kind is AnchorKind.RAISED and AnchorKind.CONCERN in counted else None


def _parting(one: Allowance, other: Allowance, calendar: Calendar, today: date) -> str:
    """The first working day from which two allowances end on different days; empty where there is none."""
    for n in range(_LOOKED_AHEAD):
        day = today + n * _A_DAY
        if calendar.why_not(day):
            continue
        start = at_london(day, time(16))
        ends = _end(start, one, calendar), _end(start, other, calendar)
        if ends[0] and ends[1] and ends[0] != ends[1]:
            return f"from {spoken(start)} the one ends on {spoken_day(ends[0])}, the other on {spoken_day(ends[1])}"
    return ""


def _apart(within: Allowance, counted: AnchorKind, calendar: Calendar, today: date) -> str:
    """Where a time ends that counts from a concern on a Friday, and where if it counts from its being raised on the Tuesday after."""
    friday = today + (4 - today.weekday()) % 7 * _A_DAY
    concern, raised = at_london(friday, time(16)), at_london(friday + 4 * _A_DAY, time(10))
    starts = (concern, raised) if counted is AnchorKind.CONCERN else (raised, concern)
    ends = [_end(start, within, calendar) for start in starts]
    if not ends[0] or not ends[1] or ends[0] == ends[1]:
        return ""
    said = f"of a concern on {spoken(concern)}, raised on {spoken(raised)}"
    return f"{said}, the one ends on {spoken_day(ends[0])}, the other on {spoken_day(ends[1])}"


def _end(start: datetime, allowance: Allowance, calendar: Calendar) -> date | None:
    """The last day of an allowance; None beyond the calendar."""
    with suppress(BeyondCalendar):
        due = runs_out(start, allowance, calendar)
        return london_date(due.at) if due else None
    return None


def _written(tree: Mapping[str, Any], place: str) -> str:
    """What the file says at a place; empty where that cannot be found."""
    here: Any = tree
    for name, number in re.findall(r"(\w+)(?:\[(\d+)\])?", place):
        here = here.get(name) if isinstance(here, Mapping) else None
        if number and isinstance(here, list):
            here = here[int(number)] if int(number) < len(here) else None
    return here if isinstance(here, str) else ""
