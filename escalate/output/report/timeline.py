"""The timeline of open cases: where every block, shaded day and mark of the picture stands, in the units of the picture."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import wrap

from escalate.domain.reporting.model import OpenCase, Report
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.on_demand import OnDemand
from escalate.output.report.sections import how_it_stands
from escalate.output.timeline import Axis, Block, LimitMark, Shade, Tick, axis_of, day_in_short
from escalate.output.words import in_full
from escalate.wording import how_many

CASES = 12
"""So many cases stand in one picture, so that none is cut by the end of a printed page."""

WIDTH, LEFT, TOP, ROW = 1000, 190, 44, 74
"""How wide the picture is, where its scale begins, where the first case stands, and how far below it the next one."""

LETTERS = 21
"""So many letters have room left of the scale."""

BEFORE, AFTER = timedelta(days=100), timedelta(days=35)
"""So far back and ahead a picture goes: a case that has been open for years would leave no room for the others."""

MONDAYS = 14
"""No more dates than these stand above it."""

ONE_LETTER, EACH_MORE = 16, 9
"""How wide a block has to be for the key of its stage to stand in it."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The row of one case."""

    y: int
    """Where it stands."""
    case: str
    """The reference of the case."""
    protocol: Sequence[str]
    """What its protocol is called, in lines that stand left of the picture."""
    shades: tuple[Shade, ...]
    """The days on which nobody works, by its calendar."""
    blocks: tuple[Block, ...]
    """Its stays at stages."""
    limits: tuple[LimitMark, ...]
    """Their limits."""
    earlier: bool
    """It began before the picture does."""


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


class _Drawing:
    """What all pictures of a report share."""

    def __init__(self, report: Report, cases: Sequence[OpenCase]) -> None:
        self._report = report
        self._axis = _axis(cases, report.until)
        self._shades: Mapping[Calendar, tuple[Shade, ...]] = OnDemand(
            lambda calendar: tuple(self._axis.shades(calendar))
        )

    def timeline(self, cases: Sequence[OpenCase], number: str) -> Timeline:
        """The picture of some cases; `number` says which of several it is."""
        axis, until = self._axis, self._report.until
        description = (
            f"{how_many(len(cases), 'case')} from {spoken_day(axis.first)} to {spoken_day(axis.last)}, one line each, the stages as"
            f" blocks from entry to leaving, marked where their limits are. {'. '.join(map(self._in_words, cases))}."
        )
        return Timeline(
            title=f"Timeline of the open cases{number}",
            description=description,
            height=TOP + len(cases) * ROW + 26,
            ticks=axis.ticks(MONDAYS),
            lines=tuple(self._row(case, TOP + n * ROW) for n, case in enumerate(cases)),
            now_x=axis.x(until),
            now_text=f"{'today' if self._report.running else 'end of the period'}, {day_in_short(london_date(until))}",
        )

    def _in_words(self, case: OpenCase) -> str:
        stays = "; ".join(
            f"stage {stay.stage} from {in_full(stay.entered_at)}, {how_it_stands(self._report, stay)}"
            for stay in case.stays
        )
        return f"{case.case}: {stays}"

    def _row(self, case: OpenCase, y: int) -> CaseRow:
        axis, until = self._axis, self._report.until
        return CaseRow(
            y=y,
            case=case.case,
            protocol=wrap(self._report.names.protocol(case.protocol), LETTERS, max_lines=3, placeholder="…"),
            shades=self._shades[case.calendar],
            blocks=tuple(block for stay in case.stays for block in axis.blocks(stay, until, _room(stay.stage))),
            limits=axis.limits(case.stays),
            earlier=not axis.shows(case.raised_at),
        )


def _room(key: str) -> float:
    """How wide a block has to be for the key of its stage to stand in it."""
    return ONE_LETTER + EACH_MORE * (len(key) - 1)


def _axis(cases: Sequence[OpenCase], until: datetime) -> Axis:
    """An axis with room for all of these, as far as a picture goes."""
    begun = [case.raised_at for case in cases]
    limits = [stay.due_at for case in cases for stay in case.stays if stay.due_at]
    return Axis(*axis_of([*begun, *limits], until, BEFORE, AFTER), LEFT, WIDTH - 4)
