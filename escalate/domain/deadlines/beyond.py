"""A dated event that is set beyond a limit by which it has to be, or has to have come (C23)."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.details import is_instant
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.anchors import Anchor, AnchorKind
from escalate.domain.protocol.parts import Action
from escalate.domain.worktime.clock import read_instant


class Beyond(NamedTuple):
    """An event that lies beyond a limit."""

    event: str
    """The key of the event."""
    at: datetime
    """When it is (UTC)."""
    deadline: Deadline
    """What the limit is on."""
    limit: datetime
    """When that runs out (UTC)."""


def beyond_limits(file: CaseFile, entry: int) -> list[Beyond]:
    """The events that an entry sets later than a limit that has to do with them.

    A protocol does not say in so many words by when an event has to be. These limits do, of what is still open: that of an
    action which counts back from the event and has another limit as well; that of an action named after it, such as
    `hearing-held`; and that of the stage at which something counts back from it, be it the stage's own, the cap or one
    further up the ladder.
    """
    answers = file.case.history[entry - 1].data.get("facts", {})
    events = {
        key: read_instant(said) for key, said in answers.items() if file.protocol.dated_event(key) and is_instant(said)
    }
    found = [
        Beyond(event, at, each, limit)
        for event, at in events.items()
        for each in file.deadlines
        if each.is_open and (limit := _limit(file, each, event)) and limit < at
    ]
    return sorted(found, key=lambda each: (each.event, each.limit))


def _limit(file: CaseFile, deadline: Deadline, event: str) -> datetime | None:
    """The earliest limit on a deadline by which an event has to be; None where none has to do with it."""
    anchor = Anchor(AnchorKind.ACTION, event)
    counting_back = {action.key for action in _actions(file, deadline) if _counts_back(action, anchor)}
    has_to_do_with_it = deadline.action in counting_back or event in deadline.action.split("-")
    if not (has_to_do_with_it or (deadline.ends_stage and counting_back)):
        return None
    others = [each.due.at for each in deadline.limits if each.due and each.anchor != anchor]
    ahead = [deadline.ahead_at] if deadline.ahead_at and deadline.ends_stage else []
    return min([*others, *ahead], default=None)


def _actions(file: CaseFile, deadline: Deadline) -> Iterator[Action]:
    """The actions of the stage of a deadline, or those beside the stages."""
    if deadline.occasion.stay:
        yield from file.protocol.stage(deadline.route, deadline.stage).actions
    else:
        yield from (*file.protocol.standing_actions, *file.protocol.after_resolution)


def _counts_back(action: Action, anchor: Anchor) -> bool:
    return any(each.backward and each.anchor == anchor for each in action.timescales)
