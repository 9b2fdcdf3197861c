"""A ladder on its side, to hang on a wall: the stages from left to right, and a letter for each thing that starts a clock.

It is drawn for A4, where its smallest type has 9 points; on A3 it is the same, larger. At two metres letters can be read that are 2.9 mm
high (5 minutes of arc): the names of stages are 3.9 mm high on A4, and 5.5 on A3.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import UNDATED, Action, Route, Stage
from escalate.errors import listed
from escalate.output.names import Named
from escalate.output.protocol.in_words import owners_in_words
from escalate.output.protocol.ladder_rows import (
    LadderLimit,
    LadderRow,
    Spot,
    beginnings,
    leads_to,
    limit_of,
    row_of,
)
from escalate.output.svg import arrow, box, broken, circle, path, picture, text_width, words
from escalate.wording import how_many

PAPERS = {"a4": 1.0, "a3": 2**0.5}
"""How much larger it is on each paper, which lies on its side."""

WIDTH, HEIGHT = 1046.0, 718.0
"""A sheet of A4 on its side without its margins of 10 mm, in pixels of which an inch has 96."""

NAME, TITLE, TYPE, SMALL = 20.0, 16.0, 13.0, 12.0
"""The sizes of type: the names of stages, what the sheet is about, limits, and all else. 12 are 9 points."""

LEADING = 1.22
"""From one line of type to the next, as a part of its size."""

PAD, GAP, APART, ROUND = 9.0, 5.0, 24.0, 9.0
"""Inside the edge of a box, between what does not belong together, between two boxes, and the size of a letter's ring."""

FOOT = 30.0
"""What is left free at the bottom of a sheet for what its letters mean."""

MOST = 6
"""Boxes side by side: more would leave names no room."""


class _Box(NamedTuple):
    """A stage, or what is owed beside the stages."""

    name: str
    """What it is called."""
    badge: str
    """The key of a stage; nothing for what is none."""
    spot: Spot | None
    """The clock that it starts."""
    head: Sequence[str]
    """Who owns it."""
    rows: Sequence[LadderRow]
    """What has to be done."""
    foot: str
    """Where it leads, as far as that is not the next box."""
    foot_alone: str
    """Where it leads, where the next box does not stand beside it."""
    onward: bool
    """It leads to the next box."""


def wall_picture(protocol: Protocol, route: str | None, paper: str) -> str:
    """The picture of a ladder, or of all of them, on as many sheets of this paper as it takes. Raises UnknownName for the route."""
    routes = [protocol.route(route)] if route else list(protocol.routes)
    return _Wall(protocol, routes).picture(paper)


class _Wall:
    """One picture: sheets one below the other, each as high as the paper, so that a browser prints each on one."""

    def __init__(self, protocol: Protocol, routes: Sequence[Route]) -> None:
        self._protocol = protocol
        self._routes = routes
        self._drawn: list[str] = []
        self._sheet, self._y, self._head_height = 0, 0.0, 0.0
        blocks = [(route, self._boxes(route), list(beginnings(protocol, route))) for route in routes]
        beside = list(self._beside())
        spots = [spot for _, boxes, chips in blocks for spot in self._spots(boxes, [spot for spot, _ in chips])]
        self._letters = self._lettered(
            [*spots, *self._spots(beside, [])], [*(b for _, bs, _ in blocks for b in bs), *beside]
        )
        for n, (way, boxes, chips) in enumerate(blocks, 1):
            self._ladder(way, [*boxes, *beside] if n == len(blocks) else boxes, chips)

    def picture(self, paper: str) -> str:
        """All of it, on this paper."""
        larger = PAPERS[paper]
        style = f"<style>@page {{ size: {paper.upper()} landscape; margin: {10 * larger:.1f}mm }}</style>"
        title = f"{self._protocol.title}, {self._protocol.partnership}"
        stages = [stage for route in self._routes for stage in self._protocol.ladder(route.key)]
        told = [f"Stage {stage.key}: {stage.name}; owner: {stage.owner}" for stage in stages]
        about = ". ".join([f"A ladder of {how_many(len(stages), 'stage')}", *told]) + "."
        high = max(self._sheet * HEIGHT + HEIGHT - 4, self._y)
        return picture([style, *self._drawn], WIDTH, high, title, about, larger=larger)

    # -- what stands in it

    def _boxes(self, route: Route) -> list[_Box]:
        protocol = self._protocol
        stages = protocol.ladder(route.key)
        found = [self._stage(stage, after) for stage, after in zip(stages, [*stages[1:], None], strict=True)]
        if route.cap:
            row = LadderRow(("cap", route.key), [limit_of(protocol, route.cap, None)], route.name, [])
            found.append(_Box("The whole of it", "", None, [], [row], "", "", onward=False))
        return found

    def _stage(self, stage: Stage, after: Stage | None) -> _Box:
        protocol = self._protocol
        following = protocol.ladders.following(stage)
        head = [f"Owner: {each}" for each in (stage.owner, *owners_in_words(stage, Named(self._protocol)))]
        head += [f"With: {stage.counterpart}"] if stage.counterpart else []
        if stage.not_owner_of:
            head.append(f"Not whoever was responsible at stage {listed(stage.not_owner_of, 'or')}")
        rows = [row_of(protocol, action, stage) for action in stage.actions]
        foot, alone = (leads_to(protocol, following, stage, beside) for beside in (after, None))
        spot = ("stage", *stage.place)
        return _Box(stage.name, stage.key, spot, head, rows, foot, alone, onward=after in following)

    def _beside(self) -> Iterator[_Box]:
        """What is owed outside of the stages."""
        protocol = self._protocol

        def rows(actions: Sequence[Action]) -> list[LadderRow]:
            return [row_of(protocol, action, None) for action in actions]

        if protocol.after_resolution:
            yield _Box("Once resolved", "", ("resolved",), [], rows(protocol.after_resolution), "", "", onward=False)
        if protocol.standing_actions:
            yield _Box("At any stage", "", None, [], rows(protocol.standing_actions), "", "", onward=False)

    def _spots(self, boxes: Sequence[_Box], before: Sequence[Spot]) -> Iterator[Spot]:
        """All that may start a clock, in the order in which it stands."""
        yield from before
        for each in boxes:
            yield from [each.spot] if each.spot else []
            yield from (row.spot for row in each.rows)

    def _lettered(self, spots: Sequence[Spot], boxes: Sequence[_Box]) -> dict[Spot, str]:
        """A letter for each of those that start a clock that is shown; never one that a stage has."""
        started = {limit.start for each in boxes for row in each.rows for limit in row.limits}
        found = [spot for spot in dict.fromkeys(spots) if spot in started]
        keys = {each.badge.upper() for each in boxes}
        free = (letter for letter in map(_letter, count()) if letter not in keys)
        return dict(zip(found, free, strict=False))

    # -- where it stands

    def _ladder(self, route: Route, boxes: Sequence[_Box], chips: Sequence[tuple[Spot, str]]) -> None:
        """A ladder, which begins on a sheet of its own."""
        if self._drawn:
            self._next_sheet()
        begins = self._y
        self._head(route)
        self._head_height = self._y - begins
        self._chips(chips)
        left = HEIGHT - self._on_sheet - FOOT
        side_by_side = min(range(1, min(MOST, len(boxes)) + 1), key=lambda n: (*self._spoilt(boxes, n, left), -n))
        for at in range(0, len(boxes), side_by_side):
            several = boxes[at : at + side_by_side]
            heights = self._heights(several, side_by_side)
            if self._on_sheet + max(heights) + FOOT > HEIGHT and at:
                self._foot()
                self._next_sheet()
                self._head(route)
            self._row(several, side_by_side, max(heights))
        self._foot()

    @property
    def _on_sheet(self) -> float:
        """How much of the sheet is taken."""
        return self._y - self._sheet * HEIGHT

    def _next_sheet(self) -> None:
        self._sheet = max(self._sheet + 1, int(self._y // HEIGHT) + 1)
        self._y = self._sheet * HEIGHT

    def _spoilt(self, boxes: Sequence[_Box], side_by_side: int, left: float) -> tuple[bool, bool, int]:
        """Whether a box is higher than a sheet with so many side by side, whether a word of a name is broken, and how many sheets it takes."""
        sheets, room, whole = 1, left, HEIGHT - self._head_height - FOOT
        rows = [boxes[at : at + side_by_side] for at in range(0, len(boxes), side_by_side)]
        highs = [max(self._heights(row, side_by_side)) for row in rows]
        for high in highs:
            if high > room:
                sheets, room = sheets + 1, whole
            room -= high + APART
        inside = _wide(side_by_side) - 2 * PAD
        longest = max(text_width(word, NAME, bold=True) for each in boxes for word in each.name.split())
        return max(highs) > whole, longest > inside, sheets

    def _heights(self, boxes: Sequence[_Box], side_by_side: int) -> list[float]:
        return [self._put(each, 0, 0, _wide(side_by_side), [], each is boxes[-1])[1] for each in boxes]

    def _head(self, route: Route) -> None:
        """What the sheet is about."""
        protocol = self._protocol
        dated = protocol.edition.dated
        several = f": {route.name}" if len(protocol.routes) > 1 else ""
        self._y += 4
        self._text(f"{protocol.title}{several}", TITLE, bold=True)
        self._text(f"{protocol.partnership}{'' if dated == UNDATED else f', edition {dated}'}", SMALL)
        if len(protocol.routes) > 1 and route.use:
            self._text(route.use, SMALL)
        self._y += GAP

    def _foot(self) -> None:
        if self._letters:
            self._y = max(self._y - APART, self._sheet * HEIGHT + HEIGHT - FOOT + 6)
            self._text(
                "A black letter starts a clock; a ring with the same letter marks every time limit that runs from there.",
                SMALL,
            )

    def _text(self, said: str, size: float, *, bold: bool = False) -> None:
        for line in broken(said, WIDTH - 8, size, bold=bold):
            self._y += size * LEADING
            self._drawn.append(words(line, 4, self._y - 3, size, bold=bold))

    def _chips(self, chips: Sequence[tuple[Spot, str]]) -> None:
        """What starts clocks before the first stage, each in a rounded box."""
        x = 4.0
        for spot, name in chips:
            lines = broken(name, WIDTH - 60, SMALL)
            wide = max(text_width(line, SMALL) for line in lines) + 2 * PAD + 3 * ROUND
            high = len(lines) * SMALL * LEADING + 2 * GAP
            if x + wide > WIDTH - 4 and x > 4:
                x, self._y = 4.0, self._y + high + GAP
            self._drawn.append(box(x, self._y, wide, high, rounded=len(lines) == 1))
            self._lettered_at(self._drawn, spot, x + PAD + ROUND, self._y + high / 2, starts=True)
            for n, line in enumerate(lines, 1):
                self._drawn.append(words(line, x + PAD + 2.6 * ROUND, self._y + GAP + n * SMALL * LEADING - 3, SMALL))
            x += wide + GAP * 2
        if chips:
            self._y += high + 2 * GAP

    def _row(self, boxes: Sequence[_Box], side_by_side: int, high: float) -> None:
        """Boxes side by side, as high as the highest of them."""
        wide = _wide(side_by_side)
        for n, each in enumerate(boxes):
            x = 4 + n * (wide + APART)
            inside, _ = self._put(each, x, self._y, wide, [], each is boxes[-1])
            self._drawn += [box(x, self._y, wide, high), *inside]
            if each.onward and n < len(boxes) - 1:
                self._drawn.append(arrow(x + wide, self._y + 20, x + wide + APART - 1, self._y + 20))
        self._y += high + APART

    def _put(
        self, each: _Box, x: float, top: float, wide: float, inside: list[str], last: bool
    ) -> tuple[list[str], float]:
        """What stands in a box, the last of those side by side or another, and how high it is."""
        line = _Writer(inside, x + PAD, top + PAD / 2, wide - 2 * PAD)
        aside = text_width(each.badge, NAME, bold=True) + 2 * PAD if each.badge else 0.0
        if each.badge:
            inside.append(box(x + PAD, top + PAD, aside, NAME + 6, filled=True))
            inside.append(words(each.badge, x + 2 * PAD, top + PAD + NAME, NAME, bold=True, colour="#fff"))
            if each.spot:
                self._lettered_at(inside, each.spot, x + wide - PAD - ROUND, top + PAD + NAME / 2 + 3, starts=True)
            line.down(NAME + PAD + 2)
        elif each.spot:
            self._lettered_at(inside, each.spot, x + wide - PAD - ROUND, top + PAD + NAME / 2, starts=True)
        line.write(each.name, NAME, bold=True)
        line.down(GAP if each.head else 0)
        for said in each.head:
            line.write(said, TYPE)
        for row in each.rows:
            line.down(GAP)
            inside.append(path(f"M{x:g} {line.y:g}H{x + wide:g}", pale=True))
            line.down(3)
            starts = self._letters.get(row.spot)
            if starts:
                self._lettered_at(inside, row.spot, x + wide - PAD - ROUND, line.y + ROUND + 2, starts=True)
            line.write(row.name, SMALL, bold=True, right=2.5 * ROUND if starts else 0)
            for limit in row.limits:
                self._limit(limit, line, inside)
            for said in row.details:
                line.write(said, SMALL)
        if foot := each.foot_alone if last else each.foot:
            line.down(GAP)
            line.write(foot, SMALL, bold=True)
        return inside, line.y - top + PAD

    def _limit(self, limit: LadderLimit, line: "_Writer", inside: list[str]) -> None:
        """A time limit, with the letter of what starts its clock before it."""
        aside = 0.0
        if limit.start in self._letters and limit.start:
            aside = 2.6 * ROUND
            line.down(2)
            self._lettered_at(inside, limit.start, line.x + ROUND, line.y + ROUND + 1, starts=False)
        if limit.figure:
            line.write(limit.figure, TYPE, bold=True, left=aside)
        line.write(limit.rest, SMALL, left=aside)

    def _lettered_at(self, inside: list[str], spot: Spot, x: float, y: float, *, starts: bool) -> None:
        """The letter of what starts a clock: white on black where it starts, in a ring where it leads."""
        letter = self._letters.get(spot)
        if letter:
            inside.append(circle(x, y, ROUND, filled=starts))
            wide = text_width(letter, SMALL, bold=True)
            inside.append(
                words(letter, x - wide / 2 + 0.3, y + 4.3, SMALL, bold=True, colour="#fff" if starts else "#111")
            )


class _Writer:
    """Writes line below line."""

    def __init__(self, inside: list[str], x: float, y: float, width: float) -> None:
        self._inside, self.x, self.y, self._width = inside, x, y, width

    def down(self, by: float) -> None:
        """Leave room."""
        self.y += by

    def write(self, said: str, size: float, *, bold: bool = False, left: float = 0, right: float = 0) -> None:
        """Write a text, in as many lines as it takes, with so much free at its sides."""
        for line in broken(said, self._width - left - right, size, bold=bold):
            self.y += size * LEADING
            self._inside.append(words(line, self.x + left, self.y - 3, size, bold=bold))


def _wide(side_by_side: int) -> float:
    """How wide each of so many boxes is."""
    return (WIDTH - 8 - APART * (side_by_side - 1)) / side_by_side


def _letter(n: int) -> str:
    """A to Z, then AA and so on."""
    return (_letter(n // 26 - 1) if n >= 26 else "") + chr(ord("A") + n % 26)
