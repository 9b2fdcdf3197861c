"""Allowances: "24 hours", "5 working days", "1 to 3 working days", "immediately", "3 clear days", "1 working day by 12:00"."""

from enum import Enum
from functools import cache
from typing import NamedTuple


class Unit(Enum):
    """What an allowance is counted in; the value is its singular."""

    MINUTE = "minute"
    HOUR = "hour"
    WORKING_HOUR = "working hour"
    DAY = "day"
    WORKING_DAY = "working day"
    WEEK = "week"
    WORKING_WEEK = "working week"
    MONTH = "month"
    YEAR = "year"
    IMMEDIATELY = "immediately"
    SAME_WORKING_DAY = "same working day"

    __hash__ = object.__hash__  # that of Enum is written in Python, and every count looks up its unit

    def __init__(self, singular: str) -> None:
        # Every count asks for these two.
        self.in_hours = singular in ("minute", "hour", "working hour")
        """It runs to a time of day (rule C6), not to the end of a day (rule C5)."""
        self.of_working_days = "working" in singular
        """It is counted on the working days or hours of a calendar, so that it matters which."""
        self.is_of_working_time = self.of_working_days and singular != "same working day"
        """It lasts so much working time, and is no single day on which to act."""


class Reckoning(Enum):
    """Which of the days at the two ends count; the value is the word for it in a file."""

    USUAL = ""
    CLEAR = "clear"
    INCLUSIVE = "inclusive"

    __hash__ = object.__hash__  # as that of Unit


CLOSE = "close of business"


class Allowance(NamedTuple):
    """So many of a unit, as a protocol or an agreement allows."""

    limit: int
    """How many, at most; 0 for `immediately` and `same working day`."""
    unit: Unit
    """What is counted."""
    target: int | None = None
    """The lower figure of a range."""
    days_of: str | None = None
    """The key of the protocol's calendar whose days or hours are meant: `school` in "5 school days"."""
    reckoning: Reckoning = Reckoning.USUAL
    """Which of the days at the two ends count."""
    by: str | None = None
    """The London time of the last day at which it runs out, "12:00" or "close of business", if that is not the end of the day."""

    def __str__(self) -> str:
        by = f" by {self.by}" if self.by else ""
        if self.unit is Unit.IMMEDIATELY:
            return f"same day{by}" if by else self.unit.value
        if self.unit is Unit.SAME_WORKING_DAY:
            return f"{self.day_name}{by}"
        figure = f"{self.limit}" if self.target is None else f"{self.target} to {self.limit}"
        clear = "clear " if self.reckoning is Reckoning.CLEAR else ""
        inclusive = " inclusive" if self.reckoning is Reckoning.INCLUSIVE else ""
        return f"{figure} {clear}{self.day_name}{'' if self.limit == 1 else 's'}{inclusive}{by}"

    @property
    def day_name(self) -> str:
        """What is counted, in the singular: `working day`, `school day`."""
        unit: str = self.unit.value
        return unit.replace("working", self.days_of) if self.days_of else unit

    @property
    def in_hours(self) -> bool:
        """True if it is counted in minutes or hours, so that it ends at a time of day."""
        return self.unit.in_hours

    @property
    def up_to_target(self) -> "Allowance | None":
        """The lower figure of a range, as an allowance of its own."""
        return None if self.target is None else _with_limit(self, self.target)


@cache  # a protocol has a few, and each deadline of them comes by here
def _with_limit(allowance: Allowance, limit: int) -> Allowance:
    return allowance._replace(limit=limit, target=None)
