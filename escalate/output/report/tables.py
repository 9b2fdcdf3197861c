"""The tables that a report is made of, for every format to lay out in its own way."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import TypeVar

from escalate.output.words import in_full

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Several:
    """What people read as one and a spreadsheet takes apart."""

    shown: str
    """What people read: `7 of 9`."""
    values: "tuple[Plain, ...]"
    """What a spreadsheet makes of it: 7 and 9."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, from 0 to 1."""

    part: float
    """0.25 for a quarter."""


Plain = str | int | float | datetime | Share | None
"""What stands in a cell by itself; an instant is a real date in a spreadsheet."""

Value = Plain | Several

Row = tuple[Value, ...]


class Rows:
    """The rows of a table that has one for every case: made as often as they are wanted, so that they need not all be held."""

    def __init__(self, things: Sequence[Thing], rows_of: Callable[[Thing], Iterable[Row]]) -> None:
        self._made: Callable[[], Iterator[Row]] = lambda: chain.from_iterable(map(rows_of, things))

    def __iter__(self) -> Iterator[Row]:
        return self._made()

    def __bool__(self) -> bool:
        return next(self._made(), None) is not None


@dataclass(frozen=True, slots=True)
class FigureColumn:
    """A column of figures, or of what they are about."""

    heading: str
    """What stands above it."""
    numeric: bool = True
    """It has figures."""
    whole: bool = False
    """Its values are short and are not to be broken."""
    taken_apart: tuple[str, ...] = ()
    """The headings of the columns that a spreadsheet makes of it."""


@dataclass(frozen=True, slots=True)
class FigureTable:
    """A table of figures."""

    columns: tuple[FigureColumn, ...]
    """The first of them says what a row is about."""
    rows: tuple[Row, ...] | Rows
    """A value for each column."""
    total: Row | None = None
    """All rows together, where that says something."""

    @property
    def lines(self) -> Iterator[Row]:
        """All rows, and the total last."""
        return chain(self.rows, [self.total] if self.total else [])


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A part of a report."""

    name: str
    """What tells it from the others: the anchor of a page."""
    heading: str
    """What stands above it."""
    says: str
    """What is counted in it."""
    table: FigureTable
    """The figures."""
    none: str = "None."
    """What is said where there are none."""


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above everything."""

    title: str
    """What the report is on."""
    days: str | None
    """The days of the period, where the title has not them."""
    lines: tuple[str, ...]
    """What was left out, and how the figures came about."""

    @property
    def below(self) -> tuple[str, ...]:
        """What stands below the title, a line each."""
        return (self.days, *self.lines) if self.days else self.lines


def shown(value: Value) -> str:
    """A value as people read it."""
    if isinstance(value, Several):
        return value.shown
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return in_full(value)
    if isinstance(value, Share):
        return f"{value.part:.0%}"
    return f"{value:g}" if isinstance(value, float) else str(value)
