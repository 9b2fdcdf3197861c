"""Verdicts that stay: what was judged before the calendar was changed, or the case moved to another edition (C15).

And those that nobody can give: of closed history that was taken over from a log nothing is owed any more, and what became of it is known only
where the log says when.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from escalate.domain.case.entries import ADOPTED, CORRECTED, DONE, UNDONE, effective
from escalate.domain.case.model import Case, Closing, EarlierEdition, TakenOver
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.model import Deadline, DeadlineKey
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.worktime.allowance import Unit
from escalate.domain.worktime.calendar import Calendar

Judged = Mapping[DeadlineKey, Deadline]
"""What was judged before a change, as it was judged then."""

WorkOutCase = Callable[[Protocol, Case, Calendar, Judged], list[Deadline]]
"""Works out the deadlines of a case by one edition and one calendar; what was judged before, as it was judged then."""


def with_verdicts(protocol: Protocol, case: Case, calendar: Calendar, work_out: WorkOutCase) -> list[Deadline]:
    """The deadlines of a case, those judged before a change as they were judged then. Raises BeyondCalendar."""
    found = _by_calendars(protocol, case, calendar, work_out)
    if not case.editions:
        return found
    judged: dict[DeadlineKey, Deadline] = {}
    ended: list[Deadline] = []
    for edition in case.editions:
        then = _judged_under(edition, protocol, case, calendar, work_out)
        judged = {**{each.key: each for each in then if each.ended_entry != edition.entry}, **judged}
        ended += [each for each in then if each.ended_entry == edition.entry and each.key not in judged]
    gone = [each for key, each in judged.items() if key not in {each.key for each in found}]
    return _in_order([judged.get(each.key, each) for each in found], [*gone, *ended])


# -- the calendar was changed ---------------------------------------------------------------------------------------------


def _by_calendars(protocol: Protocol, case: Case, calendar: Calendar, work_out: WorkOutCase) -> list[Deadline]:
    """The deadlines by one edition: what was met or ended counts on the calendar that held when that was written down."""
    judged: dict[DeadlineKey, Deadline] = {}
    for change in sorted({until for until, _ in calendar.earlier}):
        if case.history and case.history[0].recorded_at > change:
            continue
        for each in work_out(protocol, case, calendar.as_known(_just_before(change)), judged):
            if each.key not in judged and _was_judged(case, each, change):
                judged[each.key] = each._replace(judged_until=change)
    found = work_out(protocol, case, calendar, judged)
    return [judged.get(each.key, each) for each in found] if judged else found


def _was_judged(case: Case, deadline: Deadline, by: datetime) -> bool:
    """Whether what met or ended a deadline was in the history at an instant."""
    entry = deadline.met_entry or deadline.ended_entry
    return entry is not None and 0 < entry <= len(case.history) and case.history[entry - 1].recorded_at <= by


# -- the case moved to another edition ------------------------------------------------------------------------------------


def _judged_under(
    edition: EarlierEdition, protocol: Protocol, case: Case, calendar: Calendar, work_out: WorkOutCase
) -> list[Deadline]:
    """What was judged under an earlier edition, and the calls that moving to the next one ended: those it dates otherwise."""
    then = _case_by(case, edition)
    if then is None:
        return []
    before, after = protocol.as_known(_just_before(edition.until)), protocol.as_known(edition.until)
    dates = {each.key: each.due_at for each in work_out(after, then, calendar.as_known(edition.until), {})}
    found = []
    for each in _by_calendars(before, then, calendar.as_known(_just_before(edition.until)), work_out):
        judged = each._replace(judged_until=each.judged_until or edition.until)
        if not each.is_open:
            found.append(judged)
        elif each.key not in dates or dates[each.key] != each.due_at:
            ended = judged._replace(ended_at=edition.at, ended_entry=edition.entry, ahead_at=None, ahead_of=None)
            found.append(ended)
    return [each for each in found if each.action != NEXT_STEP or each.had_run_out]


def _case_by(case: Case, edition: EarlierEdition) -> Case | None:
    """The case as it was when it left an edition, by all that had happened by then, however late it was written down."""
    happened = {each.seq for each in effective(case.history) if (each.at, each.seq) < (edition.at, edition.entry)}
    kept = [
        each
        for each in case.history
        if (each.seq in happened and each.kind != ADOPTED)
        or (each.kind in (UNDONE, CORRECTED) and each.data.get("undoes", each.data.get("corrects")) in happened)
    ]
    return replay(kept) if kept else None


def _in_order(found: list[Deadline], ended: list[Deadline]) -> list[Deadline]:
    """The deadlines with those that ended under an earlier edition before them, and their calls numbered anew."""
    result = list(found)
    for each in ended:
        same = [n for n, other in enumerate(result) if (other.occasion, other.action) == (each.occasion, each.action)]
        later = [
            n
            for n in same
            if result[n].call >= each.call and result[n].ended_entry is None and result[n].met_at is None
        ]
        beside = [n for n, other in enumerate(result) if other.occasion == each.occasion]
        result.insert(later[0] if later else max([*same, *beside], default=len(result) - 1) + 1, each)
    numbers: dict[tuple[Occasion, str], int] = {}
    numbered = []
    for each in result:
        place = each.occasion, each.action
        if not each.agreement:
            numbers[place] = numbers.get(place, 0) + 1
        number = numbers.get(place, 0) + (1 if each.agreement else 0)
        numbered.append(each._replace(call=number, occurrence=number if each.occurrence else 0))
    return numbered


def _just_before(change: datetime) -> datetime:
    return change - timedelta(seconds=1)


# -- the case was closed in a log, and taken over ---------------------------------------------------------------------------

_BY_THE_HOUR = (Unit.MINUTE, Unit.HOUR, Unit.WORKING_HOUR)


def with_history_taken_over(found: list[Deadline], case: Case, closings: Iterable[Closing]) -> list[Deadline]:
    """The deadlines of a case; what was called for before it was closed in the log it comes from, as far as the log tells what became of it.

    `closings` are those of the case as it is known, of which none may have come yet at the time looked at.
    """
    for closing in closings:
        if closing.taken_over is not None:
            found = [_taken_over(each, case, closing, closing.taken_over) for each in found]
    return found


def _taken_over(deadline: Deadline, case: Case, closing: Closing, told: TakenOver) -> Deadline:
    """A deadline, its verdict left only where the log says when it began and ended, or somebody has recorded since that it was done."""
    if (deadline.called_entry or 0) > closing.entry or _was_recorded(deadline, case) or _is_sure(deadline, told):
        return deadline
    return deadline._replace(
        not_known=True, ended_at=closing.at, ended_entry=closing.entry, met_at=None, met_entry=None, target_at=None, due_at=None, act_by=None,
        outside_hours=False, provisional=False, waiting=False, ahead_of=None, ahead_at=None, limit_at=None, stopped_since=None,
        runs_from=None, stands_back=False, unanswered=(), limits=(), read_otherwise=(), other_reading_at=None,
    )  # fmt: skip


def _was_recorded(deadline: Deadline, case: Case) -> bool:
    """Whether somebody recorded that it was done: a log that is taken over says of nothing but stages when that was."""
    entry = deadline.met_entry or 0
    return 0 < entry <= len(case.history) and case.history[entry - 1].kind == DONE


def _is_sure(deadline: Deadline, told: TakenOver) -> bool:
    """Whether the log tells if a stage ended in time: of days alone it tells that of hours only where the rest of a day changes nothing.

    What ended in time though it is taken to have begun as early as it can have, did so whenever it began.
    """
    stay = deadline.occasion.stay
    if not deadline.ends_stage or deadline.met_at is None:
        return False
    if stay not in told.stays:
        return stay in told.ended and deadline.due_at is not None and deadline.met_in_time
    if deadline.met_in_time or deadline.due_at is None:
        return True
    within = deadline.limits[0].within if deadline.limits else None
    by_the_hour = within is not None and within.unit in _BY_THE_HOUR
    return not by_the_hour or deadline.met_at - deadline.due_at > timedelta(hours=told.unsure_hours)
