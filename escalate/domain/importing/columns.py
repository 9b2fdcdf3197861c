"""What each column of a sheet is taken for, by its heading and by all that stands in it: what headings leave open, the cells decide."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from escalate.domain.importing.dates import DatedCell, SaidOrder, is_dated, is_time, orders
from escalate.domain.importing.headings import (
    ENTERED,
    SEVERAL,
    TIME_OF,
    Headings,
    Layout,
    LogColumn,
    columns_called,
    folded,
    is_date_field,
    name_alone,
    no_such_column,
    read_headings,
)
from escalate.domain.importing.likeness import looks_like_agency, looks_like_name
from escalate.domain.importing.sheet import Sheet
from escalate.domain.importing.values import NOTHING, YES_OR_NO
from escalate.errors import TwoForOne
from escalate.on_demand import OnDemand

Values = Mapping[str, Mapping[str, str]]
"""What people said that cells mean: by the heading of their column, by the words of the cell in small letters."""


def lay_out(
    sheet: Sheet,
    mapped: Mapping[str, str],
    facts: Iterable[str],
    values: Values | None = None,
    order: SaidOrder | None = None,
) -> Layout:
    """The columns of a sheet; `mapped` has the fields by the headings people typed, `facts` the keys of facts a column may answer.

    `order` is what people said of its dates. Raises BadInput.
    """
    headings = read_headings(sheet.rows, mapped, facts)
    cells: Mapping[int, list[DatedCell]] = OnDemand(lambda number: _cells(sheet, headings, number))
    columns = _by_their_cells(headings, cells)
    columns = _joined(columns, headings, cells)
    dated = {column.number: cells[column.number] for column in columns if is_date_field(column.field)}
    said = {number: words for heading, words in (values or {}).items() for number in columns_called(heading, columns)}
    return Layout(tuple(columns), headings.row, headings.first, orders(dated, order), said)


def check_named(layouts: Sequence[Layout], named: Iterable[str], what: str) -> None:
    """Refuse a heading that no sheet has. Raises BadInput."""
    for heading in named:
        if not any(columns_called(heading, layout.columns) for layout in layouts):
            raise no_such_column(heading, [column for layout in layouts for column in layout.columns], what)


def _cells(sheet: Sheet, headings: Headings, column: int) -> list[DatedCell]:
    """The cells of a column that say something."""
    at = column - 1
    return [
        DatedCell(number, text, (number, column) in sheet.dates)
        for number, row in enumerate(sheet.rows[headings.first - 1 :], headings.first)
        if at < len(row) and (text := row[at]) and text.casefold() not in NOTHING
    ]


# -- what the cells decide ------------------------------------------------------------------------------------------------

_AGENCY_OF = {"raising": "from", "receiving": "to"}
"""The side a person holds, and the agency that the same heading may name instead."""

_YES_OR_NO = {
    "open": "goes-on",
    "ongoing": "goes-on",
    "complete": "ended",
    "completed": "ended",
    "concluded": "ended",
    "finished": "ended",
}
"""What columns of these headings say where yes or no stands in them."""

_CONCERN = ("concern", "concerns")
"""Headings of words, under which some logs have the date of the concern."""


def _by_their_cells(headings: Headings, cells: Mapping[int, Sequence[DatedCell]]) -> list[LogColumn]:
    """The columns with their fields, where their cells tell otherwise than the heading."""
    surely = {column.field for column in headings.columns}
    return [
        column if column.number in headings.mapped else replace(column, field=_by_cells(column, cells, surely))
        for column in headings.columns
    ]


def _by_cells(column: LogColumn, every: Mapping[int, Sequence[DatedCell]], surely: set[str | None]) -> str | None:
    """What a column is taken for once its cells have been looked at; `surely` are the fields that headings name."""
    name = column.field
    if name is None and (found := _YES_OR_NO.get(folded(column.heading))) and found not in surely:
        return found if _mostly(_is_yes_or_no, every[column.number]) else None
    may_be_concern = name == "about" and folded(column.heading) in _CONCERN
    if not (name in _AGENCY_OF or may_be_concern or is_date_field(name)):
        return name
    cells = every[column.number]
    if name in _AGENCY_OF and folded(column.heading) != name:
        return name if _AGENCY_OF[name] in surely or _names_people(cells) else _AGENCY_OF[name]
    if not cells:
        return name
    if may_be_concern:
        return "concern-date" if _mostly(_is_dated, cells) else name
    if _mostly(_is_yes_or_no, cells) and not any(_is_dated(each) for each in cells):
        return "ended" if name == "resolved" else None
    if name and name.startswith(ENTERED) and not _mostly(_is_dated, cells):
        return None
    return name


def _mostly(holds: Callable[[DatedCell], bool], cells: Sequence[DatedCell]) -> bool:
    """Whether most of the cells are so: a column must not be taken for another because of one cell, which is refused by itself."""
    return 2 * sum(map(holds, cells)) > len(cells)


def _is_yes_or_no(cell: DatedCell) -> bool:
    return cell.text.casefold() in YES_OR_NO


def _is_time(cell: DatedCell) -> bool:
    return is_time(cell.text)


def _is_dated(cell: DatedCell) -> bool:
    return cell.is_date or is_dated(cell.text)


def _names_people(cells: Sequence[DatedCell]) -> bool:
    """Whether most of the different things that stand in a column look like names of people, and not of agencies."""
    said = {each.text for each in cells}
    people = sum(looks_like_name(text) for text in said)
    return people > sum(looks_like_agency(text) for text in said)


# -- several columns for one thing ----------------------------------------------------------------------------------------


def _joined(
    columns: Sequence[LogColumn], headings: Headings, cells: Mapping[int, Sequence[DatedCell]]
) -> list[LogColumn]:
    """The columns, of two for one date the one with times as its time of day. Raises BadInput for any other two for one thing."""
    result = {column.number: column for column in columns}
    for name in dict.fromkeys(column.field for column in columns):
        same = [column for column in columns if column.field == name]
        if name is None or len(same) == 1 or name in SEVERAL or name in ("skip", "facts"):
            continue
        said = [column for column in same if cells[column.number] or column.number in headings.mapped]
        times = [column for column in said if _mostly(_is_time, cells[column.number])]
        days = [column for column in said if column not in times]
        if len(days) > 1 or len(times) > 1 or (times and not (days and is_date_field(name))):
            raise TwoForOne(name, [(name_alone(column, columns), column.letter) for column in said])
        for column in same:
            if column not in said:
                result[column.number] = replace(column, field=None)
        for column in times:
            result[column.number] = replace(column, field=f"{name}{TIME_OF}")
    return list(result.values())
