"""What a log leaves open, as somebody who knows it can be asked: which column says what, how dates are read, and what words mean.

Nothing here decides anything: an answer is what an option of the command would say.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from escalate.domain.importing.dates import DatedCell, is_dated, may_be_either
from escalate.domain.importing.headings import DATES, FIELDS, LEFT_OUT, SEVERAL, Layout, LogColumn, is_date_field
from escalate.domain.importing.likeness import looks_like_agency, looks_like_name, may_name_somebody
from escalate.domain.importing.sheet import Sheet
from escalate.domain.importing.values import NOTHING, YES_OR_NO, one_line

LONGEST_ASKED = 80
"""In characters. A cell that says more is no word whose meaning somebody could be asked."""


class Doubt(NamedTuple):
    """A word in a cell of which it is not clear what it means, and what it may mean."""

    column: LogColumn
    """The column of the cell."""
    word: str
    """What the cell says, on one line."""
    choices: Mapping[str, str]
    """What may be meant, as an option would say it, each with words for it."""
    likeliest: str = ""
    """The one that is meant most likely; empty where none is."""

    @property
    def can_be_asked(self) -> bool:
        """Whether the word can be shown: who somebody is never is."""
        return len(self.word) <= LONGEST_ASKED and not may_name_somebody(self.word)


RowOf = TypeVar("RowOf")


def words_open(doubts: Iterable[tuple[RowOf, Doubt]]) -> dict[tuple[str, str], tuple[Doubt, list[RowOf]]]:
    """Each word that can be asked for once, by its column and itself in small letters, with its rows."""
    found: dict[tuple[str, str], tuple[Doubt, list[RowOf]]] = {}
    for row, doubt in doubts:
        if doubt.can_be_asked:
            found.setdefault((doubt.column.label, doubt.word.casefold()), (doubt, []))[1].append(row)
    return found


# -- columns --------------------------------------------------------------------------------------------------------------


class OpenColumn(NamedTuple):
    """A column whose heading tells nobody what it says."""

    column: LogColumn
    """The column."""
    cells: Sequence[DatedCell]
    """What stands in it."""
    fields: Sequence[str]
    """What it may be taken for, by what stands in it; the last two are to keep it as a note, and to leave it out."""
    likeliest: str
    """What it is taken for most likely."""


def columns_open(sheet: Sheet, layout: Layout, facts: Iterable[str]) -> Iterator[OpenColumn]:
    """The columns that something stands in and nothing is taken from; `facts` are those that a column may answer."""
    taken = {column.field for column in layout.columns}
    for column in layout.unused:
        cells = cells_of(sheet, layout, column)
        if cells and column.heading:
            may_be = [name for name in _may_say(cells, facts) if name in SEVERAL or name not in taken]
            names_people = sum(looks_like_name(each.text) for each in cells) * 2 > len(cells)
            likeliest = "raised" if "raised" in may_be else LEFT_OUT if names_people else "note"
            yield OpenColumn(column, cells, [*(each for each in may_be if each != "note"), "note", LEFT_OUT], likeliest)


def cells_of(sheet: Sheet, layout: Layout, column: LogColumn) -> list[DatedCell]:
    """The cells of a column that say something."""
    at = column.number - 1
    return [
        DatedCell(number, text, (number, column.number) in sheet.dates)
        for number, row in enumerate(sheet.rows[layout.first - 1 :], layout.first)
        if at < len(row) and (text := row[at]) and text.casefold() not in NOTHING
    ]


def _may_say(cells: Sequence[DatedCell], facts: Iterable[str]) -> Sequence[str]:
    """The fields that a column may be taken for, by what stands in most of its cells."""
    most = len(cells) / 2

    def mostly(count: int) -> bool:
        return count > most

    if mostly(sum(each.is_date or is_dated(each.text) for each in cells)):
        return DATES
    if mostly(sum(each.text.casefold() in YES_OR_NO for each in cells)):
        return ("ended", "goes-on", *facts)
    if mostly(sum(looks_like_name(each.text) for each in cells)):
        return ("name", "raising", "receiving")
    if mostly(sum(looks_like_agency(each.text) for each in cells)):
        return ("from", "to", "involved", "theme")
    if mostly(sum(any(map(str.isdigit, each.text)) and " " not in each.text for each in cells)):
        return ("reference", "subject", "stage")
    if mostly(sum(len(each.text) <= _SHORT for each in cells)):
        return ("theme", "status", "stage", "from", "to", "about", "how")
    return ("about", "how", "lessons", "desired-outcome")


_SHORT = 30

SAYS = {each.name: each.says for each in FIELDS} | {LEFT_OUT: "leave it out"}
"""What each field is, in words."""


def shown(cells: Iterable[DatedCell], most: int = 3) -> list[str]:
    """Some cells as they may be shown, each different thing once: `row 4: 1/10/2026`. Of what seems to be a name only that."""
    first: dict[str, int] = {}
    for each in cells:
        first.setdefault(one_line(each.text), each.row)
    return [
        f"row {row}: {text if _is_harmless(text) else '(not shown: it may name somebody)'}"
        for text, row in [*first.items()][:most]
    ]


def _is_harmless(text: str) -> bool:
    return looks_like_agency(text) or not (looks_like_name(text) or may_name_somebody(text))


# -- dates ----------------------------------------------------------------------------------------------------------------


def dates_open(sheet: Sheet, layout: Layout) -> list[tuple[LogColumn, Sequence[DatedCell]]]:
    """The columns of dates that do not prove whether the day or the month comes first, each with the cells that show it.

    Where another column of the sheet proves it, nothing is open, unless two prove different things.
    """
    if not any(order.doubt for order in layout.orders.values()) and any(
        each.is_proved for each in layout.orders.values()
    ):
        return []
    found: list[tuple[LogColumn, Sequence[DatedCell]]] = []
    for column in layout.columns:
        order = layout.orders.get(column.number)
        if not is_date_field(column.field) or column.field == "born" or order is None:
            continue
        cells = cells_of(sheet, layout, column)
        either = [each for each in cells if may_be_either(each)]
        if order.doubt or (either and not order.is_proved):
            found.append((column, either or cells))
    return found
