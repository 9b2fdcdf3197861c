"""What people said of a log, kept for the next time that it is imported."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.importing.headings import LogColumn, folded
from escalate.domain.importing.sheet import Book
from escalate.domain.worktime.clock import read_instant, written

ALWAYS = ""
"""Stands for when a column came to a log that was there from the beginning."""

_SAME_LOG = 0.6
"""The part of its headings by which a log is known again."""

_TOP = 20
"""How many rows, from the top, may hold the headings."""


class KeptLog(NamedTuple):
    """How a log is read, and when each of its columns came to it."""

    log: str | None
    """The name it was given."""
    came_at: Mapping[str, str]
    """When each column came to it (UTC, as it is written), by its heading as it is folded."""
    protocol: str | None = None
    """The protocol of rows that name none."""
    mapped: Mapping[str, str] = {}
    """The fields by the headings people typed."""
    values: Mapping[str, Mapping[str, str]] = {}
    """What words mean, by the heading and the word in small letters."""
    dates: str | None = None
    """Which part of a date comes first, where somebody said it."""
    sheet: str | None = None
    """The only sheet to read."""

    def said(self) -> list[str]:
        """What is used of it, in the words of the options."""
        maps = [f'"{heading}" as {name}' for heading, name in self.mapped.items()]
        words = [
            f'"{heading}: {word}" as {meaning}'
            for heading, each in self.values.items()
            for word, meaning in each.items()
        ]
        rest = [f"protocol {self.protocol}"] if self.protocol else []
        rest += [f"dates {self.dates}"] if self.dates else []
        rest += [f'the sheet "{self.sheet}"'] if self.sheet else []
        return [*rest, *maps, *words]

    def later_columns(self, columns: Collection[str], now: datetime) -> dict[str, datetime]:
        """When columns came to the log that were not always there; those that are new came now."""
        came = {heading: self.came_at.get(heading, written(now)) for heading in columns}
        return {heading: read_instant(at) for heading, at in came.items() if at != ALWAYS}


def headings_of(columns: Sequence[LogColumn]) -> list[str]:
    """The headings of columns, folded."""
    return list(dict.fromkeys(folded(each.heading) for each in columns if each.heading))


def headings_in(book: Book) -> set[str]:
    """All that may be a heading in a file, folded, whole and as it is called for short."""
    cells = {cell for sheet in book.sheets for row in sheet.rows[:_TOP] for cell in row if cell}
    return {folded(name) for cell in cells for name in (cell, LogColumn(1, cell).label)}


def log_known(kept: Sequence[KeptLog], book: Book, log: str | None) -> int | None:
    """Which of the kept logs a file holds, by its name and most of its headings; None where none."""
    there = headings_in(book)
    shares = [
        (sum(heading in there for heading in each.came_at) / len(each.came_at), number)
        for number, each in enumerate(kept)
        if each.log == log and each.came_at
    ]
    share, number = max(shares, default=(0.0, -1))
    return number if share >= _SAME_LOG else None


def as_document(kept: KeptLog) -> dict[str, Any]:
    """A kept log as it is written down."""
    return kept._asdict()


def from_document(document: Mapping[str, Any]) -> KeptLog:
    """A kept log as it was written down."""
    return KeptLog(**document)
