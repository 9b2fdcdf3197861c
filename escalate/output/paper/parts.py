"""What a paper is made of: headings, lines, lists, tables and pictures, read from the page that the same command shows at a terminal.

That page is the one model: whatever is added to it, ours or Rich's, is on every paper as well, in the same words.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, ClassVar

from rich.console import Group
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from escalate.output import columns, tables
from escalate.output.columns import Columns, Page

LATE, SOON = "late", "soon"
"""The looks of what is overdue or missed, and of what is at risk."""

DASH = "- "
"""What the lines of a list begin with."""

SHORT = 18
"""The longest of the letters that stand on a line in any case: `Mon 14 Dec 10:00`."""

_COLOURS = {"red": LATE, "magenta": SOON}
"""What the colours of a terminal say; a paper says it by a look, and both say it in words."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line, in one look."""

    text: str
    """What it says, on one line."""
    looks: frozenset[str] = frozenset()
    """How: `bold`, `faint`, `struck`, LATE, SOON."""


Line = tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the parts that follow it."""

    kind: ClassVar[str] = "heading"
    depth: int
    """0 for those that nothing stands above."""
    line: Line
    """What it says."""


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines, one below the other."""

    kind: ClassVar[str] = "lines"
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said under names."""

    kind: ClassVar[str] = "facts"
    rows: tuple[tuple[str, tuple[Line, ...]], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list, with a list below it."""

    lines: tuple[Line, ...]
    under: tuple["Item", ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    kind: ClassVar[str] = "items"
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table; a cell is made of parts itself."""

    kind: ClassVar[str] = "grid"
    headings: tuple[str, ...]
    """What stands above each column; empty where nothing does."""
    numeric: tuple[bool, ...]
    """Which columns hold numbers."""
    rows: tuple[tuple[tuple["Part", ...], ...], ...]

    @property
    def whole(self) -> tuple[bool, ...]:
        """Which columns have nothing but short values, which are not to be broken over lines."""
        return tuple(
            all(len(plain([line])) <= SHORT for row in self.rows for part in row[n] for line in lines_of(part))
            for n in range(len(self.headings))
        )


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing. A Word file does without: the tables of a paper say all that its pictures do."""

    kind: ClassVar[str] = "picture"
    svg: str
    """The drawing, which holds no text that is not escaped."""
    caption: str
    """What it shows, and what its looks mean."""
    legend: tuple[tuple[str, str], ...] = ()
    """What each look means."""
    look: str = ""
    """Whether it is a `sheet`, which has colours and a size of its own."""


Part = Heading | Lines | Facts | Items | Grid | Picture


def lines_of(part: Part) -> tuple[Line, ...]:
    """The lines of what stands in a cell."""
    match part:
        case Lines():
            return part.lines
        case Items():
            return tuple(line for item in part.items for line in item.lines)
    return ()


def plain(lines: Iterable[Iterable[Run]]) -> str:
    """The same lines without their looks, as one text."""
    return " ".join(run.text for line in lines for run in line)


def parts(shown: Any) -> Iterator[Part]:
    """What is shown at a terminal, in parts. Raises TypeError for what no command shows."""
    match shown:
        case Page():
            yield from _of_page(shown)
        case Group():
            for is_listed, several in groupby(shown.renderables, _is_listed):
                if is_listed:
                    yield Items(tuple(Item(_lines(each[len(DASH) :])) for each in several if isinstance(each, Text)))
                    continue
                for each in several:
                    yield from parts(each)
        case Padding():
            yield from parts(shown.renderable)
        case Text():
            yield from _of_text(shown)
        case Tree():
            yield from _of_tree(shown)
        case Table():
            yield _of_table(shown)
        case _:
            raise TypeError(type(shown))


# -- our own pages


def _of_page(page: Page) -> Iterator[Part]:
    for is_line, several in groupby(page.parts, _is_plain):
        if is_line:
            lines = tuple(_line(each) for each in several if not isinstance(each, Columns) and each[0])
            yield from [Lines(lines)] if lines else []
            continue
        for part in several:
            if isinstance(part, Columns):
                yield _of_columns(part)
            else:
                yield Heading(1 if isinstance(part, columns.Heading) else 2, _line(part))


def _is_plain(part: columns.Piece | Columns) -> bool:
    """Whether a part of a page is a line that does not stand above others."""
    return not isinstance(part, Columns) and not part[1].startswith("bold")


def _line(piece: columns.Piece) -> Line:
    text, style = piece
    return (_run(text, Style.parse(style)),)


def _of_columns(table: Columns) -> Part:
    rows = [[_lines_of_cell(cell) for cell in row] for row in table.rows]
    match table:
        case columns.Named():
            return Facts(tuple((plain(name), said) for name, said in rows))
        case columns.Bullets():
            return Items(tuple(Item(said) for _, said in rows))
    if not table.headed:
        return Lines(tuple(line for row in rows for cell in row for line in cell if plain([line])))
    cells = [tuple((Lines(lines),) if lines else () for lines in row) for row in rows[1:]]
    return _grid(table.headings, table.numeric, cells)


def _lines_of_cell(cell: columns.Cell) -> tuple[Line, ...]:
    return tuple(_line(piece) for piece in cell if piece[0])


# -- Rich's


def _is_listed(shown: Any) -> bool:
    """Whether it is a line of a list."""
    return isinstance(shown, Text) and shown.plain.startswith(DASH)


def _of_text(text: Text) -> Iterator[Part]:
    """Lines; the first of a bold text stands above what follows, nearer to it where an empty line is before it."""
    lines = _lines(text)
    if lines and "bold" in str(text.style).split():
        yield Heading(1 if text.plain.startswith("\n") else 0, lines[0])
        lines = lines[1:]
    if lines:
        yield Lines(lines)


def _lines(text: Text, base: str | Style = "") -> tuple[Line, ...]:
    """The lines of a text that say anything."""
    return tuple(tuple(_runs(each, base)) for each in text.split("\n") if each.plain.strip())


def _runs(text: Text, base: str | Style) -> Iterator[Run]:
    """A line in pieces of one look each."""
    ends = sorted({0, len(text.plain), *(edge for span in text.spans for edge in (span.start, span.end))})
    under = _style(base) + _style(text.style)
    for start, end in pairwise(ends):
        over = [_style(span.style) for span in text.spans if span.start <= start and end <= span.end]
        yield _run(text.plain[start:end], Style.combine([under, *over]))


def _style(style: str | Style) -> Style:
    return style if isinstance(style, Style) else Style.parse(style)


def _run(text: str, style: Style) -> Run:
    looks = {"bold": style.bold, "faint": style.dim, "struck": style.strike}
    colour = _COLOURS.get(style.color.name) if style.color else None
    return Run(text, frozenset([*(look for look, has in looks.items() if has), *([colour] if colour else [])]))


def _of_tree(tree: Tree) -> Iterator[Part]:
    """What a tree is of, what branches from it under a heading each, and what hangs on that as lists."""
    yield from _of_text(tree.label) if isinstance(tree.label, Text) else parts(tree.label)
    leaves: list[Item] = []
    for child in tree.children:
        if not child.children:
            leaves.append(_item(child))
            continue
        yield from [Items(tuple(leaves))] if leaves else []
        leaves = []
        first, *others = _item(child).lines
        yield Heading(2, first)
        yield from [Lines(tuple(others))] if others else []
        yield Items(tuple(map(_item, child.children)))
    if leaves:
        yield Items(tuple(leaves))


def _item(tree: Tree) -> Item:
    assert isinstance(tree.label, Text)
    return Item(_lines(tree.label), tuple(map(_item, tree.children)))


def _of_table(table: Table) -> Part:
    rows = [
        [_of_cell(cell, row.style or "") for cell in cells]
        for row, *cells in zip(table.rows, *(column.cells for column in table.columns), strict=True)
    ]
    match table:
        case tables.Named():
            return Facts(tuple((_said(name), _lines_in(said)) for name, said in rows if _lines_in(said)))
        case tables.Bullets():
            return Items(tuple(Item(_lines_in(said)) for _, said in rows))
    headings = tuple(_said(_of_cell(column.header, "")) for column in table.columns)
    numeric = tuple(column.justify == "right" for column in table.columns)
    return _grid(headings, numeric, [tuple(row) for row in rows])


def _grid(headings: Sequence[str], numeric: Sequence[bool], rows: Sequence[tuple[tuple[Part, ...], ...]]) -> Grid:
    """A table, without the columns in which nothing stands."""
    said = [n for n in range(len(headings)) if not rows or any(row[n] for row in rows)]
    return Grid(
        tuple(headings[n] for n in said),
        tuple(numeric[n] for n in said),
        tuple(tuple(row[n] for n in said) for row in rows),
    )


def _of_cell(shown: Any, style: str | Style) -> tuple[Part, ...]:
    """What stands in a cell; nothing stands above anything there."""
    match shown:
        case str():
            return _of_cell(Text(shown), style)
        case Text():
            lines = _lines(shown, style)
            return (Lines(lines),) if lines else ()
        case Group():
            return tuple(part for each in shown.renderables for part in _of_cell(each, style))
    return tuple(parts(shown))


def _lines_in(cell: Sequence[Part]) -> tuple[Line, ...]:
    return tuple(line for part in cell if isinstance(part, Lines) for line in part.lines)


def _said(cell: Sequence[Part]) -> str:
    return plain(_lines_in(cell))
