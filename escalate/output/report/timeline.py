"""The timeline of open cases: where every block, shaded day and mark of the picture stands, in the units of the picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from escalate.domain.reporting.model import LadderStay, OpenCase, Report
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, london_date, spoken_day
from escalate.on_demand import OnDemand
from escalate.output.report.sections import how_it_stands, in_full
from escalate.wording import how_many

CASES = 12
"""So many cases stand in one picture, so that none is cut by the end of a printed page."""

WIDTH, LEFT, TOP, ROW = 1000, 150, 40, 46
"""How wide the picture is, where its scale begins, where the first case stands, and how far below it the next one."""

BEFORE, AFTER = timedelta(days=100), timedelta(days=35)
"""So far back and ahead a picture goes: a case that has been open for years would leave no room for the others."""

MONDAYS = 14
"""No more dates than these stand above it."""

ONE_LETTER, EACH_MORE = 13, 6
"""How wide a block has to be for the key of its stage to stand in it."""

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
    """`within` its limit, `over` it, or `left`, the time that is left."""
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
class CaseRow:
    """The row of one case."""

    y: int
    """Where it stands."""
    case: str
    """The reference of the case."""
    protocol: str
    """What its protocol is called."""
    shades: tuple[Shade, ...]
    """The days on which nobody works, by its calendar."""
    blocks: tuple[Block, ...]
    """Its stays at stages."""
    limits: tuple[LimitMark, ...]
    """Their limits."""
    earlier: bool
    """It began before the picture does."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A date above the picture."""

    x: float
    """Where it stands."""
    text: str
    """The date."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture with some of the cases."""

    title: str
    """What it shows."""
    description: str
    """The same in words."""
    height: int
    """How high it is."""
    ticks: tuple[Tick, ...]
    """The dates above it."""
    lines: tuple[CaseRow, ...]
    """A row for each case."""
    now_x: float
    """Where the line of the present stands."""
    now_text: str
    """What stands at it."""


def timelines(report: Report) -> Iterator[Timeline]:
    """The pictures of all open cases, on one scale."""
    cases = report.open_cases or ()
    if not cases:
        return
    drawing = _Drawing(report, cases)
    starts = range(0, len(cases), CASES)
    for n, start in enumerate(starts, 1):
        number = f" ({n} of {len(starts)})" if len(starts) > 1 else ""
        yield drawing.timeline(cases[start : start + CASES], number)


class _Scale:
    """Which instant stands where."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._starts = at_london(first, time(0))
        self._ends = at_london(last + A_DAY, time(0))
        self._unit = (WIDTH - LEFT - 4) / (self._ends - self._starts).total_seconds()

    @classmethod
    def of(cls, cases: Sequence[OpenCase], until: datetime) -> "_Scale":
        """A scale with room for all of these, as far as a picture goes."""
        limits = [stay.due_at for case in cases for stay in case.stays if stay.due_at]
        first = max(min(case.raised_at for case in cases), until - BEFORE)
        last = min(max([until, *limits]), until + AFTER)
        return cls(london_date(first) - A_DAY, london_date(last) + A_DAY)

    def x(self, at: datetime) -> float:
        """Where an instant stands; at the edge, if it lies beyond."""
        inside = min(max(at, self._starts), self._ends)
        return round(LEFT + (inside - self._starts).total_seconds() * self._unit, 1)

    def shows(self, at: datetime) -> bool:
        """Whether an instant lies on the scale."""
        return self._starts <= at <= self._ends

    @property
    def days(self) -> list[date]:
        """Every day on it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Mondays, as many as there is room for."""
        mondays = [day for day in self.days if day.weekday() == 0]
        step = max(1, -(-len(mondays) // MONDAYS))
        return tuple(Tick(self.x(at_london(monday, time(0))), _short(monday)) for monday in mondays[::step])


class _Drawing:
    """What all pictures of a report share."""

    def __init__(self, report: Report, cases: Sequence[OpenCase]) -> None:
        self._report = report
        self._scale = _Scale.of(cases, report.until)
        self._shades: Mapping[Calendar, tuple[Shade, ...]] = OnDemand(
            lambda calendar: tuple(_shades(calendar, self._scale))
        )

    def timeline(self, cases: Sequence[OpenCase], number: str) -> Timeline:
        """The picture of some cases; `number` says which of several it is."""
        scale, until = self._scale, self._report.until
        description = (
            f"{how_many(len(cases), 'case')} from {spoken_day(scale.first)} to {spoken_day(scale.last)}, one line each, the stages as"
            f" blocks from entry to leaving, marked where their limits are. {'. '.join(map(self._in_words, cases))}."
        )
        return Timeline(
            title=f"Timeline of the open cases{number}",
            description=description,
            height=TOP + len(cases) * ROW + 26,
            ticks=scale.ticks,
            lines=tuple(self._row(case, TOP + n * ROW) for n, case in enumerate(cases)),
            now_x=scale.x(until),
            now_text=f"{'today' if self._report.running else 'end of the period'}, {_short(london_date(until))}",
        )

    def _in_words(self, case: OpenCase) -> str:
        stays = "; ".join(
            f"stage {stay.stage} from {in_full(stay.entered_at)}, {how_it_stands(self._report, stay)}"
            for stay in case.stays
        )
        return f"{case.case}: {stays}"

    def _row(self, case: OpenCase, y: int) -> CaseRow:
        scale = self._scale
        return CaseRow(
            y=y,
            case=case.case,
            protocol=self._report.names.protocol(case.protocol),
            shades=self._shades[case.calendar],
            blocks=tuple(block for stay in case.stays for block in _blocks(stay, self._report.until, scale)),
            limits=tuple(
                LimitMark(scale.x(stay.due_at), stay.stage, f"Limit of stage {stay.stage}: {in_full(stay.due_at)}")
                for stay in case.stays
                if stay.due_at and scale.shows(stay.due_at)
            ),
            earlier=not scale.shows(case.raised_at),
        )


def _blocks(stay: LadderStay, until: datetime, scale: _Scale) -> Iterator[Block]:
    """The blocks of a stay that have any width; the key of its stage stands in the first that has room for it."""
    says = {
        "within": "within its limit" if stay.due_at else "no limit",
        "over": "beyond its limit",
        "left": "time left",
    }
    room = ONE_LETTER + EACH_MORE * (len(stay.stage) - 1)
    spelt = False
    for kind, begins, ends in _parts(stay, until):
        x, width = scale.x(begins), round(scale.x(ends) - scale.x(begins), 1)
        if width <= 0:
            continue
        fits = not spelt and kind != "left" and width >= room
        spelt = spelt or fits
        span = f"{in_full(begins)} to {in_full(ends)}"
        told = f"Stage {stay.stage}, {stay.stage_name}: {says[kind]}, {span}"
        yield Block(kind, x, width, stay.stage if fits else "", told)


def _parts(stay: LadderStay, until: datetime) -> list[tuple[str, datetime, datetime]]:
    """A stay cut where its limit passed, and for the stage a case is at the time that is left."""
    ended, limit = stay.left_at or until, stay.due_at
    parts = [("within", stay.entered_at, min(ended, limit) if limit else ended)]
    if limit and limit < ended:
        parts.append(("over", max(limit, stay.entered_at), ended))
    elif limit and not stay.left_at:
        parts.append(("left", until, limit))
    return parts


def _shades(calendar: Calendar, scale: _Scale) -> Iterator[Shade]:
    """The days nobody works, those next to each other for the same reason as one."""
    for why, several in groupby(scale.days, calendar.why_not):
        if not why:
            continue
        days = list(several)
        x, end = scale.x(at_london(days[0], time(0))), scale.x(at_london(days[-1] + A_DAY, time(0)))
        yield Shade("weekend" if why == "weekend" else "holiday", x, round(end - x, 1), f"{why}, {_short(days[0])}")


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
