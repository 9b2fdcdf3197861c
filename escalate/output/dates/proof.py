"""The days that a date was counted by, and by when to act, in words."""

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.clock import spoken, spoken_day
from escalate.domain.worktime.due import ActBy
from escalate.domain.worktime.proof import Step


def act_by_in_words(act: ActBy) -> str:
    """The last working moment; where there is none, that it is the deadline itself."""
    return f"{spoken(act.at)}{'  (the whole time lies outside working hours)' if act.outside_hours else ''}"


def day_headings(allowance: Allowance) -> tuple[str, str, str]:
    """What stands above a day, what was counted by its end, and what there is to say of it."""
    return "Day", f"{allowance.day_name}s" if allowance.limit else "Counted", ""


def day_in_words(day: Step) -> tuple[str, str, str]:
    """A day, how much of an allowance was used up by its end, and what there is to say of it: `skipped: Boxing Day`."""
    if day.count is None:
        return spoken_day(day.on), "-", f"skipped: {day.why}"
    return spoken_day(day.on), str(day.count), day.why
