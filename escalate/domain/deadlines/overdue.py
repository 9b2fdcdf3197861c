"""Actions that hang on the time of another one running out (C21)."""

from datetime import datetime

from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.known import Since
from escalate.domain.deadlines.model import Deadline


def never_comes(call: Call) -> bool:
    """Whether an action is there only where the time of others has run out, and that of none can.

    How a stage ends stays on the list, so that its case does.
    """
    if call.action.ends_stage or not call.bearing.is_only_if_overdue or call.met:
        return False
    return all(_cannot_run_out(call, each.anchor.key) for each in call.bearing.counted)


def _cannot_run_out(call: Call, key: str) -> bool:
    """Whether another action was done in its time, ended in it, or is not called for at all: of a call that ended, by what held then."""
    if call.workings.place(call.occasion, key, call.ended) is None:  # the case has not come to it
        return False
    other = counted_on(call, key, call.ended)
    return other is None or other.met_in_time or (other.ended_at is not None and not other.had_run_out)


def counted_on(call: Call, key: str, by: Since | None = None) -> Deadline | None:
    """The deadline of another action whose running out counts for a call: the first that ran out while that was open, or the last.

    What has run out stays run out, though the other action was called for again since (C15). With `by` it is judged by what had
    happened until then. Raises BeyondCalendar, Refused.
    """
    place = call.workings.place(call.occasion, key, by)
    found = call.workings.deadlines(*place, by) if place else ()
    if len(found) < 2:
        return found[0] if found else None
    since = None if call.goes_on_from else call.begins.at
    return next((each for each in found if _ran_out_after(each, since)), found[-1])


def _ran_out_after(deadline: Deadline, since: datetime | None) -> bool:
    """Whether a call was over with its time run out, and that after an instant; not an agreed date that was only put off."""
    over = deadline.met_at or deadline.ended_at
    if (
        over is None
        or deadline.agreement
        or not (deadline.had_run_out or (deadline.met_at and not deadline.met_in_time))
    ):
        return False
    return since is None or over > since
