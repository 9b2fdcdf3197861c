"""Was what a case calls for met, and by which limits is that judged?"""

from datetime import datetime

from escalate.domain.case.model import Agreed, Done
from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.known import Since
from escalate.domain.deadlines.limits import Limits, limits_on
from escalate.domain.deadlines.model import Limit
from escalate.domain.protocol.anchors import AnchorKind


def met_and_limits(call: Call, agreed: Agreed | None) -> tuple[Since | None, Limits]:
    """When a call was met, and the limits on it. Raises BeyondCalendar.

    At a stage they are those of what was known when it was met. A standing action is not met any more once what calls for it
    has come up again.
    """
    met = _done_or_left(call)
    if not call.occasion.at_any_stage:
        return met, limits_on(call._replace(settled_at=met.at) if met else call, agreed)
    limits = limits_on(call, agreed)
    if met and not call.repeats and _has_come_up_since(limits.decides, met.at):
        met = None
    return met, limits


def _done_or_left(call: Call) -> Since | None:
    """When an action was done, if it is not called for anew since, or its stage was left, if that meets it."""
    done, stay = call.done, call.stay
    if done and (call.repeats or not _is_called_for_anew(call, done)):
        return Since(done.at, done.entry)
    if stay.left_at and _is_met_by_leaving(call):
        return Since(stay.left_at, stay.left_entry)
    return None


def _has_come_up_since(decides: Limit | None, met_at: datetime) -> bool:
    """Whether what the limit that decides counts from has happened once more since an action was done."""
    return decides is not None and decides.since is not None and met_at < decides.since


def _is_called_for_anew(call: Call, done: Done) -> bool:
    """Whether what an action of the present stage counts from has ceased and come about anew since it was done."""
    known = call.workings.known
    if call.occasion.at_any_stage or call.workings.case.status != "open" or call.stay.left_at is not None:
        return False
    for timescale in call.action.timescales:
        condition = timescale.when or call.action.when
        if timescale.anchor.kind is AnchorKind.KNOWN and condition and known.holds(condition):
            stretches = known.stretches(condition)
            if stretches and stretches[-1][0].at > done.at:
                return True
    return False


def _is_met_by_leaving(call: Call) -> bool:
    """Whether leaving its stage meets an action: one that ends it, or a window to go up in, once the case has gone up."""
    case, stay, action = call.workings.case, call.stay, call.action
    if case.status == "withdrawn" and stay is case.stay:
        return False
    return action.ends_stage or (action.window and stay is not case.stay)
