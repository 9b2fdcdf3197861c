"""Which days are working days (rule C1), and counting them without walking through them.

Working days are numbered from the year 1, so that every question is arithmetic: the number of a day, the day of a number.
A week's pattern gives both at once; the days off that fall on it are a sorted list, and a bisection corrects for them.
Any count therefore costs the same, whether it is 3 working days or 3,000. Working time is summed up in the same way.

Counting ahead is what deadlines are made of, so what has been worked out is kept, four weeks at a time: from then on to count
from one of those days to another is to look up two numbers. A calendar never changes its days, so that they hold for good.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

from escalate.domain.worktime.clock import at_london, london, london_date
from escalate.errors import BadInput, BeyondCalendar, Refused

CALENDARS = ("england-and-wales", "scotland", "northern-ireland")
"""The calendars of the nations, as GOV.UK names them."""

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
_SUNDAY = 6
_FOUR_WEEKS = 28


Hours = tuple[time, time]
"""From opening to closing."""

NINE_TO_FIVE: Hours = (time(9), time(17))


class _WorkingTime(NamedTuple):
    """What working time is summed up from, of which few protocols ask: `in_week` has what has run before each of its days.

    `lost` is what the first so many days off took, and `gained` what the first so many `changes` of the clocks added.
    """

    in_week: tuple[timedelta, ...]
    lost: list[timedelta]
    changes: list[int]
    gained: list[timedelta]


class Calendar:
    """The working days and hours of one part of the UK, or of a protocol that has its own.

    `days_off` names each bank holiday, and with them the `closures`; those on a weekend do no harm. `first` and `last` bound
    what can be answered; beyond `published_to` an answer is provisional, because the holidays there are worked out, not
    proclaimed (rule C12), and so is one before `known_from`. What is counted back begins after `known_to` at the latest. `hours_on` has the hours of weekdays (0 is Monday) that differ
    from the others. `source` says where the days off come from. `also` has the calendars of other days that a protocol counts
    on, by their keys. `earlier` has what held before the calendar was changed: each version with the instant until which it
    did, the oldest first.
    """

    __slots__ = (
        "_cumulative",
        "_days",
        "_hours",
        "_numbers",
        "_off",
        "_rank",
        "_week",
        "_working_time",
        "also",
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
        opens: time = NINE_TO_FIVE[0],
        closes: time = NINE_TO_FIVE[1],
        hours_on: Mapping[int, Hours] | None = None,
        closures: Mapping[date, str] | None = None,
        source: str = "",
        known_from: date | None = None,
        known_to: date | None = None,
        also: "Mapping[str, Calendar] | None" = None,
        earlier: "Sequence[tuple[datetime, Calendar]]" = (),
    ) -> None:
        if not week:
            raise Refused(f"The {name} calendar has no working days in its week, so nothing can be counted on it.")
        self._week = tuple(sorted(week))
        self._hours = {day: (hours_on or {}).get(day, (opens, closes)) for day in range(7)}
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
        self.also = also or {}
        self.earlier = tuple(earlier)
        self._cumulative = tuple(sum(day < weekday for day in self._week) for weekday in range(7))
        self._off = sorted(day.toordinal() for day in self.days_off if day.weekday() in self._week)
        self._rank = [self._pattern_number(off) - i for i, off in enumerate(self._off)]
        self._numbers: dict[date, int] = {}
        self._days: dict[int, date] = {}
        self._working_time: _WorkingTime | None = None

    @property
    def title(self) -> str:
        """The name as people are shown it."""
        return title_of(self.name)

    def counting(self, days_of: str | None) -> "Calendar":
        """The calendar whose days are meant: this one, or another that the protocol counts on, by its key."""
        return self.also[days_of] if days_of else self

    def as_known(self, at: datetime) -> "Calendar":
        """The calendar as it was at an instant, with what had held before."""
        for until, before in self.earlier:
            if at < until:
                return before
        return self

    def following(self, until: datetime, before: "Calendar") -> "Calendar":
        """The same from an instant on, and another calendar until then."""
        if before.name == self.name:
            return self
        after = copy(self)
        then = before.as_known(until)
        after.earlier = (*then.earlier, (until, then), *[each for each in self.earlier if each[0] > until])
        return after

    def why_not(self, day: date) -> str | None:
        """Why a day is no working day ("weekend", "Easter Monday"); None when it is one."""
        if day.weekday() not in self._week:
            return "weekend" if day.weekday() > 4 else "not a working day of the week"
        return self.days_off.get(day)

    def is_working_day(self, day: date) -> bool:
        """Rule C1."""
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

    def take_working_days(self, day: date, n: int) -> date:
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

    def last_working_moment(self, moment: datetime) -> datetime:
        """The last instant inside working hours that is not after an instant."""
        local = london(moment)
        day = local.date()
        opens, closes = self.hours(day)
        if self.is_working_day(day) and local.time() >= opens:
            return min(moment, at_london(day, closes))
        before = self.on_or_before(day - timedelta(days=1))
        return at_london(before, self.hours(before)[1])

    def add_working_time(self, moment: datetime, span: timedelta) -> datetime:
        """The instant at which so much working time has run (rule C6; more than none). Raises BeyondCalendar."""
        total = self._worked(moment) + span
        ordinals = range(self.first.toordinal(), self.last.toordinal() + 1)
        return self._at(ordinals, bisect_left(ordinals, total, key=self._worked_through), total)

    def take_working_time(self, moment: datetime, span: timedelta) -> datetime:
        """The last instant from which so much working time still runs until another. Raises BeyondCalendar."""
        total = self._worked(moment) - span
        ordinals = range(self.first.toordinal(), self.last.toordinal() + 1)
        if total < self._worked_through(ordinals[0] - 1):
            raise BeyondCalendar(self.title, self.first, self.last)
        return self._at(ordinals, bisect_right(ordinals, total, key=self._worked_through), total)

    def working_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the working hours ran from one instant to another; negative if `end` comes first."""
        return self._worked(end) - self._worked(start)

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
        return _length((self.opens, self.closes))

    def length_on(self, weekday: int) -> timedelta:
        """From opening to closing on a day of the week; 0 is Monday."""
        return _length(self._hours[weekday])

    def knows(self, first: date, last: date) -> bool:
        """Whether it is settled which of these days are working days (rule C12)."""
        return self.known_from <= first and last <= self.published_to

    def check(self, day: date) -> None:
        """Raises BeyondCalendar for a day the calendar cannot answer for."""
        if not self.first <= day <= self.last:
            raise BeyondCalendar(self.title, self.first, self.last)

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
        """Keeps the numbers of a day and those around it, and which working days have them."""
        if day in self._numbers:
            return
        begins = day.toordinal() // _FOUR_WEEKS * _FOUR_WEEKS
        ends = begins + _FOUR_WEEKS
        for ordinal in range(max(begins, self.first.toordinal()), min(ends, self.last.toordinal() + 1)):
            each = date.fromordinal(ordinal)
            number = self._numbers[each] = self._number(each)
            if self.is_working_day(each):
                self._days[number] = each

    def _worked_through(self, ordinal: int) -> timedelta:
        """The working time from the year 1 to the end of a day."""
        self._working_time = known = self._working_time or self._summed_up()
        weeks, rest = divmod(ordinal, 7)
        return (
            weeks * known.in_week[7]
            + known.in_week[rest]
            - known.lost[bisect_right(self._off, ordinal)]
            + known.gained[bisect_right(known.changes, ordinal)]
        )

    def _summed_up(self) -> _WorkingTime:
        lengths = [self.length_on(day) if day in self._week else timedelta(0) for day in range(7)]
        changes = list(self._clock_changes())
        # Ordinal 1 was a Monday, so that weekday 0 stands after ordinals 0, 7, 14 ...
        return _WorkingTime(
            in_week=tuple(accumulate(lengths, initial=timedelta(0))),
            lost=list(accumulate((lengths[(off - 1) % 7] for off in self._off), initial=timedelta(0))),
            changes=[day.toordinal() for day, _ in changes],
            gained=list(accumulate((longer for _, longer in changes), initial=timedelta(0))),
        )

    def _clock_changes(self) -> Iterator[tuple[date, timedelta]]:
        """The days on which the clocks change while somebody works, and by how much those are longer than other Sundays."""
        opens, closes = self._hours[_SUNDAY]
        if _SUNDAY not in self._week or closes <= time(1) or opens >= time(2):
            return
        sundays = range(-(-self.first.toordinal() // 7) * 7, self.last.toordinal() + 1, 7)
        for day in map(date.fromordinal, sundays):
            longer = self._lasts(day) - self.length_on(_SUNDAY)
            if longer and self.is_working_day(day):
                yield day, longer

    def _lasts(self, day: date) -> timedelta:
        """How long a day is from opening to closing, by the clock and not by what it shows."""
        opens, closes = self.hours(day)
        return at_london(day, closes) - at_london(day, opens)

    def _worked(self, moment: datetime) -> timedelta:
        day = london_date(moment)
        self.check(day)
        before = self._worked_through(day.toordinal() - 1)
        if not self.is_working_day(day):
            return before
        opens, closes = self.hours(day)
        begins = at_london(day, opens)
        return before if moment <= begins else before + (min(moment, at_london(day, closes)) - begins)

    def _at(self, ordinals: range, index: int, total: timedelta) -> datetime:
        """The instant on a day at which so much working time from the year 1 has run."""
        if index == len(ordinals):
            raise BeyondCalendar(self.title, self.first, self.last)
        day = date.fromordinal(ordinals[index])
        return at_london(day, self.hours(day)[0]) + (total - self._worked_through(ordinals[index] - 1))


def title_of(name: str) -> str:
    """A calendar's name as people are shown it: without the mark that tells a protocol's own from that of other editions."""
    plain, _, rest = name.partition("#")
    return f"{plain}/{rest.partition('/')[2]}" if "/" in rest else plain


def _length(hours: Hours) -> timedelta:
    return datetime.combine(date.min, hours[1]) - datetime.combine(date.min, hours[0])


def parse_hours(text: str) -> Hours:
    """`09:00 to 17:00`. Raises BadInput."""
    try:
        opens, closes = (time.fromisoformat(part.strip()) for part in text.split(" to "))
    except ValueError:
        raise BadInput(f'"{text}" is not a span of hours; try "09:00 to 17:00"') from None
    if opens.tzinfo or closes.tzinfo or opens >= closes:
        raise BadInput(f'"{text}" does not run from an earlier to a later time of day; try "09:00 to 17:00"')
    return opens, closes
