"""The open cases as one timeline: a row for each on the axis that all share.

Where something stands is told in hundredths of the width of the axis, so that a row is as wide as the screen, and its letters are never drawn smaller than they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import PlannedStage
from escalate.domain.reporting.board import Board, BoardCase
from escalate.domain.reporting.model import LadderStay
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken_day
from escalate.errors import listed
from escalate.output.names import Named
from escalate.output.timeline import Axis, Block, LimitMark, Shade, Tick
from escalate.output.words import in_full

ROOM, EACH_MORE = 2.4, 1.1
"""How wide a block has to be for the key of its stage to stand in it, in hundredths of the axis."""

MONDAYS = 12
"""No more dates than these stand above it."""

LAST_TICK = 94
"""Beyond it there is no room for a date."""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A case on the axis."""

    number: int
    """Which case of the board it is, from 1."""
    ref: str
    """Its reference."""
    says: str
    """The whole row in words."""
    days: int
    """Which of the calendars its days off are those of, from 1."""
    blocks: tuple[Block, ...]
    """Its stays at stages, and those that may still come."""
    limits: tuple[LimitMark, ...]
    """Their limits."""
    due: float | None
    """Where what is most urgent is due, if that is no limit of a stage and lies on the axis."""
    earlier: bool
    """It began before the picture does."""
    later: bool
    """It goes on after the picture ends."""


class BoardPicture:
    """What all rows share: the axis, the present, and the days off of each calendar."""

    def __init__(self, board: Board) -> None:
        self._now = board.at
        self.axis = Axis(board.first, board.last, places=2)
        calendars = {case.file.calendar: Named(case.file.protocol).calendar(case.file.calendar) for case in board.cases}
        self.shades: dict[tuple[Shade, ...], int] = {}
        """The days off, as calendars have them, each with a number."""
        self._numbers: dict[Calendar, int] = {}
        for each in calendars:
            days = tuple(self.axis.shades(each))
            self._numbers[each] = self.shades.setdefault(days, len(self.shades) + 1)
        self.now_x = self.axis.x(board.at)
        """Where the present is."""
        self.days = f"{spoken_day(board.first)} to {spoken_day(board.last)}"
        """From when to when it is drawn."""
        self.holidays = _holidays(self.axis, calendars)
        """The bank holidays and closures on it, in words."""

    @property
    def ticks(self) -> list[Tick]:
        """The dates above it."""
        return [tick for tick in self.axis.ticks(MONDAYS) if tick.x <= LAST_TICK]

    def row(self, number: int, case: BoardCase) -> BoardRow:
        """A case on the axis."""
        axis, now, deadline = self.axis, self._now, case.deadline
        planned = [each for each in case.planned if each.is_dated and each.ends_by]
        stays = [block for stay in case.stays for block in axis.blocks(stay, now, _room(stay.stage))]
        to_come = [block for each in planned if (block := _planned(axis, each))]
        moments = [*_limits(case.stays), *(each.ends_by for each in planned if each.ends_by)]
        due = deadline.due_at
        drawn = due and axis.shows(due) and due not in _limits(case.stays)
        return BoardRow(
            number=number,
            ref=case.file.case.ref,
            says=_in_words(case, planned, deadline, now),
            days=self._numbers[case.file.calendar],
            blocks=(*to_come, *stays),
            limits=axis.limits(case.stays),
            due=axis.x(due) if due and drawn else None,
            earlier=not axis.shows(case.stays[0].entered_at),
            later=any(each > axis.ends for each in (*moments, *([due] if due else []))),
        )


def _room(key: str) -> float:
    return ROOM + EACH_MORE * (len(key) - 1)


def _limits(stays: Sequence[LadderStay]) -> list[datetime]:
    return [stay.due_at for stay in stays if stay.due_at]


def _planned(axis: Axis, planned: PlannedStage) -> Block | None:
    """A stage that may still come, if each before it takes its full time."""
    if planned.ends_by is None:
        return None
    key = planned.stage.key
    block = axis.block("planned", planned.entered_at, planned.ends_by, f"Stage {key}, {planned.stage.name}: planned")
    return block and replace(block, letters=key if block.width >= _room(key) else "")


def _in_words(case: BoardCase, planned: Sequence[PlannedStage], deadline: Deadline, now: datetime) -> str:
    """What a row shows, in words."""
    said = [_stay_in_words(stay, now) for stay in case.stays]
    if deadline.due_at:
        said.append(f"{deadline.action_name}: due {in_full(deadline.due_at)}")
    said += [f"stage {each.stage.key} planned to {in_full(each.ends_by)}" for each in planned if each.ends_by]
    return f"{case.file.case.ref}: {'; '.join(said)}."


def _stay_in_words(stay: LadderStay, now: datetime) -> str:
    """`stage 2 from Mon 23 Nov 2026 10:00, limit Wed 25 Nov 2026, passed`."""
    limit = f", limit {in_full(stay.due_at)}" if stay.due_at else ", no limit"
    passed = ", passed" if stay.due_at and (stay.left_at or now) > stay.due_at else ""
    return f"stage {stay.stage} from {in_full(stay.entered_at)}{limit}{passed}"


def _holidays(axis: Axis, calendars: Mapping[Calendar, str]) -> list[str]:
    """`Friday 25 December 2026: Christmas Day`, in order of time, each once; with the calendar where not all have it."""
    found: dict[tuple[date, str], set[str]] = {}
    for calendar, name in calendars.items():
        for day in axis.days:
            why = calendar.why_not(day)
            if why and day.weekday() in calendar.week:
                found.setdefault((day, why), set()).add(name)
    titles = set(calendars.values())
    found_in = {key: "" if of == titles else f" ({listed(sorted(of), 'and')})" for key, of in found.items()}
    return [f"{spoken_day(day)}: {why}{found_in[day, why]}" for day, why in sorted(found)]


def today_in_short(board: Board) -> str:
    """`today, 30 Nov`."""
    day = london_date(board.at)
    return f"today, {day.day} {day:%b}"
