"""Working hours in words."""

from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.local_calendar import WEEKDAYS
from escalate.domain.worktime.working_hours import Hours


def hours_in_words(hours: Hours) -> str:
    """`09:00 to 17:00`."""
    opens, closes = hours
    return f"{opens:%H:%M} to {closes:%H:%M}"


def unusual_hours(calendar: Calendar) -> dict[int, Hours]:
    """The working days of the week with hours of their own, by number; 0 is Monday."""
    of_week = {day: calendar.hours_of(day) for day in calendar.week}
    return {day: hours for day, hours in of_week.items() if hours != (calendar.opens, calendar.closes)}


def week_hours_in_words(calendar: Calendar, between: str) -> str:
    """`09:00 to 17:00, Friday 09:00 to 16:30`: the usual hours, then the days that have others."""
    usual = hours_in_words((calendar.opens, calendar.closes))
    others = (f"{WEEKDAYS[day].capitalize()} {hours_in_words(hours)}" for day, hours in unusual_hours(calendar).items())
    return between.join([usual, *others])
