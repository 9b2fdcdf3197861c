"""deadlines = f(protocol, history, calendar): what is due in a case, when, and by which of its timescales."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from escalate.domain.case.details import is_moment
from escalate.domain.case.history import Agreed, Case, Done, Visit
from escalate.domain.case.occasion import AT_ANY_STAGE, Occasion
from escalate.domain.deadlines.model import Deadline, DeadlineKey, Limit
from escalate.domain.protocol.anchors import AGREED, Anchor
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP, RESOLVE, Action, Stage, Timescale
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, moment
from escalate.domain.worktime.counting import act_by, counted_back, runs_out
from escalate.domain.worktime.due import ActBy, Due, Stop

_NEVER = datetime.max.replace(tzinfo=UTC)


class _Duty(NamedTuple):
    """An action as a case owes it: at a visit, on an occasion, and where it repeats, for which time.

    `after` is when it was done the time before, and `done` when it was done this time. Once it was met at a stage, only what
    was known `by` then bears on it: nothing that becomes known later turns in time into late, or the other way round.
    """

    protocol: Protocol
    case: Case
    calendar: Calendar
    visit: Visit
    occasion: Occasion
    stage: Stage
    action: Action
    occurrence: int = 0
    after: Done | None = None
    done: Done | None = None
    by: datetime | None = None

    @property
    def answers(self) -> Mapping[str, str]:
        """The facts that bear on it."""
        return self.case.answers_by(self.by) if self.by else self.case.answers


def deadlines(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    """Every deadline a case has had so far, in the order of its stages; a withdrawn one owes only standing actions.

    What was judged before the calendar was changed, or the case moved to another edition, keeps the verdict it had.
    Raises BeyondCalendar.
    """
    judged: dict[DeadlineKey, Deadline] = {}
    for until in sorted({until for until, _ in (*protocol.earlier, *calendar.earlier)}):
        just_before = until - timedelta(seconds=1)
        seen = [visit for visit in case.visits if _recorded(case, visit.entry, until)]
        if seen:
            then = case._replace(visits=tuple(seen))
            for each in _worked_out(protocol.as_known(just_before), then, calendar.as_known(just_before)):
                if each.key not in judged and _judged(case, each, until):
                    judged[each.key] = each._replace(judged_until=until)
    return [judged.get(each.key, each) for each in _worked_out(protocol, case, calendar)]


def bearing(case: Case) -> Hashable:
    """All of a case that its deadlines come of: cases under one protocol and calendar that are the same in it have the same ones."""
    return (
        case.status, case.concern_at, case.concern_entry, case.raised_at, case.resolved_at, case.resolved_entry, case.resolutions,
        tuple((key, fact.said) for key, fact in case.facts.items()), case.visits, case.done, case.agreed,
        tuple(entry.recorded_at for entry in case.history),
    )  # fmt: skip


def _recorded(case: Case, entry: int, by: datetime) -> bool:
    """Whether an entry was in the history at an instant."""
    return 0 < entry <= len(case.history) and case.history[entry - 1].recorded_at <= by


def _judged(case: Case, deadline: Deadline, by: datetime) -> bool:
    """Whether a deadline had been met by an instant, in time or late, or missed for good because the case was closed."""
    if deadline.met_entry is not None:
        return _recorded(case, deadline.met_entry, by)
    closed = case.visit.left_entry
    over = case.status != "open" and closed is not None and _recorded(case, closed, by)
    return over and deadline.due_at is not None and deadline.due_at < by


def _worked_out(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    found = list(_of_stages(protocol, case, calendar))
    if case.status == "withdrawn":
        found = [each for each in found if each.met_at is not None]
    stage = protocol.stage(case.visit.route, case.visit.stage)
    if case.status == "resolved":
        owed = [action for action in protocol.after_resolution if _reached(protocol, case, action)]
        found += _owed(protocol, case, calendar, Occasion(resolution=case.resolutions), stage, owed)
    return found + _owed(protocol, case, calendar, AT_ANY_STAGE, stage, protocol.standing_actions)


def _owed(
    protocol: Protocol, case: Case, calendar: Calendar, occasion: Occasion, stage: Stage, actions: Sequence[Action]
) -> list[Deadline]:
    """What is owed beside the stages: at any of them, or after a resolution."""
    duties = [_Duty(protocol, case, calendar, case.visit, occasion, stage, action) for action in actions]
    found = [
        _deadline(each)
        for duty in duties
        if _applies(duty.action, case) or case.done_at(occasion, duty.action.key)
        for each in _times(duty)
    ]
    closed = occasion.at_any_stage and case.status != "open"
    return [each for each in found if not (closed and each.occurrence and _ceased(each, case.visit))]


def passed_over(protocol: Protocol, case: Case, visit: Visit) -> list[tuple[Stage, list[Action]]]:
    """The stages skipped to enter one, each with what it would have asked for beside ending it."""
    skipped = [
        protocol.find(visit.route, key) or next(each for each in protocol.stages if each.key == key)
        for key in visit.skipped
    ]
    return [
        (stage, [each for each in stage.actions if _is_asked_for(each) and _applies(each, case)]) for stage in skipped
    ]


def _is_asked_for(action: Action) -> bool:
    """Whether something has to be done at a stage, beside ending it, whatever comes of the rest."""
    return not (action.ends_stage or action.window or _only_if_overdue(action))


def _only_if_overdue(action: Action) -> bool:
    """Whether an action is there only where the time of another one has run out."""
    return bool(action.timescales) and all(each.anchor.kind == "overdue" for each in action.timescales)


def _of_stages(protocol: Protocol, case: Case, calendar: Calendar) -> Iterator[Deadline]:
    for visit in case.visits:
        yield from stage_deadlines(protocol, case, visit, calendar)


def stage_deadlines(protocol: Protocol, case: Case, visit: Visit, calendar: Calendar) -> Iterator[Deadline]:
    """The deadlines of one stay at a stage."""
    stage = protocol.stage(visit.route, visit.stage)
    for action in stage.actions:
        duty = _Duty(protocol, case, calendar, visit, visit.occasion, stage, action)
        if not _called_for(duty):
            continue
        for each in _times(duty):
            deadline = _deadline(each)
            if action.repeats and _ceased(deadline, visit):
                continue
            if not action.ends_stage or visit.left_at is not None:
                yield deadline
                continue
            yield _looking_ahead(protocol, case, stage, deadline, calendar)
            if deadline.met_at is not None:
                # What the stage was for is done, but the case is still there: it must not vanish from the list.
                name = "Record that it is resolved, or go up" if stage.next else "Record that it is resolved"
                step = _deadline(duty._replace(action=Action(NEXT_STEP, name, cite=stage.cite)))
                # A stage is resolved by resolving the case: only to say that it is does not stop its clock.
                own = deadline.due_at if action.key == RESOLVE else None
                yield _looking_ahead(protocol, case, stage, step, calendar, own)


def _ceased(deadline: Deadline, visit: Visit) -> bool:
    """Whether the next time of something that repeats never came, because the stage was left, or the case closed, before it was due."""
    if deadline.met_at is not None or visit.left_at is None:
        return False
    return deadline.due_at is None or deadline.due_at > visit.left_at


def _called_for(duty: _Duty) -> bool:
    """Whether a stage asks for an action in a case, or it was done all the same."""
    case, visit, action = duty.case, duty.visit, duty.action
    if case.done_at(visit.occasion, action.key):
        return True
    if action.window and visit.left_at is not None and visit is case.visit:
        return False  # it was settled, so that nobody had to go up
    never = _only_if_overdue(action) and all(_cannot_run_out(duty, each.anchor.key) for each in action.timescales)
    if never and not action.ends_stage:  # how a stage ends stays on the list, or the whole case would vanish from it
        return False
    return _applies(action, case)


def _times(duty: _Duty) -> list[_Duty]:
    """An action once, or where it repeats, each time it was done and, while it is called for, the time it has to be done next."""
    case, occasion, key = duty.case, duty.occasion, duty.action.key
    done = sorted(
        (done for done in case.done if (done.occasion, done.action) == (occasion, key)),
        key=lambda each: (each.at, each.entry),
    )
    if not duty.action.repeats:
        return [duty._replace(done=done[-1])] if done else [duty]
    times = [
        duty._replace(occurrence=n, after=done[n - 2] if n > 1 else None, done=each) for n, each in enumerate(done, 1)
    ]
    if _applies(duty.action, case):
        times.append(duty._replace(occurrence=len(done) + 1, after=done[-1] if done else None))
    return times


def _looking_ahead(
    protocol: Protocol, case: Case, stage: Stage, deadline: Deadline, calendar: Calendar, own: datetime | None = None
) -> Deadline:
    """The deadline with the earliest limit further up that is running already, if that ends sooner.

    A stage may have no limit, or a later one, while time counted from the concern, the raising, an earlier stage or something
    dated runs out for a stage above it, or for the whole process; `own` is a limit of this stage that still runs though its
    action is done.
    """
    above, caps = protocol.ladders.limits_above(stage)
    if not (above or caps or own):
        return deadline
    here = _Duty(protocol, case, calendar, case.visit, case.visit.occasion, stage, stage.closing)
    ends = [(at, each.label) for each, limits in above if (at := _ends_already(here, each, limits))]
    running = [_count(here, cap, falls_back=False) for cap in caps if _holds(cap, case)]
    ends += [(each.due.at, "the whole process") for each in running if each.due]
    at, label = min([*ends, *([(own, stage.label)] if own else [])], default=(None, None))
    if at is None or (deadline.due_at is not None and deadline.due_at <= at):
        return deadline
    return deadline._replace(ahead_of=label, ahead_at=at)


def _ends_already(here: _Duty, above: Stage, limits: Sequence[Timescale]) -> datetime | None:
    """When a stage ends that has not been entered yet, by those of its limits that are running already."""
    now, action = here.case.visit, above.closing
    running = [each for each in limits if _holds(each, here.case)]
    if not running:
        return None
    visit = Visit(now.number + 1, above.route, above.key, now.entered_at, now.entry)
    duty = here._replace(visit=visit, occasion=visit.occasion, stage=above, action=action)
    won = _winner_first(duty, [_count(duty, each, falls_back=False) for each in running])[0][0]
    return won.due.at if won.due else None


def _holds(timescale: Timescale, case: Case) -> bool:
    """Whether a timescale applies to a case."""
    return timescale.when is None or timescale.when.holds(case.answers)


def _deadline(duty: _Duty) -> Deadline:
    visit, occasion, stage, action, done = duty.visit, duty.occasion, duty.stage, duty.action, duty.done
    leaving = _met_by_leaving(duty)
    if done and not action.repeats and _called_for_again(duty, done):
        duty, done = duty._replace(done=None), None
    by = done.at if done else visit.left_at if leaving else None
    if by and not occasion.at_any_stage:
        duty = duty._replace(by=by)
    agreed = _agreed(duty)
    bearing, beside = _winner_first(duty, list(_counted(duty, agreed)))
    counted = [*bearing, *beside]
    won = counted[0] if counted else None
    if done and occasion.at_any_stage and not action.repeats and won and won.since and done.at < won.since:
        done = None  # what called for it has come up again since
    deadline = Deadline(
        occasion=occasion,
        route=stage.route,
        stage=stage.key,
        stage_name=stage.name,
        action=action.key,
        action_name=action.name,
        owner=action.owner or stage.owner,
        cite=won.cite if won else action.cite or stage.cite,
        waiting=won is not None and won.due is None,
        agreed_until=agreed.until if agreed else None,
        met_at=done.at if done else visit.left_at if leaving else None,
        met_entry=done.entry if done else visit.left_entry if leaving else None,
        ends_stage=action.ends_stage,
        contacts=tuple(duty.protocol.reached_through(action)),
        occurrence=duty.occurrence,
        is_window=action.window,
        side=action.side,
        once_passed=action.once_passed,
        then_owner=action.then_owner,
        limits=tuple(counted),
    )
    if won is None or won.since is None:
        return deadline
    if won.due is None:
        return deadline._replace(stopped_since=next((begins for begins, ends in won.stops if ends is None), None))
    targets = [each.target_at for each in bearing if each.target_at and each.target_at < won.due.at]
    counted_on = duty.calendar.counting(won.within.days_of if won.within else None)
    last = ActBy(counted_on.last_working_moment(won.due.at), False)
    to_act = last if won.backward else act_by(won.since, won.due.at, counted_on)
    return deadline._replace(
        target_at=min(targets, default=None),
        limit_at=min((each.due.at for each in bearing if each.within and each.due), default=None)
        if not won.within
        else None,
        due_at=won.due.at,
        act_by=to_act.at,
        outside_hours=to_act.outside_hours,
        provisional=won.provisional,
    )


def _called_for_again(duty: _Duty, done: Done) -> bool:
    """Whether what an action of the present stage counts from has ceased and come about anew since it was done."""
    case = duty.case
    if duty.occasion.at_any_stage or case.status != "open" or duty.visit.left_at is not None:
        return False
    conditions = [each.when or duty.action.when for each in duty.action.timescales if each.anchor.kind == "known"]
    begun = [
        _stretches(case, each)[-1][0][0]
        for each in conditions
        if each and each.holds(case.answers) and _stretches(case, each)
    ]
    return any(at > done.at for at in begun)


def _met_by_leaving(duty: _Duty) -> bool:
    """Whether leaving the stage meets an action: the one that ends it, and going up in time or late what was the time to go up in."""
    case, visit, action = duty.case, duty.visit, duty.action
    if case.status == "withdrawn" and visit is case.visit:
        return False
    return action.ends_stage or (action.window and visit is not case.visit)


def _winner_first(duty: _Duty, counted: list[Limit]) -> tuple[list[Limit], list[Limit]]:
    """What bears on a deadline, the earliest first (rule C7), and what does not: where the later of an action's own counts, the others."""

    def when(each: Limit) -> tuple[bool, datetime]:
        return each.due is None, each.due.at if each.due else _NEVER

    own = [each for each in counted if each.within and not each.is_cap]
    if duty.action.whichever == "earlier" or len(own) < 2:
        return sorted(counted, key=when), []
    dated = [each for each in own if each.due]
    last = max(dated, key=when) if dated else own[0]
    # The later of two cannot be told before both have begun: until then it is no earlier than the one that has.
    winner = last._replace(provisional=last.provisional or len(dated) < len(own))
    rest = [each for each in own if each is not last]
    return sorted([winner, *[each for each in counted if each not in own]], key=when), rest


def _agreed(duty: _Duty) -> Agreed | None:
    """The date agreed last for an action; of something that repeats, since it was done the time before and until it was done."""
    case, key = duty.case, duty.action.key
    if not duty.action.repeats:
        return case.agreed_for(duty.occasion, key)
    begins = duty.after.at if duty.after else case.raised_at
    ends = duty.done.at if duty.done else _NEVER
    agreed = [each for each in case.agreed if (each.occasion, each.action) == (duty.occasion, key)]
    return next((each for each in reversed(agreed) if begins <= each.at < ends), None)


def _counted(duty: _Duty, agreed: Agreed | None) -> Iterator[Limit]:
    """Every timescale of an action that applies, the cap on the whole process, and the date that was agreed."""
    action = duty.action
    for timescale in action.timescales:
        if timescale.when is None or timescale.when.holds(duty.answers):
            yield _count(duty, timescale)
    cap = duty.protocol.route(duty.visit.route).cap
    if cap and action.ends_stage and (cap.when is None or cap.when.holds(duty.answers)):
        yield _count(duty, cap, is_cap=True)
    if agreed:
        on = london_date(agreed.until)
        due = Due(on, agreed.until, on > duty.calendar.published_to)
        yield Limit(None, AGREED, agreed.at, agreed.entry, due, None, due.provisional, "Agreed between the two sides")


def _count(duty: _Duty, timescale: Timescale, *, is_cap: bool = False, falls_back: bool = True) -> Limit:
    case, calendar = duty.case, duty.calendar
    anchor = timescale.anchor
    fell_back = anchor.kind == "overdue" and _may_be_in_time(duty, anchor.key)
    found = _moment(duty, timescale, anchor)
    if found is None and timescale.failing_that and falls_back:
        anchor, fell_back = timescale.failing_that, True
        found = _moment(duty, timescale, anchor)
    since, entry = found or (None, None)
    stops = [each for each in _stops(case, timescale.stops_while) if duty.by is None or each[0] < duty.by]
    due = target = extended = None
    if since and timescale.backward:
        due = counted_back(since, timescale.within, calendar)
        target = counted_back(since, timescale.aims_at, calendar) if timescale.aims_at else None
    elif since:
        due = runs_out(since, timescale.within, calendar, stops)
        target = runs_out(since, timescale.aims_at, calendar, stops) if timescale.aims_at else None
        extended = _extended(duty, timescale, since, due, stops)
        if extended:
            on = london_date(extended.until)
            due = Due(on, extended.until, on > calendar.published_to)
    return Limit(
        timescale.within,
        Anchor("done-before", duty.action.key)
        if duty.after and timescale.repeats and since == duty.after.at
        else anchor,
        since,
        entry,
        due,
        target.at if target else None,
        provisional=due is not None and (fell_back or due.provisional),
        cite=timescale.cite,
        reading=timescale.reading,
        when=timescale.when.text if timescale.when else None,
        is_cap=is_cap,
        backward=timescale.backward,
        repeats=timescale.repeats,
        stops=tuple(stop for stop in stops if since is None or stop[1] is None or stop[1] > since),
        extended_to=extended.until if extended else None,
        extendable_to=timescale.extendable_to,
    )


def _extended(
    duty: _Duty, timescale: Timescale, since: datetime, due: Due | None, stops: Sequence[Stop]
) -> Agreed | None:
    """The last agreement that extends a timescale: for a reason, before its time had run out, and no further than allowed."""
    most = runs_out(since, timescale.extendable_to, duty.calendar, stops) if timescale.extendable_to else None
    if most is None or due is None:
        return None
    agreed = [each for each in duty.case.agreed if (each.occasion, each.action) == (duty.occasion, duty.action.key)]
    return next(
        (each for each in reversed(agreed) if each.reasoned and each.at <= due.at and due.at < each.until <= most.at),
        None,
    )


def _moment(duty: _Duty, timescale: Timescale, anchor: Anchor) -> tuple[datetime, int] | None:
    """When what a timescale counts from happened, and the entry it came from; None while it has not."""
    case, visit, occasion = duty.case, duty.visit, duty.occasion
    if timescale.repeats and (duty.after or anchor.kind == "known"):
        return _again(duty, timescale, anchor)
    match anchor.kind:
        case "concern":
            return case.concern_at, case.concern_entry
        case "raised":
            return case.raised_at, 1
        case "stage":
            return visit.entered_at, visit.entry
        case "stage-entry":
            stays = [stay for stay in case.visits if stay.stage == anchor.key and stay.number <= visit.number]
            if occasion.stay:  # another route may have a stage of that name
                stays = [stay for stay in stays if stay.route == visit.route]
            return (stays[-1].entered_at, stays[-1].entry) if stays else None
        case "resolved":
            return (case.resolved_at, case.resolved_entry) if case.resolved_at and case.resolved_entry else None
        case "known":
            return _known_since(duty, timescale)
        case "overdue":
            return _ran_out(duty, anchor.key)
        case _:
            named = duty.protocol.dated_event(anchor.key)
            if named:
                return _dated(case, named.key, duty.by if timescale.backward else None)
            return _last_done(duty, anchor.key)


def _last_done(duty: _Duty, key: str) -> tuple[datetime, int] | None:
    """When another action was done last: at the same visit if its stage asks for it, or else at one before it, or elsewhere."""
    case, stay = duty.case, duty.occasion.stay
    records = _acts(duty, key)
    if stay:
        here = [each for each in records if each.occasion.stay == stay]
        own = any(action.key == key and _applies(action, case) for action in duty.stage.actions)
        records = here if here or own else [each for each in records if (each.occasion.stay or 0) <= stay] or records
    return max(((each.at, each.entry) for each in records), default=None)


def _acts(duty: _Duty, key: str) -> list[Done]:
    """Every time an action was done; one that ends a stage also by leaving that stage."""
    case = duty.case
    found = [done for done in case.done if done.action == key]
    left = [
        Done(visit.occasion, key, visit.left_at, visit.left_entry)
        for visit in case.visits
        if visit.left_at and visit.left_entry and not (case.status == "withdrawn" and visit is case.visit)
        if duty.protocol.stage(visit.route, visit.stage).closing.key == key
    ]
    done_at = {done.occasion for done in found}
    return [*found, *[each for each in left if each.occasion not in done_at]]


def _again(duty: _Duty, timescale: Timescale, anchor: Anchor) -> tuple[datetime, int] | None:
    """What something that repeats counts from: when it was done the time before, or when it was called for anew since."""
    condition = timescale.when or duty.action.when
    began = [stretch[0] for stretch in _stretches(duty.case, condition)] if condition and anchor.kind == "known" else []
    in_time = [each for each in began if duty.done is None or each[0] <= duty.done.at] or began[:1]
    return max([*in_time[-1:], *([(duty.after.at, duty.after.entry)] if duty.after else [])], default=None)


def _dated(case: Case, key: str, by: datetime | None) -> tuple[datetime, int] | None:
    """When a moment of the protocol's is, as was said last, and the entry that says so.

    What is still to come may be moved: to what was met, it was where it was said to be `by` then, or for the first time since.
    What has happened is only ever put right.
    """
    known = case.facts.get(key)
    if known is None:
        return None
    said = [each for each in known.said if by is None or each[0] <= by] or known.said[:1]
    _, entry, answer = said[-1]
    return (moment(answer), entry) if is_moment(answer) else None


def _ran_out(duty: _Duty, key: str) -> tuple[datetime, int] | None:
    """When the time of another action runs out, if that was not done in it, and the entry its time counts from."""
    found = _other(duty, key)
    if found is None or found.due_at is None or (found.met_at is not None and found.met_at <= found.due_at):
        return None
    return found.due_at, (found.decided_by.entry if found.decided_by else None) or 1


def _may_be_in_time(duty: _Duty, key: str) -> bool:
    """Whether another action can still turn out to have been done in its time, as far as that goes."""
    found = _other(duty, key)
    return found is None or found.met_at is None or found.provisional


def _cannot_run_out(duty: _Duty, key: str) -> bool:
    """Whether another action was done in its time, or is not called for at all."""
    owed = _owed_as(duty, key)
    if owed is None:
        return False
    found = _other(duty, key) if _called_for(owed) else None
    return found is None or (found.met_at is not None and (found.due_at is None or found.met_at <= found.due_at))


def _other(duty: _Duty, key: str) -> Deadline | None:
    """The deadline of another action, the last one of something that repeats; None where it is not called for."""
    owed = _owed_as(duty, key)
    if owed is None or not _called_for(owed):
        return None
    found = [_deadline(each) for each in _times(owed)]
    there = [each for each in found if not (owed.action.repeats and _ceased(each, owed.visit))]
    return there[-1] if there else None


def _owed_as(duty: _Duty, key: str) -> _Duty | None:
    """Another action as the case would owe it: at the same visit, or else at the last one that has it."""
    last = duty.occasion.stay or len(duty.case.visits)
    for visit in reversed(duty.case.visits[:last] or (duty.visit,)):
        stage = duty.protocol.stage(visit.route, visit.stage)
        for action in stage.actions:
            if action.key == key:
                return _Duty(duty.protocol, duty.case, duty.calendar, visit, visit.occasion, stage, action)
    return None


def _stops(case: Case, condition: Condition | None) -> list[Stop]:
    """The times during which a clock stood still because a condition held: what happened, in the order it came about."""
    if condition is None:
        return []
    stops: list[Stop] = []
    since: datetime | None = None
    for at, holds in _turns(case, condition):
        if holds and since is None:
            since = at
        elif not holds and since is not None:
            if at > since:
                stops.append((since, at))
            since = None
    return [*stops, (since, None)] if since else stops


def _turns(case: Case, condition: Condition) -> Iterator[tuple[datetime, bool]]:
    """Whether a condition held from each moment on at which something was said; however often, what then held."""
    said = sorted((at, seq, key, answer) for key, fact in case.facts.items() for at, seq, answer in fact.said)
    answers: dict[str, str] = {}
    for at, together in groupby(said, key=lambda each: each[0]):
        answers |= {key: answer for _, _, key, answer in together}
        yield at, condition.holds(answers)


def _known_since(duty: _Duty, timescale: Timescale) -> tuple[datetime, int] | None:
    """When what calls for an action became known: in the last stretch of time it held, and since the action was done."""
    case, action = duty.case, duty.action
    condition = timescale.when or action.when
    stretches = _stretches(case, condition) if condition else []
    if condition is None or not stretches:
        return None
    if duty.by:
        stretches = [each for each in stretches if each[0][0] <= duty.by] or stretches
    acts = sorted(done.at for done in case.done if (done.occasion, done.action) == (duty.occasion, action.key))
    if not acts:
        return stretches[-1][0]
    again = [call for call in stretches[-1] if call[0] > acts[-1]]
    if again and condition.holds(duty.answers):
        return again[0]
    answered = next((stretch for stretch in reversed(stretches) if stretch[0][0] <= acts[-1]), stretches[-1])
    return next((call for call in answered if len(acts) == 1 or call[0] > acts[-2]), answered[0])


def _stretches(case: Case, condition: Condition) -> list[list[tuple[datetime, int]]]:
    """The stretches of time in which a condition held: each a list of when something was said that makes it hold."""
    said = sorted((at, seq, key, answer) for key, fact in case.facts.items() for at, seq, answer in fact.said)
    answers: dict[str, str] = {}
    stretches: list[list[tuple[datetime, int]]] = []
    has_begun = False
    for (at, seq), together in groupby(said, key=lambda each: each[:2]):  # what is said at once comes about at once
        now = {key: answer for _, _, key, answer in together}
        answers |= now
        if not condition.holds(answers):
            has_begun = False
        elif any(key in facts for facts in condition.known_by(answers) for key in now):
            if not has_begun:  # what holds because nothing is known yet does so since no moment
                stretches.append([])
            has_begun = True
            stretches[-1].append((at, seq))
    return stretches


def _applies(action: Action, case: Case) -> bool:
    return action.when is None or action.when.holds(case.answers)


def _reached(protocol: Protocol, case: Case, action: Action) -> bool:
    if action.if_reached is None:
        return True
    routes = [case.visit.route, *(visit.route for visit in reversed(case.visits))]
    known = (protocol.find(route, action.if_reached) for route in routes)
    threshold = next((stage for stage in known if stage), None)
    if threshold is None:  # a stage of a route this case has not taken
        return False
    reached = {stage.place for stage in (threshold, *protocol.ladders.above(threshold))}
    return any((visit.route, visit.stage) in reached for visit in case.visits)
