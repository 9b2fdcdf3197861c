"""deadlines = f(protocol, history, calendar): what is due in a case, when, and by which of its limits."""

from collections.abc import Hashable, Iterator, Sequence

from escalate.domain.case.model import Case, Stay
from escalate.domain.case.occasion import AT_ANY_STAGE, Occasion
from escalate.domain.deadlines.ahead import looking_ahead
from escalate.domain.deadlines.calls import (
    Call,
    has_ceased,
    is_called_for,
    is_owed,
    is_reached,
    occurrences,
)
from escalate.domain.deadlines.dates import dates_of
from escalate.domain.deadlines.lateness import late_in
from escalate.domain.deadlines.limits import agreed_date
from escalate.domain.deadlines.met import met_and_limits
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.verdicts import verdicts
from escalate.domain.deadlines.workings import Workings
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP, RESOLVE, Action, Stage
from escalate.domain.worktime.calendar import Calendar


def deadlines(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    """Every deadline a case has had so far, in the order of its stages; a withdrawn one owes only standing actions.

    What was judged before the calendar was changed, or the case moved to another edition, keeps the verdict it had.
    Raises BeyondCalendar.
    """
    judged = verdicts(protocol, case, calendar, _worked_out)
    return [judged.get(each.key, each) for each in _worked_out(protocol, case, calendar)]


def stage_deadlines(protocol: Protocol, case: Case, stay: Stay, calendar: Calendar) -> Iterator[Deadline]:
    """The deadlines of one stay at a stage. Raises BeyondCalendar."""
    return _deadlines_of_stay(Workings(protocol, case, calendar, _deadlines_of_action), stay)


def cache_key(case: Case) -> Hashable:
    """Cache key: under one protocol and calendar, cases with equal keys have equal deadlines."""
    return (
        case.status, case.concern_at, case.concern_entry, case.raised_at, case.resolved_at, case.resolved_entry, case.resolutions,
        tuple((key, fact.said) for key, fact in case.facts.items()), case.stays, case.done, case.agreed,
        tuple(entry.recorded_at for entry in case.history),
    )  # fmt: skip


def _worked_out(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    """The deadlines of a case by one edition and one calendar."""
    workings = Workings(protocol, case, calendar, _deadlines_of_action)
    found = [deadline for stay in case.stays for deadline in _deadlines_of_stay(workings, stay)]
    if case.status == "withdrawn":
        found = [each for each in found if each.met_at is not None]
    if case.status == "resolved":
        owed = [action for action in protocol.after_resolution if is_reached(workings, action)]
        found += _beside_stages(workings, Occasion(resolution=case.resolutions), owed)
    return found + _beside_stages(workings, AT_ANY_STAGE, protocol.standing_actions)


def _deadlines_of_stay(workings: Workings, stay: Stay) -> Iterator[Deadline]:
    """The deadlines of one stay at a stage; the one that ends it says what may run out further up while the case is there."""
    stage = workings.stage(stay)
    for action in stage.actions:
        for deadline in workings.deadlines(stay, action):
            if not action.ends_stage or stay.left_at is not None:
                yield deadline
                continue
            yield looking_ahead(workings, stage, deadline)
            if deadline.met_at is not None:
                # A stage is resolved by resolving the case: only to say that it is does not stop its clock.
                own = deadline.due_at if action.key == RESOLVE else None
                yield looking_ahead(workings, stage, _next_step(workings, stay, stage), own)


def _next_step(workings: Workings, stay: Stay, stage: Stage) -> Deadline:
    """The deadline that keeps a case on the list once the action that ends its stage is done, but the case is still there."""
    name = "Record that it is resolved, or go up" if stage.next else "Record that it is resolved"
    return _deadline(Call(workings, stay, stay.occasion, stage, Action(NEXT_STEP, name, cite=stage.cite)))


def _beside_stages(workings: Workings, occasion: Occasion, actions: Sequence[Action]) -> list[Deadline]:
    """What is owed beside the stages: at any of them, or after a resolution."""
    stay = workings.case.stay
    stage = workings.stage(stay)
    calls = [Call(workings, stay, occasion, stage, action) for action in actions]
    found = [_deadline(each) for call in calls if is_owed(call) for each in occurrences(call)]
    if not occasion.at_any_stage or workings.case.status == "open":
        return found
    return [each for each in found if not has_ceased(each, stay)]


def _deadlines_of_action(workings: Workings, stay: Stay, action: Action) -> tuple[Deadline, ...]:
    """The deadlines of an action during a stay at its stage: none where it is not called for."""
    call = Call(workings, stay, stay.occasion, workings.stage(stay), action)
    if not is_called_for(call):
        return ()
    found = map(_deadline, occurrences(call))
    return tuple(each for each in found if not has_ceased(each, stay))


def _deadline(call: Call) -> Deadline:
    """What a call comes to: whether it was met, which limit decides, and when that ends."""
    action, stage = call.action, call.stage
    agreed = agreed_date(call)
    met, limits = met_and_limits(call, agreed)
    decides = limits.decides
    dates = dates_of(call, limits)
    return Deadline(
        occasion=call.occasion,
        route=stage.route,
        stage=stage.key,
        stage_name=stage.name,
        action=action.key,
        action_name=action.name,
        owner=action.owner or stage.owner,
        cite=decides.cite if decides else action.cite or stage.cite,
        target_at=dates.target_at,
        due_at=dates.due_at,
        act_by=dates.act_by.at if dates.act_by else None,
        outside_hours=dates.act_by is not None and dates.act_by.outside_hours,
        provisional=dates.provisional,
        waiting=decides is not None and decides.due is None,
        agreed_until=agreed.until if agreed else None,
        met_at=met.at if met else None,
        met_entry=met.entry if met else None,
        ends_stage=action.ends_stage,
        contacts=tuple(call.workings.protocol.reached_through(action)),
        limit_at=dates.limit_at,
        occurrence=call.occurrence,
        is_window=action.window,
        side=action.side,
        once_passed=action.once_passed,
        then_owner=action.then_owner,
        stopped_since=dates.stopped_since,
        late_in=late_in(decides),
        limits=(*limits.counting, *limits.not_counting),
    )
