"""The timeline of open cases: where every block, shaded day and mark of the picture stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from escalate.domain.reporting.model import OpenCase, Report, Stay
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import at_london, london_date, spoken_day
from escalate.lazily import Lazily
from escalate.output.report.sections import how_it_stands, moment
from escalate.output.words import counted

ROWS = 12
"""So many cases stand in one picture, so that none is cut by the end of a printed page."""

WIDTH, LEFT, TOP, ROW = 1000, 150, 40, 46
BEFORE, AFTER = timedelta(days=100), timedelta(days=35)
"""So far back and ahead a picture goes: a case that has been open for years would leave no room for the others."""

LEAST_FOR_LETTERS = 13


@dataclass(frozen=True, slots=True)
class Shade:
    """Days on which nobody works: a weekend or a bank holiday, and which."""

    kind: str
    x: float
    width: float
    why: str


@dataclass(frozen=True, slots=True)
class Block:
    """A stay at a stage: within its limit (`within`), beyond it (`over`), or the time that is left (`left`)."""

    kind: str
    x: float
    width: float
    letters: str
    says: str


@dataclass(frozen=True, slots=True)
class Limit:
    """Where the limit of a stage stands."""

    x: float
    stage: str
    says: str


@dataclass(frozen=True, slots=True)
class Line:
    """A case."""

    y: int
    case: str
    protocol: str
    shades: tuple[Shade, ...]
    blocks: tuple[Block, ...]
    limits: tuple[Limit, ...]
    earlier: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A date on the scale above."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A picture with some of the cases."""

    title: str
    description: str
    height: int
    ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    now_x: float
    now_text: str


def timelines(report: Report) -> Iterator[Timeline]:
    """The pictures of all open cases, on one scale."""
    cases = report.open_cases or ()
    if not cases:
        return
    scale = _scale(cases, report.until)
    shades: Lazily[Calendar, tuple[Shade, ...]] = Lazily(lambda calendar: tuple(_shades(calendar, scale)))
    now_text = f"{'today' if report.running else 'end of the period'}, {_short(london_date(report.until))}"
    groups = range(0, len(cases), ROWS)
    for n, start in enumerate(groups, 1):
        number = f" ({n} of {len(groups)})" if len(groups) > 1 else ""
        yield _timeline(report, cases[start : start + ROWS], scale, shades, now_text, number)


class _Scale:
    """Which day stands where."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._starts = at_london(first, time(0))
        self.ends = at_london(last + timedelta(days=1), time(0))
        self._unit = (WIDTH - LEFT - 4) / (self.ends - self._starts).total_seconds()

    def x(self, at: datetime) -> float:
        """Where an instant stands; at the edge, if it lies beyond."""
        inside = min(max(at, self._starts), self.ends)
        return round(LEFT + (inside - self._starts).total_seconds() * self._unit, 1)

    def shows(self, at: datetime) -> bool:
        """Whether an instant lies on the scale."""
        return self._starts <= at <= self.ends

    @property
    def days(self) -> Iterator[date]:
        """Every day on it."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


def _scale(cases: Sequence[OpenCase], until: datetime) -> _Scale:
    limits = [stay.due_at for case in cases for stay in case.stays if stay.due_at]
    first = max(min(case.raised_at for case in cases), until - BEFORE)
    last = min(max([until, *limits]), until + AFTER)
    return _Scale(london_date(first) - timedelta(days=1), london_date(last) + timedelta(days=1))


def _timeline(
    report: Report,
    cases: Sequence[OpenCase],
    scale: _Scale,
    shades: Mapping[Calendar, tuple[Shade, ...]],
    now_text: str,
    number: str,
) -> Timeline:
    lines = tuple(
        _line(case, report.until, scale, shades[case.calendar], TOP + n * ROW) for n, case in enumerate(cases)
    )
    description = (
        f"{counted(len(cases), 'case')} from {spoken_day(scale.first)} to {spoken_day(scale.last)}, one line each, the stages as"
        f" blocks from entry to leaving, marked where their limits are. {'. '.join(_in_words(report, case) for case in cases)}."
    )
    return Timeline(
        title=f"Timeline of the open cases{number}",
        description=description,
        height=TOP + len(cases) * ROW + 26,
        ticks=tuple(_ticks(scale)),
        lines=lines,
        now_x=scale.x(report.until),
        now_text=now_text,
    )


def _in_words(report: Report, case: OpenCase) -> str:
    stays = "; ".join(
        f"stage {stay.stage} from {moment(stay.entered_at)}, {how_it_stands(report, stay)}" for stay in case.stays
    )
    return f"{case.case}: {stays}"


def _line(case: OpenCase, until: datetime, scale: _Scale, shades: tuple[Shade, ...], y: int) -> Line:
    return Line(
        y=y,
        case=case.case,
        protocol=case.protocol,
        shades=shades,
        blocks=tuple(block for stay in case.stays for block in _blocks(stay, until, scale)),
        limits=tuple(
            Limit(scale.x(stay.due_at), stay.stage, f"Limit of stage {stay.stage}: {moment(stay.due_at)}")
            for stay in case.stays
            if stay.due_at and scale.shows(stay.due_at)
        ),
        earlier=not scale.shows(case.raised_at),
    )


def _blocks(stay: Stay, until: datetime, scale: _Scale) -> Iterator[Block]:
    """A stay, cut where its limit passed, and for the stage a case is at the time that is left."""
    ended = stay.left_at or until
    limit = stay.due_at
    pieces = [("within", stay.entered_at, min(ended, limit) if limit else ended)]
    if limit and limit < ended:
        pieces.append(("over", max(limit, stay.entered_at), ended))
    elif limit and not stay.left_at:
        pieces.append(("left", until, limit))
    spelt = False
    for kind, begins, ends in pieces:
        x, width = scale.x(begins), round(scale.x(ends) - scale.x(begins), 1)
        if width <= 0:
            continue
        fits = not spelt and kind != "left" and width >= LEAST_FOR_LETTERS + 6 * (len(stay.stage) - 1)
        spelt = spelt or fits
        says = {"within": "within its limit" if limit else "no limit", "over": "beyond its limit", "left": "time left"}[
            kind
        ]
        yield Block(
            kind,
            x,
            width,
            stay.stage if fits else "",
            f"Stage {stay.stage}, {stay.stage_name}: {says}, {moment(begins)} to {moment(ends)}",
        )


def _shades(calendar: Calendar, scale: _Scale) -> Iterator[Shade]:
    """The days nobody works, next to each other as one, weekends and bank holidays apart."""
    run: list[date] = []
    for day in [*scale.days, None]:
        why = calendar.why_not(day) if day else None
        if run and why != calendar.why_not(run[0]):
            x, end = scale.x(at_london(run[0], time(0))), scale.x(at_london(run[-1] + timedelta(days=1), time(0)))
            reason = str(calendar.why_not(run[0]))
            yield Shade(
                "weekend" if reason == "weekend" else "holiday", x, round(end - x, 1), f"{reason}, {_short(run[0])}"
            )
            run = []
        if day and why:
            run.append(day)


def _ticks(scale: _Scale) -> Iterator[Tick]:
    """Mondays, as many as there is room for."""
    mondays = [day for day in scale.days if day.weekday() == 0]
    step = max(1, -(-len(mondays) // 14))
    for monday in mondays[::step]:
        yield Tick(scale.x(at_london(monday, time(0))), _short(monday))


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
