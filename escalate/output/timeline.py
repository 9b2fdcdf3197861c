"""Cases on a calendar: where days, stays at stages and their limits stand on an axis. Every picture of cases takes it from here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from escalate.domain.reporting.model import LadderStay
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, london_date
from escalate.output.words import in_full

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shade:
    """Days on which nobody works."""

    kind: str
    """`weekend` or `holiday`."""
    x: float
    """Where they begin."""
    width: float
    """How wide they are."""
    why: str
    """Which they are."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stay at a stage, or a part of one."""

    kind: str
    """`within` its limit, `over` it, `left`, the time that is left, or `planned`."""
    x: float
    """Where it begins."""
    width: float
    """How wide it is."""
    letters: str
    """The key of the stage, where there is room for it."""
    says: str
    """The same in words."""


@dataclass(frozen=True, slots=True)
class LimitMark:
    """The mark of the limit of a stage."""

    x: float
    """Where it stands."""
    stage: str
    """The key of the stage."""
    says: str
    """The same in words."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A date above the picture."""

    x: float
    """Where it stands."""
    text: str
    """The date."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Which instant stands where, from the beginning of one day in London to the end of another."""

    first: date
    """The first day on it."""
    last: date
    """The last day on it."""
    left: float = 0
    """Where it begins."""
    right: float = 100
    """Where it ends."""
    places: int = 1
    """How many places after the point are told of where something stands."""

    def x(self, at: datetime) -> float:
        """Where an instant stands; at the edge, if it lies beyond."""
        inside = min(max(at, self.starts), self.ends)
        unit = (self.right - self.left) / (self.ends - self.starts).total_seconds()
        return round(self.left + (inside - self.starts).total_seconds() * unit, self.places)

    def shows(self, at: datetime) -> bool:
        """Whether an instant lies on the axis."""
        return self.starts <= at <= self.ends

    @property
    def starts(self) -> datetime:
        """The instant at which it begins."""
        return at_london(self.first, time(0))

    @property
    def ends(self) -> datetime:
        """The instant at which it ends."""
        return at_london(self.last + A_DAY, time(0))

    @property
    def days(self) -> list[date]:
        """Every day on it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    def ticks(self, most: int) -> tuple[Tick, ...]:
        """Mondays, as many as there is room for."""
        mondays = [day for day in self.days if day.weekday() == 0]
        step = max(1, -(-len(mondays) // most))
        return tuple(Tick(self.x(at_london(monday, time(0))), day_in_short(monday)) for monday in mondays[::step])

    def shades(self, calendar: Calendar) -> Iterator[Shade]:
        """The days nobody works, those next to each other for the same reason as one."""
        for why, several in groupby(self.days, calendar.why_not):
            if not why:
                continue
            days = list(several)
            x, end = self.x(at_london(days[0], time(0))), self.x(at_london(days[-1] + A_DAY, time(0)))
            kind = "weekend" if why == "weekend" else "holiday"
            yield Shade(kind, x, self._width(x, end), f"{why}, {day_in_short(days[0])}")

    def blocks(self, stay: LadderStay, until: datetime, room: float) -> Iterator[Block]:
        """The blocks of a stay that have any width; the key of its stage stands in the first that has `room` for it."""
        says = {
            "within": "within its limit" if stay.due_at else "no limit",
            "over": "beyond its limit",
            "left": "time left",
        }
        spelt = False
        for kind, begins, ends in _parts(stay, until):
            block = self.block(kind, begins, ends, f"Stage {stay.stage}, {stay.stage_name}: {says[kind]}")
            if block is None:
                continue
            fits = not spelt and kind != "left" and block.width >= room
            spelt = spelt or fits
            yield Block(kind, block.x, block.width, stay.stage if fits else "", block.says)

    def block(self, kind: str, begins: datetime, ends: datetime, says: str) -> Block | None:
        """A block without letters; None where it has no width."""
        x, end = self.x(begins), self.x(ends)
        if end <= x:
            return None
        return Block(kind, x, self._width(x, end), "", f"{says}, {in_full(begins)} to {in_full(ends)}")

    def limits(self, stays: Sequence[LadderStay]) -> tuple[LimitMark, ...]:
        """The marks of the limits of stages that lie on it."""
        return tuple(
            LimitMark(self.x(stay.due_at), stay.stage, f"Limit of stage {stay.stage}: {in_full(stay.due_at)}")
            for stay in stays
            if stay.due_at and self.shows(stay.due_at)
        )

    def _width(self, x: float, end: float) -> float:
        return round(end - x, self.places)


def _parts(stay: LadderStay, until: datetime) -> list[tuple[str, datetime, datetime]]:
    """A stay cut where its limit passed, and for the stage a case is at the time that is left."""
    ended, limit = stay.left_at or until, stay.due_at
    parts = [("within", stay.entered_at, min(ended, limit) if limit else ended)]
    if limit and limit < ended:
        parts.append(("over", max(limit, stay.entered_at), ended))
    elif limit and not stay.left_at:
        parts.append(("left", until, limit))
    return parts


def axis_of(moments: Sequence[datetime], now: datetime, before: timedelta, after: timedelta) -> tuple[date, date]:
    """The days of an axis with room for all these moments and the present one, as far back and ahead as it may go."""
    first = max(min([now, *moments]), now - before)
    last = min(max([now, *moments]), now + after)
    return london_date(first) - A_DAY, london_date(last) + A_DAY


def day_in_short(day: date) -> str:
    """`19 Nov`."""
    return f"{day.day} {day:%b}"
