"""Taking over the spreadsheet a unit kept before."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.import_changes import record_changes
from escalate.commands.import_kept import reading_of
from escalate.commands.import_reading import DateOrder, LogRead, Wanted, read_log
from escalate.commands.import_record import import_record, is_record
from escalate.commands.import_runs import list_runs, refuse_without_file, undo_run
from escalate.commands.shared.asking import NOTHING_WRITTEN
from escalate.commands.shared.backing_up import backed_up_before
from escalate.commands.shared.options import Force, Json, Yes, argument, flag, number, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened_or_made
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.importing.changes import RowChanges
from escalate.domain.importing.kept import KeptLog
from escalate.domain.importing.rows import entries_of, refused_rows
from escalate.errors import BadInput, Refused
from escalate.output.files import making
from escalate.output.importing.changes import cells_that
from escalate.output.importing.page import Done, import_document, import_page, written_page
from escalate.output.importing.refused import write_refused
from escalate.output.terminal import counting, is_screen, say, show, show_json
from escalate.storage.files.paths import path_from
from escalate.storage.files.spreadsheets import read_book
from escalate.storage.logs import call_agencies, keep_log
from escalate.storage.store import Store
from escalate.wording import how_many

if TYPE_CHECKING:  # no cycle, but a script is asked nothing
    from escalate.commands.import_wizard import Wizard


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
    forget: Annotated[
        bool, flag("--forget", "Use nothing of what was said last time of how this log is read.")
    ] = False,
    close_undated: Annotated[
        bool, flag("--close-undated", "Close what has an outcome and no date, on a day not known.")
    ] = False,
    refused: Annotated[
        Path | None,
        option("--refused", "FILE", "An Excel file to make of the rows that cannot be imported, with the reasons."),
    ] = None,
    force: Force = False,
    skip_bad: Annotated[bool, flag("--skip-bad", "Leave out the rows that cannot be imported.")] = False,
    write: Annotated[
        bool,
        flag("--write", "Open the cases; without it, nothing is written but what somebody says yes to at a terminal."),
    ] = False,
    yes: Yes = False,
    changes: Annotated[
        bool, flag("--changes", "With --write, record what has changed in rows whose cases are here as well.")
    ] = False,
    runs: Annotated[bool, flag("--runs", "List the imports there were.")] = False,
    undo: Annotated[int | None, number("--undo", "Take back an import, by its number: with --write.")] = None,
    with_later: Annotated[
        bool, flag("--with-later", "With --undo, take back cases that have had entries since as well.")
    ] = False,
    as_json: Json = False,
) -> None:
    """At a terminal it asks what is not clear, and shows what becomes of the rows before anything is written.

    What columns say is guessed from their headings. With --map a column is taken for one of:

    - reference, raised, protocol, route, stage, stage-entered, concern-date, status, resolved

    - subject, name, born, age, address, child (all of these in one cell)

    - from, to, involved, raising, receiving: the agencies, and who holds the two sides

    - entered:STAGE, where a column has the date of one stage, as entered:2; ended and goes-on, where it says yes or no

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
        undo_run(here, undo, with_later=with_later, write=write or yes, as_json=as_json)
        return
    if file is None:
        raise refuse_without_file()
    path = path_from(file)
    if is_record(path):
        _refuse_options_of_logs(context)
        import_record(here, path, write=write or yes, as_json=as_json)
        return
    book = read_book(path, sheet)
    if refused and refused.suffix.casefold() != ".xlsx":
        raise BadInput(
            f"{refused} is made as an Excel file, in which nothing becomes a date: let its name end in .xlsx."
        )
    name = " ".join((log or "").split()) or None
    said = KeptLog(name, {}, protocol, _mapping(mapped or []), _values(values or []), dates and dates.value, sheet)
    wanted, wizard = Wanted(write or yes, skip_bad, changes), None if yes else _wizard(here)
    with opened_or_made(here, dry_run=True) as store:
        reading = reading_of(store, book, said, forget=forget)
        if reading.kept.sheet != sheet:
            book = read_book(path, reading.kept.sheet)
        read = wizard.read if wizard else read_log
        found = read(here, store, book, reading, close_undated=close_undated)
    if refused and found.bad:
        with making(refused, force=force, spared=spared(here)) as made:
            write_refused(made, refused_rows(found.logs, found.outcomes), here.now)
    agreed = wizard.agreed_to(found, wanted) if wizard else wanted
    if agreed is None:
        say(NOTHING_WRITTEN)
        return
    _take_over(here, path, found, agreed, refused, as_json=as_json)


def _wizard(here: Session) -> "Wizard | None":
    """What asks somebody at a terminal; None where nobody is there to be asked, or to see what is asked."""
    if not (here.can_ask and is_screen()):
        return None
    from escalate.commands.import_wizard import Wizard  # only where somebody is asked

    return Wizard(here)


def _take_over(
    here: Session, path: Path, found: LogRead, agreed: Wanted, refused: Path | None, *, as_json: bool
) -> None:
    """Write what was agreed to, and show it; without any, what would become of the rows. Raises Refused."""
    stuck = cells_that(found.outcomes, lambda cell: cell.refused) if agreed.changes else 0
    is_held_back = not agreed.skip_bad and bool(found.bad or stuck)
    done = _open(here, found, agreed._replace(write=agreed.write and not is_held_back))
    if as_json:
        show_json(import_document(path.name, found.logs, found.outcomes, done, here.now))
    elif agreed.is_shown:
        show(written_page(found.outcomes, done))
    else:
        show(import_page(found.logs, found.outcomes, done, found.remarks, here.now))
        say(*_what_next(found, done, refused, write=agreed.write))
    for wrong, what, done_with in ((stuck, "changed cell", "recorded"), (found.bad, "row", "imported")):
        if wrong and not agreed.skip_bad:
            raise Refused(
                f"{how_many(wrong, what)} cannot be {done_with}: put right what is said of each, or leave them out with --skip-bad. Nothing was written."
            )


def _what_next(found: LogRead, done: Done, refused: Path | None, *, write: bool) -> Iterator[str]:
    """What was written beside the cases, and how to have written what was not."""
    if refused and found.bad:
        yield f"{refused}: {how_many(found.bad, 'row')} to correct and import, with all they say, names too."
    if not write and any(each.case for each in found.outcomes):
        yield "Nothing was written: --write opens the cases."
    if not done.recorded and cells_that(found.outcomes, lambda cell: cell.can_be_recorded):
        yield "Nothing was recorded of what has changed: --write --changes records it."


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
    given = [
        name for name, value in context.params.items() if value and name not in ("file", "write", "yes", "as_json")
    ]
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


def _open(here: Session, found: LogRead, agreed: Wanted) -> Done:
    """Open the cases of all rows that can be, record what changed in others, and keep how the log was read, or nothing of it.

    Raises Refused where somebody has written meanwhile.
    """
    if not agreed.write:
        return Done(gone=found.gone, alike=found.alike, several_open=found.several_open)
    new = [each.file for each in found.outcomes if each.file]
    changed = [each.changes for each in found.outcomes if agreed.changes and each.changes and each.changes.entries]
    reading = found.reading
    kept = (reading.number, found.keeping) if found.keeping != reading.before or found.called else None
    if not (new or changed or (kept and found.seen.imported)):
        return Done(True, gone=found.gone, alike=found.alike, several_open=found.several_open)
    with opened_or_made(here) as store:
        backup = backed_up_before(here, store) if new or changed else None
        refs = _written(here, store, found, new, changed, kept)
    return Done(True, refs, bool(changed), found.gone, backup, found.alike, found.several_open)


def _written(
    here: Session,
    store: Store,
    found: LogRead,
    new: Sequence[CaseFile],
    changed: Sequence[RowChanges],
    kept: tuple[int, KeptLog] | None,
) -> list[str]:
    """The references of the cases that were opened. Raises Refused."""
    protocols = found.protocols
    with store.writing():
        as_read = found.seen.still_holds(store.head)
        if not as_read and store.history.imported() != found.seen.imported:
            raise Refused("Somebody else has just imported cases: check the file again. Nothing was written.")
        for digest in dict.fromkeys(each.case.edition_digest for each in new):
            file = protocols.used[digest]
            store.keep_calendars(file.protocol, protocols.fresh_calendar, here.settings.by, here.now)
            store.keep_edition(file, here.now)
        record_changes(store, changed)
        if kept and store.agency is None:  # on a server it is the unit's to say how a log is read
            keep_log(store.database, *kept)
            call_agencies(store.database, found.called)
        refs = store.next_refs([each.case.raising_agency for each in new])
        opening = counting(zip(refs, new, strict=True), len(new), "Opening the cases")
        if as_read:
            store.open_worked_out(opening)
        else:  # a calendar may have changed as well
            for ref, each in opening:
                store.append(*entries_of(ref, each.case))
    return refs
