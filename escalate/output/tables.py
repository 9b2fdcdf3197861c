"""Tables by Rich, laid out alike on every page: no lines, two spaces between columns, bold headings."""

from collections.abc import Collection, Iterable

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from escalate.output.terminal import CARD
from escalate.output.words import inert


class Fitting(Table):
    """A table; on a narrow terminal, where its words would be broken or columns left out, what it says row by row."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width > CARD or self._needs(console, options) <= options.max_width:
            yield from super().__rich_console__(console, options)
            return
        first, *others = self.columns
        if first.header:
            yield Text.assemble((str(first.header), "bold"))
        for number, (name, *values) in enumerate(zip(first.cells, *(each.cells for each in others), strict=True)):
            if number:
                yield Text()
            yield name
            for column, value in zip(others, values, strict=True):
                if isinstance(value, str | Text) and not str(value).strip():
                    continue
                if column.header and isinstance(value, str | Text):
                    value = Text.assemble((f"{column.header}: ", "dim"), value)  # noqa: PLW2901 - the same, with what it is
                yield Padding(value, (0, 0, 0, 2))

    def _needs(self, console: Console, options: ConsoleOptions) -> int:
        """How many columns of a terminal it needs at the least to break no word."""
        of_one = (
            each.width or max((console.measure(cell, options=options).minimum for cell in each.cells), default=0)
            for each in self.columns
        )
        return sum(of_one) + 2 * (len(self.columns) - 1)


def table(*headings: str, whole: Collection[str] = (), apart: int = 0) -> Table:
    """A table whose cells are broken over lines where it is too wide, but for the columns named in `whole`.

    `apart` is how many empty lines stand below each row.
    """
    made = Fitting(box=None, pad_edge=False, padding=(0, 2, apart, 0), header_style="bold")
    for heading in headings:
        made.add_column(heading, overflow="fold", no_wrap=heading in whole)
    return made


class Named(Table):
    """Names, and what is said of each."""


class Bullets(Table):
    """A list."""


def grid(rows: Iterable[tuple[str, str | Text]], narrowest: int | None = None) -> Table:
    """Faint names, and what is said of each beside it; the names take `narrowest` columns at the least."""
    made = Named.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True, min_width=narrowest)
    made.add_column(overflow="fold")
    for name, said in rows:
        made.add_row(name, said if isinstance(said, Text) else Text(inert(said)))
    return made


def bullets(lines: Iterable[str]) -> Table:
    """Lines with a dash before each."""
    made = Bullets.grid(padding=(0, 1, 0, 0))
    for line in lines:
        made.add_row("-", Text(inert(line)))
    return made
