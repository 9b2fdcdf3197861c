"""Tables and lines as plain pieces of text with the names of their styles: laid out here, coloured by Rich where there is a terminal.

Rich's own tables take longer for fifty rows than all else a list needs, and nobody sees a colour in a pipe.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from escalate.output.words import inert

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

GAP = 2
"""Spaces between two columns."""

Piece = tuple[str, str]
"""Text that has been made harmless, and the name of its style, or nothing."""

Line = list[Piece]
Cell = list[Piece]
"""A piece for each of its lines."""


def cell(first: str | None, below: str | Sequence[str] | None = (), style: str = "") -> Cell:
    """A value, with fainter lines below it; what is not known is a dash."""
    lines = (below,) if isinstance(below, str) else below or ()
    return [(inert(first) if first is not None else "-", style), *((inert(each), "dim") for each in lines)]


class Page:
    """Pieces, each on a line of its own, and tables, one below the other, for a terminal and for a pipe."""

    def __init__(self, parts: "Iterable[Piece | Columns]") -> None:
        self.parts = list(parts)

    def lines(self, width: int) -> Iterator[Line]:
        """What is shown, line by line, in so many columns."""
        for part in self.parts:
            if isinstance(part, Columns):
                yield from part.lines(width)
            else:
                yield from ([piece] for piece in _broken([part], width))

    def text(self, width: int) -> str:
        """What is shown without its styles."""
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in self.lines(width))

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        for line in self.lines(options.max_width):
            for text, style in line:
                yield Segment(text, console.get_style(style) if style else None)
            yield Segment.line()


class Columns:
    """A table with a heading over each column, or with none over any. Where it is too wide, the widest columns give way and their
    cells are broken.

    A column has the width its cells need, a width of its own where `widths` gives one, or with `fill` all that is left.
    """

    def __init__(self, *headings: str, fill: str | None = None, widths: dict[str, int] | None = None) -> None:
        self.headings = headings
        self.rows: list[Sequence[Cell]] = []
        self._fill, self._own = fill, widths or {}

    def add(self, *cells: Cell | str) -> None:
        """A row, with a cell for each column."""
        self.rows.append([cell(each) if isinstance(each, str) else each for each in cells])

    def lines(self, width: int) -> Iterator[Line]:
        """The table line by line, in so many columns; without spaces at the ends of lines."""
        headings = [[[(heading, "bold")] for heading in self.headings]] if any(self.headings) else []
        rows = [*headings, *self.rows]
        widths = self._widths(rows, width)
        for row in rows:
            cells = [list(_broken(each, width)) for each, width in zip(row, widths, strict=True)]
            for n in range(max(map(len, cells))):
                yield _line([each[n] if n < len(each) else ("", "") for each in cells], widths)

    def _widths(self, rows: Sequence[Sequence[Cell]], width: int) -> list[int]:
        """How wide the text of each column may be."""
        found = [max(measured(text) for row in rows for text, _ in row[n]) for n in range(len(self.headings))]
        found = [self._own.get(heading, needed) for heading, needed in zip(self.headings, found, strict=True)]
        gaps = [GAP] * (len(found) - 1) + [0]
        if self._fill is not None:
            n = self.headings.index(self._fill)
            found[n] = max(1, width - sum(gaps) - sum(found) + found[n])
        taken = _narrowed([needed + gap for needed, gap in zip(found, gaps, strict=True)], width)
        return [max(1, room - gap) for room, gap in zip(taken, gaps, strict=True)]


def measured(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _line(pieces: Sequence[Piece], widths: Sequence[int]) -> Line:
    """The pieces side by side, each with the spaces up to the next."""
    line: Line = []
    for (text, style), width in zip(pieces, widths, strict=True):
        line += [(text, style), (" " * (width - measured(text) + GAP), "")]
    while line and not line[-1][0].strip():
        line.pop()
    return line


def _narrowed(widths: list[int], room: int) -> list[int]:
    """Widths that fit: of the widest, all are made as narrow as the next, until it is enough."""
    while (excess := sum(widths) - room) > 0 and max(widths) > 1:
        widest = max(widths)
        following = max((each for each in widths if each < widest), default=0)
        share = [n for n, each in enumerate(widths) if each == widest]
        for left, n in zip(range(len(share), 0, -1), share, strict=True):
            less = min(widest - max(following, 1), round(excess / left))
            widths[n] -= less
            excess -= less
    return widths


def _broken(pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
    """Lines that are too long as several: broken between words, and a word that is too long wherever it has to be."""
    for text, style in pieces:
        if measured(text) <= width:
            yield text, style
        else:
            yield from ((line.rstrip(), style) for line in _folded(text, width))


def _folded(text: str, width: int) -> Iterator[str]:
    line, taken = "", 0
    for word in re.findall(r"\s*\S+\s*", text):
        if line and taken + measured(word.rstrip()) > width:
            yield line
            line, taken = "", 0
        if measured(word.rstrip()) > width:
            for character in word:
                if line and taken + measured(character) > width:
                    yield line
                    line, taken = "", 0
                line, taken = line + character, taken + measured(character)
        else:
            line, taken = line + word, taken + measured(word)
    if line.strip():
        yield line
