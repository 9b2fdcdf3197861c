"""What an import would do, or did: which column says what, what becomes of each row, and what to know about them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from escalate.domain.case.details import IDENTITIES, TEXTS
from escalate.domain.case.entries import NOTED
from escalate.domain.case.model import Case
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.shifts import ShiftKind, shifts
from escalate.domain.importing.headings import LEFT_OUT, Layout
from escalate.domain.importing.rows import Log, Outcome
from escalate.domain.importing.same_person import SeveralOpen
from escalate.errors import listed
from escalate.output.agencies import alike_parts
from escalate.output.case.shifts import name_of, shifts_document
from escalate.output.columns import EMPTY, Columns, Page, Piece, cell
from escalate.output.documents import instant
from escalate.output.importing.changes import cells_document, cells_that, changes_parts, moved_document, row_named
from escalate.output.words import DAY_NOT_KNOWN, full, inert
from escalate.wording import how_many

UNUSED = "not taken over"
"""Said of a column whose heading is not understood."""


class Done(NamedTuple):
    """What an import has done."""

    written: bool = False
    """It was to write, and could."""
    opened: Sequence[str] = ()
    """The references of the cases it opened."""
    recorded: bool = False
    """What changed in rows whose cases are here was recorded."""
    gone: Sequence[str] = ()
    """The cases that came from this log and have no row in it any more."""
    backup: Path | None = None
    """Where a backup was made before."""
    alike: Sequence[Sequence[str]] = ()
    """The names of agencies in it that may be spellings of one."""
    several_open: Sequence[SeveralOpen] = ()
    """The people who have more than one open case with those that it opens."""


MOST_GONE = 20
"""So many cases without a row are named."""


def import_page(
    logs: Sequence[Log],
    outcomes: Sequence[Outcome],
    done: Done,
    remarks: Sequence[str],
    now: datetime,
    most: int | None = None,
) -> Page:
    """The columns, the rows by what becomes of them, so many of each at most, and what people should know about some."""
    opened = done.opened
    parts: list[Piece | Columns] = []
    for log in logs:
        of_sheet = f' of the sheet "{inert(log.name)}"' if log.name else ""
        parts += [EMPTY] if parts else []
        parts += [(f"Columns{of_sheet} (headings in row {log.layout.headings})", "bold"), _columns(log.layout)]
        if log.layout.unused:
            labels = ", ".join(f'"{inert(column.label)}"' for column in log.layout.unused)
            parts.append(
                (f"Not taken over: {labels}. --map COLUMN=note keeps one as a note, COLUMN=skip leaves it out.", "")
            )
    parts += [(inert(remark), "") for remark in remarks]
    parts += _rows_parts(outcomes, opened, now, most)
    left_out = _by_rows((each, each.left_out) for each in outcomes if each.left_out)
    parts += changes_parts(outcomes, now)
    if done.gone:
        gone = f"{listed(done.gone[:MOST_GONE], 'and')}{' and others' if len(done.gone) > MOST_GONE else ''}"
        parts += [EMPTY, (f"No longer in this file: {gone}. Nothing is changed in them.", "")]
    if left_out:
        parts += [EMPTY, ("Left out", "bold"), _lines([("-", line) for line in left_out])]
    return Page([*parts, *_to_know(outcomes), *_noticed(outcomes, done), EMPTY, *_summary(outcomes, done)])


def written_page(outcomes: Sequence[Outcome], done: Done) -> Page:
    """What an import has done, where what becomes of the rows was shown before."""
    span = [(f"The cases are {done.opened[0]} to {done.opened[-1]}.", "")] if len(done.opened) > 1 else []
    then = [("escalate due says what is due in them.", "")] if done.opened else []
    return Page([*_summary(outcomes, done), *span, *_noticed(outcomes, done), *then])


def _rows_parts(
    outcomes: Sequence[Outcome], opened: Sequence[str], now: datetime, most: int | None
) -> list[Piece | Columns]:
    """The rows that open cases, those whose cases are there, and those that cannot be imported."""
    parts: list[Piece | Columns] = []
    new = [(row_named(each), each.file) for each in outcomes if each.file]
    there = [(f"row {row_named(each)}", each.there) for each in outcomes if each.there and not each.changes]
    bad = [(f"row {row_named(each)}", each.reason) for each in outcomes if each.reason]
    if new:
        parts += [
            EMPTY,
            ("Opened" if opened else "Would be opened", "bold"),
            _rows(new[:most], opened, now),
            *_more(new, most),
        ]
    if there:
        parts += [EMPTY, ("Already there", "bold"), _lines(there[:most]), *_more(there, most)]
    if bad:
        parts += [EMPTY, ("Cannot be imported", "bold"), _lines(bad[:most]), *_more(bad, most)]
    return parts


def _more(rows: Sequence[object], most: int | None) -> list[Piece]:
    """How many rows are not shown."""
    return [(f"and {len(rows) - most} more.", "dim")] if most is not None and len(rows) > most else []


def _to_know(outcomes: Sequence[Outcome]) -> list[Piece | Columns]:
    to_know = _by_rows((each, remark) for each in outcomes for remark in each.remarks)
    return [EMPTY, ("To know", "bold"), _lines([("-", line) for line in to_know])] if to_know else []


def _noticed(outcomes: Sequence[Outcome], done: Done) -> list[Piece | Columns]:
    """The open cases of the same person, and the names that may be spellings of one agency, with what can be done about them."""
    if not done.several_open:
        return alike_parts(done.alike)
    opened = iter(done.opened)
    refs = {id(each): ref for each in outcomes if each.case and (ref := next(opened, None))}
    named = [
        (inert(f"{each.subject}: {listed([*each.here, *(refs.get(id(row), f'row {row_named(row)}') for row in each.rows)], 'and')}"), "")
        for each in done.several_open[:MOST_GONE]
    ]  # fmt: skip
    how = "escalate search RECORD-NUMBER shows them. If they belong together: escalate set CASE related=CASE."
    return [
        EMPTY,
        ("Open cases of the same person", "bold"),
        *named,
        *_more(done.several_open, MOST_GONE),
        (how, ""),
        *alike_parts(done.alike),
    ]


def _summary(outcomes: Sequence[Outcome], done: Done) -> list[Piece]:
    before = [(inert(f"A backup was made before: {done.backup}."), "")] if done.backup else []
    return [(summary(outcomes, done), ""), *before]


def summary(outcomes: Sequence[Outcome], done: Done) -> str:
    """`3 cases would be opened; 1 is already there; 2 rows cannot be imported.`"""
    written = bool(done.opened)
    new, there, bad, left_out = _numbers(outcomes)
    was = "was" if new == 1 else "were"
    parts = [f"{how_many(new, 'case')} {was if written else 'would be'} opened"]
    parts += [f"{how_many(there, 'row')} already there"] if there else []
    if cells := cells_that(outcomes, lambda cell: cell.can_be_recorded):
        parts += [f"{how_many(cells, 'changed cell')} {'' if done.recorded else 'not '}recorded"]
    parts += [f"{how_many(bad, 'row')} cannot be imported"] if bad else []
    parts += [f"{how_many(left_out, 'row')} left out"] if left_out else []
    return f"{'; '.join(parts)}."


def _numbers(outcomes: Sequence[Outcome]) -> tuple[int, int, int, int]:
    """How many rows open a case, are there already, cannot be imported, and are left out."""
    return (
        sum(each.case is not None for each in outcomes),
        sum(each.there is not None for each in outcomes),
        sum(each.reason is not None for each in outcomes),
        sum(each.left_out is not None for each in outcomes),
    )


def import_document(
    file: str, logs: Sequence[Log], outcomes: Sequence[Outcome], done: Done, now: datetime
) -> dict[str, Any]:
    """`import --json`: the columns and the rows, each with what becomes of it; `headings` and `columns` are those of the first sheet."""
    refs, changes, written = iter(done.opened), _Changes(now), done.written
    new, there, bad, left_out = _numbers(outcomes)
    return {
        "file": file,
        "written": written,
        "headings": logs[0].layout.headings,
        "columns": _column_documents(logs[0].layout),
        "sheets": [
            {"sheet": each.sheet.name, "headings": each.layout.headings, "columns": _column_documents(each.layout)}
            for each in logs
        ],
        "rows": (_row_document(each, next(refs, None) if each.case else None, changes) for each in outcomes),
        "opened": new if written else 0,
        "would_open": 0 if written else new,
        "already_there": there,
        "bad": bad,
        "left_out": left_out,
        "changed": cells_that(outcomes, lambda cell: cell.can_be_recorded),
        "recorded": done.recorded,
        "gone": list(done.gone),
        "backup": str(done.backup) if done.backup else None,
        "alike": [list(each) for each in done.alike],
        "several_open": [
            {"subject": each.subject, "cases": list(each.here), "rows": [row_named(row) for row in each.rows]}
            for each in done.several_open
        ],
    }


def _column_documents(layout: Layout) -> list[dict[str, Any]]:
    return [
        {"column": column.letter, "heading": " ".join(column.heading.split()) or None, "field": column.field}
        for column in layout.columns
    ]


class _Changes:
    """What opening cases makes due, worked out once for all that have the same deadlines."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._told: dict[int, list[Any]] = {}

    def of(self, outcome: Outcome) -> list[Any]:
        """As JSON has it; case files that have the same deadlines share them, and outlive this."""
        file = outcome.file
        if file is None:
            return moved_document(outcome.changes, self._now) if outcome.changes else []
        found = self._told.get(id(file.deadlines))
        if found is None:
            found = self._told[id(file.deadlines)] = shifts_document(shifts((), file.deadlines, self._now))
        return found


def _row_document(outcome: Outcome, ref: str | None, changes: _Changes) -> dict[str, Any]:
    """What becomes of a row; `ref` is the reference of the case it has opened."""
    case = outcome.case
    left = case.closed_at if case else None
    return {
        "row": outcome.row,
        "sheet": outcome.sheet,
        "outcome": _what_becomes(outcome, ref),
        "case": outcome.there or ref,
        "subject": case.subject if case else None,
        "protocol": case.protocol if case else None,
        "route": case.stay.route if case else None,
        "stage": case.stay.stage if case else None,
        "status": case.status if case else None,
        "raised_at": instant(case.raised_at) if case else None,
        "closed_at": instant(left),
        "notes": _notes(case) if case else 0,
        "reason": outcome.reason or outcome.left_out,
        "remarks": list(outcome.remarks),
        "changes": changes.of(outcome),
        "cells": cells_document(outcome.changes),
    }


def _what_becomes(outcome: Outcome, ref: str | None) -> str:
    """The word for what becomes of a row."""
    if outcome.reason:
        return "bad"
    if outcome.left_out:
        return "left-out"
    return "already-there" if outcome.there else "opened" if ref else "would-open"


def _columns(layout: Layout) -> Columns:
    """The columns of the sheet, and what each is taken for."""
    table = Columns("", "Heading", "Taken as")
    for column in layout.columns:
        taken = UNUSED if column.field is None else "left out" if column.field == LEFT_OUT else column.field
        table.add(
            column.letter, column.label if column.heading else "", cell(taken, style="" if column.field else "dim")
        )
    return table


def _rows(new: Sequence[tuple[str, CaseFile]], opened: Sequence[str], now: datetime) -> Columns:
    """The rows that open a case, each with what it comes to."""
    table = Columns("Row", *(["Case"] if opened else []), "Subject", "Protocol", "Stage", "Raised", "Also")
    digits = max(len("Row"), len(new[-1][0]))
    for n, (row, file) in enumerate(new):
        case = file.case
        table.add(
            f"{row:>{digits}}",
            *([opened[n]] if opened else []),
            case.subject or "",
            case.protocol,
            case.stay.stage,
            _day(case.raised_at),
            "; ".join([*_also(case), *_over(file, now)]),
        )
    return table


def _also(case: Case) -> list[str]:
    """What a row comes to beside its subject, protocol, stage and date; of words and names only that they are there."""
    opened = case.history[0]
    parts = [f"concern {_day(case.concern_at)}"] if opened.data["concern_at"] else []
    for agency, words in ((case.raising_agency, "from"), (case.receiving_agency, "to")):
        parts += [f"{words} {agency}"] if agency else []
    parts += [f"theme {', '.join(case.themes)}"] if case.themes else []
    parts += [f"involved {', '.join(case.involved)}"] if case.involved else []
    parts += [f"{key}={answer}" for key, answer in case.answers.items()]
    parts += [", ".join(name for name in (*TEXTS, *IDENTITIES) if name in case.said_in)] if case.said_in else []
    parts += [f"{each.side} side held" for each in case.assigned]
    if case.status != "open":
        parts.append(f"{case.status} {_day(case.closed_at)}" if case.closed_at else f"{case.status}, {DAY_NOT_KNOWN}")
    notes = _notes(case)
    return [*parts, how_many(notes, "note")] if notes else parts


def _over(file: CaseFile, now: datetime) -> list[str]:
    """What of a case is overdue, missed or late from the start, by name."""
    found: dict[str, list[str]] = {}
    for each in shifts((), file.deadlines, now):
        one = each.deadline
        how = "overdue" if each.kind is ShiftKind.NEW and one.is_overdue(now) else _OVER.get(each.kind)
        if how:
            found.setdefault(how, []).append(name_of(one))
    return [f"{how}: {', '.join(names)}" for how, names in found.items()]


_OVER = {ShiftKind.MISSED: "missed", ShiftKind.MET_LATE: "late", ShiftKind.LAPSED: "over"}


def _notes(case: Case) -> int:
    return sum(entry.kind == NOTED for entry in case.history)


def _day(at: datetime) -> str:
    """An instant; where it is the first or the last second of a day, the day alone."""
    return full(at).removesuffix(" 00:00").removesuffix(" 23:59:59")


def _by_rows(said: Iterable[tuple[Outcome, str]]) -> list[str]:
    """Each thing that is said of rows once, with the rows it is about, sheet by sheet."""
    rows: dict[tuple[str, str | None], list[int]] = {}
    for outcome, what in said:
        rows.setdefault((what, outcome.sheet), []).append(outcome.row)
    return [
        f"{f'{sheet}, ' if sheet else ''}{_rows_named(numbers)}: {what}." for (what, sheet), numbers in rows.items()
    ]


def rows_of(outcomes: Iterable[Outcome]) -> str:
    """`rows 3 to 9, 12`; `2025, row 3; 2026, rows 4 and 5` where several sheets are read."""
    by_sheet: dict[str | None, list[int]] = {}
    for each in outcomes:
        by_sheet.setdefault(each.sheet, []).append(each.row)
    return "; ".join(f"{f'{sheet}, ' if sheet else ''}{_rows_named(numbers)}" for sheet, numbers in by_sheet.items())


def _rows_named(numbers: Sequence[int]) -> str:
    """`rows 3 to 9, 12`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    named = ", ".join(" to ".join(str(each) for each in span) for span in spans)
    return f"{'row' if len(numbers) == 1 else 'rows'} {named}"


def _lines(lines: Sequence[tuple[str, str]]) -> Columns:
    """Pairs in two columns."""
    table = Columns("", "")
    for first, second in lines:
        table.add(first, second)
    return table
