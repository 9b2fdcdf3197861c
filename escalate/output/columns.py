"""Pages of lines and tables: laid out here as plain pieces of text, coloured by Rich where there is a terminal.

Rich's own tables take longer for fifty rows than all else a list needs, and nobody sees a colour in a pipe.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from escalate.output.words import inert

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

GAP = 2
"""Spaces between two columns."""

READABLE = 4
"""A column is made narrower than this only where no other can be: a letter a line fills pages, and nobody reads it."""

_PARTS = re.compile(r"[^-/]*[-/]+|[^-/]+")
"""The parts of a word that is broken at its hyphens and slashes."""

DOTS = "..."
"""What stands for the rest of a text that is too long."""

SHEET = 500
"""How many lines Rich is given at once."""

Piece = tuple[str, str]
"""Text that has been made inert, and the name of its style, or nothing."""

EMPTY: Piece = ("", "")
"""An empty line of a page or a cell."""


class Heading(NamedTuple):
    """A piece that stands above all that follows it, up to the next."""

    text: str
    """What it says, made inert."""
    style: str = "bold"
    """The name of its style."""


Line = list[Piece]
Longest = Callable[[], tuple[list[int], list[int]]]
"""How long the longest word of each column is, and the longest part of one: worked out where a table is too wide."""

Cell = list[Piece]
"""A piece for each line of a cell."""


def cell(first: str | None, below: str | Sequence[str] | None = (), style: str = "") -> Cell:
    """A value with fainter lines below it; a dash where it is not known."""
    shown = [(inert(first) if first is not None else "-", style)]
    if below:
        shown += [(inert(each), "dim") for each in ((below,) if isinstance(below, str) else below)]
    return shown


class Page:
    """Pieces, each on a line of its own, and tables, one below the other."""

    def __init__(self, parts: "Iterable[Piece | Columns]") -> None:
        self.parts = list(parts)

    def lines(self, width: int) -> Iterator[Line]:
        """The page line by line, for a terminal of so many columns."""
        for part in self.parts:
            if isinstance(part, Columns):
                yield from part.lines(width)
            else:
                yield from ([piece] for piece in _broken([part], width))

    def text(self, width: int) -> Iterator[str]:
        """The page line by line, without its styles."""
        return ("".join(text for text, _ in line).rstrip() + "\n" for line in self.lines(width))

    def sheets(self, width: int) -> "Iterator[LinesForRich]":
        """The page some lines at a time: Rich keeps everything that it is given to show at once."""
        lines = self.lines(width)
        while several := list(islice(lines, SHEET)):
            yield LinesForRich(several)

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        yield from self.sheets(options.max_width)


class LinesForRich:
    """Some lines of a page, for Rich to show."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        from rich.segment import Segment

        for line in self.lines:
            for text, style in line:
                yield Segment(text, console.get_style(style) if style else None)
            yield Segment.line()


class Columns:
    """A table with a heading over each column, or with none over any. Columns are named by their headings.

    A column is as wide as its cells need. `most` says how wide it may be, `widths` how wide it is, and the column `fill` takes
    all that is left. Where the table is too wide, the widest columns are made narrower and their cells broken over lines.
    Columns in `whole`, and those narrower than `least` says, are made narrower only where it is too wide all the same; rather than one narrower than `else_cards` says, each row is a card. Columns in `right` are aligned to the right. With
    `low`, headings of fewer lines stand at the bottom; without `headed` none is shown. `gap` is how many spaces stand between two columns. `rows`
    makes the rows each time they are wanted, so that a long table need not be held.
    """

    def __init__(
        self,
        *headings: str,
        fill: str | None = None,
        widths: dict[str, int] | None = None,
        most: dict[str, int] | None = None,
        least: dict[str, int] | None = None,
        else_cards: dict[str, int] | None = None,
        right: Collection[str] = (),
        whole: Collection[str] = (),
        low: bool = False,
        headed: bool = True,
        gap: int = GAP,
        rows: Callable[[], Iterable[Sequence[Cell | str]]] | None = None,
    ) -> None:
        self.headings = headings
        self._added: list[Sequence[Cell | str]] = []
        self._rows = rows
        self._fill, self._own, self._most = fill, widths or {}, most or {}
        self._least = least or {}
        self._else_cards = else_cards or {}
        self._right, self._low = [heading in right for heading in headings], low
        self._narrowable = [heading not in whole for heading in headings]
        self.headed, self._gap = headed and any(headings), gap

    def add(self, *cells: Cell | str) -> None:
        """Add a row, with a cell for each column."""
        self._added.append(_inert(cells))

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which columns are aligned to the right."""
        return tuple(self._right)

    @property
    def rows(self) -> Iterator[list[Cell]]:
        """The heading and every row."""
        if self.headed:
            yield [[(heading, "bold")] for heading in self.headings]
        for row in map(_inert, self._rows()) if self._rows else self._added:
            yield [[(each, "")] if isinstance(each, str) else each for each in row]

    def lines(self, width: int) -> Iterator[Line]:
        """The table line by line, for a terminal of so many columns; without spaces at the ends of lines."""
        needed, longest = self._needed(), cache(self._longest)
        if self.headed and self._is_too_narrow_for_words(needed, longest, width):
            yield from self._cards(width)
            return
        widths = self._widths(needed, longest, width)
        fits = all(room >= wanted for room, wanted in zip(widths, needed, strict=True))
        for number, row in enumerate(self.rows):
            cells = row if fits else [list(_broken(each, room)) for each, room in zip(row, widths, strict=True)]
            height = max(map(len, cells))
            if self._low and number == 0:
                cells = [[EMPTY] * (height - len(each)) + each for each in cells]
            for n in range(height):
                yield _line([each[n] if n < len(each) else EMPTY for each in cells], widths, self._right, self._gap)

    def _needed(self) -> list[int]:
        """How wide the widest text of each column is."""
        found = [1] * len(self.headings)
        for row in self.rows:
            for n, lines in enumerate(row):
                for text, _ in lines:
                    if len(text) > found[n] or not text.isascii():
                        found[n] = max(found[n], measured(text))
        return found

    def _widths(self, needed: Sequence[int], longest: Longest, width: int) -> list[int]:
        """How wide the text of each column may be."""
        found = [min(each, self._most.get(heading, each)) for heading, each in zip(self.headings, needed, strict=True)]
        found = [self._own.get(heading, each) for heading, each in zip(self.headings, found, strict=True)]
        gaps = [self._gap] * (len(found) - 1) + [0]
        if self._fill is not None:
            n = self.headings.index(self._fill)
            found[n] = max(1, width - sum(gaps) - sum(found) + found[n])
        everything = [True] * len(found)
        taken = [each + gap for each, gap in zip(found, gaps, strict=True)]
        if sum(taken) > width:
            own = [self._least.get(heading, READABLE) for heading in self.headings]
            readable, one = [READABLE] * len(found), [1] * len(found)
            words, parts = longest()
            whole_words = list(map(max, own, words))
            for least, narrowable in (
                (whole_words, self._narrowable), (words, everything), (parts, everything),
                (own, self._narrowable), (readable, everything), (one, everything),
            ):  # fmt: skip
                _narrow(taken, [each + gap for each, gap in zip(least, gaps, strict=True)], narrowable, width)
        return [room - gap for room, gap in zip(taken, gaps, strict=True)]

    def _is_too_narrow_for_words(self, needed: Sequence[int], longest: Longest, width: int) -> bool:
        """Whether words would have to be broken where they have no hyphen, or a column made narrower than it may be: then a row is easier to read as a card."""
        gaps = self._gap * (len(needed) - 1)
        return sum(needed) + gaps > width and sum(longest()[1]) + gaps > width

    def _cards(self, width: int) -> Iterator[Line]:
        """Each row with its first cell as a heading, and below that what each column says of it."""
        _, *rows = self.rows
        for row in rows:
            yield from ([piece] for piece in _broken(row[0], width))
            for heading, pieces in zip(self.headings[1:], row[1:], strict=True):
                said = [(text, style) for text, style in pieces if text]
                if said and heading:
                    said[0] = (f"{heading}: {said[0][0]}", said[0][1])
                for text, style in said:
                    yield from ([("  ", ""), piece] for piece in _broken([(text, style)], width - 2))

    def _longest(self) -> tuple[list[int], list[int]]:
        """How long the longest word of each column is, and the longest part of one that may be broken at a hyphen or a slash; no less than a column may be."""
        words = [self._else_cards.get(heading, 1) for heading in self.headings]
        parts = list(words)
        for row in self.rows:
            for n, lines in enumerate(row):
                for word in (word for text, _ in lines for word in text.split()):
                    if len(word) > parts[n]:
                        words[n] = max(words[n], measured(word))
                        parts[n] = max(parts[n], *map(measured, _PARTS.findall(word)))
        return words, parts


class Named(Columns):
    """Names, and what is said of each."""


class Bullets(Columns):
    """A list."""


def named_lines(rows: Iterable[tuple[str, str]]) -> Named:
    """Faint names, and what is said of each beside it."""
    table = Named("Name", "Said", whole=["Name"], headed=False)
    for name, said in rows:
        table.add([(name, "dim")], said)
    return table


def indented(lines: Iterable[Piece]) -> Columns:
    """Lines that stand two columns to the right, each broken between words where it is too long."""
    table = Columns("", "Said", headed=False, gap=1, whole=[""])
    table.add("", [(inert(text), style) for text, style in lines])
    return table


def bullets(lines: Iterable[str]) -> Bullets:
    """Lines with a dash before each."""
    table = Bullets("", "Said", headed=False, gap=1)
    for line in lines:
        table.add("-", line)
    return table


def _inert(cells: Iterable[Cell | str]) -> list[Cell | str]:
    """The cells of a row; those that are plain text are made inert."""
    return [inert(each) if isinstance(each, str) else each for each in cells]


def measured(text: str) -> int:
    """How many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def shortened(text: str, room: int) -> str:
    """A text in so many columns of a terminal: of one that is too long the beginning, and dots."""
    if measured(text) <= room:
        return text
    kept = text[: max(0, room - len(DOTS))]
    while kept and measured(kept) > room - len(DOTS):
        kept = kept[:-1]
    words = kept.rpartition(" ")[0]
    return f"{words if 2 * len(words) > len(kept) else kept}{DOTS}"


def _line(pieces: list[Piece], widths: Sequence[int], to_the_right: Sequence[bool], gap: int) -> Line:
    """The pieces side by side, each with the spaces up to the next."""
    while pieces and pieces[-1] is EMPTY:
        pieces.pop()
    line: Line = []
    for (text, style), width, right in zip(pieces, widths, to_the_right, strict=False):
        spaces = width - (len(text) if text.isascii() else measured(text))
        if right:
            line += (" " * spaces, ""), (text, style), (" " * gap, "")
        else:
            line += (text, style), (" " * (spaces + gap), "")
    while line and not line[-1][0].strip():
        line.pop()
    return line


def _narrow(widths: list[int], least: Sequence[int], narrowable: Sequence[bool], room: int) -> None:
    """Make the widest of the columns that may be narrower as narrow as the next widest, until all fit or none may be narrower."""
    while (excess := sum(widths) - room) > 0:
        several = [n for n, may in enumerate(narrowable) if may and widths[n] > least[n]]
        if not several:
            return
        widest = max(widths[n] for n in several)
        following = max((widths[n] for n in several if widths[n] < widest), default=0)
        share = [n for n in several if widths[n] == widest]
        for left, n in zip(range(len(share), 0, -1), share, strict=True):
            less = min(widest - max(following, least[n]), round(excess / left))
            widths[n] -= less
            excess -= less


def _broken(pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
    """Break lines that are too long: between words, and a word that is too long at its hyphens and slashes, or else wherever it has to be."""
    for text, style in pieces:
        if measured(text) <= width:
            yield text, style
        else:
            yield from ((line.rstrip(), style) for line in _folded(text, width))


def _folded(text: str, width: int) -> Iterator[str]:
    """The lines of a text that is too long; each may end in spaces."""
    line, taken = "", 0
    for word in re.findall(r"\s*\S+\s*", text):
        if line and taken + measured(word.rstrip()) > width:
            yield line
            line, taken = "", 0
        if measured(word.rstrip()) > width:
            parts = _PARTS.findall(word)
            for part in parts if max(measured(each.rstrip()) for each in parts) <= width else word:
                if line and taken + measured(part.rstrip()) > width:
                    yield line
                    line, taken = "", 0
                line, taken = line + part, taken + measured(part)
        else:
            line, taken = line + word, taken + measured(word)
    if line.strip():
        yield line
