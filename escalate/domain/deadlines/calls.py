"""Calls: is an action called for in a case, and how often?"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.model import Case, Done, Stay
from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.known import Known
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.workings import Workings
from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Stage


class Call(NamedTuple):
    """One time that a case calls for an action."""

    workings: Workings
    """What is known and worked out of the case."""
    stay: Stay
    """The stay during which it is called for; of what is owed beside the stages, the present one."""
    occasion: Occasion
    """When it is owed."""
    stage: Stage
    """The stage of that stay."""
    action: Action
    """What is called for."""
    occurrence: int = 0
    """Which time it is of something done again and again, from 1; 0 for anything else."""
    done_before: Done | None = None
    """When that was done the time before."""
    done: Done | None = None
    """When it was done."""
    settled_at: datetime | None = None
    """When it was met at a stage (UTC): nothing that becomes known later turns in time into late, or the other way round."""

    @property
    def repeats(self) -> bool:
        """It is one of the times of something done again and again."""
        return self.occurrence > 0

    @property
    def answers(self) -> Mapping[str, str]:
        """The answers to the protocol's questions that bear on it."""
        known = self.workings.known
        return known.answers_at(self.settled_at) if self.settled_at else known.answers

    def holds(self, condition: Condition | None) -> bool:
        """Whether a condition holds by those answers, if there is one at all."""
        return condition is None or condition.holds(self.answers)


def is_called_for(call: Call) -> bool:
    """Whether a stage calls for an action, or it was done there all the same."""
    case, stay, action = call.workings.case, call.stay, call.action
    if call.workings.done(call.occasion, action.key):
        return True
    if action.window and stay.left_at is not None and stay is case.stay:
        return False  # it was settled, so that nobody had to go up
    if _never_comes(call) and not action.ends_stage:  # how a stage ends stays on the list, so that its case does
        return False
    return call.holds(action.when)


def is_owed(call: Call) -> bool:
    """Whether what is owed beside the stages is called for, or was done all the same."""
    return call.holds(call.action.when) or bool(call.workings.done(call.occasion, call.action.key))


def occurrences(call: Call) -> list[Call]:
    """The call itself, or of something that repeats one for each time it was done and, while it is called for, for the next."""
    done = call.workings.done(call.occasion, call.action.key)
    if not call.action.repeats:
        return [call._replace(done=done[-1])] if done else [call]
    before = [None, *done]
    times = [*done, None] if call.holds(call.action.when) else done
    return [
        call._replace(occurrence=n, done_before=last, done=this)
        for n, (last, this) in enumerate(zip(before, times, strict=False), 1)
    ]


def has_ceased(deadline: Deadline, stay: Stay) -> bool:
    """Whether it is the next time of a repeating action, and the stage was left, or the case closed, before it was due."""
    if not deadline.occurrence or deadline.met_at is not None or stay.left_at is None:
        return False
    return deadline.due_at is None or deadline.due_at > stay.left_at


def is_reached(workings: Workings, action: Action) -> bool:
    """Whether a case has come to the stage that an action after its resolution asks for, or above it."""
    if action.if_reached is None:
        return True
    protocol, case = workings.protocol, workings.case
    routes = [case.stay.route, *(stay.route for stay in reversed(case.stays))]
    named = (protocol.find(route, action.if_reached) for route in routes)
    threshold = next((stage for stage in named if stage), None)
    if threshold is None:  # a stage of a route this case has not taken
        return False
    enough = {stage.place for stage in (threshold, *protocol.ladders.above(threshold))}
    return any((stay.route, stay.stage) in enough for stay in case.stays)


def passed_over(protocol: Protocol, case: Case, stay: Stay) -> list[tuple[Stage, list[Action]]]:
    """The stages skipped to enter one, each with what it would have asked for beside ending it."""
    skipped = [
        protocol.find(stay.route, key) or next(each for each in protocol.stages if each.key == key)
        for key in stay.skipped
    ]
    known = Known(case.facts)
    return [
        (stage, [each for each in stage.actions if _is_asked_for(each) and known.holds(each.when)]) for stage in skipped
    ]


def _is_asked_for(action: Action) -> bool:
    """Whether something has to be done at a stage, beside ending it, whatever comes of the rest."""
    return not (action.ends_stage or action.window or _is_only_if_overdue(action))


def _is_only_if_overdue(action: Action) -> bool:
    """Whether an action is there only where the time of another one has run out."""
    return bool(action.timescales) and all(each.anchor.kind is AnchorKind.OVERDUE for each in action.timescales)


def _never_comes(call: Call) -> bool:
    """Whether an action is there only where the time of others has run out, and that of none can."""
    timescales = call.action.timescales
    return _is_only_if_overdue(call.action) and all(_cannot_run_out(call, each.anchor.key) for each in timescales)


def _cannot_run_out(call: Call, key: str) -> bool:
    """Whether another action was done in its time, or is not called for at all."""
    if call.workings.place(call.occasion, key) is None:  # the case has not come to it
        return False
    other = call.workings.deadline(call.occasion, key)
    return other is None or other.met_in_time
