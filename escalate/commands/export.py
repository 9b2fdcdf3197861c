"""Writing cases out for other programs."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from escalate.commands.shared.filters import Agency, CaseFilter, OfProtocol, RaisedSince, Stage, Status, Subject, Theme
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import AsOf, Force, Identify, LookReason, argument, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened_if_there
from escalate.domain.deadlines.case_file import CaseFile
from escalate.errors import BadInput, listed
from escalate.output.files import STANDARD_OUTPUT, making
from escalate.output.sending.export_csv import csv_lines
from escalate.output.sending.export_json import Record, json_pieces
from escalate.output.sending.export_rows import TABLES, CaseAsKnown
from escalate.output.sending.export_xlsx import write_workbook
from escalate.output.terminal import complain, is_screen, say
from escalate.storage.store import Store
from escalate.wording import how_many

FORMATS = ("ics", "csv", "xlsx", "json")


def export(
    context: typer.Context,
    format_: Annotated[
        str,
        argument(
            "ics: a calendar of deadlines. csv: a table. xlsx: an Excel file with a sheet for each table. json: all of it.",
            "FORMAT",
        ),
    ],
    file: Annotated[
        Path | None, argument("The file to make; standard output if none is named, or -.", "[FILE]")
    ] = None,
    what: Annotated[
        str | None, option("--what", "TABLE", "Which table a csv is of: cases, deadlines or history.")
    ] = None,
    status: Status = None,
    agency: Agency = None,
    protocol: OfProtocol = None,
    stage: Stage = None,
    theme: Theme = None,
    subject: Subject = None,
    since: RaisedSince = None,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    publish: Annotated[
        Path | None,
        option("--publish", "FILE", "With ics: a calendar for people to subscribe to, written only if a date changed."),
    ] = None,
    force: Force = False,
) -> None:
    """A calendar never names anybody. In it, an event begins at act by and ends when the deadline runs out.

    One that is published has the record number and what is due, in the hour before act by; the setting published_calendar has digests keep it
    up to date.

    Example: escalate export csv --what deadlines --agency "Children's Services"
    """
    here = session(context)
    to_file = file not in (None, STANDARD_OUTPUT)
    _refuse_mixture(format_, what, identify, to_file)
    if publish is not None:
        _refuse_unpublished(format_, publish, to_file=file is not None, as_of=as_of)
    given = {"status": status, "agency": agency, "protocol": protocol, "stage": stage, "theme": theme, "since": since}
    look = look_asked(
        here, f"export {format_}", identify=identify, reason=reason, asked=subject, what=what, as_of=as_of, **given
    )
    at = here.as_of(as_of)
    known_at = at if as_of else None
    cases = CaseFilter(status, agency, protocol, stage, theme, here.past(since) if since else None, subject)
    undated: list[str] = []
    if publish is not None:
        _publish(here, publish, cases, undated, force=force)
        _say_undated(undated)
        return
    with making(file, force=force, spared=spared(here)) as made, opened_if_there(here, known_at) as store:
        lines = store.lists_as_known(known_at).cases(with_void=True) if store else []
        cases.refuse_unknown(here, (line.protocol for line in lines))
        refs = [line.ref for line in reversed(lines) if cases.wants(line)]
        # what a file takes over from it has the numbers of cases that were void as well
        recorded = refs if status else [each.ref for each in reversed(lines) if cases.wants_however_it_stands(each)]
        look.record(reversed(recorded if format_ == "json" and not as_of else refs))
        files = (store.case(ref, known_at, identify=identify) for ref in refs) if store else iter(())
        if format_ == "ics":
            _write_calendar(made, store, _noting_undated(files, undated))
        else:
            record = (
                _record(store, recorded, identify=identify)
                if store and format_ == "json" and known_at is None
                else None
            )
            _write_tables(made, format_, what, _as_known(here, files, at), record, identify=identify, at=at)
    here.echo(as_json=not to_file)
    if to_file:
        say(f"{file}: {how_many(len(refs), 'case')}.")
    _say_undated(undated)


def _say_undated(undated: Sequence[str]) -> None:
    if undated:
        number = how_many(len(undated), "thing to do has", "things to do have")
        complain(f"{number} no date, and no place in a calendar: escalate due lists what is undated.")


def _refuse_unpublished(format_: str, path: Path, *, to_file: bool, as_of: str | None) -> None:
    """Raises BadInput for what cannot be published."""
    refused = (
        (format_ != "ics", f"--publish is of a calendar: say escalate export ics --publish {path}."),
        (to_file, "--publish names the file to make: leave the other one out."),
        (path == STANDARD_OUTPUT, "People subscribe to a file: name one with --publish."),
        (as_of is not None, "What is published is of today: leave --as-of out."),
    )
    for wrong, sentence in refused:
        if wrong:
            raise BadInput(sentence)


def _publish(here: Session, path: Path, cases: CaseFilter, undated: list[str], *, force: bool) -> None:
    """Make the calendar that people subscribe to, and say whether it had to be. Raises Refused."""
    from escalate.commands.shared.published import publish  # loads icalendar

    with opened_if_there(here) as store:
        lines = store.lists.cases() if store else []
        cases.refuse_unknown(here, (line.protocol for line in lines))
        files = (store.case(line.ref) for line in reversed(lines) if cases.wants(line)) if store else iter(())
        own_id = store.own_id if store else ""
        made = publish(here, path, _noting_undated(files, undated), own_id, force=force, dry_run=False)
    here.echo(as_json=False)
    say(f"{path}: {'published' if made else 'left as it is, as no date has changed'}.")


def _refuse_mixture(format_: str, what: str | None, identify: bool, to_file: bool) -> None:
    """Raises BadInput for what cannot be asked for together."""
    refused = (
        (format_ not in FORMATS, f'"{format_}" is not a format: say {listed(FORMATS, "or")}.'),
        (what not in (None, *TABLES), f'"{what}" is not a table: say {listed([*TABLES], "or")}.'),
        (format_ == "csv" and what is None, f"A csv is of one table: say which with --what {listed([*TABLES], 'or')}."),
        (format_ != "csv" and what is not None, f"--what chooses the table of a csv: leave it out for {format_}."),
        (format_ == "ics" and identify, "A calendar never names anybody: leave --identify out for ics."),
        (
            format_ == "xlsx" and not to_file and is_screen(),
            "An Excel file cannot be read on a terminal: name a file, as in escalate export xlsx cases.xlsx.",
        ),
    )
    for wrong, sentence in refused:
        if wrong:
            raise BadInput(sentence)


def _write_calendar(made: BinaryIO, store: Store | None, files: Iterator[CaseFile]) -> None:
    """Write the dates of cases as a calendar."""
    from escalate.output.sending.ics import ics_pieces  # loads icalendar

    made.writelines(ics_pieces(files, store.own_id if store else ""))


def _write_tables(
    made: BinaryIO,
    format_: str,
    what: str | None,
    cases: Iterator[CaseAsKnown],
    record: Record | None,
    *,
    identify: bool,
    at: datetime,
) -> None:
    """Write one table of cases, or all. Raises Refused."""
    match format_:
        case "csv":
            made.writelines(csv_lines(TABLES[str(what)], cases, identify=identify))
        case "json":
            made.writelines(json_pieces(cases, record))
        case "xlsx":
            write_workbook(made, cases, identify=identify, at=at)
        case _:
            raise AssertionError(format_)


def _record(store: Store, refs: Sequence[str], *, identify: bool) -> Record:
    """The histories of cases as they are recorded; names only with `identify`."""
    from escalate.storage.carried import FORMAT, FileRecord  # of all formats only json has it

    record = FileRecord(store.database, refs, identify=identify)
    before = record.origins()
    cases = ((ref, before.get(ref, ()), entries) for ref, entries in record.histories(refs))
    return Record(FORMAT, record.own_id, record.head, identify, record.editions(), record.calendars(), cases)


def _as_known(here: Session, files: Iterator[CaseFile], at: datetime) -> Iterator[CaseAsKnown]:
    """The same cases, with up to when what is due in them is at risk."""
    return (CaseAsKnown(file, at, here.horizon(file.calendar, at)) for file in files)


def _noting_undated(files: Iterator[CaseFile], undated: list[str]) -> Iterator[CaseFile]:
    """The same cases; what is still to do in them and has no date is noted on the way."""
    for file in files:
        undated += [each.action for each in file.deadlines if each.due_at is None and each.is_open]
        yield file
