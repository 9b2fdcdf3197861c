"""Which rows below the headings are cases: merged cells filled down, and what only divides or sums up a list left out."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from escalate.domain.importing.headings import Layout, is_date_field
from escalate.domain.importing.sheet import Merged, Row, Sheet
from escalate.domain.importing.values import NOTHING

DIVIDES = "it only divides the list: one cell says something, and it is not a case"
TOTAL = "it is a total"
HEADINGS_AGAIN = "it has the headings again"
NOTHING_BUT_A_DATE = "it has nothing but a date"

_MAY_BE_TOTAL = re.compile("[gstcam]", re.IGNORECASE)
_TOTAL = re.compile(r"(?:grand |sub-?|sub )?totals?\b|(?:count|sum|average|mean)\b\s*(?:of\b.*|:|$)", re.IGNORECASE)


class LogRow(NamedTuple):
    """A row below the headings."""

    number: int
    """Its number in the sheet, from 1."""
    texts: Row
    """Its cells, those that are merged with one above filled."""
    left_out: str | None = None
    """Why it is no case, if it is none."""
    merged: str | None = None
    """The range of its cells that is merged over several columns, so that it is not known what they say; None where there is none."""


def log_rows(sheet: Sheet, layout: Layout) -> Iterator[LogRow]:
    """Every row below the headings in which something stands."""
    down, across = _merged(sheet, layout)
    heads = {column.heading for column in layout.columns if column.heading}
    without_words = {
        column.number for column in layout.columns if is_date_field(column.field) or column.field in _SAME_FOR_ALL
    }
    others = {column.number for column in layout.columns if column.field} - without_words
    for number, texts in enumerate(sheet.rows[layout.first - 1 :], layout.first):
        if not texts:
            continue
        filled = _filled(texts, down.get(number, ()), sheet)
        why = _left_out(texts, heads, without_words if others else set(), layout)
        yield LogRow(number, filled, why, across.get(number))


_SAME_FOR_ALL = ("protocol", "route")
"""Fields that say nothing of a case by themselves."""


def _left_out(texts: Row, heads: set[str], without_words: set[int], layout: Layout) -> str | None:
    """Why a row is no case; None where it may be one."""
    if sum(map(bool, texts)) > 2:
        if not heads.isdisjoint(texts) and sum(text in heads for text in texts) > 1:
            return HEADINGS_AGAIN
        return TOTAL if _MAY_BE_TOTAL.match(next(filter(None, texts))) and _is_total(_said(texts), layout) else None
    said = _said(texts)
    if not said or _is_total(said, layout):
        return TOTAL if said else None
    if not without_words:
        return None  # nothing but dates can stand in the log
    if all(number in without_words for number, _ in said):
        return NOTHING_BUT_A_DATE
    words = {column.number for column in layout.columns if column.field in _WORDS}
    return DIVIDES if len(said) == 1 and said[0][0] not in words and not _raised_in(said, layout) else None


def _said(texts: Row) -> list[tuple[int, str]]:
    """The cells of a row that say something, each with the number of its column."""
    return [(number, text) for number, text in enumerate(texts, 1) if text and text.casefold() not in NOTHING]


_WORDS = ("note", "about", "how", "lessons", "desired-outcome", "name", "child")
"""Fields whose words, alone in a row, are likely to go on from the row above: they are refused and named, not left out."""


def _is_total(said: Sequence[tuple[int, str]], layout: Layout) -> bool:
    """Whether a row sums up others: its first cell says so, and it does not say when it was raised."""
    return _TOTAL.match(said[0][1]) is not None and not _raised_in(said, layout)


def _raised_in(said: Sequence[tuple[int, str]], layout: Layout) -> bool:
    """Whether it says when it was raised; a mere number there sums something up."""
    raised = {column.number for column in layout.of("raised")}
    return any(number in raised and not text.isdigit() for number, text in said[1:])


def _merged(sheet: Sheet, layout: Layout) -> tuple[dict[int, list[Merged]], dict[int, str]]:
    """By the number of the row: the ranges that go on from rows above, and the name of one that spans several columns that say something."""
    down: dict[int, list[Merged]] = {}
    across: dict[int, str] = {}
    used = [column.number for column in layout.columns if column.field]
    last = len(sheet.rows)
    for each in sheet.merged:
        spans = sum(each.column <= number <= each.last_column for number in used)
        for number in range(max(each.row, layout.first), min(each.last_row, last) + 1):
            if spans > 1:
                across[number] = each.name
            elif number > each.row >= layout.first:
                down.setdefault(number, []).append(each)
    return down, across


def _filled(texts: Row, merged: Sequence[Merged], sheet: Sheet) -> Row:
    """A row with what cells merged with one above say."""
    if not merged:
        return texts
    cells = [*texts, *[""] * (max(each.column for each in merged) - len(texts))]
    for each in merged:
        above = sheet.rows[each.row - 1]
        if each.column <= len(above) and not cells[each.column - 1]:
            cells[each.column - 1] = above[each.column - 1]
    return tuple(cells)
