"""Whether the dates of a column have the day or the month first: decided by the whole column, never cell by cell."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from escalate.errors import listed

_NUMBERS = re.compile(r"(?:[A-Za-z]+,? )?(\d{1,2})[./\- ](\d{1,2})[./\- ,]+(?:\d{4}|\d\d)(?!\d)")
_TIME = re.compile(
    r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?(?: ?hrs)?|\d{1,2} ?[ap]\.?m\.?|noon|midnight", re.IGNORECASE
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = re.compile(
    rf"\d{{4}}-\d\d-\d\d(?!\d)|(?:[a-z]+,? )?\d{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}\b|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}\b",
    re.IGNORECASE,
)
_MADE = re.compile(
    rf"(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}[./-]\d{{1,2}}[./-](?:\d{{4}}|\d\d))(?:[ T]00:00(?::00)?)?|\d{{1,2}}[ -]{_MONTH}(?:[ -]\d\d(?:\d\d)?)?|{_MONTH}[ -]\d\d",
    re.IGNORECASE,
)
_LAST_MONTH = 12
_LAST_DAY = 31
_LONGEST = 40  # longer texts are words
_SOME_ROWS = 5  # as many are named as somebody looks at


class DatedCell(NamedTuple):
    """A cell of a column of dates."""

    row: int
    """The number of its row."""
    text: str
    """What it says."""
    is_date: bool
    """The file itself keeps it as a date."""


class SaidOrder(NamedTuple):
    """The order of days and months that somebody said all dates of a log have."""

    month_first: bool
    """The month comes first, as in the USA."""
    is_of_last_time: bool = False
    """It was said of another month's log, and kept: it is not used against what a column itself proves."""


@dataclass(frozen=True, slots=True)
class Order:
    """How the dates of a column are read."""

    month_first: bool = False
    """The month comes first, as in the USA."""
    doubt: str | None = None
    """Why no date of the column is taken, if so."""
    remark: str | None = None
    """What is to be known about how they are read."""
    is_proved: bool = False
    """Some date of the column can only be read so."""


def is_time(text: str) -> bool:
    """Whether a cell gives a time of day alone."""
    return _TIME.fullmatch(text.strip()) is not None


def is_dated(text: str) -> bool:
    """Whether a cell looks like a date, whatever its order."""
    plain = text.strip()
    return len(plain) < _LONGEST and (_NUMBERS.match(plain) or _DATE.match(plain)) is not None


def is_made_by_excel(text: str) -> bool:
    """Whether a text is nothing but a date, as a spreadsheet shows what it has made of `2/3`."""
    numbers = _NUMBERS.match(text)
    one, other = sorted((int(numbers[1]), int(numbers[2]))) if numbers else (1, 1)
    return one in range(1, _LAST_MONTH + 1) and other <= _LAST_DAY and _MADE.fullmatch(text) is not None


def with_day_first(text: str) -> str:
    """A date in numbers that has the month first, with the day first; anything else as it is."""
    found = _NUMBERS.match(text)
    if not found or int(found[1]) > _LAST_MONTH:
        return text
    return f"{text[: found.start(1)]}{found[2]}/{found[1]}{text[found.end(2) :]}"


def may_be_either(cell: DatedCell) -> bool:
    """Whether a date in numbers is another day with the month first."""
    numbers = _numbers(cell)
    return numbers is not None and max(numbers) <= _LAST_MONTH and numbers[0] != numbers[1]


def orders(columns: Mapping[int, Sequence[DatedCell]], said: SaidOrder | None) -> dict[int, Order]:
    """How each column of dates is read, by its number; `said` is what somebody said of all of them.

    A column that proves neither order is read like those of its sheet that do.
    """
    found = {number: _order(cells, said) for number, cells in columns.items()}
    proved = {each.month_first for each in found.values() if each.is_proved}
    if said is not None or True not in proved:
        return found
    for number, cells in columns.items():
        if found[number].is_proved or found[number].doubt or not any(_numbers(each) for each in cells):
            continue
        if proved == {True}:
            found[number] = Order(True, remark="has the month first, as other columns of the sheet prove")
        else:
            found[number] = Order(
                doubt="can be read with the day or the month first, and other columns of the sheet have the one and the other:"
                " say which with --dates day-first or --dates month-first"
            )
    return found


def _order(cells: Sequence[DatedCell], said: SaidOrder | None) -> Order:
    """How one column is read by what stands in it."""
    numbers = {each.row: found for each in cells if (found := _numbers(each))}
    days_first = [row for row, (first, second) in numbers.items() if first > _LAST_MONTH >= second]
    months_first = [row for row, (first, second) in numbers.items() if second > _LAST_MONTH >= first]
    if said is not None:
        against = days_first if said.month_first else months_first
        return Order(
            said.month_first,
            doubt=_against(said, against) if said.is_of_last_time and against else None,
            is_proved=True,
        )
    if days_first and months_first:
        return Order(
            doubt=f"has the day first in {_rows(days_first)} and the month first in {_rows(months_first)}, so none of it is taken:"
            " write these dates alike"
        )
    if numbers and (turned := _turned(cells, {*days_first, *months_first}, set(numbers))):
        return Order(
            doubt=f"has text that Excel could not read as a date, as in {_rows(sorted(numbers))}, beside dates that it may have read with"
            f" day and month the wrong way round, as in {_rows(turned)}, so none of it is taken: look at these,"
            " or say with --dates day-first or --dates month-first how the text is read, if the dates are right"
        )
    if months_first:
        return Order(
            True,
            remark=f"has the month first, as {_rows(months_first)} {'proves' if len(months_first) == 1 else 'prove'}",
            is_proved=True,
        )
    return Order(is_proved=bool(days_first))


def _against(said: SaidOrder, rows: Sequence[int]) -> str:
    """What is said of a column that is not as last time."""
    is_, other = ("month", "day") if said.month_first else ("day", "month")
    return (
        f"had the {is_} first last time, and {_rows(rows)} can only have the {other} first, so none of it is taken:"
        f" say --dates {other}-first if all have, or write these dates alike"
    )


def _turned(cells: Iterable[DatedCell], proving: set[int], numbers: set[int]) -> list[int]:
    """The rows of real dates that may be a program's reading of the wrong order: where all that is text is what it could not read so."""
    real = [each for each in cells if each.is_date]
    days = [int(found[1]) for each in real if (found := re.match(r"\d{4}-\d\d-(\d\d)", each.text))]
    if not proving or proving != numbers or not days or max(days) > _LAST_MONTH:
        return []
    return [each.row for each in real]


def _numbers(cell: DatedCell) -> tuple[int, int] | None:
    """The first two numbers of a date in numbers; None for anything else."""
    found = None if cell.is_date else _NUMBERS.match(cell.text.strip())
    return (int(found[1]), int(found[2])) if found else None


def _rows(numbers: Sequence[int]) -> str:
    """`row 3`, `rows 3, 5 and 9`, and of many the first."""
    named = [str(each) for each in numbers[:_SOME_ROWS]]
    more = " and others" if len(numbers) > _SOME_ROWS else ""
    return (
        f"row {named[0]}"
        if len(numbers) == 1
        else f"rows {', '.join(named)}{more}"
        if more
        else f"rows {listed(named, 'and')}"
    )
