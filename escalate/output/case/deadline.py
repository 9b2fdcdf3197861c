"""One deadline in words: when it is due, how long there is or how late it is, and what has to be known beside that."""

from datetime import datetime, timedelta

from escalate.domain.deadlines.lateness import lateness
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import Standing
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import LAST_SECOND, london, london_date
from escalate.output.words import TYPED, Called, short
from escalate.wording import how_many

# Red and magenta can be read on a light and on a dark ground; green and blue cannot be relied on. The words say it all.
STYLES = {
    Standing.OVERDUE: "bold red",
    Standing.AT_RISK: "bold magenta",
    Standing.ON_TRACK: "",
    Standing.UNDATED: "bold",
    Standing.WAITING: "bold",
    Standing.MET: "",
    Standing.MET_LATE: "red",
    Standing.LAPSED: "bold",
    Standing.UNDECIDED: "bold",
    Standing.MISSED: "red",
    Standing.CEASED: "",
    Standing.NOT_KNOWN: "",
}

RUNNING = (Standing.OVERDUE, Standing.AT_RISK, Standing.ON_TRACK)
"""The standings of which it is worth saying how long there is, or how late it is."""

PROVISIONAL = (
    "~ provisional: counted from a fallback, or beyond the bank holidays published so far; escalate explain says which."
)

_AT_ONCE = timedelta(days=2)
"""What safety calls for within so long is to be done at once, and has no later moment to act by."""


def provisional(called: Called = TYPED) -> str:
    """What `~` stands for; whoever types is told how to see which it is."""
    return f"{PROVISIONAL.partition(';')[0]}." if called.by_name else PROVISIONAL


def when_due(deadline: Deadline, now: datetime) -> str:
    """The deadline itself; `~` where it is provisional."""
    if deadline.stopped_since:
        return "clock stopped"
    if deadline.due_at is None:
        return "no date" if deadline.has_begun(now) else "waiting"
    return ("~" if deadline.provisional else "") + short(deadline.due_at, now)


def when_to_act(deadline: Deadline, now: datetime) -> str:
    """When to act, while there is time and that is before the deadline: `17:00` on the day itself, `Fri 20 Nov 17:00` earlier."""
    act, due = deadline.act_by, deadline.due_at
    if act is None or due is None or now > due:
        return ""
    if _is_urgent(deadline, due, now) and _ends_with_the_day(due):
        return ""  # what is due at once has no later moment to act by
    if deadline.outside_hours:
        return "outside working hours"
    if act == due:
        return ""
    return f"{london(act):%H:%M}" if london_date(act) == london_date(due) else short(act, now)


def how_long(deadline: Deadline, calendar: Calendar, now: datetime) -> str:
    """How late; or how long there is to act, in working days where days were counted, else in working hours."""
    due = deadline.due_at
    if due is None:
        return f"since {short(deadline.stopped_since, now)}" if deadline.stopped_since else ""
    if now > due:
        return "over" if deadline.is_window else how_late(deadline, calendar, now)
    if _is_urgent(deadline, due, now):
        return "at once"
    if _ends_with_the_day(due):
        return _days_left(due, calendar, now)
    span = calendar.working_time_between(now, max(now, deadline.act_by or due))
    if span:
        return f"{working_time_in_words(span, calendar)} left"
    return f"{clock_time_in_words(due - now)} left{'' if deadline.outside_hours else ', outside working hours'}"


def how_late(deadline: Deadline, calendar: Calendar, at: datetime) -> str:
    """How late something was at an instant after it was due: `3 days late`, `2 working days late`."""
    return f"{lateness(deadline, calendar, at)} late"


def _days_left(due: datetime, calendar: Calendar, now: datetime) -> str:
    days = calendar.working_days_between(london_date(now), london_date(due))
    if days:
        return f"{how_many(days, 'working day')} left"
    return "today" if london_date(now) == london_date(due) else "no working day left"


def _is_urgent(deadline: Deadline, due: datetime, now: datetime) -> bool:
    """Whether it is about somebody's safety, and due so soon that there is nothing to plan."""
    return deadline.comes_first and due - now <= _AT_ONCE


def _ends_with_the_day(due: datetime) -> bool:
    """Whether days were counted (C5)."""
    return london(due).time() == LAST_SECOND


def beside(deadline: Deadline, now: datetime) -> list[str]:
    """The target, what was agreed and the protocol's limit beside it, and what comes before it."""
    return [*target_and_agreed(deadline, now), *sooner(deadline, now)]


def target_and_agreed(deadline: Deadline, now: datetime) -> list[str]:
    """The target, and what was agreed and the protocol's limit beside it."""
    lines = []
    if deadline.target_at and not deadline.has_passed(now):
        lines.append("target passed" if now > deadline.target_at else f"target {short(deadline.target_at, now)}")
    if deadline.limit_at:
        lines.append(f"as agreed; limit {short(deadline.limit_at, now)}")
    elif deadline.agreed_until:
        same = deadline.agreed_until == deadline.due_at
        lines.append(
            ("the agreed date" if deadline.has_passed(now) else "as agreed")
            if same
            else f"agreed {short(deadline.agreed_until, now)}"
        )
    return lines


def sooner(deadline: Deadline, now: datetime) -> list[str]:
    """What comes before a deadline is due: the limit of a later stage, another reading."""
    lines = []
    if deadline.ahead_at:
        past = " (past)" if now > deadline.ahead_at else ""
        lines.append(f"limit of {deadline.ahead_of}: {short(deadline.ahead_at, now)}{past}")
    other = deadline.other_reading_at
    if other and (deadline.due_at is None or other < deadline.due_at):
        lines.append(f"by another reading {short(other, now)}{' (past)' if now > other else ''}")
    return lines


def effects(deadline: Deadline, now: datetime) -> list[str]:
    """Whose a window is, and what holds once a time has passed."""
    lines = []
    if deadline.is_window:
        lines.append(f"a window for the {deadline.side} side" if deadline.side else "a window: it only closes")
    if deadline.once_passed and deadline.has_passed(now):
        lines.append(deadline.once_passed)
    return lines


def working_time_in_words(span: timedelta, calendar: Calendar) -> str:
    """Working time as people say it: `2 working days`, `3 working hours`."""
    days, rest = divmod(abs(span), calendar.length_of_day)
    hours, minutes = divmod(rest // timedelta(minutes=1), 60)
    if days:
        return how_many(days, "working day") + (f" {how_many(hours, 'hour')}" if hours and days < 3 else "")
    if hours:
        return how_many(hours, "working hour")
    return how_many(minutes, "working minute") if minutes else "no working time"


def clock_time_in_words(span: timedelta) -> str:
    """Time by the clock: `2 days`, `7 hours`."""
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    if hours >= 48:
        return how_many(hours // 24, "day")
    return how_many(hours, "hour") if hours else how_many(minutes, "minute")
