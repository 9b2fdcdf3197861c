"""The instant that an anchor stands for in a case: what a timescale counts from, once that has happened.

For a call that was met or ended, what happened only after that does not count (C16, C20).
"""

from collections.abc import Iterator
from datetime import datetime

from escalate.domain.case.model import Closing, Done, Stay
from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.known import OPENING, Since
from escalate.domain.deadlines.overdue import counted_on
from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.parts import Timescale


def counted_since(call: Call, timescale: Timescale, anchor: Anchor) -> Since | None:
    """When what a timescale counts from happened; None while it has not. Raises BeyondCalendar."""
    case, stay = call.workings.case, call.stay
    if (call.done_before or anchor.kind is AnchorKind.KNOWN) and timescale.repeats:
        return _repeating(call, timescale, anchor)
    match anchor.kind:
        case AnchorKind.CONCERN:
            return Since(case.concern_at, case.concern_entry)
        case AnchorKind.RAISED:
            return Since(case.raised_at, OPENING)
        case AnchorKind.STAGE:
            return Since(stay.entered_at, stay.entry)
        case AnchorKind.STAGE_ENTRY:
            return _stage_entered(call, anchor.key)
        case AnchorKind.RESOLVED:
            return _resolved(call)
        case AnchorKind.KNOWN:
            return _became_known(call, timescale)
        case AnchorKind.OVERDUE:
            return _ran_out(call, anchor.key)
        case _ if call.workings.protocol.dated_event(anchor.key):
            return _event(call, timescale, anchor.key)
        case _:
            return _last_done(call, anchor.key)


def may_still_be_in_time(call: Call, key: str) -> bool:
    """Whether another action can still turn out to have been done in its time. Raises BeyondCalendar."""
    other = counted_on(call, key)
    return other is None or other.is_open or other.provisional


def _by_then(call: Call, at: datetime, entry: int | None) -> bool:
    """Whether something that happened can bear on a call: not where the call was over before, or by that very thing."""
    over = call.over
    return over is None or (at, entry or 0) < (over.at, over.entry or OPENING)


def _stage_entered(call: Call, key: str) -> Since | None:
    """When a stage was entered last, as far as a call can know of it."""
    stays = [
        stay for stay in call.workings.case.stays if stay.stage == key and _by_then(call, stay.entered_at, stay.entry)
    ]
    if call.occasion.stay:  # another route may have a stage of that name
        stays = [stay for stay in stays if stay.route == call.stay.route and stay.number <= call.stay.number]
    return Since(stays[-1].entered_at, stays[-1].entry) if stays else None


def _resolved(call: Call) -> Since | None:
    """When the case was resolved: the resolution that a call belongs to, or the one that stood, as far as a call can know of it."""
    closings, resolution = call.workings.case.closings, call.occasion.resolution
    if resolution:
        return next((Since(each.at, each.entry) for each in closings if each.resolution == resolution), None)
    stood = [
        Since(each.at, each.entry)
        for each in closings
        if each.status == "resolved" and _by_then(call, each.at, each.entry) and not _was_reopened(call, each)
    ]
    return stood[-1] if stood else None


def _was_reopened(call: Call, closing: Closing) -> bool:
    """Whether a closing no longer stood, as far as a call can know of it."""
    return closing.reopened_at is not None and _by_then(call, closing.reopened_at, closing.reopened_entry)


def _became_known(call: Call, timescale: Timescale) -> Since | None:
    """When what calls for an action became known, and that the timescale applies: in the last stretch of time in which both held.

    Nothing that was said for an earlier call counts: a call counts from no earlier than what was said that began it (C15).
    """
    conditions = _conditions(call, timescale)
    if not conditions:
        return None
    if call.called and timescale.when is None:
        return call.called
    stretches = [
        each for each in call.workings.known.stretches(*conditions) if _by_then(call, each[0].at, each[0].entry)
    ]
    if not stretches:
        return None
    before = call.done_before
    since_done = [each for each in stretches[-1] if before and each.at > before.at]
    return _later(call.called, (since_done or stretches[-1])[0])


def _repeating(call: Call, timescale: Timescale, anchor: Anchor) -> Since | None:
    """What something that repeats counts from: when it was done the time before, or was called for anew since."""
    conditions = _conditions(call, timescale)
    by_facts = anchor.kind is AnchorKind.KNOWN and conditions
    began = [stretch[0] for stretch in call.workings.known.stretches(*conditions)] if by_facts else []
    in_time = [each for each in began if _by_then(call, each.at, each.entry)]
    before = [Since(call.done_before.at, call.done_before.entry)] if call.done_before else []
    return max([*in_time[-1:], *before], default=None)


def _conditions(call: Call, timescale: Timescale) -> list[Condition]:
    """What has to be known for a timescale to count: that its action is called for, and that it applies."""
    return [each for each in (call.action.when, timescale.when) if each]


def _later(one: Since | None, other: Since) -> Since:
    return max(one, other, key=lambda each: each.at) if one else other


def _ran_out(call: Call, key: str) -> Since | None:
    """When the time of another action runs out, unless it was done or ended in time, and the entry its time counts from."""
    other = counted_on(call, key, call.over)
    if other is None or other.due_at is None or other.met_in_time or not _by_then(call, other.due_at, None):
        return None
    if other.ended_at is not None and not other.had_run_out:
        return None
    return Since(other.due_at, (other.decided_by.entry if other.decided_by else None) or OPENING)


def _event(call: Call, timescale: Timescale, key: str) -> Since | None:
    """When a dated event is: one counted back from as it was told by then, any other once its date has come."""
    known = call.workings.known
    return known.dated(key, call.over) if timescale.backward else known.come(key, call.over)


def _last_done(call: Call, key: str) -> Since | None:
    """When another action was done last: at the same stay if its stage asks for it, or else at one before it, or elsewhere."""
    stay, records = call.occasion.stay, [each for each in _all_done(call, key) if _by_then(call, each.at, each.entry)]
    if stay:
        here = [each for each in records if each.occasion.stay == stay]
        own = any(action.key == key and call.value(action.when) is not False for action in call.stage.actions)
        records = here if here or own else [each for each in records if (each.occasion.stay or 0) <= stay] or records
    return max((Since(each.at, each.entry) for each in records), default=None)


def _all_done(call: Call, key: str) -> list[Done]:
    """Every time an action was done; one that ends a stage also by leaving that stage."""
    workings, case = call.workings, call.workings.case
    done = [each for each in case.done if each.action == key]
    left = [
        Done(stay.occasion, key, since.at, since.entry or OPENING)
        for stay, since in _stays_left(call)
        if workings.stage(stay).closing.key == key
    ]
    by_itself = [each for each in left if not any(_is_before(one, each) for one in done)]
    return [*done, *by_itself]


def _is_before(one: Done, left: Done) -> bool:
    """Whether what ends a stage was done before that was left."""
    return one.occasion == left.occasion and one.at <= left.at


def _stays_left(call: Call) -> Iterator[tuple[Stay, Since]]:
    """Each stay that was left, by going on or by resolving the case; a resolution as long as it stood when a call was over."""
    case = call.workings.case
    for stay in case.stays[:-1]:
        if stay.left_at and stay.left_entry:
            yield stay, Since(stay.left_at, stay.left_entry)
    for closing in case.closings:
        stood = closing.reopened_at is None or (call.judged_at is not None and call.judged_at <= closing.reopened_at)
        if closing.status == "resolved" and stood:
            yield case.stays[closing.stay - 1], Since(closing.at, closing.entry)
