"""The limits on an action: its own timescales, the cap on the whole process and an agreed date, and which of them decides."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.model import Agreed
from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.known import Since
from escalate.domain.deadlines.model import Limit
from escalate.domain.deadlines.overdue import counted_on
from escalate.domain.deadlines.since import counted_since, may_still_be_in_time
from escalate.domain.protocol.anchors import AGREED, Anchor, AnchorKind
from escalate.domain.protocol.parts import Timescale
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import NEVER, london_date
from escalate.domain.worktime.counting import counted_back, runs_out
from escalate.domain.worktime.due import Due, Stop


class Limits(NamedTuple):
    """The limits on an action, weighed against each other (C7)."""

    counting: Sequence[Limit]
    """Those that count, the one that decides first."""
    not_counting: Sequence[Limit]
    """The others, where the later of an action's own timescales counts."""

    @property
    def decides(self) -> Limit | None:
        """The limit that decides; None where there is none at all."""
        return self.counting[0] if self.counting else None

    @property
    def unanswered(self) -> list[str]:
        """The questions that would settle which limit decides: of those that may apply and come before all that do (C14)."""
        open_still = [each for each in self.counting if each.unanswered]
        if not open_still:
            return []
        certain = next((each for each in self.counting if each.due and not each.unanswered), None)
        if certain and certain.due:
            open_still = [each for each in open_still if each.due and each.due.at < certain.due.at]
        return list(dict.fromkeys(fact for each in open_still for fact in each.unanswered))


Applying = Sequence[tuple[Timescale | None, Limit]]
"""The limits that apply to a call or may, each with the timescale it is of; None for an agreed date."""


def limits_on(call: Call, agreed: Agreed | None) -> Limits:
    """Every limit on an action that applies, or may apply as long as a question is open (C14). Raises BeyondCalendar."""
    return weighed(call, [limit for _, limit in applying(call, agreed)])


def applying(call: Call, agreed: Agreed | None) -> Applying:
    """Every timescale of an action that applies or may apply, the cap on the whole process, and the date that was agreed. Raises BeyondCalendar."""
    found: list[tuple[Timescale | None, Limit]] = [
        (timescale, limit_of(call, timescale))
        for timescale in call.action.timescales
        if timescale.when is None or call.value(timescale.when) is not False
    ]
    cap = call.workings.protocol.route(call.stay.route).cap if call.action.ends_stage else None
    if cap and (cap.when is None or call.value(cap.when) is not False):
        found.append((cap, limit_of(call, cap, is_cap=True)))
    if agreed:
        due = _agreed_end(agreed, call.workings.calendar)
        cite = "Agreed between the two sides"
        at, entry = agreed.at, agreed.entry
        found.append((None, Limit(None, AGREED, at, entry, due, None, due.provisional, cite, answers=call.answers)))
    return found


def weighed(call: Call, limits: Sequence[Limit]) -> Limits:
    """The earliest limit decides (C7); of an action's own timescales the later, where the protocol says so."""
    if len(limits) < 2:
        return Limits(limits, [])
    own = [each for each in limits if each.within and not each.is_cap]
    if call.action.whichever == "earlier" or len(own) < 2:
        return Limits(sorted(limits, key=_earliest_first), [])
    last = _last_of(own)
    # The later of two cannot be told before both have begun: until then it is no earlier than the one that has.
    is_settled = all(each.due and not each.unanswered for each in own)
    winner = last._replace(provisional=last.provisional or not is_settled)
    not_counting = [each for each in own if each is not last]
    return Limits(sorted([winner, *[each for each in limits if each not in own]], key=_earliest_first), not_counting)


def _last_of(own: Sequence[Limit]) -> Limit:
    """The latest of an action's own limits that are sure to apply; where none is, the earliest that it may come to (C14)."""
    dated = [each for each in own if each.due]
    certain = [each for each in dated if not each.unanswered]
    if certain:
        return max(certain, key=_earliest_first)
    return min(dated, key=_earliest_first) if dated else own[0]


def limit_of(call: Call, timescale: Timescale, *, is_cap: bool = False, falls_back: bool = True) -> Limit:
    """A timescale as it falls for a call; with `falls_back` it counts from what it may fall back on (C10). Raises BeyondCalendar."""
    anchor, since, may_change = _counted_from(call, timescale, falls_back=falls_back)
    hangs_on_another = since is not None and anchor.kind is AnchorKind.OVERDUE
    stops = _stops(call, timescale) if timescale.stops_while else []
    due = target = extended = None
    extendable = timescale.can_be_extended
    if since:
        due = _runs_out(timescale, timescale.within, since.at, call.workings.calendar, stops)
        if aims_at := timescale.aims_at:
            target = _runs_out(timescale, aims_at, since.at, call.workings.calendar, stops)
        if extendable:
            extended = _extension(call, timescale, since.at, due, stops)
    if extended:
        due = _agreed_end(extended, call.workings.calendar)
    when = timescale.when
    # In the order of the fields: with their names, making it took a tenth of the whole work.
    return Limit(
        timescale.within, anchor, since.at if since else None, since.entry if since else None,
        due, target.at if target else None, due is not None and (may_change or due.provisional),
        timescale.cite, timescale.reading, when.text if when else None,
        is_cap, timescale.backward, timescale.repeats,
        _that_bear_on(stops, since) if stops else (),
        extended.until if extended else None, timescale.extendable_to,
        extendable and call.value(timescale.extendable_when) is not False,
        timescale.extendable_when.text if timescale.extendable_when else None,
        tuple(when.unanswered(call.answers)) if when else (), call.answers,
        counted_on(call, anchor.key, call.over) if hangs_on_another else None,
        may_still_be_in_time(call, anchor.key) if hangs_on_another else None,
    )  # fmt: skip


def _that_bear_on(stops: Sequence[Stop], since: Since | None) -> tuple[Stop, ...]:
    """The stops that are not over when time begins to count."""
    return tuple(stop for stop in stops if since is None or stop[1] is None or stop[1] > since.at)


def begun(call: Call) -> Since | None:
    """When something without a time limit begins; None as long as what it waits for has not happened."""
    beginning = call.bearing.counted[0]
    return counted_since(call, beginning, beginning.anchor)


def may_lie_ahead(call: Call, anchor: Anchor) -> bool:
    """Whether an instant that an anchor stands for may lie ahead: the time of an action running out, and a dated event."""
    return anchor.kind is AnchorKind.OVERDUE or call.workings.protocol.dated_event(anchor.key) is not None


def _earliest_first(limit: Limit) -> tuple[bool, datetime]:
    """Sort key: the earliest end first, then what has none."""
    return limit.due is None, limit.due.at if limit.due else NEVER


def _counted_from(call: Call, timescale: Timescale, *, falls_back: bool) -> tuple[Anchor, Since | None, bool]:
    """What a timescale counts from, since when, and whether that may still come out otherwise."""
    anchor = timescale.anchor
    may_change = anchor.kind is AnchorKind.OVERDUE and may_still_be_in_time(call, anchor.key)
    since = counted_since(call, timescale, anchor)
    if since is None and timescale.failing_that and falls_back:
        anchor, may_change = timescale.failing_that, True
        since = counted_since(call, timescale, anchor)
    if since and call.done_before and timescale.repeats and since.at == call.done_before.at:
        anchor = Anchor(AnchorKind.DONE_BEFORE, call.action.key)
    return anchor, since, may_change


def _stops(call: Call, timescale: Timescale) -> list[Stop]:
    """The times during which the clock of a timescale stood still, as far as they bear on a call."""
    if timescale.stops_while is None:
        return []
    stops = call.workings.known.stops(timescale.stops_while)
    over = call.judged_at
    if over is None:
        return stops
    if call.met is None:  # a clock that stood still when the call ended did so for good
        stops = [(begins, ends if ends and ends <= over else None) for begins, ends in stops]
    return [stop for stop in stops if stop[0] < over]


def _runs_out(
    timescale: Timescale, allowance: Allowance, since: datetime, calendar: Calendar, stops: Sequence[Stop]
) -> Due | None:
    """Where the time or the target of a timescale runs out; None while its clock stands still."""
    if timescale.backward:
        return counted_back(since, allowance, calendar)
    return runs_out(since, allowance, calendar, stops)


def _extension(
    call: Call, timescale: Timescale, since: datetime, due: Due | None, stops: Sequence[Stop]
) -> Agreed | None:
    """The last agreement that extends a timescale: for a reason, before its time had run out, no further than allowed, and where it was."""
    most = timescale.extendable_to and runs_out(since, timescale.extendable_to, call.workings.calendar, stops)
    if due is None or (timescale.extendable_to and most is None):
        return None
    when, known = timescale.extendable_when, call.workings.known
    dates = call.workings.agreed(call.occasion, call.action.key) if call.agreed is None else call.agreed
    for each in reversed(dates):
        if call.judged_at is not None and each.at > call.judged_at:
            continue
        in_time = each.at <= due.at < each.until and (most is None or each.until <= most.at)
        if each.reasoned and in_time and (when is None or when.holds(known.answers_at(Since(each.at, each.entry)))):
            return each
    return None


def _agreed_end(agreed: Agreed, calendar: Calendar) -> Due:
    """Where an agreed date ends."""
    on = london_date(agreed.until)
    return Due(on, agreed.until, calendar.is_beyond_published(on))
