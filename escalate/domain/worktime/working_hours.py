"""Working hours, and summing up the working time they come to."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import accumulate

from escalate.domain.worktime.clock import at_london, london_date
from escalate.errors import BadInput

Hours = tuple[time, time]
"""From opening to closing, by London's clock."""

NINE_TO_FIVE: Hours = (time(9), time(17))
_SUNDAY = 6


def parse_hours(text: str) -> Hours:
    """Read hours such as `09:00 to 17:00`. Raises BadInput."""
    try:
        opens, closes = (time.fromisoformat(part.strip()) for part in text.split(" to "))
    except ValueError:
        raise BadInput(f'"{text}" is not a span of hours; try "09:00 to 17:00"') from None
    if opens.tzinfo or closes.tzinfo or opens >= closes:
        raise BadInput(f'"{text}" does not run from an earlier to a later time of day; try "09:00 to 17:00"')
    return opens, closes


def length(hours: Hours) -> timedelta:
    """From opening to closing, by what the clock shows."""
    return datetime.combine(date.min, hours[1]) - datetime.combine(date.min, hours[0])


class WorkingTime:
    """How much working time has run since the year 1, and back: at which instant so much of it has.

    A week's pattern gives most of it; sorted lists of the days off and of the days on which the clocks change correct that,
    so that any span costs two bisections.
    """

    def __init__(
        self, week: Sequence[int], hours: Mapping[int, Hours], off: Sequence[int], first: date, last: date
    ) -> None:
        """`hours` are those of each weekday, 0 for Monday; `off` the ordinals of the days off that fall on one of the `week`, in order."""
        self._week, self._hours, self._off = frozenset(week), hours, off
        self._days = range(first.toordinal(), last.toordinal() + 1)
        lengths = [length(hours[weekday]) if weekday in self._week else timedelta(0) for weekday in range(7)]
        changes = list(self._clock_changes())
        # Ordinal 1 was a Monday, so that weekday 0 stands after ordinals 0, 7, 14 ...
        self._by_weekday = tuple(accumulate(lengths, initial=timedelta(0)))
        self._lost = list(accumulate((lengths[(ordinal - 1) % 7] for ordinal in off), initial=timedelta(0)))
        self._changes = [day.toordinal() for day, _ in changes]
        self._gained = list(accumulate((longer for _, longer in changes), initial=timedelta(0)))

    def worked_until(self, at: datetime) -> timedelta:
        """The working time from the year 1 to an instant."""
        day = london_date(at)
        before = self._through(day.toordinal() - 1)
        if not self._is_worked(day):
            return before
        opens, closes = self._hours[day.weekday()]
        begins = at_london(day, opens)
        return before if at <= begins else before + (min(at, at_london(day, closes)) - begins)

    def first_instant_with(self, total: timedelta) -> datetime | None:
        """The first instant by which so much has run; None beyond the last day."""
        return self._instant(bisect_left(self._days, total, key=self._through), total)

    def last_instant_with(self, total: timedelta) -> datetime | None:
        """The last instant by which no more has run; None before the first day, or beyond the last."""
        if total < self._through(self._days[0] - 1):
            return None
        return self._instant(bisect_right(self._days, total, key=self._through), total)

    def _instant(self, index: int, total: timedelta) -> datetime | None:
        """The instant on a day, by its index, by which so much has run."""
        if index == len(self._days):
            return None
        day = date.fromordinal(self._days[index])
        return at_london(day, self._hours[day.weekday()][0]) + (total - self._through(self._days[index] - 1))

    def _through(self, ordinal: int) -> timedelta:
        """The working time from the year 1 to the end of a day."""
        weeks, rest = divmod(ordinal, 7)
        return (
            weeks * self._by_weekday[7]
            + self._by_weekday[rest]
            - self._lost[bisect_right(self._off, ordinal)]
            + self._gained[bisect_right(self._changes, ordinal)]
        )

    def _is_worked(self, day: date) -> bool:
        ordinal = day.toordinal()
        at = bisect_left(self._off, ordinal)
        return day.weekday() in self._week and (at == len(self._off) or self._off[at] != ordinal)

    def _clock_changes(self) -> Iterator[tuple[date, timedelta]]:
        """The days on which the clocks change while somebody works, and by how much those are longer than other Sundays."""
        opens, closes = self._hours[_SUNDAY]
        if _SUNDAY not in self._week or closes <= time(1) or opens >= time(2):
            return
        for ordinal in range(-(-self._days[0] // 7) * 7, self._days[-1] + 1, 7):
            day = date.fromordinal(ordinal)
            longer = at_london(day, closes) - at_london(day, opens) - length((opens, closes))
            if longer and self._is_worked(day):
                yield day, longer
