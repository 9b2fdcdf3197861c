"""A ladder as a picture: its stages from first to last, who owns them, their limits, and what starts which clock.

Black on white, so that it can be printed and hung on a wall. What starts a clock is a dot at the left; a line leads from it to
each time limit that runs from there.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import ceil
from typing import Any, NamedTuple

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import UNDATED, Action, Route, Stage, Timescale
from escalate.errors import listed
from escalate.output.names import Named
from escalate.output.protocol.in_words import owners_in_words
from escalate.output.protocol.ladder_rows import LadderRow, Spot, beginnings, jumps, leads_to, limit_of, row_of
from escalate.output.svg import arrow, box, broken, dot, path, picture, text_width, windows, words
from escalate.wording import how_many

WIDTH, MARGIN = 710.0, 16.0
"""How wide a picture is: printed from a browser it is as wide as A4 with the usual margins, and its small type has 9 points."""

SHEET, NEXT_SHEET = 1020.0, 1050.0
"""Where a sheet of A4 ends at the earliest and the next begins at the latest, from the top of the first: browsers have other margins."""

HEAD = 230.0
"""How much of the first sheet a page needs for what it says above the picture."""

LIMITS = 215.0
"""How wide the column of time limits is."""

LINE, GAP, PAD = 15.0, 5.0, 9.0
"""From one line of type to the next, between what does not belong together, and inside the edge of a box."""

A4 = "<style>@page { size: A4; margin: 10mm }</style>"
"""The paper a browser prints it on."""

HEADING, TYPE, SMALL = 14.5, 12.5, 12.0
"""The sizes of type."""

RAIL = 14.0
"""From one line beside the boxes to the next."""

APART = 13.0
"""How far one line below another begins, so that dot and arrow can be told apart."""


class _Rail(NamedTuple):
    """A line beside the boxes, from where something begins to all that it leads to."""

    start: float
    ends: list[float]
    column: int
    """0 for the one next to the boxes."""

    @property
    def low(self) -> float:
        """Where it begins at the top."""
        return min(self.start, *self.ends)

    @property
    def high(self) -> float:
        """Where it ends at the bottom."""
        return max(self.start, *self.ends)


def ladder_picture(protocol: Protocol, route: str | None = None) -> str:
    """The picture of a ladder, or of all of them, one below the other, as an SVG file. Raises UnknownName for the route."""
    return _Drawing(protocol, [protocol.route(route)] if route else protocol.routes).picture()


def ladder_in_a_page(protocol: Protocol, route: str | None = None) -> str:
    """The same in a page that has said what it is of, a picture for each sheet of paper. Raises UnknownName for the route."""
    return _Drawing(protocol, [protocol.route(route)] if route else protocol.routes, below=HEAD).sheets()


def _rails(starts: dict[Spot, float], leads: Sequence[tuple[Spot, float]]) -> list[_Rail]:
    """The lines from what starts something to what it leads to; no two share a column where they would touch."""
    ends: dict[Spot, list[float]] = {}
    for spot, y in leads:
        if spot in starts:
            ends.setdefault(spot, []).append(y)
    found = [_Rail(starts[spot], sorted(ys), 0) for spot, ys in ends.items()]
    rails: list[_Rail] = []
    for rail in sorted(found, key=lambda each: each.high - each.low):
        taken = {each.column for each in rails if each.low - APART <= rail.high and rail.low - APART <= each.high}
        rails.append(rail._replace(column=next(n for n in range(len(found)) if n not in taken)))
    return rails


class _Drawing:
    """One picture. It is laid out twice: only then is it known how many lines stand beside the boxes."""

    def __init__(self, protocol: Protocol, routes: Sequence[Route], *, below: float = 0) -> None:
        self._protocol = protocol
        self._head = below
        """How much of the first sheet is taken by what a page says above it; then it has no title of its own."""
        self._routes = routes
        self._y = MARGIN
        self._below: float | None = None
        """Where the stage above ends, if the next one may follow it."""
        self._left, self._right = MARGIN + 3 * RAIL, WIDTH - MARGIN
        self._lay_out()
        self._left = MARGIN + _columns(self._clocks()) * RAIL
        self._right = WIDTH - MARGIN - _columns(self._ways()) * RAIL
        self._lay_out()

    def picture(self) -> str:
        """All of it."""
        return picture([A4, *self._parts()], WIDTH, self._y + MARGIN, self._title, self._description())

    def sheets(self) -> str:
        """All of it, a picture for each sheet."""
        sheets = max(1, ceil((self._y - MARGIN) / NEXT_SHEET))
        tops = [self._head, *(n * NEXT_SHEET for n in range(1, sheets))]
        ends = [*((n + 1) * SHEET + MARGIN / 2 for n in range(len(tops) - 1)), self._y + MARGIN]
        return "".join(windows(self._parts(), WIDTH, list(zip(tops, ends, strict=True)), self._title))

    @property
    def _title(self) -> str:
        return f"{self._protocol.title}, {self._protocol.partnership}"

    def _parts(self) -> list[str]:
        return [*self._drawn, *self._clock_lines(), *self._way_lines(), *self._next_lines()]

    def _description(self) -> str:
        """The stages in a sentence each, for whoever cannot see the picture."""
        stages = [stage for route in self._routes for stage in self._protocol.ladder(route.key)]
        told = [f"Stage {stage.key}: {stage.name}; owner: {stage.owner}" for stage in stages]
        return ". ".join([f"A ladder of {how_many(len(stages), 'stage')}", *told]) + "."

    # -- lines beside the boxes

    def _clocks(self) -> list[_Rail]:
        return _rails(self._starts, self._leads)

    def _ways(self) -> list[_Rail]:
        return _rails(self._exits, self._entries)

    def _clock_lines(self) -> Iterator[str]:
        """From each dot that starts a clock to the limits that run from there."""
        for rail in self._clocks():
            x = self._left - 8 - rail.column * RAIL
            yield path(f"M{self._left:g} {rail.start:g}H{x:g}M{x:g} {rail.low:g}V{rail.high:g}")
            yield dot(x, rail.start)
            for y in rail.ends:
                yield arrow(x, y, self._left - 1, y)

    def _way_lines(self) -> Iterator[str]:
        """From a stage to those that may follow it and are not the next box."""
        for rail in self._ways():
            x = self._right + 8 + rail.column * RAIL
            for y in rail.ends:
                yield path(f"M{self._right:g} {rail.start:g}H{x:g}V{y:g}", dashed=True)
                yield arrow(x, y, self._right + 1, y)

    def _next_lines(self) -> Iterator[str]:
        """From a stage to the one below it."""
        middle = (self._left + self._right) / 2
        for upper, lower in self._downwards:
            yield arrow(middle, upper, middle, lower - 1)

    # -- from above downwards

    def _whole(self, draw: Callable[[], None]) -> None:
        """Draw something so that no sheet of paper ends within it: where one would, it begins on the next."""
        begun, below = self._y, self._below
        lists: tuple[list[Any], ...] = (self._drawn, self._leads, self._entries, self._downwards)
        lengths = [len(each) for each in lists]
        draw()
        height, sheet = self._y - begun, begun // NEXT_SHEET + 1
        if self._y <= sheet * SHEET or begun <= (sheet - 1) * NEXT_SHEET + MARGIN or height > SHEET - MARGIN:
            return
        for each, length in zip(lists, lengths, strict=True):
            del each[length:]
        self._y, self._below = sheet * NEXT_SHEET + MARGIN, below
        draw()  # what starts and leaves there is put anew under the names it has

    def _lay_out(self) -> None:
        self._y, self._below = MARGIN + self._head, None
        self._downwards: list[tuple[float, float]] = []
        self._drawn: list[str] = []
        self._starts: dict[Spot, float] = {}
        self._leads: list[tuple[Spot, float]] = []
        self._exits: dict[Spot, float] = {}
        self._entries: list[tuple[Spot, float]] = []
        protocol = self._protocol
        dated = protocol.edition.dated
        if not self._head:
            self._text(protocol.title, 19, bold=True)
            self._text(f"{protocol.partnership}{'' if dated == UNDATED else f', edition {dated}'}", TYPE)
        for route in self._routes:
            self._route(route)
        for title, actions in (
            ("Once resolved", protocol.after_resolution),
            ("At any stage", protocol.standing_actions),
        ):
            if actions:
                self._whole(partial(self._beside, title, actions))
        self._text("A dot starts a clock; its line leads to every time limit that runs from there.", SMALL)

    def _beside(self, title: str, actions: Sequence[Action]) -> None:
        """A box with what is owed outside of the stages."""
        if title == "Once resolved":
            self._starts[("resolved",)] = self._y + PAD + 9
        self._box(title, [], [row_of(self._protocol, action, None) for action in actions])
        self._y += 2 * GAP

    def _text(self, text: str, size: float, *, bold: bool = False) -> None:
        for line in broken(text, WIDTH - 2 * MARGIN, size, bold=bold):
            self._y += size * 1.3
            self._drawn.append(words(line, MARGIN, self._y - size * 0.3, size, bold=bold))

    def _route(self, route: Route) -> None:
        stages = self._protocol.ladder(route.key)
        first, *others = zip(stages, [*stages[1:], None], strict=True)
        self._whole(partial(self._beginning, route, *first))
        for stage, below in others:
            self._whole(partial(self._stage, stage, below))
        if route.cap:
            self._whole(partial(self._cap, route, route.cap))

    def _cap(self, route: Route, cap: Timescale) -> None:
        """A box with the limit on the whole of a route."""
        self._box(
            "The whole of it",
            [],
            [LadderRow(("cap", route.key), [limit_of(self._protocol, cap, None)], route.name, [])],
        )
        self._y += 2 * GAP

    def _beginning(self, route: Route, stage: Stage, below: Stage | None) -> None:
        """The first stage of a route, with what stands above it."""
        self._below = None
        self._y += 2 * GAP
        if len(self._protocol.routes) > 1:
            self._text(route.name, 16, bold=True)
            self._text(route.use or "", SMALL)
            self._y += GAP
        for spot, name in beginnings(self._protocol, route):
            self._chip(spot, name)
        self._y += GAP
        self._stage(stage, below)

    def _chip(self, spot: Spot, name: str) -> None:
        """A rounded box with what starts a clock before the first stage."""
        lines = broken(name, self._right - self._left - 2 * PAD, SMALL)
        height = len(lines) * LINE + GAP
        width = max(text_width(line, SMALL) for line in lines) + 2 * PAD
        self._drawn.append(box(self._left, self._y, width, height, rounded=True))
        for n, line in enumerate(lines):
            self._drawn.append(words(line, self._left + PAD, self._y + 15 + n * LINE, SMALL))
        self._starts[spot] = self._y + height / 2
        self._y += height + GAP

    def _stage(self, stage: Stage, below: Stage | None) -> None:
        following = self._protocol.ladders.following(stage)
        head = [f"Owner: {stage.owner}", *(f"Owner: {each}" for each in owners_in_words(stage, Named(self._protocol)))]
        if stage.counterpart:
            both = f"{head[-1]}. With: {stage.counterpart}"
            fits = text_width(both, TYPE) < self._right - self._left - 80
            head[-1:] = [both] if fits else [head[-1], f"With: {stage.counterpart}"]
        if stage.not_owner_of:
            head.append(f"Not whoever was responsible at stage {listed(stage.not_owner_of, 'or')}")
        if self._below is not None:
            self._downwards.append((self._below, self._y))
        top = self._y + PAD + 9
        self._starts[("stage", *stage.place)] = top
        self._entries += [
            (("way", *each.place), top)
            for each in self._protocol.ladder(stage.route)
            if jumps(self._protocol, each, stage)
        ]
        rows = [row_of(self._protocol, action, stage) for action in stage.actions]
        self._box(stage.name, head, rows, badge=stage.key, foot=leads_to(self._protocol, following, stage, below))
        self._exits[("way", *stage.place)] = self._y - PAD - 4
        self._below = self._y if below in following else None
        self._y += 4 * GAP if below in following else 2 * GAP

    def _box(self, name: str, head: Sequence[str], rows: Sequence[LadderRow], badge: str = "", foot: str = "") -> None:
        """A box with a heading, a line below it for each thing to do, its limits at the left, and where it leads."""
        top = self._y
        aside = text_width(badge, HEADING, bold=True) + 2 * PAD if badge else 0.0
        inside: list[str] = []
        self._y += PAD / 2
        x = self._left + PAD + (aside + GAP if badge else 0)
        self._lines(inside, name, x, self._right - PAD - x, HEADING, bold=True)
        if badge:
            inside.append(box(self._left + PAD, top + PAD / 2, aside, 19, filled=True))
            inside.append(words(badge, self._left + 2 * PAD, top + PAD / 2 + 14.5, HEADING, bold=True, colour="#fff"))
        for line in head:
            self._lines(inside, line, x, self._right - PAD - x, TYPE)
        for row in rows:
            self._put(row, inside)
        if foot:
            self._y += GAP
            self._lines(inside, foot, self._left + PAD, self._right - self._left - 2 * PAD, TYPE, bold=True)
        self._y += PAD / 2 + 2
        self._drawn += [box(self._left, top, self._right - self._left, self._y - top), *inside]

    def _put(self, row: LadderRow, inside: list[str]) -> None:
        """A line of a box: the limits of something at the left, what it is at the right."""
        self._y += GAP
        top, between = self._y, self._left + PAD + LIMITS + PAD
        inside.append(path(f"M{self._left:g} {top:g}H{self._right:g}", pale=True))
        self._starts[row.spot] = top + 20 if row.limits[0].start else top + 11
        for figure, rest, start in row.limits:
            if start:
                self._leads.append((start, self._y + 11))
            self._lines(inside, figure, self._left + PAD, LIMITS, TYPE, bold=True)
            self._lines(inside, rest, self._left + PAD, LIMITS, SMALL)
        lowest, self._y = self._y, top
        self._lines(inside, row.name, between, self._right - PAD - between, TYPE, bold=True)
        for line in row.details:
            self._lines(inside, line, between, self._right - PAD - between, SMALL)
        self._y = max(self._y, lowest)

    def _lines(self, inside: list[str], text: str, x: float, width: float, size: float, *, bold: bool = False) -> None:
        for line in broken(text, width, size, bold=bold) if text else ():
            self._y += LINE
            inside.append(words(line, x, self._y - 1, size, bold=bold))


def _columns(rails: Sequence[_Rail]) -> int:
    """How many lines stand side by side."""
    return max((rail.column + 1 for rail in rails), default=0)
