"""What a call comes to by other readings of its protocol: told beside its date, and counting for nothing."""

from datetime import datetime

from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.limits import Applying, limit_of, weighed
from escalate.domain.deadlines.model import Limit, ReadOtherwise


def read_otherwise(call: Call, applying: Applying) -> tuple[ReadOtherwise, ...]:
    """What a call comes to by each reader who reads a limit that applies to it otherwise, all that they do at once. Raises BeyondCalendar."""
    readers: dict[str, None] = {}
    for timescale, _ in applying:
        if timescale and timescale.other_readings:  # few have any, and every deadline comes by here
            readers |= dict.fromkeys([other.read_by for other in timescale.other_readings])
    return tuple([_as_read_by(reader, call, applying) for reader in readers]) if readers else ()


def earliest_otherwise(found: tuple[ReadOtherwise, ...], due_at: datetime | None) -> datetime | None:
    """The earliest date by another reading that is not the date by ours; None where there is none."""
    return min([each.due_at for each in found if each.due_at and each.due_at != due_at], default=None)


def _as_read_by(reader: str, call: Call, applying: Applying) -> ReadOtherwise:
    """What a call comes to by all that one reader reads otherwise."""
    own: list[Limit] = []
    limits: list[Limit] = []
    as_read = call.bearing.as_read
    for timescale, limit in applying:
        other = as_read.get((id(timescale), reader)) if timescale else None
        if other:
            own.append(limit_of(call, other, is_cap=limit.is_cap))
        limits.append(own[-1] if other else limit)
    found = weighed(call, limits)
    decides = found.decides
    if decides is None or decides.due is None or not any(each.due for each in own):
        return ReadOtherwise(reader, tuple(own), None, provisional=False)
    unsure = decides.provisional or bool(found.unanswered or call.unanswered)
    return ReadOtherwise(reader, tuple(own), decides.due.at, unsure)
