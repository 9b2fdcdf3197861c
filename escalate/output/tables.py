"""Tables by Rich, laid out alike on every page: no lines, two spaces between columns, bold headings."""

from collections.abc import Collection, Iterable

from rich.table import Table
from rich.text import Text

from escalate.output.words import inert


def table(*headings: str, whole: Collection[str] = (), apart: int = 0) -> Table:
    """A table whose cells are broken over lines where it is too wide, but for the columns named in `whole`.

    `apart` is how many empty lines stand below each row.
    """
    made = Table(box=None, pad_edge=False, padding=(0, 2, apart, 0), header_style="bold")
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
