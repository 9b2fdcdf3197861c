"""What runs out further up while a case is still at a stage below."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.case.model import Stay
from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.known import Since
from escalate.domain.deadlines.limits import limit_of, weighed
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.workings import Workings
from escalate.domain.protocol.parts import Stage, Timescale

Ending = tuple[datetime, str]
"""An instant at which something further up runs out, and what that is in words."""


def looking_ahead(workings: Workings, stage: Stage, deadline: Deadline, own: datetime | None = None) -> Deadline:
    """The deadline of the present stage with the earliest limit further up that is running already, if that ends sooner.

    A stage may have no limit, or a later one, while time counted from the concern, the raising, an earlier stage or a dated
    event runs out for a stage above it, or for the whole process; `own` is a limit of this stage that still runs though its
    action is done. Raises BeyondCalendar.
    """
    above, caps = workings.protocol.ladders.limits_above(stage)
    if not (above or caps or own):
        return deadline
    endings = [*_ends_of_stages(workings, above), *_ends_of_whole_process(workings, stage, caps)]
    if own:
        endings.append((own, stage.label))
    if not endings:
        return deadline
    at, label = min(endings)
    if deadline.due_at is not None and deadline.due_at <= at:
        return deadline
    return deadline._replace(ahead_of=label, ahead_at=at)


def _ends_of_stages(workings: Workings, above: Sequence[tuple[Stage, Sequence[Timescale]]]) -> list[Ending]:
    """When each stage above ends, as far as its limits are running already."""
    ends = ((_end_of_stage(workings, stage, timescales), stage.label) for stage, timescales in above)
    return [(at, label) for at, label in ends if at]


def _end_of_stage(workings: Workings, above: Stage, timescales: Sequence[Timescale]) -> datetime | None:
    """When a stage that has not been entered yet ends, by those of its limits that are running already."""
    running = [each for each in timescales if workings.known.may_hold(each.when)]
    if not running:
        return None
    now = workings.case.stay
    stay = Stay(now.number + 1, above.route, above.key, now.entered_at, now.entry)
    call = _call(workings, stay, above)
    decides = weighed(call, [limit_of(call, each, falls_back=False) for each in running]).decides
    return decides.due.at if decides and decides.due else None


def _ends_of_whole_process(workings: Workings, stage: Stage, caps: Sequence[Timescale]) -> list[Ending]:
    """When the whole process ends, by each cap that is running already."""
    if not caps:
        return []
    stay = workings.case.stay
    call = _call(workings, stay, stage)
    running = [limit_of(call, cap, falls_back=False) for cap in caps if workings.known.may_hold(cap.when)]
    return [(each.due.at, "the whole process") for each in running if each.due]


def _call(workings: Workings, stay: Stay, stage: Stage) -> Call:
    """The call for what ends a stage, during a stay that need not have come."""
    begins = Since(stay.entered_at, stay.entry)
    action, answers = stage.closing, workings.known.answers
    bearing = workings.protocol.bearing_on(action)
    return Call(workings, stay, stay.occasion, stage, action, bearing, begins, None, answers)
