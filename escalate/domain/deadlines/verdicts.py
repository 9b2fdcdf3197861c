"""Verdicts that stay: what was judged before the calendar was changed, or the case moved to another edition."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from escalate.domain.case.model import Case
from escalate.domain.deadlines.model import Deadline, DeadlineKey
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar

WorkOutCase = Callable[[Protocol, Case, Calendar], list[Deadline]]
"""Works out the deadlines of a case by one edition and one calendar."""


def verdicts(
    protocol: Protocol, case: Case, calendar: Calendar, work_out: WorkOutCase
) -> Mapping[DeadlineKey, Deadline]:
    """The deadlines judged by what held before a change, each as the first change after it found it. Raises BeyondCalendar."""
    found: dict[DeadlineKey, Deadline] = {}
    for change in sorted({until for until, _ in (*protocol.earlier, *calendar.earlier)}):
        just_before = change - timedelta(seconds=1)
        stays = tuple(stay for stay in case.stays if _was_recorded(case, stay.entry, change))
        if not stays:
            continue
        then = case._replace(stays=stays)
        for each in work_out(protocol.as_known(just_before), then, calendar.as_known(just_before)):
            if each.key not in found and _was_judged(case, each, change):
                found[each.key] = each._replace(judged_until=change)
    return found


def _was_recorded(case: Case, entry: int, by: datetime) -> bool:
    """Whether an entry was in the history at an instant."""
    return 0 < entry <= len(case.history) and case.history[entry - 1].recorded_at <= by


def _was_judged(case: Case, deadline: Deadline, by: datetime) -> bool:
    """Whether a deadline had been met by an instant, in time or late, or missed for good because the case was closed."""
    if deadline.met_entry is not None:
        return _was_recorded(case, deadline.met_entry, by)
    closed = case.stay.left_entry
    over = case.status != "open" and closed is not None and _was_recorded(case, closed, by)
    return over and deadline.due_at is not None and deadline.due_at < by
