"""deadlines = f(protocol, history, calendar): what is due in a case, when, and by which of its timescales."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

from escalate.domain.allowance import Allowance
from escalate.domain.calendar import Calendar
from escalate.domain.counting import Due, act_by, add
from escalate.domain.history import Case, Visit
from escalate.domain.london import london_date
from escalate.domain.protocol import NEXT_STEP, RESOLVE, Action, Anchor, Condition, Protocol, Stage, Timescale

RULES = 2
"""Raised whenever the same history, protocol and calendar come to other deadlines than before; files are then worked out anew."""

STANDING = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """One timescale as it falls for one case: what it counts from, since when, and where it ends.

    `due` is None while the moment it counts from has not happened. `within` is None for an agreed date. `provisional` when
    it counts from something it only falls back on (C10), or ends beyond the published bank holidays (C12).
    """

    within: Allowance | None
    counts_from: str
    since: datetime | None
    entry: int | None
    due: Due | None
    target_at: datetime | None
    provisional: bool
    cite: str
    reading: str | None = None
    when: str | None = None
    is_cap: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """An action of one case and when it is due. All moments are instants; None where there is none.

    `visit` numbers the stay at a stage it belongs to; it is 0 for a standing action, and -n for what is owed after the n-th
    resolution. `ahead_at` is the limit of something further up, `ahead_of`, whose time is running already and ends
    sooner than this one's. `limit_at` is the protocol's own limit, where an agreed date comes before it. `contacts` says whom to reach, by role. `counted` holds every timescale that bears on it, earliest first, so the first is the one that won (C7).
    """

    visit: int
    route: str
    stage: str
    stage_name: str
    action: str
    action_name: str
    owner: str
    cite: str | None
    target_at: datetime | None = None
    due_at: datetime | None = None
    act_by: datetime | None = None
    outside_hours: bool = False
    provisional: bool = False
    waiting: bool = False
    agreed_until: datetime | None = None
    met_at: datetime | None = None
    ends_stage: bool = False
    is_standing: bool = False
    contacts: tuple[str, ...] = ()
    ahead_of: str | None = None
    ahead_at: datetime | None = None
    limit_at: datetime | None = None
    counted: tuple[Counted, ...] = ()


def deadlines(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    """Every deadline a case has had so far, in the order of its stages; a withdrawn one owes only standing actions.

    Raises BeyondCalendar.
    """
    found = list(_of_stages(protocol, case, calendar))
    if case.status == "withdrawn":
        found = [each for each in found if each.met_at is not None]
    stage = protocol.stage(case.visit.route, case.visit.stage)
    if case.status == "resolved":
        owed = [action for action in protocol.after_resolution if _reached(protocol, case, action)]
        after = -case.resolutions
        found += [
            _deadline(protocol, case, case.visit, after, stage, each, calendar)
            for each in owed
            if _applies(each, case) or case.done_at(after, each.key)
        ]
    called_for = [
        each for each in protocol.standing_actions if _applies(each, case) or case.done_at(STANDING, each.key)
    ]
    return found + [_deadline(protocol, case, case.visit, STANDING, stage, each, calendar) for each in called_for]


def passed_over(protocol: Protocol, case: Case, visit: Visit) -> list[tuple[Stage, list[Action]]]:
    """The stages skipped to enter one, each with what it would have asked for beside ending it."""
    skipped = [
        protocol.find(visit.route, key) or next(each for each in protocol.stages if each.key == key)
        for key in visit.skipped
    ]
    return [
        (stage, [each for each in stage.actions if not each.ends_stage and _applies(each, case)]) for stage in skipped
    ]


def _of_stages(protocol: Protocol, case: Case, calendar: Calendar) -> Iterator[Deadline]:
    for visit in case.visits:
        yield from stage_deadlines(protocol, case, visit, calendar)


def stage_deadlines(protocol: Protocol, case: Case, visit: Visit, calendar: Calendar) -> Iterator[Deadline]:
    """The deadlines of one stay at a stage."""
    stage = protocol.stage(visit.route, visit.stage)
    for action in stage.actions:
        if not (_applies(action, case) or case.done_at(visit.number, action.key)):
            continue
        deadline = _deadline(protocol, case, visit, visit.number, stage, action, calendar)
        if not action.ends_stage or visit.left_at is not None:
            yield deadline
            continue
        yield _looking_ahead(protocol, case, stage, deadline, calendar)
        if deadline.met_at is not None:
            # What the stage was for is done, but the case is still there: it must not vanish from the list.
            name = "Record that it is resolved, or go up" if stage.next else "Record that it is resolved"
            step = _deadline(
                protocol, case, visit, visit.number, stage, Action(NEXT_STEP, name, cite=stage.cite), calendar
            )
            # A stage is resolved by resolving the case: only to say that it is does not stop its clock.
            own = deadline.due_at if action.key == RESOLVE else None
            yield _looking_ahead(protocol, case, stage, step, calendar, own)


def _looking_ahead(
    protocol: Protocol, case: Case, stage: Stage, deadline: Deadline, calendar: Calendar, own: datetime | None = None
) -> Deadline:
    """The deadline with the earliest limit further up that is running already, if that ends sooner.

    A stage may have no limit, or a later one, while time counted from the concern or the raising runs out for a stage above
    it, or for the whole process; `own` is a limit of this stage that still runs though its action is done.
    """
    running = {"concern": case.concern_at, "raised": case.raised_at}
    above = [way[-1] for way in protocol.reachable(stage).values() if not _leads_to(protocol, way[-1], stage)]
    limits = [(timescale, each.label) for each in above for timescale in each.closing.timescales]
    routes = [protocol.route(key) for key in dict.fromkeys([stage.route, *(each.route for each in above)])]
    limits += [(route.cap, "the whole process") for route in routes if route.cap]
    ends = [
        (add(running[limit.anchor.kind], limit.within.limit, limit.within.unit, calendar).at, label)
        for limit, label in limits
        if limit.anchor.kind in running and (limit.when is None or limit.when.holds(case.answers))
    ]
    at, label = min([*ends, *([(own, stage.label)] if own else [])], default=(None, None))
    if at is None or (deadline.due_at is not None and deadline.due_at <= at):
        return deadline
    return replace(deadline, ahead_of=label, ahead_at=at)


def _deadline(
    protocol: Protocol, case: Case, visit: Visit, number: int, stage: Stage, action: Action, calendar: Calendar
) -> Deadline:
    counted = sorted(
        _counted(protocol, case, visit, number, action, calendar),
        key=lambda each: (each.due is None, each.due and each.due.at),
    )
    won = counted[0] if counted else None
    agreed = case.agreed_for(number, action.key)
    done = case.done_at(number, action.key)
    if done and number == STANDING and won and won.since and done.at < won.since:
        done = None  # what called for it has come up again since
    left_at = None if case.status == "withdrawn" and visit is case.visit else visit.left_at
    met_at = done.at if done else left_at if action.ends_stage else None
    deadline = Deadline(
        visit=number,
        route=stage.route,
        stage=stage.key,
        stage_name=stage.name,
        action=action.key,
        action_name=action.name,
        owner=action.owner or stage.owner,
        cite=won.cite if won else action.cite or stage.cite,
        waiting=won is not None and won.due is None,
        agreed_until=agreed.until if agreed else None,
        met_at=met_at,
        ends_stage=action.ends_stage,
        is_standing=number == STANDING,
        contacts=tuple(protocol.reached_through(action)),
        counted=tuple(counted),
    )
    if won is None or won.due is None or won.since is None:
        return deadline
    targets = [each.target_at for each in counted if each.target_at and each.target_at < won.due.at]
    moment = act_by(won.since, won.due.at, calendar)
    return replace(
        deadline,
        target_at=min(targets, default=None),
        limit_at=min((each.due.at for each in counted if each.within and each.due), default=None)
        if not won.within
        else None,
        due_at=won.due.at,
        act_by=moment.at,
        outside_hours=moment.outside_hours,
        provisional=won.provisional,
    )


def _counted(
    protocol: Protocol, case: Case, visit: Visit, number: int, action: Action, calendar: Calendar
) -> Iterator[Counted]:
    for timescale in action.timescales:
        if timescale.when is None or timescale.when.holds(case.answers):
            yield _count(case, visit, number, action, timescale, calendar)
    cap = protocol.route(visit.route).cap
    if cap and action.ends_stage and (cap.when is None or cap.when.holds(case.answers)):
        yield _count(case, visit, number, action, cap, calendar, is_cap=True)
    agreed = case.agreed_for(number, action.key)
    if agreed:
        due = Due(london_date(agreed.until), agreed.until, london_date(agreed.until) > calendar.published_to)
        yield Counted(
            None, "the agreed date", agreed.at, agreed.entry, due, None, due.provisional, "Agreed between the two sides"
        )


def _count(
    case: Case,
    visit: Visit,
    number: int,
    action: Action,
    timescale: Timescale,
    calendar: Calendar,
    is_cap: bool = False,
) -> Counted:
    anchor, fell_back = timescale.anchor, False
    found = _moment(case, visit, number, action, timescale, anchor)
    if found is None and timescale.failing_that:
        anchor, fell_back = timescale.failing_that, True
        found = _moment(case, visit, number, action, timescale, anchor)
    within = timescale.within
    since, entry = found or (None, None)
    due = add(since, within.limit, within.unit, calendar) if since else None
    target = add(since, within.target, within.unit, calendar).at if since and within.target else None
    return Counted(
        within,
        str(anchor),
        since,
        entry,
        due,
        target,
        provisional=due is not None and (fell_back or due.provisional),
        cite=timescale.cite,
        reading=timescale.reading,
        when=timescale.when.text if timescale.when else None,
        is_cap=is_cap,
    )


def _moment(
    case: Case, visit: Visit, number: int, action: Action, timescale: Timescale, anchor: Anchor
) -> tuple[datetime, int] | None:
    """When what a timescale counts from happened, and the entry it came from; None while it has not."""
    match anchor.kind:
        case "concern":
            return case.concern_at, case.concern_entry
        case "raised":
            return case.raised_at, 1
        case "stage":
            return visit.entered_at, visit.entry
        case "stage-entry":
            stays = [stay for stay in case.visits if stay.stage == anchor.key and stay.number <= visit.number]
            if number > STANDING:  # another route may have a stage of that name
                stays = [stay for stay in stays if stay.route == visit.route]
            return (stays[-1].entered_at, stays[-1].entry) if stays else None
        case "resolved":
            return (case.resolved_at, case.resolved_entry) if case.resolved_at and case.resolved_entry else None
        case "known":
            return _known_since(case, number, action, timescale)
        case _:
            here = case.done_at(visit.number, anchor.key) if number > STANDING else None
            records = [here] if here else [done for done in case.done if done.action == anchor.key]
            return max(((record.at, record.entry) for record in records), default=None)


def _known_since(case: Case, number: int, action: Action, timescale: Timescale) -> tuple[datetime, int] | None:
    """When what calls for an action became known: in the last stretch of time it held, and since the action was done."""
    condition = timescale.when or action.when
    stretches = _stretches(case, condition) if condition else []
    if condition is None or not stretches:
        return None
    acts = sorted(done.at for done in case.done if (done.visit, done.action) == (number, action.key))
    if not acts:
        return stretches[-1][0]
    again = [call for call in stretches[-1] if call[0] > acts[-1]]
    if again and condition.holds(case.answers):
        return again[0]
    answered = next((stretch for stretch in reversed(stretches) if stretch[0][0] <= acts[-1]), stretches[-1])
    return next((call for call in answered if len(acts) == 1 or call[0] > acts[-2]), answered[0])


def _stretches(case: Case, condition: Condition) -> list[list[tuple[datetime, int]]]:
    """The stretches of time in which a condition held: each a list of when something was said that makes it hold."""
    said = sorted((at, seq, key, answer) for key, fact in case.facts.items() for at, seq, answer in fact.said)
    answers: dict[str, str] = {}
    stretches: list[list[tuple[datetime, int]]] = []
    held = False
    for (at, seq), together in groupby(said, key=lambda each: each[:2]):  # what is said at once comes about at once
        now = {key: answer for _, _, key, answer in together}
        answers |= now
        holds = condition.holds(answers)
        if holds and any(key in facts for facts in condition.known_by(answers) for key in now):
            stretches = stretches if held else [*stretches, []]
            stretches[-1].append((at, seq))
        held = holds
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
    above = {
        place for place, way in protocol.reachable(threshold).items() if not _leads_to(protocol, way[-1], threshold)
    }
    return any((visit.route, visit.stage) in above | {(threshold.route, threshold.key)} for visit in case.visits)


def _leads_to(protocol: Protocol, stage: Stage, other: Stage) -> bool:
    """Whether a case can come from one stage to another."""
    return (other.route, other.key) in protocol.reachable(stage)
