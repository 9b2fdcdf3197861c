"""When a call is due: its timescales, the cap and what was agreed, the earliest of those that apply or may apply (C7, C10, C14, C21).

Where the contract is silent: a clock stands still only while that is certain, and from when it was said, for good
where it stood still when the call ended otherwise than by being done; and a date that counts from
another action's time running out stays provisional as long as that may still turn out to have been done in time.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from typing import Protocol as Shape

from tests.model.calendar import Stop, act_by, counted_back, runs_out
from tests.model.calls import Call, became_known
from tests.model.history import Agreed, Case, Place
from tests.model.protocol import Condition, Facts, Stage, Timescale

GONE, UNDATED, WAITING, ASKED = "gone", "undated", "waiting", "asked"
"""What comes of a call instead of a date."""


class Overdue(NamedTuple):
    """What is known of another action whose running out something counts from."""

    due: datetime | None
    in_time: bool
    """It was done in time, or ended before its time ran out."""
    may_change: bool


class Looked(Shape):
    """What a limit asks about other actions of the case."""

    def overdue(self, call: Call, key: str, by: Place) -> Overdue | None: ...


class Limit(NamedTuple):
    due: datetime | None
    since: datetime | None
    target: datetime | None
    provisional: bool
    own: bool
    """It is one of the action's own timescales."""
    agreed: bool = False
    backward: bool = False
    asked: bool = False
    """It counts from an answer that nobody has given."""
    runs_from: datetime | None = None


class Dates(NamedTuple):
    """When a call is due, as was known by some place in the order of things."""

    due: datetime | None = None
    target: datetime | None = None
    act_by: datetime | None = None
    provisional: bool = False
    waiting: bool = False
    agreed: datetime | None = None
    limit: datetime | None = None
    unanswered: tuple[str, ...] = ()
    runs_from: datetime | None = None
    asked: bool = False
    """It has no date because it counts from an answer that nobody has given."""
    by_agreement: Agreed | None = None
    """The agreement that decides, where one does."""


class Judged(NamedTuple):
    """A call, and by what it is judged."""

    case: Case
    call: Call
    by: Place
    """What comes after this counts for nothing."""
    closed: frozenset[date]
    look: Looked
    without_agreed: bool = False
    """What was agreed is left out."""
    reader: str = ""
    """Whose readings are taken; ours where nobody is named."""


def dates(judged: Judged) -> Dates:
    """C14: the earliest date of all answers that may yet be given; provisional where another would come to something else."""
    case, call, by = judged.case, judged.call, judged.by
    action = call.action
    facts = case.facts(by)
    kept = call.met is not None and action.when is not None and action.when.value(facts) is False
    own = None if kept else action.when  # what was done though nothing called for it any more asks nothing
    conditions = [each for each in (own, *(each.when for each in _timescales(judged))) if each]
    asked: frozenset[str] = frozenset().union(*(each.asked for each in conditions)) if conditions else frozenset()
    outcomes: list[tuple[dict[str, str], Dates | str]] = []
    for answers in case.protocol.assignments(facts, asked):
        supposed = {**facts, **answers}
        gone = action.when is not None and action.when.value(supposed) is False and not kept
        outcomes.append((answers, GONE if gone else _worked_out(judged, facts, supposed)))
    dated = [each for _, each in outcomes if isinstance(each, Dates) and each.due]
    others = [each for _, each in outcomes if isinstance(each, Dates) and not each.due]
    unanswered = _that_matter(outcomes)
    best = min(dated or others, key=lambda each: each.due or datetime.max, default=Dates())
    limits = [each.limit for _, each in outcomes if isinstance(each, Dates) and each.limit]
    if best.limit and limits:
        best = best._replace(limit=min(limits))
    if unanswered and not best.due:
        best = best._replace(waiting=all(isinstance(each, Dates) and each.waiting for _, each in outcomes))
    return best._replace(
        provisional=best.provisional or (bool(unanswered) and best.due is not None), unanswered=unanswered
    )


def other_date(judged: Judged, due: datetime | None) -> datetime | None:
    """The earliest date by another reading that is not this one: of each reader by all that they read otherwise, once one of it runs."""
    facts = judged.case.facts(judged.by)
    may = [each for each in _timescales(judged) if each.when is None or each.when.value(facts) is not False]
    readers = {other.read_by for each in may for other in each.others}
    found = []
    for reader in readers:
        theirs = judged._replace(reader=reader)
        mine = [each for each in may if reader in {other.read_by for other in each.others}]
        if any(limit_of(theirs, each, facts).due for each in mine):
            found.append(dates(theirs).due)
    return min((each for each in found if each and each != due), default=None)


def _that_matter(outcomes: list[tuple[dict[str, str], "Dates | str"]]) -> tuple[str, ...]:
    """The open questions whose answer makes a difference, whatever the others come to."""
    found = []
    for fact in outcomes[0][0] if outcomes else ():
        groups: dict[tuple[str, ...], set[object]] = {}
        for answers, outcome in outcomes:
            rest = tuple(answer for key, answer in answers.items() if key != fact)
            groups.setdefault(rest, set()).add(_told(outcome, answers))
        if any(len(group) > 1 for group in groups.values()):
            found.append(fact)
    return tuple(sorted(found))


def _told(outcome: "Dates | str", answers: Facts) -> object:
    """What an outcome is told from others by: what counts from an answer that nobody has given hangs on what that will be."""
    if isinstance(outcome, str):
        return outcome
    if outcome.due is None and outcome.asked:
        return ASKED, *sorted(answers.items())
    return outcome.due or (WAITING if outcome.waiting else UNDATED)


def _timescales(judged: Judged) -> list[Timescale]:
    cap = _cap(judged)
    return [*judged.call.action.timescales, *([cap] if cap else [])]


def _cap(judged: Judged) -> Timescale | None:
    call, case = judged.call, judged.case
    return (
        case.protocol.caps.get(case.stays[call.occasion - 1].stage[0])
        if call.action.ends_stage and call.occasion > 0
        else None
    )


def _worked_out(judged: Judged, facts: Facts, supposed: Facts) -> Dates:
    """C7: the dates if the open questions were answered so."""
    own = [
        limit_of(judged, each, facts)
        for each in judged.call.action.timescales
        if each.when is None or each.when.value(supposed) is True
    ]
    cap = _cap(judged)
    caps = (
        [limit_of(judged, cap, facts, own=False)]
        if cap and (cap.when is None or cap.when.value(supposed) is True)
        else []
    )
    agreement = agreed_last(judged)
    agreed = [Limit(agreement.until, agreement.at, None, False, own=False, agreed=True)] if agreement else []
    if judged.call.action.later and len(own) > 1:
        dated = [each for each in own if each.due]
        last = max(dated, key=lambda each: each.due) if dated else own[0]  # type: ignore[arg-type,return-value]
        own = [last._replace(provisional=last.provisional or len(dated) < len(own))]
    counting = [*own, *caps, *agreed]
    due = [each for each in counting if each.due]
    if not due:
        if judged.call.action.begins and not counting:
            anchor = judged.call.action.begins
            begins, _, _ = _counted_from(judged, None, anchor)
            lies_ahead = anchor.endswith(" overdue") or anchor in judged.case.protocol.moments
            return Dates(waiting=begins is None, runs_from=begins if lies_ahead else None)
        waiting = any(not each.asked for each in counting)
        asked = bool(counting) and not waiting
        return Dates(waiting=waiting, asked=asked, agreed=agreement.until if agreement else None)
    decides = min(due, key=lambda each: (each.due, each.agreed))
    assert decides.due
    targets = [each.target for each in counting if each.target and each.target < decides.due]
    limits = [each.due for each in counting if each.due and not each.agreed]
    return Dates(
        due=decides.due,
        target=min(targets, default=None),
        act_by=act_by(None if decides.backward else decides.since, decides.due, judged.closed),
        provisional=decides.provisional,
        agreed=agreement.until if agreement else None,
        limit=min(limits, default=None) if decides.agreed else None,
        runs_from=decides.runs_from if all(each.runs_from for each in due) else None,
        by_agreement=agreement if decides.agreed else None,
    )


def agreed_last(judged: Judged) -> Agreed | None:
    """Of several agreements the one agreed last, not recorded last (C16), as far as it was agreed by then (C20)."""
    if judged.without_agreed:
        return None
    return max(
        (each for each in judged.call.agreed if each.place <= judged.by), key=lambda each: each.place, default=None
    )


# -- a timescale


def limit_of(judged: Judged, timescale: Timescale, facts: Facts, *, own: bool = True, falls_back: bool = True) -> Limit:
    timescale = timescale.as_read_by(judged.reader)
    since, may_change, runs_from = _counted_from(judged, timescale, timescale.anchor)
    asked = timescale.anchor == "known" and since is None
    if since is None and timescale.failing_that and falls_back:
        since, _, runs_from = _counted_from(judged, timescale, timescale.failing_that)
        may_change, asked = True, False
    if since is None:
        return Limit(None, None, None, False, own, asked=asked)
    n, unit, _ = timescale.allowance
    if timescale.backward:
        due: datetime | None = counted_back(since, n, unit, judged.closed)
    else:
        due = runs_out(since, n, unit, judged.closed, stops(judged, timescale.stops_while))
    if due and timescale.extendable and (longer := _extended(judged, timescale, since, due)):
        due = longer
    target = None
    if timescale.target:
        target = runs_out(
            since, timescale.target.n, timescale.target.unit, judged.closed, stops(judged, timescale.stops_while)
        )
    return Limit(
        due, since, target, due is not None and may_change, own, backward=timescale.backward, runs_from=runs_from
    )


def _extended(judged: Judged, timescale: Timescale, since: datetime, due: datetime) -> datetime | None:
    """Until when more time was agreed: for a reason, before the time had run out, no further than the most, and where it can be."""
    most = None
    if timescale.extendable_to:
        n, unit, _ = timescale.extendable_to
        most = runs_out(since, n, unit, judged.closed, stops(judged, timescale.stops_while))
        if most is None:
            return None
    for each in sorted(judged.call.agreed, key=lambda each: each.place, reverse=True):
        in_time = each.place <= judged.by and each.at <= due < each.until and (most is None or each.until <= most)
        where = timescale.extendable_when
        allowed = where is None or where.value(judged.case.facts(each.place)) is True
        if each.reasoned and in_time and allowed and not judged.without_agreed:
            return each.until
    return None


def _counted_from(
    judged: Judged, timescale: Timescale | None, anchor: str
) -> tuple[datetime | None, bool, datetime | None]:
    """The instant it counts from, whether that may still come out otherwise, and when its time begins if that lies ahead (C21)."""
    if anchor.endswith(" overdue"):
        other = judged.look.overdue(judged.call, anchor.removesuffix(" overdue"), judged.by)
        if other is None or other.due is None or other.in_time or other.due > judged.by[0]:
            return None, False, None
        return other.due, other.may_change, other.due
    return _instant(judged, timescale, anchor), False, None


def _instant(judged: Judged, timescale: Timescale | None, anchor: str) -> datetime | None:
    case, call, by = judged.case, judged.call, judged.by
    if anchor == "concern":
        return case.concern
    if anchor == "raised":
        return case.raised[0]
    if anchor == "resolved":
        found = [each.place[0] for each in case.closings if each.resolution == -call.occasion and call.occasion < 0]
        return found[0] if found else None
    if anchor == "stage":
        return case.stays[call.occasion - 1].entered[0] if call.occasion > 0 else None
    if anchor.startswith("stage "):
        return _entered(judged, anchor.removeprefix("stage "))
    if anchor == "known":
        conditions = [each for each in (call.action.when, timescale.when if timescale else None) if each]
        place = became_known(case, call, conditions, by) if conditions else None
        return place[0] if place else None
    if anchor in case.protocol.moments:
        return case.moment(anchor, by)
    return last_done(judged, anchor)


def _entered(judged: Judged, key: str) -> datetime | None:
    case, call = judged.case, judged.call
    stays = case.stays[: call.occasion] if call.occasion > 0 else case.stays
    route = case.stays[call.occasion - 1].stage[0] if call.occasion > 0 else None
    found = [
        each.entered[0]
        for each in stays
        if each.stage[1] == key and route in {None, each.stage[0]} and each.entered <= judged.by
    ]
    return found[-1] if found else None


def last_done(judged: Judged, key: str) -> datetime | None:
    """When another action was done last: at the same stay if its stage asks for it, or else before it, or elsewhere."""
    case, occasion = judged.case, judged.call.occasion
    records = [(each.occasion, each.at) for each in case.done if each.action == key and each.place <= judged.by]
    records += [each for each in _left(case, key, judged.by) if each[0] not in {occasion for occasion, _ in records}]
    if occasion > 0:
        here = [each for each in records if each[0] == occasion]
        stage = case.stage(case.stays[occasion - 1])
        facts = case.facts(judged.by)
        own = stage is not None and any(
            each.key == key and (each.when is None or each.when.value(facts) is not False) for each in stage.actions
        )
        records = here if here or own else [each for each in records if each[0] <= occasion] or records
    return max((when for _, when in records), default=None)


def _left(case: Case, key: str, by: Place) -> Iterator[tuple[int, datetime]]:
    """The stays whose end met the action of that key."""
    for stay in case.stays:
        stage = case.stage(stay)
        if stage is None or stage.closing.key != key:
            continue
        if stay.left and stay.left <= by:
            yield stay.number, stay.left[0]
        elif stay is case.stay and case.status == "resolved" and case.closings[-1].place <= by:
            yield stay.number, case.closings[-1].place[0]


def stops(judged: Judged, condition: Condition | None) -> tuple[Stop, ...]:
    """The times during which a clock stood still, by when what stopped it happened (C20)."""
    if condition is None:
        return ()
    case = judged.case
    places = sorted(
        {said.place for said in case.said} | {place for told in case.moments.values() for place, _, _ in told}
    )
    found: list[Stop] = []
    since: datetime | None = None
    for place in places:
        if place > judged.by and since is None:
            break
        holds = condition.value(case.facts(place, settled=False)) is True
        if holds and since is None:
            since = place[0]
        elif not holds and since is not None:
            if since < place[0]:
                found.append((since, place[0]))
            since = None
    if since:
        found.append((since, None))
    ended = judged.call.ended
    return tuple((begins, None if ended and (ends is None or ends > ended[0]) else ends) for begins, ends in found)


def ends_of(judged: Judged, stage: Stage, timescales: list[Timescale], facts: Facts) -> datetime | None:
    """When the earliest of these limits on a stage above ends, as far as they are running."""
    may = [each for each in timescales if each.when is None or each.when.value(facts) is not False]
    due = [each.due for each in (limit_of(judged, each, facts, falls_back=False) for each in may) if each.due]
    if not due:
        return None
    return max(due) if stage.closing.later else min(due)
