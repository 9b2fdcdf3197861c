"""The report of a quarter, a year or any other days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.filters import Agency, CaseFilter, OfProtocol, Theme
from escalate.commands.shared.options import AsOf, Force, Json, option
from escalate.commands.shared.period import named_period
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import opened_if_there
from escalate.domain.deadlines.case_file import CaseFile, case_line
from escalate.domain.reporting import report as reporting
from escalate.domain.reporting.model import LEAST_THRESHOLD, Report
from escalate.errors import BadInput, Refused, listed
from escalate.output import terminal
from escalate.output.documents import json_pieces
from escalate.storage.files.paths import path_from

ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
    ".docx": "docx",
    ".csv": "csv",
}
"""The format of a file by the ending of its name."""

IN_A_FILE = {"xlsx": "An Excel file", "docx": "A Word file"}
"""The formats that are no text."""

FORMATS = ("text", *dict.fromkeys(ENDINGS.values()))

STANDARD_OUTPUT = "-"


def report(
    context: typer.Context,
    quarter: Annotated[
        str | None,
        option(
            "--quarter",
            "QUARTER",
            'A quarter of the financial year, as in "2026/27 Q3" for October to December 2026. The one now running, if nothing is said.',
        ),
    ] = None,
    year: Annotated[
        str | None, option("--year", "YEAR", "2026/27 for April 2026 to March 2027, 2026 for January to December.")
    ] = None,
    from_: Annotated[str | None, option("--from", "DAY", "The first day of any other period.")] = None,
    to: Annotated[str | None, option("--to", "DAY", "Its last day, which belongs to it; today if not given.")] = None,
    agency: Agency = None,
    protocol: OfProtocol = None,
    theme: Theme = None,
    suppress: Annotated[
        int | None,
        option(
            "--suppress",
            "N",
            "For publication: hide counts under N, usually 5, whatever in this report would give them away, and all that tells of a single"
            " case. Another report on some of these cases, subtracted from this one, may still tell them: publish only one.",
        ),
    ] = None,
    commentary: Annotated[
        str | None,
        option(
            "--commentary",
            "FILE",
            "A text in Markdown that stands before the figures: headings, lists, strong and stressed words.",
        ),
    ] = None,
    format_: Annotated[
        str | None,
        option("--format", "FORMAT", "text, markdown, json, html, xlsx, docx or csv; or by the ending of FILE."),
    ] = None,
    to_file: Annotated[
        str | None, option("--output", "FILE", "Write it to a file, which must not be there yet.")
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """The figures count what had happened by the end of the period, however late it was recorded; --as-of reports from what had been
    recorded by then, so that an old report can be had again.

    Example: escalate report --quarter "2026/27 Q3" --protocol hull-east-riding
    """
    here = session(context)
    chosen, path = _destination(format_, to_file, as_json, force)
    if suppress is not None and suppress < LEAST_THRESHOLD:
        raise BadInput(
            f"--suppress {suppress} would hide nothing that cannot be guessed: say {LEAST_THRESHOLD} or more, usually 5."
        )
    now = here.as_of(as_of)
    period = named_period(here, now, quarter, year, from_, to)
    if period.starts > now:
        raise Refused(f"{period.name or period.days} has not begun yet, so there is nothing to report.")
    filters = {"agency": agency, "protocol": protocol, "theme": theme}
    cases = CaseFilter(agency=agency, protocol=protocol, theme=theme)
    known_at = now if as_of else None
    said = _commentary(commentary)
    with opened_if_there(here, known_at) as store:
        cases.refuse_unknown(here, store.history.protocols(known_at) if store and protocol else ())
        files = store.files(known_at) if store else iter(())
        counted_on: dict[str, None] = {}
        found = reporting.report(_noting_calendars(files, cases, counted_on), period, now)
        if store:
            found = replace(found, calendars_by_hand=store.calendars.kept_by_hand(counted_on, known_at))
        if suppress is not None:
            from escalate.domain.reporting.publication import publishable  # few reports are for publication

            found = publishable(found, suppress)
    found = replace(found, commentary=said)
    here.echo(chosen != "text")
    if path is None:
        _show(found, filters, chosen)
    else:
        _write(here, found, filters, chosen, path, force=force)
        terminal.complain(f"The report was written to {path}.")


def _commentary(named: str | None) -> str | None:
    """The text of the file that was named. Raises Refused."""
    if named is None:
        return None
    from escalate.storage.files.commentary import read_commentary  # few reports have one

    return read_commentary(path_from(named))


def _noting_calendars(files: Iterable[CaseFile], cases: CaseFilter, counted_on: dict[str, None]) -> Iterator[CaseFile]:
    """The files of the cases that are wanted; the calendars they were counted on are noted on the way."""
    for file in files:
        if cases.wants_however_it_stands(case_line(file)):
            counted_on[file.case.calendar] = None
            yield file


def _destination(said: str | None, to_file: str | None, as_json: bool, force: bool) -> tuple[str, Path | None]:
    """The format, and the file to write it to; None for standard output. Raises BadInput."""
    path = None if to_file in (None, STANDARD_OUTPUT) else path_from(str(to_file))
    by_ending = ENDINGS.get(path.suffix.casefold()) if path else None
    chosen = said or ("json" if as_json else by_ending or "text")
    if chosen not in FORMATS:
        raise BadInput(f'"{chosen}" is not a format: say {listed(FORMATS, "or")}.')
    if as_json and chosen != "json":
        raise BadInput(f"--json and --format {chosen} are two formats: give one of them.")
    if path is None and chosen in IN_A_FILE:
        raise BadInput(f"{IN_A_FILE[chosen]} cannot be shown here: name a file with --output, such as report.{chosen}.")
    if path is not None and chosen == "text":
        raise BadInput(
            f"The text is for the screen: name a file that ends in {listed([*ENDINGS], 'or')}, or give --format."
        )
    if force and path is None:
        raise BadInput("--force replaces a file: name it with --output.")
    return chosen, path


def _show(found: Report, filters: Mapping[str, str | None], chosen: str) -> None:
    """Show the report on standard output."""
    if chosen == "text":
        from escalate.output.report.text import as_text  # each format loads only what it needs

        terminal.show(as_text(found, filters))
    else:
        terminal.write(piece.decode() for piece in _pieces(found, filters, chosen))


def _write(
    here: Session, found: Report, filters: Mapping[str, str | None], chosen: str, path: Path, *, force: bool
) -> None:
    """Write the report to a file, and never over what is spared. Raises Refused."""
    from escalate.commands.shared.spared import spared
    from escalate.output.files import making  # loads what makes temporary files

    with making(path, force=force, spared=spared(here)) as file:
        file.writelines(_pieces(found, filters, chosen))


def _pieces(found: Report, filters: Mapping[str, str | None], chosen: str) -> Iterator[bytes]:
    """The report in a format, piece by piece."""
    match chosen:
        case "markdown":
            from escalate.output.report.text import as_markdown

            yield from map(str.encode, as_markdown(found, filters))
        case "json":
            from escalate.output.report.document import as_document

            yield from map(str.encode, json_pieces(as_document(found, filters)))
        case "html":
            from escalate.output.report.page import as_html

            yield from map(str.encode, as_html(found, filters))
        case "xlsx":
            from escalate.output.report.sheets import as_xlsx

            yield as_xlsx(found, filters)
        case "docx":
            from escalate.output.report.word import as_docx

            yield as_docx(found, filters)
        case "csv":
            from escalate.output.report.csv import as_csv

            yield from as_csv(found, filters)
        case _:
            raise AssertionError(chosen)
