"""Taking over the spreadsheet a unit kept before."""

import gc
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from escalate.commands.import_changes import agreed_at_terminal, record_changes
from escalate.commands.import_dates import date_reader
from escalate.commands.import_kept import Reading, reading_of, to_keep
from escalate.commands.import_protocols import Protocols
from escalate.commands.import_record import import_record, is_record
from escalate.commands.import_runs import list_runs, refuse_without_file, undo_run
from escalate.commands.shared.backing_up import backed_up_before
from escalate.commands.shared.options import Force, Json, argument, flag, number, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened_or_made
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.importing.changes import RowChanges
from escalate.domain.importing.columns import check_named, lay_out
from escalate.domain.importing.dates import SaidOrder, is_dated
from escalate.domain.importing.headings import ENTERED, LogColumn
from escalate.domain.importing.imported import Imported
from escalate.domain.importing.kept import KeptLog
from escalate.domain.importing.matching import Matching
from escalate.domain.importing.rows import Log, Outcome, Terms, entries_of, read_rows, refused_rows
from escalate.domain.importing.sheet import Book
from escalate.errors import BadInput, Refused, listed
from escalate.output.files import making
from escalate.output.importing.changes import cells_that
from escalate.output.importing.page import Done, import_document, import_page
from escalate.output.importing.refused import write_refused
from escalate.output.terminal import counting, say, show, show_json
from escalate.storage.files.paths import path_from
from escalate.storage.files.spreadsheets import read_book
from escalate.storage.logs import keep_log
from escalate.storage.store import Store
from escalate.wording import how_many


class DateOrder(StrEnum):
    """Which part of a date in numbers comes first."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def import_(
    context: typer.Context,
    file: Annotated[
        str | None,
        argument("The spreadsheet, .xlsx, .ods or .csv; or what escalate export json wrote.", "FILE"),
    ] = None,
    protocol: Annotated[
        str | None, option("--protocol", "PROTOCOL", "The protocol of rows that do not name one.")
    ] = None,
    mapped: Annotated[
        list[str] | None, option("--map", "COLUMN=FIELD", "What a column says, where its heading is not understood.")
    ] = None,
    values: Annotated[
        list[str] | None,
        option("--value", '"COLUMN: WORD=MEANING"', "What a word in a column means, where it is not understood."),
    ] = None,
    dates: Annotated[
        DateOrder | None,
        option("--dates", "ORDER", "Whether the day or the month comes first, where that is not clear."),
    ] = None,
    sheet: Annotated[
        str | None, option("--sheet", "NAME", "Only this sheet, of several that have something in them.")
    ] = None,
    log: Annotated[
        str | None, option("--log", "NAME", "Which log it is, where several have the same reference numbers.")
    ] = None,
    close_undated: Annotated[
        bool, flag("--close-undated", "Close what has an outcome and no date, on a day not known.")
    ] = False,
    refused: Annotated[
        Path | None,
        option("--refused", "FILE", "An Excel file to make of the rows that cannot be imported, with the reasons."),
    ] = None,
    force: Force = False,
    skip_bad: Annotated[bool, flag("--skip-bad", "Leave out the rows that cannot be imported.")] = False,
    write: Annotated[bool, flag("--write", "Open the cases; without it, nothing is written.")] = False,
    changes: Annotated[
        bool, flag("--changes", "With --write, record what has changed in rows whose cases are here as well.")
    ] = False,
    forget: Annotated[
        bool, flag("--forget", "Use nothing of what was said last time of how this log is read.")
    ] = False,
    runs: Annotated[bool, flag("--runs", "List the imports there were.")] = False,
    undo: Annotated[int | None, number("--undo", "Take back an import, by its number: with --write.")] = None,
    with_later: Annotated[
        bool, flag("--with-later", "With --undo, take back cases that have had entries since as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What columns say is guessed from their headings. With --map a column is taken for one of:

    - reference, raised, protocol, route, stage, stage-entered, concern-date, status, resolved

    - subject, name, born, age, address, child (all of these in one cell)

    - from, to, involved, raising, receiving: the agencies, and who holds the two sides

    - entered:STAGE, where a column has the date of one stage, as entered:2; ended, where it says yes or no

    - theme, about, level-current, level-perceived, desired-outcome, how, lessons, facts, or a fact of the protocol

    - note, which keeps it as a note, or skip, which leaves it out

    Nothing is taken over twice: a row is known again by its reference number or, where it has none, by its subject, agencies and day. What has changed in it is shown cell by cell.

    Example: escalate import log.csv --protocol herefordshire --map "Team=note"
    """
    context.with_resource(_nothing_collected())
    here = session(context, begins_file=True)
    if runs:
        list_runs(here, as_json=as_json)
        return
    if undo is not None:
        undo_run(here, undo, with_later=with_later, write=write, as_json=as_json)
        return
    if file is None:
        raise refuse_without_file()
    path = path_from(file)
    if is_record(path):
        _refuse_options_of_logs(context)
        import_record(here, path, write=write, as_json=as_json)
        return
    book = read_book(path, sheet)
    if refused and refused.suffix.casefold() != ".xlsx":
        raise BadInput(
            f"{refused} is made as an Excel file, in which nothing becomes a date: let its name end in .xlsx."
        )
    name = " ".join((log or "").split()) or None
    said = KeptLog(name, {}, protocol, _mapping(mapped or []), _values(values or []), dates and dates.value, sheet)
    with opened_or_made(here, dry_run=True) as store:
        reading = reading_of(store, book, said, forget=forget)
        if reading.kept.sheet != sheet:
            book = read_book(path, reading.kept.sheet)
        protocols = Protocols(here, reading.kept.protocol)
        logs, remarks = _logs(book, reading, protocols)
        _refuse_incomplete(logs, reading.kept.protocol)
        remarks += reading.remarks
        seen = _Seen(store.head, store.history.imported())
        protocols.store = store
        keeping = to_keep(reading, logs, here.now)
        terms = Terms(
            protocols.basis,
            date_reader(here.now),
            here.settings.by,
            here.now,
            seen.imported,
            secrets.token_hex(8),
            name,
            close_undated,
            store.case,
            reading.before.later_columns(keeping.came_at, here.now) if reading.before else {},
        )
        rows = sum(len(each.sheet.rows) for each in logs)
        matching = Matching(seen.imported, name, terms.salt)
        outcomes = _without_others(store, counting(read_rows(logs, terms, matching), rows, "Reading the rows"))
    bad = sum(each.reason is not None for each in outcomes)
    if refused and bad:
        _write_refused(here, refused, logs, outcomes, force=force)
    stuck = cells_that(outcomes, lambda cell: cell.refused) if changes else 0
    writing = write and (skip_bad or not (bad or stuck))
    agreed = writing and (changes or (here.can_ask and agreed_at_terminal(outcomes)))
    changed = [each.changes for each in outcomes if each.changes and each.changes.entries] if agreed else []
    kept = (reading.number, keeping) if keeping != reading.before else None
    opened, backup = _open(here, protocols, outcomes, changed, seen, kept) if writing else ([], None)
    done = Done(writing, opened, bool(changed), matching.gone, backup)
    if as_json:
        show_json(import_document(path.name, logs, outcomes, done, here.now))
    else:
        show(import_page(logs, outcomes, done, remarks, here.now))
        say(*_what_next(outcomes, done, refused, bad, write=write))
    for wrong, what, done_with in ((stuck, "changed cell", "recorded"), (bad, "row", "imported")):
        if wrong and not skip_bad:
            raise Refused(
                f"{how_many(wrong, what)} cannot be {done_with}: put right what is said of each, or leave them out with --skip-bad. Nothing was written."
            )


def _write_refused(here: Session, path: Path, logs: Sequence[Log], outcomes: Sequence[Outcome], *, force: bool) -> None:
    """Write the rows that cannot be imported into a file of their own. Raises Refused."""
    with making(path, force=force, spared=spared(here)) as made:
        write_refused(made, refused_rows(logs, outcomes), here.now)


def _what_next(
    outcomes: Sequence[Outcome], done: Done, refused: Path | None, bad: int, *, write: bool
) -> Iterator[str]:
    """What was written beside the cases, and how to have written what was not."""
    if refused and bad:
        yield f"{refused}: {how_many(bad, 'row')} to correct and import, with all they say, names too."
    if not write and any(each.case for each in outcomes):
        yield "Nothing was written: --write opens the cases."
    if not done.recorded and cells_that(outcomes, lambda cell: cell.can_be_recorded):
        yield "Nothing was recorded of what has changed: --write --changes records it."


def _without_others(store: Store, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """What becomes of the rows; on a server none opens a case for an agency's login that its agency is no side of."""
    may_open = cache(store.is_ours)
    reason = f"neither side is {store.agency}, whose cases you see here: have one of the two, or the business unit, import it"
    return [
        Outcome(each.row, each.sheet, reason=reason)
        if each.case and not may_open(each.case.raising_agency, each.case.receiving_agency)
        else each
        for each in outcomes
    ]


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from looking for cycles: for every few cases made it looks through all there are, and none has one."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _refuse_options_of_logs(context: typer.Context) -> None:
    """Refuse what is only said of a spreadsheet. Raises BadInput."""
    given = [name for name, value in context.params.items() if value and name not in ("file", "write", "as_json")]
    if given:
        options = {parameter.name: parameter.opts[0] for parameter in context.command.params}
        raise BadInput(
            f"{options[given[0]]} is for a spreadsheet: an export of escalate says all of it itself, so leave it out."
        )


def _mapping(said: Sequence[str]) -> dict[str, str]:
    """`"Date raised"=raised` and the like. Raises BadInput."""
    mapped: dict[str, str] = {}
    for each in said:
        heading, equals, name = (part.strip() for part in each.rpartition("="))
        if not (heading and equals and name):
            raise BadInput(f'"{each}" does not map a column: write it as "Date raised"=raised.')
        if mapped.setdefault(heading, name) != name:
            raise BadInput(f'"{heading}" is mapped twice, to {mapped[heading]} and to {name}: map it once.')
    return mapped


def _values(said: Sequence[str]) -> dict[str, dict[str, str]]:
    """`"Status: NFA=resolved"` and the like: by the heading, by the word in small letters. Raises BadInput."""
    values: dict[str, dict[str, str]] = {}
    for each in said:
        place, equals, meaning = (part.strip() for part in each.rpartition("="))
        heading, colon, word = (" ".join(part.split()) for part in place.partition(":"))
        if not (heading and colon and word and equals and meaning):
            raise BadInput(f'"{each}" does not say what a word means: write it as "Status: NFA=resolved".')
        words = values.setdefault(heading, {})
        if words.setdefault(word.casefold(), meaning) != meaning:
            raise BadInput(f'"{word}" is said to mean two things: say one of them.')
    return values


def _logs(book: Book, reading: Reading, protocols: Protocols) -> tuple[list[Log], list[str]]:
    """The sheets that hold cases, and what is to be known about the file; of one sheet alone nothing is left out. Raises BadInput."""
    facts, several = protocols.facts(), len(book.sheets) > 1
    mapped, values, dates = reading.kept.mapped, reading.kept.values, reading.kept.dates
    order = SaidOrder(dates == DateOrder.MONTH_FIRST, reading.dates_are_of_last_time) if dates else None
    every = [
        Log(sheet, lay_out(sheet, mapped, facts, values, order), sheet.name if several else None)
        for sheet in book.sheets
    ]
    check_named([each.layout for each in every], mapped, "map")
    check_named([each.layout for each in every], values, "say a word of")
    logs = [each for each in every if _says_when(each)] or every
    unread = [f'"{each.name}"' for each in every if each not in logs]
    remarks = [*book.remarks, *(remark for each in logs for remark in each.sheet.remarks)]
    if unread:
        remarks.append(f"Not read: {listed(unread, 'and')}: no column there says when a case was raised.")
    return logs, remarks


def _says_when(log: Log) -> bool:
    """Whether a column says when cases were raised, or when they came to a stage."""
    return any(
        column.field and (column.field == "raised" or column.field.startswith(ENTERED)) for column in log.layout.columns
    )


def _refuse_incomplete(logs: Sequence[Log], protocol: str | None) -> None:
    """Refuse sheets that do not say when cases were raised, or under which protocol. Raises Refused."""
    columns = [column for log in logs for column in log.layout.columns]
    if not any(_says_when(each) for each in logs):
        raise Refused(
            'No column says when a case was raised: map the one that does, as in --map "Date opened"=raised; '
            f"there is {_headings(columns)}."
        )
    if protocol is None and not all(each.layout.of("protocol") for each in logs):
        raise Refused(
            "No column says which protocol a case is under: name the one of all with --protocol, or --map a column to protocol."
        )


def _headings(columns: Sequence[LogColumn]) -> str:
    """The headings of columns, so far as anybody can look through them; of a sheet without any, nothing that stands in it."""
    if any(is_dated(column.heading) for column in columns):
        return "no row of headings"
    headings = list(dict.fromkeys(f'"{column.label}"' for column in columns))[:20]
    return listed(headings, "and") if headings else "none"


class _Seen(NamedTuple):
    """What the file held when the rows were read."""

    head: str
    """The head of its chain."""
    imported: Mapping[tuple[str | None, str], Imported]
    """The cases imported before, by the log and the reference of their row there."""

    def still_holds(self, head: str) -> bool:
        """Whether nothing has been recorded since. Any two empty files are equivalent."""
        return head == self.head or head.partition(":")[0] == self.head.partition(":")[0] == "0"


def _open(
    here: Session,
    protocols: Protocols,
    outcomes: Sequence[Outcome],
    changed: Sequence[RowChanges],
    seen: _Seen,
    kept: tuple[int, KeptLog] | None,
) -> tuple[list[str], Path | None]:
    """Open the cases of all rows that can be, record what changed in others, and keep how the log was read, or nothing of it.

    Returns the references, and where a backup was made before. Raises Refused where somebody has written meanwhile.
    """
    new = [each.file for each in outcomes if each.file]
    if not (new or changed or (kept and seen.imported)):
        return [], None
    with opened_or_made(here) as store:
        backup = backed_up_before(here, store) if new or changed else None
        return _written(here, store, protocols, new, changed, seen, kept), backup


def _written(
    here: Session,
    store: Store,
    protocols: Protocols,
    new: Sequence[CaseFile],
    changed: Sequence[RowChanges],
    seen: _Seen,
    kept: tuple[int, KeptLog] | None,
) -> list[str]:
    """The references of the cases that were opened. Raises Refused."""
    with store.writing():
        as_read = seen.still_holds(store.head)
        if not as_read and store.history.imported() != seen.imported:
            raise Refused("Somebody else has just imported cases: look at the file again. Nothing was written.")
        for digest in dict.fromkeys(each.case.edition_digest for each in new):
            file = protocols.used[digest]
            store.keep_calendars(file.protocol, protocols.fresh_calendar, here.settings.by, here.now)
            store.keep_edition(file, here.now)
        record_changes(store, changed)
        if kept and store.agency is None:  # on a server it is the unit's to say how a log is read
            keep_log(store.database, *kept)
        refs = store.next_refs([each.case.raising_agency for each in new])
        opening = counting(zip(refs, new, strict=True), len(new), "Opening the cases")
        if as_read:
            store.open_worked_out(opening)
        else:  # a calendar may have changed as well
            for ref, each in opening:
                store.append(*entries_of(ref, each.case))
    return refs
