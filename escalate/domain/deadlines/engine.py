"""deadlines = f(protocol, history, calendar): what is due in a case, when, and by which of its limits."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import zip_longest

from escalate.domain.case.model import Agreed, Case, Stay
from escalate.domain.case.occasion import AT_ANY_STAGE, Occasion
from escalate.domain.deadlines.agreed import agreed_for, ran_out_before
from escalate.domain.deadlines.ahead import looking_ahead
from escalate.domain.deadlines.calls import BegunBy, Call, calls_of, is_reached
from escalate.domain.deadlines.dates import dates_of
from escalate.domain.deadlines.known import OPENING, Since
from escalate.domain.deadlines.lateness import late_in
from escalate.domain.deadlines.limits import applying, begun, limits_on, may_lie_ahead, weighed
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.deadlines.overdue import never_comes
from escalate.domain.deadlines.readings import earliest_otherwise, read_otherwise
from escalate.domain.deadlines.verdicts import Judged, with_history_taken_over, with_verdicts
from escalate.domain.deadlines.workings import Workings
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP, RESOLVE, Action, Stage, owner_by
from escalate.domain.worktime.calendar import Calendar


def deadlines(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    """Every deadline a case has had so far, in the order of its stages, whatever became of it.

    What was judged before the calendar was changed, or the case moved to another edition, keeps the verdict it had. The end
    of a stage that ends with its duties is left out as long as one of them is open and dated (C18). Raises BeyondCalendar.
    """
    return [each for each in what_can_be_recorded(protocol, case, calendar) if not each.stands_back]


def what_can_be_recorded(protocol: Protocol, case: Case, calendar: Calendar) -> list[Deadline]:
    """Every deadline that something can be recorded for: those that lists show, and the ends of stages that stand back. Raises BeyondCalendar."""
    return with_verdicts(protocol, case, calendar, _worked_out)


def stage_deadlines(protocol: Protocol, case: Case, stay: Stay, calendar: Calendar) -> Iterator[Deadline]:
    """The deadlines of one stay at a stage. Raises BeyondCalendar."""
    return _deadlines_of_stay(Workings(protocol, case, calendar, _deadlines_of_action), stay)


def cache_key(case: Case) -> Hashable:
    """Cache key: under one protocol and calendar, cases with equal keys have equal deadlines."""
    return (
        case.status, case.concern_at, case.concern_entry, case.raised_at, case.resolved_at, case.resolved_entry, case.closings,
        tuple((key, fact.said) for key, fact in case.facts.items()), case.stays, case.done, case.agreed, case.editions,
        tuple(entry.recorded_at for entry in case.history),
    )  # fmt: skip


def _worked_out(protocol: Protocol, case: Case, calendar: Calendar, judged: Judged) -> list[Deadline]:
    """The deadlines of a case by one edition and one calendar; what counts from one judged before counts from that verdict."""
    workings = Workings(protocol, case, calendar, _deadlines_of_action, judged)
    found = [deadline for stay in case.stays for deadline in _deadlines_of_stay(workings, stay)]
    for closing in case.closings:
        if closing.resolution:
            stay, begins = case.stays[closing.stay - 1], Since(closing.at, closing.entry)
            owed = (action for action in protocol.after_resolution if is_reached(workings, action, stay))
            found += _deadlines_on(workings, Occasion(resolution=closing.resolution), stay, begins, owed)
    begins = Since(case.raised_at, OPENING)
    found += _deadlines_on(workings, AT_ANY_STAGE, case.stays[0], begins, protocol.standing_actions)
    return with_history_taken_over(found, case, case.closings)


def _deadlines_of_stay(workings: Workings, stay: Stay) -> Iterator[Deadline]:
    """The deadlines of one stay at a stage; the one that ends it says what may run out further up while the case is there."""
    stage, is_there = workings.stage(stay), stay.left_at is None
    for action in stage.actions:
        found = workings.deadlines(stay, action)
        if not action.ends_stage:
            yield from found
            continue
        for each in found:
            ahead = looking_ahead(workings, stage, each) if is_there and each.is_open else each
            stands_back = _has_no_date_at_all(ahead) and _has_dated_duty(workings, stay, stage)
            yield ahead._replace(stands_back=True) if stands_back else ahead
        done = [
            (each, following)
            for each, following in zip_longest(found, found[1:])
            if _was_done_there(workings, stay, each)
        ]
        if done:
            # A stage is resolved by resolving the case: only to say that it is does not stop its clock.
            own = done[-1][0].due_at if action.key == RESOLVE else None
            for each in _next_steps(workings, stay, stage, [_stretch(*pair) for pair in done]):
                yield looking_ahead(workings, stage, each, own) if is_there and each.is_open else each


def _was_done_there(workings: Workings, stay: Stay, deadline: Deadline) -> bool:
    """Whether what ends a stage was done while the case was there, and not met by leaving it."""
    if deadline.met_at is None:
        return False
    is_there = stay.left_at is None or (deadline.met_at, deadline.met_entry or 0) < (stay.left_at, stay.left_entry or 0)
    return is_there and any(each.entry == deadline.met_entry for each in workings.case.done)


def _has_dated_duty(workings: Workings, stay: Stay, stage: Stage) -> bool:
    """Whether a duty of a stage is open and dated during a stay."""
    return any(_is_dated_duty(each) for action in stage.actions for each in workings.deadlines(stay, action))


def _is_dated_duty(deadline: Deadline) -> bool:
    """Whether a deadline is a duty of its stage, beside ending it, that is open and has a date that runs."""
    is_duty = not deadline.ends_stage and not deadline.is_window
    return is_duty and deadline.is_open and deadline.due_at is not None and deadline.runs_from is None


def _has_no_date_at_all(deadline: Deadline) -> bool:
    """Whether nothing dates the end of a stage, nor may: no limit, no agreed date, nothing further up."""
    return deadline.is_open and not (deadline.limits or deadline.unanswered or deadline.ahead_at)


def _stretch(done: Deadline, following: Deadline | None) -> tuple[Since, Since | None]:
    """From when what ends a stage was done until it was called for once more, if it was."""
    assert done.met_at is not None
    until = Since(following.called_at, following.called_entry) if following and following.called_at else None
    return Since(done.met_at, done.met_entry), until


def _next_steps(
    workings: Workings, stay: Stay, stage: Stage, stretches: Sequence[tuple[Since, Since | None]]
) -> Iterator[Deadline]:
    """The deadlines that keep a case on the list once the action that ends its stage is done, but the case is still there.

    One that was taken before its date leaves no row (C15).
    """
    step = _next_step(stage.cite, goes_on=bool(stage.next))
    calls = [
        call if until is None else _as_of(call, until)
        for since, until in stretches
        for call in calls_of(workings, stay, stay.occasion, step, since, _ran_out)
        if until is None or _comes_before(call.begins, until)
    ]
    found = _deadlines_of_calls([call._replace(number=n) for n, call in enumerate(calls, 1)])
    return iter(_numbered([each for each in found if each.is_open or each.had_run_out]))


@cache  # one and the same action in every case at a stage
def _next_step(cite: str, *, goes_on: bool) -> Action:
    name = "Record that it is resolved, or go up" if goes_on else "Record that it is resolved"
    return Action(NEXT_STEP, name, cite=cite)


def _deadlines_of_action(
    workings: Workings, stay: Stay, action: Action, by: Since | None = None
) -> tuple[Deadline, ...]:
    """The deadlines of an action during a stay at its stage, by what had happened until then: none where it is not called for."""
    begins = Since(stay.entered_at, stay.entry)
    calls = calls_of(workings, stay, stay.occasion, action, begins, _ran_out)
    if by is None:
        return tuple(_deadlines_of_calls(calls))
    return tuple(_deadlines_of_calls([_as_of(call, by) for call in calls if _comes_before(call.begins, by)]))


def _as_of(call: Call, by: Since) -> Call:
    """A call as if nothing had happened after an instant, by which it is over."""
    if call.over and _comes_before(call.over, by):
        return call
    return call._replace(done=None, left=None, ended=by, answers=call.workings.known.answers_at(by))


def _comes_before(since: Since, by: Since) -> bool:
    return (since.at, since.entry or OPENING) <= (by.at, by.entry or OPENING)


def _deadlines_on(
    workings: Workings, occasion: Occasion, stay: Stay, begins: Since, actions: Iterable[Action]
) -> list[Deadline]:
    """The deadlines of actions on one occasion, which begins at an instant."""
    return [
        deadline
        for action in actions
        for deadline in _deadlines_of_calls(calls_of(workings, stay, occasion, action, begins, _ran_out))
    ]


def _deadlines_of_calls(calls: Sequence[Call]) -> list[Deadline]:
    """What the calls for an action on one occasion come to, and the agreed dates that ran out meanwhile."""
    agreed = agreed_for(calls)
    if len(calls) == 1 and not agreed[0]:  # as of most actions
        rows = [] if never_comes(calls[0]) else [_deadline(calls[0], None)]
    else:
        rows = _rows_of_calls(calls, agreed)
    return _numbered(rows) if len(rows) > 1 or (rows and rows[0].call > 1) else rows


def _rows_of_calls(calls: Sequence[Call], agreed: Sequence[Sequence[Agreed]]) -> list[Deadline]:
    """What calls come to with the dates agreed for each, of which some goes on in the call after."""
    found: list[list[Deadline]] = []
    regraded: dict[BegunBy | None, int] = {}
    if len(calls) > 1 and any(agreed):  # what extends one call is nothing to another (C15)
        calls = [call._replace(agreed=dates) for call, dates in zip(calls, agreed, strict=True)]
    ended: dict[BegunBy | None, tuple[Call, Sequence[Agreed]]] = {}
    for each, of_it in zip(calls, agreed, strict=True):
        if never_comes(each):
            continue
        call, dates = _with_dates_before(each, of_it, ended)
        if call.is_regraded:
            ended[call.begun_by] = call, dates
        deadline = _deadline(call, dates[-1] if dates else None)
        ran_out = list(_ran_out_before(call, dates)) if len(dates) > 1 else []
        place = regraded.get(call.carries_on) if regraded else None
        if place is not None and _goes_on(found[place][-1], _as_it_began(call, dates)):
            *earlier, before = found[place]
            found[place] = [
                *(each._replace(call=call.number) for each in earlier),
                *ran_out,
                _going_on(before, deadline),
            ]
        else:
            place = len(found)
            found.append([*ran_out, deadline])
        if call.is_regraded:
            regraded[call.begun_by] = place
    return [row for rows in found for row in rows]


def _with_dates_before(
    call: Call, dates: Sequence[Agreed], before: Mapping[BegunBy | None, tuple[Call, Sequence[Agreed]]]
) -> tuple[Call, Sequence[Agreed]]:
    """A call and the dates agreed for it; with those that ran out before other timescales came, where these changed no date of the protocol's (C15).

    Otherwise an agreed date that ran out would end with the old timescales, and what was overdue by it be overdue no more.
    """
    carried = before.get(call.carries_on) if call.carries_on else None
    if carried is None or not carried[1] or _own_date(carried[0]) != _own_date(call):
        return call, dates
    all_of_it = sorted({*carried[1], *dates}, key=lambda each: (each.at, each.entry))
    return (call if call.agreed is None else call._replace(agreed=all_of_it)), all_of_it


def _own_date(call: Call) -> datetime | None:
    """When a call is due by the protocol alone, whatever was agreed, as it began or, once other timescales came, as it was then."""
    alone = call._replace(agreed=())
    return (_deadline(alone, None) if call.is_regraded else _as_it_began(alone, ())).due_at


def _going_on(before: Deadline, deadline: Deadline) -> Deadline:
    """A call that goes on though other timescales apply, as it began."""
    return deadline._replace(
        called_at=before.called_at,
        called_entry=before.called_entry,
        agreed_until=deadline.agreed_until or before.agreed_until,
    )


def _as_it_began(call: Call, dates: Sequence[Agreed]) -> Deadline:
    """What a call came to by what had happened once it had begun: whatever came after says nothing of how it came about."""
    begins = call.begins
    agreed = [each for each in dates if (each.at, each.entry) <= (begins.at, begins.entry or OPENING)]
    just_after = Since(begins.at, (begins.entry or OPENING) + 1)
    answers = call.workings.known.answers_at(begins)
    then = call._replace(done=None, left=None, ended=just_after, answers=answers)
    return _deadline(then, agreed[-1] if agreed else None)


def _goes_on(regraded: Deadline, deadline: Deadline) -> bool:
    """Whether a call goes on though other timescales apply: they come to the same date, or a first answer came before it had run out."""
    return regraded.due_at == deadline.due_at or (bool(regraded.unanswered) and not regraded.had_run_out)


def _numbered(found: Sequence[Deadline]) -> list[Deadline]:
    """Deadlines of one action on one occasion with their calls numbered from 1; an agreed date that ran out bears the number of its call."""
    numbers: dict[int, int] = {}
    for each in found:
        numbers.setdefault(each.call, len(numbers) + 1)
    return [
        each._replace(call=numbers[each.call], occurrence=numbers[each.call] if each.occurrence else 0)
        for each in found
    ]


def _ran_out_before(call: Call, dates: Sequence[Agreed]) -> Iterator[Deadline]:
    """The agreed dates of a call that ran out before another was agreed, where they were the deadline (C15)."""
    for agreed, anew in ran_out_before(dates, call):
        ended = Since(anew.at, anew.entry)
        answers = call.workings.known.answers_at(ended)
        held = call._replace(done=None, left=None, ended=ended, answers=answers)
        then = _deadline(held, agreed)
        if then.due_at == agreed.until and not held.unanswered:
            yield then._replace(agreement=agreed.entry)


def _ran_out(call: Call) -> bool:
    """Whether the time of a call had run out when it ended, by what held then. Raises BeyondCalendar."""
    dates = [each for each in agreed_for([call])[0] if not call.done_before or each.at >= call.begins.at]
    decides = limits_on(call, dates[-1] if dates else None).decides
    return bool(decides and decides.due and call.ended and decides.due.at < call.ended.at)


def _deadline(call: Call, agreed: Agreed | None) -> Deadline:
    """What a call comes to: which limit decides, when that ends, and what became of it."""
    action, stage = call.action, call.stage
    bearing = applying(call, agreed)
    limits = weighed(call, [limit for _, limit in bearing])
    decides = limits.decides
    otherwise = read_otherwise(call, bearing)
    met, unanswered = call.met, limits.unanswered
    if hangs_on := call.unanswered:
        unanswered = list(dict.fromkeys((*hangs_on, *unanswered)))
    dates = dates_of(call, limits, unanswered)
    begins = action.begins if decides is None else None
    since = begun(call) if begins else None
    is_waiting = not hangs_on and (since is None if begins else _is_waiting(limits.counting))
    owner = owner_by(action.owner or stage.owner_by(call.answers), action.owners, call.answers)
    runs_from = since.at if since and begins and may_lie_ahead(call, begins) else dates.runs_from
    called, act_by, ended = call.begins, dates.act_by, call.ended if met is None else None
    # In the order of the fields: with their names, making it took a tenth of the whole work.
    return Deadline(
        call.occasion, stage.route, stage.key, stage.name, action.key, action.name,
        owner, decides.cite if decides else action.cite or stage.cite,
        dates.target_at, dates.due_at, act_by.at if act_by else None, act_by is not None and act_by.outside_hours,
        dates.provisional, is_waiting, agreed.until if agreed else None,
        met.at if met else None, met.entry if met else None,
        action.ends_stage, call.bearing.contacts,
        None, None,  # what lies ahead is put in by looking_ahead
        dates.limit_at, call.occurrence,
        action.window, action.side, action.once_passed, action.then_owner,
        dates.stopped_since, call.number,
        0,  # of an agreed date by _ran_out_before
        called.at, called.entry, call.first_called, runs_from,
        False,  # whether it stands back, by _deadlines_of_stay
        ended.at if ended else None, ended.entry if ended else None,
        tuple(unanswered),
        None, False,  # what was judged before or is not known, by verdicts.py
        late_in(decides), (*limits.counting, *limits.not_counting),
        otherwise, earliest_otherwise(otherwise, dates.due_at) if otherwise else None,
    )  # fmt: skip


def _is_waiting(counting: Sequence[Limit]) -> bool:
    """Whether a limit applies for certain, and what it counts from has not happened yet, or its clock stands still."""
    return bool(counting) and counting[0].due is None and any(not each.unanswered for each in counting)
