"""The dates of a call by its limits: target, end, and by when to act."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from escalate.domain.deadlines.calls import Call
from escalate.domain.deadlines.limits import Limits
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.worktime.counting import act_by
from escalate.domain.worktime.due import ActBy


class Dates(NamedTuple):
    """When the time of a call runs out, in instants (UTC); None where there is none."""

    target_at: datetime | None = None
    """The earliest target before it is due (C9)."""
    due_at: datetime | None = None
    """When its time runs out."""
    act_by: ActBy | None = None
    """The last working moment before that (C8)."""
    provisional: bool = False
    """Its end may still move (C10, C12)."""
    limit_at: datetime | None = None
    """The protocol's own limit, where an agreed date decides."""
    stopped_since: datetime | None = None
    """Since when its clock stands still."""
    runs_from: datetime | None = None
    """When its time begins, where that is the time of another action running out (C21)."""


def dates_of(call: Call, limits: Limits, unanswered: Collection[str]) -> Dates:
    """The dates of a call by the limit that decides; none while the time of that has not begun.

    With questions `unanswered` on which it hangs, they may still move (C14).
    """
    decides = limits.decides
    if decides is None or decides.since is None:
        return Dates()
    due = decides.due
    if due is None:
        return Dates(stopped_since=next((begins for begins, ends in decides.stops if ends is None), None))
    counted_on = call.workings.calendar.calendar_of(decides.within.days_of if decides.within else None)
    # In the order of the fields, as a deadline itself is made: it takes a third of the time.
    return Dates(
        _target_before(limits, due.at),
        due.at,
        act_by(None if decides.backward else decides.since, due.at, counted_on),
        decides.provisional or bool(unanswered),
        None if decides.within else _own_limit(limits),
        None,  # its clock runs
        _runs_from(limits) if decides.anchor.kind is AnchorKind.OVERDUE else None,
    )


def _target_before(limits: Limits, due_at: datetime) -> datetime | None:
    """The earliest target before a call is due."""
    targets = [each.target_at for each in limits.counting if each.target_at and each.target_at < due_at]
    return min(targets) if targets else None


def _runs_from(limits: Limits) -> datetime | None:
    """When the first limit begins to run, if all that have a date count from the time of another action running out (C21)."""
    dated = [each for each in limits.counting if each.due and each.since]
    if any(each.anchor.kind is not AnchorKind.OVERDUE for each in dated):
        return None
    return min((each.since for each in dated if each.since), default=None)


def _own_limit(limits: Limits) -> datetime | None:
    """The earliest end that the protocol itself sets."""
    return min((each.due.at for each in limits.counting if each.within and each.due), default=None)
