"""Which days are working days (rule C1), and counting them without walking through them.

Working days are numbered from the year 1, so that every question is arithmetic: the number of a day, the day of a number.
A week's pattern gives both at once; the days off that fall on it are a sorted list, and a bisection corrects for them.
Any count therefore costs the same, whether it is 3 working days or 3,000. Working time is summed up in the same way.

Counting ahead is what deadlines are made of, so what has been worked out is kept, four weeks at a time: from then on to count
from one of those days to another is to look up two numbers. A calendar never changes its days, so that they hold for good.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from escalate.domain.worktime.clock import at_london, london, london_date
from escalate.domain.worktime.working_hours import NINE_TO_FIVE, Hours, WorkingTime, length
from escalate.errors import BeyondCalendar, Refused

CALENDARS = ("england-and-wales", "scotland", "northern-ireland")
"""The calendars of the nations, as GOV.UK names them."""

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
_FOUR_WEEKS = 28


class KeptByHand(NamedTuple):
    """A version of a calendar that was kept while ESCALATE_NOW set the present moment."""

    calendar: str
    """The calendar's name."""
    version: int
    """The version's number, counted from 1."""
    since: datetime | None
    """Since when its days count, by what was set (UTC); None where a report for publication leaves it out."""


class Calendar:
    """The working days and hours of one part of the UK, or of a protocol that has its own. It never changes."""

    __slots__ = (
        "_cumulative",
        "_days",
        "_hours",
        "_numbers",
        "_off",
        "_rank",
        "_summed_up",
        "_week",
        "closes",
        "closures",
        "days_off",
        "earlier",
        "first",
        "known_from",
        "known_to",
        "last",
        "name",
        "opens",
        "others",
        "published_to",
        "runs_out",
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
        opens: time = NINE_TO_FIVE[0],
        closes: time = NINE_TO_FIVE[1],
        hours_on: Mapping[int, Hours] | None = None,
        closures: Mapping[date, str] | None = None,
        source: str = "",
        known_from: date | None = None,
        known_to: date | None = None,
        others: "Mapping[str, Calendar] | None" = None,
        earlier: "Sequence[tuple[datetime, Calendar]]" = (),
        runs_out: Mapping[str, date] | None = None,
    ) -> None:
        """Raises Refused for a week without working days, and for hours that end before they begin.

        name          as the file and the protocols call it
        days_off      each bank holiday by its day, and what it is called; those on a weekend do no harm
        closures      further days on which nobody works, likewise
        first, last   the days between which the calendar can answer
        published_to  beyond it an answer is provisional: bank holidays there are worked out, not proclaimed (rule C12)
        known_from    before it an answer is provisional: the first day of the first term that is known
        known_to      what is counted back begins no later: the last day of the last term that is known
        week          the working days of the week; 0 is Monday
        opens, closes London times of a usual working day
        hours_on      the hours of weekdays that differ from these
        source        where the days off come from, in words
        others        the calendars of other days that a protocol counts on, by their keys
        earlier       what held before the calendar was changed, the oldest first, each with the instant until which it did
        runs_out      what a protocol gives only up to some day, such as its term dates, with that day
        """
        if not week:
            raise Refused(f"The {name} calendar has no working days in its week, so nothing can be counted on it.")
        self._week = tuple(sorted(week))
        self._hours = {weekday: (hours_on or {}).get(weekday, (opens, closes)) for weekday in range(7)}
        for begins, ends in ((opens, closes), *self._hours.values()):
            if begins >= ends:
                raise Refused(
                    f"The {name} calendar opens at {begins:%H:%M} and closes at {ends:%H:%M}: give hours such as 09:00 to 17:00."
                )
        self.name = name
        self.closures = closures or {}
        self.days_off = {**self.closures, **days_off} if closures else days_off
        self.first, self.last, self.published_to = first, last, published_to
        self.known_from, self.known_to = known_from or first, known_to or last
        self.opens, self.closes = opens, closes
        self.source = source
        self.others = others or {}
        self.earlier = tuple(earlier)
        self.runs_out = runs_out or {}
        self._cumulative = tuple(sum(day < weekday for day in self._week) for weekday in range(7))
        self._off = sorted(day.toordinal() for day in self.days_off if day.weekday() in self._week)
        self._rank = [self._pattern_number(off) - i for i, off in enumerate(self._off)]
        self._numbers: dict[date, int] = {}
        self._days: dict[int, date] = {}
        self._summed_up: WorkingTime | None = None

    @property
    def title(self) -> str:
        """The name as people are shown it."""
        return title_of(self.name)

    def calendar_of(self, key: str | None) -> "Calendar":
        """The calendar whose days are meant: this one, or another that the protocol counts on, by its key."""
        return self.others[key] if key else self

    def as_known(self, at: datetime) -> "Calendar":
        """The calendar as it was at an instant, with what had held before."""
        for until, before in self.earlier:
            if at < until:
                return before
        return self

    def after_change(self, until: datetime, before: "Calendar") -> "Calendar":
        """A copy that holds from an instant on, with another calendar until then."""
        if before.name == self.name:
            return self
        then = before.as_known(until)
        return self.with_earlier([*then.earlier, (until, then), *[each for each in self.earlier if each[0] > until]])

    def with_earlier(self, earlier: "Sequence[tuple[datetime, Calendar]]") -> "Calendar":
        """A copy before which other calendars held, as `earlier` of the constructor."""
        changed = copy(self)
        changed.earlier = tuple(earlier)
        return changed

    def why_not(self, day: date) -> str | None:
        """Why a day is no working day ("weekend", "Easter Monday"); None when it is one."""
        if day.weekday() not in self._week:
            return "weekend" if day.weekday() > 4 else "not a working day of the week"
        return self.days_off.get(day)

    def is_working_day(self, day: date) -> bool:
        """Whether people work on a day: one of the week, and no bank holiday or closure (rule C1)."""
        return self.why_not(day) is None

    def add_working_days(self, day: date, n: int) -> date:
        """The n-th working day after a day, whichever day it is (rule C2; n >= 1). Raises BeyondCalendar."""
        try:
            return self._days[self._numbers[day] + n]
        except KeyError:  # nobody has asked about those weeks before
            found = self._day(self._number(day) + n)
            self._keep_numbers(day)
            self._keep_numbers(found)
            return found

    def subtract_working_days(self, day: date, n: int) -> date:
        """The n-th working day before a day, whichever day it is (n >= 1). Raises BeyondCalendar."""
        return self._day(self._number(day - timedelta(days=1)) - n + 1)

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

    def hours(self, day: date) -> Hours:
        """When a day opens and closes, if it is a working day."""
        return self._hours[day.weekday()]

    def hours_of(self, weekday: int) -> Hours:
        """When a day of the week opens and closes; 0 is Monday."""
        return self._hours[weekday]

    def last_working_moment(self, until: datetime) -> datetime:
        """The last instant inside working hours that is not after an instant."""
        return _last_working_moment(self, until)

    def add_working_time(self, start: datetime, span: timedelta) -> datetime:
        """The instant at which so much working time has run (rule C6; more than none). Raises BeyondCalendar."""
        return self._within_bounds(self._working_time.first_instant_with(self._worked_until(start) + span))

    def subtract_working_time(self, end: datetime, span: timedelta) -> datetime:
        """The last instant from which so much working time still runs until another. Raises BeyondCalendar."""
        return self._within_bounds(self._working_time.last_instant_with(self._worked_until(end) - span))

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the working hours ran from one instant to another; negative if `end` comes first."""
        return self._worked_until(end) - self._worked_until(start)

    @property
    def week(self) -> tuple[int, ...]:
        """The days of the week that are working days, as 0 for Monday."""
        return self._week

    @property
    def days_in_week(self) -> int:
        """How many working days a week has."""
        return len(self._week)

    @property
    def length_of_day(self) -> timedelta:
        """From opening to closing, on a usual day."""
        return length((self.opens, self.closes))

    def knows(self, first: date, last: date) -> bool:
        """Whether it is settled which of these days are working days (rule C12)."""
        return self.known_from <= first and last <= self.published_to

    def check(self, day: date) -> None:
        """Refuse a day the calendar cannot answer for. Raises BeyondCalendar."""
        if not self.first <= day <= self.last:
            raise BeyondCalendar(self.title, self.first, self.last)

    def is_beyond_published(self, day: date) -> bool:
        """Whether a day lies beyond the bank holidays that are published (rule C12)."""
        return day > self.published_to

    @property
    def _working_time(self) -> WorkingTime:
        """Summed up when it is first asked for: few protocols count in working hours."""
        if self._summed_up is None:
            self._summed_up = WorkingTime(self._week, self._hours, self._off, self.first, self.last)
        return self._summed_up

    def _worked_until(self, at: datetime) -> timedelta:
        self.check(london_date(at))
        return self._working_time.worked_until(at)

    def _within_bounds(self, at: datetime | None) -> datetime:
        if at is None:
            raise BeyondCalendar(self.title, self.first, self.last)
        return at

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
            raise BeyondCalendar(self.title, self.first, self.last)
        return date.fromordinal(ordinal)

    def _keep_numbers(self, day: date) -> None:
        """Look up the numbers of the four weeks around a day, for `add_working_days`."""
        if day in self._numbers:
            return
        begins = day.toordinal() // _FOUR_WEEKS * _FOUR_WEEKS
        ends = begins + _FOUR_WEEKS
        for ordinal in range(max(begins, self.first.toordinal()), min(ends, self.last.toordinal() + 1)):
            each = date.fromordinal(ordinal)
            number = self._numbers[each] = self._number(each)
            if self.is_working_day(each):
                self._days[number] = each


@lru_cache(1024)
def _last_working_moment(calendar: Calendar, until: datetime) -> datetime:
    """What Calendar.last_working_moment says: most of what is asked for are the ends of a few days."""
    local = london(until)
    day = local.date()
    opens, closes = calendar.hours(day)
    if calendar.is_working_day(day) and local.time() >= opens:
        return min(until, at_london(day, closes))
    before = calendar.on_or_before(day - timedelta(days=1))
    return at_london(before, calendar.hours(before)[1])


def title_of(name: str) -> str:
    """A calendar's name as people are shown it: without the mark that tells a protocol's own from that of other editions."""
    plain, _, rest = name.partition("#")
    return f"{plain}/{rest.partition('/')[2]}" if "/" in rest else plain
