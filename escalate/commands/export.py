"""Commands that tell others: what leaves the program."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.filters import Agency, CaseFilter, OfProtocol, RaisedSince, Stage, Status, Theme
from escalate.commands.options import AsOf, Force, Identify
from escalate.commands.session import desk

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile

FORMATS = ("ics", "csv", "xlsx", "json")
TABLES = ("cases", "deadlines", "history")


def export(
    context: typer.Context,
    format_: Annotated[
        str,
        typer.Argument(
            metavar="FORMAT",
            help="ics: a calendar of deadlines. csv: a table. xlsx: an Excel file with a sheet for each table. json: all of it.",
            show_default=False,
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="The file to make; standard output if none is named, or -.", show_default=False
        ),
    ] = None,
    what: Annotated[
        str | None,
        typer.Option(
            "--what", metavar="TABLE", help="Which table a csv is of: cases, deadlines or history.", show_default=False
        ),
    ] = None,
    status: Status = None,
    agency: Agency = None,
    protocol: OfProtocol = None,
    stage: Stage = None,
    theme: Theme = None,
    since: RaisedSince = None,
    as_of: AsOf = None,
    identify: Identify = False,
    force: Force = False,
) -> None:
    """Write cases out for other programs: deadlines for a calendar, tables for a spreadsheet, or everything as JSON.

    A calendar never names anybody. In it, an event begins at act by and ends when the deadline runs out.

    Example: escalate export csv --what deadlines --agency "Children's Services"
    """
    from escalate.output.files import STANDARD_OUTPUT
    from escalate.output.sending import export_rows as tables
    from escalate.output.sending.export import csv_lines, json_pieces, write_workbook
    from escalate.output.sending.export_rows import Seen
    from escalate.output.sending.ics import ics_pieces
    from escalate.output.terminal import complain, say
    from escalate.output.words import counted

    here = desk(context)
    to_file = file not in (None, STANDARD_OUTPUT)
    _refuse_mixture(format_, what, identify, to_file)
    at = here.as_of(as_of)
    raised_from = here.past(since) if since else None
    asked_for = CaseFilter(status, agency, protocol, stage, theme, raised_from)
    known_at = at if as_of else None
    undated: list[str] = []
    with here.making(file, force) as made, here.stored() as store:
        lines = store.lists_as_known(known_at).cases() if store else []
        asked_for.refuse_unknown(here, (line.protocol for line in lines))
        refs = [line.ref for line in reversed(lines) if asked_for.wants(line)]
        files = (store.case(ref, known_at, identify=identify) for ref in refs) if store else iter(())
        seen = (Seen(each, at, here.horizon(each.calendar, at)) for each in files)
        match format_:
            case "ics":
                own_id = store.own_id if store else ""
                made.writelines(ics_pieces(_noting_undated(files, undated), own_id))
            case "csv":
                made.writelines(csv_lines(tables.TABLES[str(what)], seen, identify=identify))
            case "json":
                made.writelines(json_pieces(seen))
            case _:
                write_workbook(made, seen, identify=identify, at=at)
    here.echo(as_json=not to_file)
    if to_file:
        say(f"{file}: {counted(len(refs), 'case')}.")
    if undated:
        number = counted(len(undated), "thing to do has", "things to do have")
        complain(f"{number} no date, and no place in a calendar: escalate due lists what is undated.")


def _refuse_mixture(format_: str, what: str | None, identify: bool, to_file: bool) -> None:
    """Raises BadInput for what cannot be asked for together."""
    from escalate import errors
    from escalate.errors import BadInput
    from escalate.output.terminal import is_screen

    listed = errors.listed
    refused = (
        (format_ not in FORMATS, f'"{format_}" is not a format: say {listed(FORMATS, "or")}.'),
        (what not in (None, *TABLES), f'"{what}" is not a table: say {listed(TABLES, "or")}.'),
        (format_ == "csv" and what is None, f"A csv is of one table: say which with --what {listed(TABLES, 'or')}."),
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


def _noting_undated(files: "Iterator[CaseFile]", undated: list[str]) -> "Iterator[CaseFile]":
    """The same files; what is still to do in them and has no date is noted on the way."""
    for file in files:
        undated += [each.action for each in file.deadlines if each.due_at is None and each.met_at is None]
        yield file
