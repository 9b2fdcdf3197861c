"""Stages on a calendar, a row for each: when it was or would be entered, how long it lasts, and its limit; weekends and holidays behind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.plan import Plan, PlannedStage, onward
from escalate.domain.reporting.stays import ladder_stays
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date
from escalate.output.columns import DOTS
from escalate.output.paper.parts import Picture
from escalate.output.svg import broken, element, text
from escalate.output.timeline import Axis, Block, LimitMark, axis_of, day_in_short
from escalate.output.words import short
from escalate.wording import how_many

WIDTH, EDGE, TOP, ROW, BETWEEN = 1000.0, 6.0, 34.0, 54.0, 34.0
"""How wide a picture is, what is left free at its edges, where its first row stands, how far apart rows are, and how much more ladders."""

TYPE = 16.0
"""The size of its type: at its narrowest on a screen that is 12 pixels."""

MONDAYS = 12
"""No more dates than these stand above it."""

FAR = timedelta(days=400)
"""So far back and ahead of the present it goes at most."""


class _Row(NamedTuple):
    """A stage."""

    name: str
    """What stands above its block."""
    blocks: tuple[Block, ...]
    """Its time."""
    limits: tuple[LimitMark, ...]
    """Its limits."""
    begins: float | None = None
    """Where it is entered, of a stage that has no time."""


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The stages of one ladder."""

    name: str | None
    """What stands above it; nothing where it is the only one."""
    calendar: Calendar
    """What its days are shaded by."""
    rows: tuple[_Row, ...]

    @property
    def height(self) -> float:
        """How much room it takes."""
        return (BETWEEN if self.name else 0) + ROW * len(self.rows)


LOOKS = {
    "within": "at the stage, within its limit or without one",
    "over": "past the limit",
    "left": "time left",
    "planned": "as it would fall, if each stage takes its full time",
    "weekend": "weekend",
    "holiday": "bank holiday or closure",
}
"""What the looks of a picture mean, in the order in which they are told."""


def case_drawing(file: CaseFile, now: datetime) -> Picture:
    """The stages a case has been at, and those that may still come."""
    stays, ahead = ladder_stays(file), [each for each in onward(file, now) if each.is_dated]
    if file.case.closed_at:
        stays = (*stays[:-1], stays[-1]._replace(left_at=stays[-1].left_at or file.case.closed_at))
    ends = [each.left_at or now for each in stays]
    limits = [each.due_at for each in stays if each.due_at]
    moments = [*(each.entered_at for each in stays), *ends, *limits, *(each.left_at for each in ahead)]
    axis = _axis(moments, file.case.closed_at or now)
    rows = [
        _Row(
            _named(stay.stage, stay.stage_name, stay.due_at, now),
            tuple(axis.blocks(stay, file.case.closed_at or now, WIDTH)),
            axis.limits([stay]),
        )
        for stay in stays
    ]
    rows += [_planned(axis, each, file.case.stay.route, now) for each in ahead]
    return _picture(
        f"The stages of {file.case.ref} on the calendar", axis, [_Ladder(None, file.calendar, tuple(rows))], now
    )


def plan_drawing(plan: Plan, calendar: Calendar) -> Picture:
    """A ladder as it would fall."""
    return plans_drawing("The ladder on the calendar", [(None, plan, calendar)])


def plans_drawing(title: str, plans: Sequence[tuple[str | None, Plan, Calendar]]) -> Picture:
    """Ladders as they would fall, each with its name and its calendar, one below the other on one axis."""
    raised_at = plans[0][1].raised_at
    moments = [
        *(each.left_at for _, plan, _ in plans for each in plan.stages),
        *(plan.cap_at for _, plan, _ in plans if plan.cap_at),
    ]
    axis = _axis(moments, raised_at)
    ladders = []
    for name, plan, calendar in plans:
        rows = [_planned(axis, each, plan.route.key, raised_at) for each in plan.stages]
        ladders.append(_Ladder(name, calendar, (*rows, *_cap(axis, plan))))
    return _picture(title, axis, ladders, None)


def _axis(moments: Sequence[datetime], now: datetime) -> Axis:
    return Axis(*axis_of(moments, now, FAR, FAR), left=EDGE, right=WIDTH - EDGE)


def _named(key: str, name: str, due_at: datetime | None, now: datetime, mark: str = "") -> str:
    """`1  Practitioner to practitioner: limit Tue 24 Nov 17:00`."""
    return f"{key}  {name}: {f'limit {mark}{short(due_at, now)}' if due_at else 'no date'}"


def _planned(axis: Axis, planned: PlannedStage, route: str, now: datetime) -> _Row:
    """A stage as it would fall."""
    key, name, due_at = planned.stage.key_on(route), planned.stage.name, planned.closing.due_at
    block = axis.block("planned", planned.entered_at, planned.left_at, f"Stage {key}, {name}: as it would fall")
    limits = (LimitMark(axis.x(due_at), key, f"Limit of stage {key}"),) if due_at and axis.shows(due_at) else ()
    return _Row(
        _named(key, name, due_at, now, "~" if planned.closing.provisional else ""),
        (block,) if block else (),
        limits,
        None if block else axis.x(planned.entered_at),
    )


def _cap(axis: Axis, plan: Plan) -> Iterator[_Row]:
    """The limit on the whole of a ladder."""
    if plan.cap_at:
        mark = "~" if plan.cap_provisional else ""
        name = f"The whole of it: limit {mark}{short(plan.cap_at, plan.raised_at)}"
        block = axis.block("planned", plan.raised_at, plan.cap_at, "The whole of it")
        yield _Row(name, (block,) if block else (), (LimitMark(axis.x(plan.cap_at), "", "Limit of the whole of it"),))


def _picture(title: str, axis: Axis, ladders: Sequence[_Ladder], now: datetime | None) -> Picture:
    height = TOP + sum(each.height for each in ladders) + (26 if now else 4)
    kinds = {block.kind for ladder in ladders for row in ladder.rows for block in row.blocks}
    kinds |= {shade.kind for ladder in ladders for shade in axis.shades(ladder.calendar)}
    drawn = chain(_days(axis, height), _drawn(axis, ladders), _present(axis, now, height) if now else ())
    told = [f"{ladder.name}: " * bool(ladder.name) + "; ".join(row.name for row in ladder.rows) for ladder in ladders]
    about = element("title", {}, text(title)) + element("desc", {}, text(". ".join(told)))
    svg = element("svg", {"viewBox": f"0 0 {WIDTH:g} {height:g}", "role": "img"}, about + "".join(drawn))
    legend = tuple((kind, said) for kind, said in LOOKS.items() if kind in kinds)
    present = f" The thick line is {short(now, now)}." if now and axis.shows(now) else ""
    return Picture(svg, f"{title}, {_span(axis)}. A triangle is a limit.{present}", legend)


def _span(axis: Axis) -> str:
    days = how_many((axis.last - axis.first).days + 1, "day")
    return f"{axis.first.day} {axis.first:%B %Y} to {axis.last.day} {axis.last:%B %Y} ({days})"


def _days(axis: Axis, height: float) -> Iterator[str]:
    """The Mondays, each with its date."""
    for tick in axis.ticks(MONDAYS):
        yield element("line", {"class": "tick", "x1": tick.x, "x2": tick.x, "y1": 4, "y2": height})
        yield element("text", {"class": "tick", "x": tick.x + 4, "y": 18, "font-size": TYPE}, text(tick.text))


def _drawn(axis: Axis, ladders: Sequence[_Ladder]) -> Iterator[str]:
    y = TOP
    for ladder in ladders:
        if ladder.name:
            yield _line(_beginning(ladder.name), EDGE, y + 22, bold=True)
            y += BETWEEN
        for shade in axis.shades(ladder.calendar):
            place = {"x": shade.x, "y": y, "width": shade.width, "height": ROW * len(ladder.rows)}
            yield element("rect", {"class": shade.kind, **place}, element("title", {}, text(shade.why)))
        for row in ladder.rows:
            yield from _row(row, y)
            y += ROW


def _row(row: _Row, y: float) -> Iterator[str]:
    yield _plated(row.name, y)
    for block in row.blocks:
        place = {"x": block.x, "y": y + 28, "width": max(block.width, 1.0), "height": 18}
        yield element("rect", {"class": block.kind, **place}, element("title", {}, text(block.says)))
    if row.begins is not None:
        yield element("circle", {"class": "dot", "cx": row.begins, "cy": y + 37, "r": 5})
    for limit in row.limits:
        shape = {"class": "limit", "d": f"M{limit.x:g} {y + 50:g}V{y + 24:g}m-5 -1h10l-5 8z"}
        yield element("path", shape, element("title", {}, text(limit.says)))


def _plated(said: str, y: float) -> str:
    """A name on a ground of its own, so that it can be read on any day."""
    return _line(_beginning(said), EDGE, y + 19)


def _beginning(said: str) -> str:
    """A name, or of one that is too long the beginning: the table has all of it."""
    first, *more = broken(said, WIDTH - 2 * EDGE - 2 * TYPE, TYPE) or [""]
    return f"{first} {DOTS}" if more else first


def _line(said: str, x: float, y: float, *, bold: bool = False) -> str:
    weight = {"class": "case"} if bold else {"class": "name"}
    return element("text", weight | {"x": x, "y": y, "font-size": TYPE}, text(said))


def _present(axis: Axis, now: datetime, height: float) -> Iterator[str]:
    """The line of the present moment, where it lies on the axis."""
    if axis.shows(now):
        x = axis.x(now)
        yield element("line", {"class": "now", "x1": x, "x2": x, "y1": TOP - 8, "y2": height - 22})
        anchor = "end" if x > WIDTH / 2 else "start"
        place = {"x": x, "y": height - 5, "font-size": TYPE, "text-anchor": anchor}
        yield element("text", {"class": "now", **place}, text(day_in_short(london_date(now))))
