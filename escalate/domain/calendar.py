"""Which days are working days (rule C1), and counting them without walking through them.

Working days are numbered from the year 1, so that every question is arithmetic: the number of a day, the day of a number.
A week's pattern gives both at once; the days off that fall on it are a sorted list, and a bisection corrects for them.
Any count therefore costs the same, whether it is 3 working days or 3,000.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from escalate.domain.errors import BeyondCalendar, Refused
from escalate.domain.london import at_london, london

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)


class Calendar:
    """The working days and hours of one part of the UK.

    `days_off` names each bank holiday and closure; those on a weekend do no harm. `first` and `last` bound what can be
    answered; beyond `published_to` an answer is provisional, because the holidays there are worked out, not proclaimed
    (rule C12). `source` says where the days off come from.
    """

    __slots__ = (
        "_cumulative",
        "_off",
        "_rank",
        "_week",
        "closes",
        "days_off",
        "first",
        "last",
        "name",
        "opens",
        "published_to",
        "source",
    )

    def __init__(
        self,
        name: str,
        days_off: Mapping[date, str],
        *,
        first: date,
        last: date,
        published_to: date,
        week: tuple[int, ...] = MONDAY_TO_FRIDAY,
        opens: time = time(9),
        closes: time = time(17),
        source: str = "",
    ) -> None:
        if not week:
            raise Refused(f"The {name} calendar has no working days in its week, so nothing can be counted on it.")
        if opens >= closes:
            raise Refused(
                f"The {name} calendar opens at {opens:%H:%M} and closes at {closes:%H:%M}: give hours such as 09:00 to 17:00."
            )
        self.name = name
        self.days_off = days_off
        self.first, self.last, self.published_to = first, last, published_to
        self.opens, self.closes = opens, closes
        self.source = source
        self._week = tuple(sorted(week))
        self._cumulative = tuple(sum(day < weekday for day in self._week) for weekday in range(7))
        self._off = sorted(day.toordinal() for day in days_off if day.weekday() in self._week)
        self._rank = [self._pattern_number(off) - i for i, off in enumerate(self._off)]

    def why_not(self, day: date) -> str | None:
        """Why a day is no working day ("weekend", "Easter Monday"); None when it is one."""
        if day.weekday() not in self._week:
            return "weekend"
        return self.days_off.get(day)

    def is_working_day(self, day: date) -> bool:
        """Rule C1."""
        return self.why_not(day) is None

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after a day, whichever day it is (rule C2; n >= 1). Raises BeyondCalendar."""
        return self._day(self._number(day) + n)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and including `end`; negative if `end` comes first."""
        return self._number(end) - self._number(start)

    def on_or_after(self, day: date) -> date:
        """The first working day on or after a day."""
        self.check(day)
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def on_or_before(self, day: date) -> date:
        """The last working day on or before a day."""
        return self._day(self._number(day))

    def last_working_moment(self, moment: datetime) -> datetime:
        """The last instant inside working hours that is not after an instant."""
        local = london(moment)
        day = local.date()
        if self.is_working_day(day) and local.time() >= self.opens:
            return min(moment, at_london(day, self.closes))
        return at_london(self.on_or_before(day - timedelta(days=1)), self.closes)

    def add_working_hours(self, moment: datetime, hours: int) -> datetime:
        """The instant at which so many hours inside working hours have run (rule C6). Raises BeyondCalendar."""
        total = self._worked(moment) + timedelta(hours=hours)
        whole_days = -(-total // self.length_of_day) - 1
        rest = total - whole_days * self.length_of_day
        day = self._day(whole_days + 1)
        return at_london(day, (datetime.combine(day, self.opens) + rest).time())

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the working hours ran from one instant to another; negative if `end` comes first."""
        return self._worked(end) - self._worked(start)

    @property
    def length_of_day(self) -> timedelta:
        """From opening to closing."""
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)

    def check(self, day: date) -> None:
        """Raises BeyondCalendar for a day the calendar cannot answer for."""
        if not self.first <= day <= self.last:
            raise BeyondCalendar(self.name, self.first, self.last)

    def _pattern_number(self, ordinal: int) -> int:
        weeks, rest = divmod(ordinal, 7)
        return weeks * len(self._week) + self._cumulative[rest]

    def _number(self, day: date) -> int:
        self.check(day)
        ordinal = day.toordinal()
        return self._pattern_number(ordinal) - bisect_right(self._off, ordinal)

    def _day(self, number: int) -> date:
        pattern_number = number + bisect_right(self._rank, number)
        weeks, rest = divmod(pattern_number - 1, len(self._week))
        ordinal = weeks * 7 + self._week[rest] + 1
        if not self.first.toordinal() <= ordinal <= self.last.toordinal():
            raise BeyondCalendar(self.name, self.first, self.last)
        return date.fromordinal(ordinal)

    def _worked(self, moment: datetime) -> timedelta:
        local = london(moment)
        day = local.date()
        before = self._number(day)
        if not self.is_working_day(day):
            return before * self.length_of_day
        since_opening = datetime.combine(day, local.time()) - datetime.combine(day, self.opens)
        today = min(max(since_opening, timedelta(0)), self.length_of_day)
        return (before - 1) * self.length_of_day + today
