"""What can be under a protocol, whatever becomes of a case: answers that agree, figures that compare, the longest way up."""

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from graphlib import TopologicalSorter
from itertools import product

from escalate.domain.deadlines.plan import PlannedStage, plan
from escalate.domain.protocol.conditions import KNOWN, UNKNOWN, Condition, Term
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Route, Timescale
from escalate.domain.worktime.allowance import Allowance, Unit
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london
from escalate.domain.worktime.counting import counted_back, runs_out
from escalate.domain.worktime.local_calendar import CalendarChoice, OwnCalendar
from escalate.errors import BeyondCalendar

A_MONDAY = at_london(date(2026, 6, 1), time(9))
"""When a ladder begins that is compared with another figure: only weekends interrupt it."""

# Two winters: they have the longest spell of days off, and months that differ in length as much as any.
_BEGINNINGS = [date(year, 11, 1) + timedelta(days=n) for year in (2026, 2027) for n in range(121)]
_CLOCKS = (time(0), time(9), time(12, 30), time(23, 59))
_CHRISTMAS = {date(year, 12, 24) + timedelta(days=n): "Christmas" for year in (2026, 2027) for n in range(10)}


def can_hold(protocol: Protocol, *conditions: Condition) -> bool:
    """Whether there are answers that make all of these hold at once."""
    answers = {fact.key: set(fact.answers) for fact in protocol.facts}
    answers |= {event.key: {KNOWN, UNKNOWN} for event in protocol.dated_events}

    def agree(terms: Iterable[Term]) -> bool:
        left = dict(answers)
        for key, answer, so in terms:
            left[key] = left[key] & {answer} if so else left[key] - {answer}
        return all(left.values())

    ways = product(*(condition.alternatives for condition in conditions))
    return any(agree(term for terms in way for term in terms) for way in ways)


def always(
    protocol: Protocol, timescale: Timescale, one: Allowance, compares: Callable[[datetime, datetime], bool]
) -> bool:
    """Whether the end of an allowance always compares like this with the end of a timescale, whenever both begin.

    Nothing is certain between days of different calendars, nor between working hours and any other unit.
    """
    other = timescale.within
    alike = (one.unit, one.days_of) == (other.unit, other.days_of)
    if not alike and (one.days_of or other.days_of or Unit.WORKING_HOUR in (one.unit, other.unit)):
        return False
    calendar = plain_calendar(protocol, _CHRISTMAS)

    def end(start: datetime, allowance: Allowance) -> datetime:
        due = (counted_back if timescale.backward else runs_out)(start, allowance, calendar)
        assert due is not None
        return due.at

    starts = (at_london(day, clock) for day in _BEGINNINGS for clock in _CLOCKS)
    with suppress(BeyondCalendar):
        return all(compares(end(start, one), end(start, other)) for start in starts)
    return False


def plain_calendar(protocol: Protocol, days_off: Mapping[date, str]) -> Calendar:
    """A calendar with the week and the hours of a protocol, and only these days off."""
    first, last = date(1990, 1, 1), date(2100, 12, 31)
    base = Calendar("plain", days_off, first=first, last=last, published_to=last)

    def plain(choice: CalendarChoice) -> CalendarChoice:
        return choice._replace(bank_holidays=True, also=(), closures=(), terms=())

    return OwnCalendar(plain(protocol.calendar), tuple(map(plain, protocol.calendars))).made("plain", lambda _: base)


def longest_way(protocol: Protocol, route: Route) -> list[PlannedStage]:
    """The stages of the longest way up a route, begun at A_MONDAY and without its cap, that never goes back. Raises BeyondCalendar."""
    calendar, before = plain_calendar(protocol, {}), _stages_before(protocol, route)
    chosen: dict[str, str] = {}

    def laid_out() -> dict[str, PlannedStage]:
        """The stages as they fall where each is entered from the one chosen for it, by their keys."""
        stages = [
            each._replace(next=tuple(key for key in chosen if chosen[key] == each.key))
            for each in protocol.ladder(route.key)
            if each.key in before
        ]
        alone = replace(protocol, routes=(route._replace(cap=None),), stages=tuple(stages))
        return {each.stage.key: each for each in plan(alone, calendar, A_MONDAY).stages}

    for key in TopologicalSorter(before).static_order():  # each stage after all that lead to it
        if before[key]:
            so_far = laid_out() if len(before[key]) > 1 else {}
            chosen[key] = max((so_far[each].left_at if each in so_far else A_MONDAY, each) for each in before[key])[1]
    planned = laid_out()
    way = [max(planned, key=lambda key: planned[key].left_at)]
    while way[0] in chosen:
        way.insert(0, chosen[way[0]])
    return [planned[key] for key in way]


def _stages_before(protocol: Protocol, route: Route) -> dict[str, list[str]]:
    """For each stage of a route that a case can come to, the stages of the route that lead there without going back."""
    ladders, first = protocol.ladders, protocol.stage(route.key, route.starts)
    steps = {first.place: 0} | {place: len(way) for place, way in ladders.reachable(first).items()}
    ladder = [stage for stage in protocol.ladder(route.key) if stage.place in steps]
    before: dict[str, list[str]] = {stage.key: [] for stage in ladder}
    for stage in ladder:
        for after in ladders.following(stage):
            goes_back = ladders.leads_to(after, stage) and steps[after.place] <= steps[stage.place]
            if after.route == route.key and not goes_back:
                before[after.key].append(stage.key)
    return before


def last_day(said: str) -> date | None:
    """The last day of a year, a month or a day, such as "2026-06"; None where there is no such day."""
    with suppress(ValueError):
        year, *rest = map(int, said.split("-"))
        month = rest[0] if rest else 12
        return date(year, month, rest[1] if rest[1:] else monthrange(year, month)[1])
    return None
