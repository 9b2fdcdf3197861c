"""The report of a quarter, a year or any other days."""

from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.filters import Agency, CaseFilter, OfProtocol, Theme
from escalate.commands.options import AsOf, Force, Json
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.reporting.report import Report
    from escalate.domain.worktime.periods import Period

FORMATS = ("text", "markdown", "json", "html", "xlsx")
ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".html": "html",
    ".htm": "html",
    ".xlsx": "xlsx",
}
STANDARD_OUTPUT = "-"


def report(
    context: typer.Context,
    quarter: Annotated[
        str | None,
        typer.Option(
            "--quarter",
            metavar="QUARTER",
            help='A quarter of the financial year, as in "2026/27 Q3" for October to December 2026. The one now running, if nothing is said.',
            show_default=False,
        ),
    ] = None,
    year: Annotated[
        str | None,
        typer.Option(
            "--year",
            metavar="YEAR",
            help="2026/27 for April 2026 to March 2027, 2026 for January to December.",
            show_default=False,
        ),
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day of any other period.", show_default=False)
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DAY", help="Its last day, which belongs to it; today if not given.", show_default=False
        ),
    ] = None,
    agency: Agency = None,
    protocol: OfProtocol = None,
    theme: Theme = None,
    suppress: Annotated[
        int | None,
        typer.Option(
            "--suppress",
            metavar="N",
            help="For publication: hide counts under N, usually 5, whatever would give them away, and all that tells of a single case.",
            show_default=False,
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="text, markdown, json, html or xlsx; or by the ending of FILE.",
            show_default=False,
        ),
    ] = None,
    to_file: Annotated[
        str | None,
        typer.Option(
            "--output", metavar="FILE", help="Write it to a file, which must not be there yet.", show_default=False
        ),
    ] = None,
    force: Force = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Report on a period: cases, timeliness, time to resolution and lessons. Nobody is named in it.

    Limit is what had happened by the end of the period, however late it was recorded; --as-of reports from what had been
    recorded by then, so that an old report can be had again.

    Example: escalate report --quarter "2026/27 Q3" --protocol hull-east-riding
    """
    from escalate.domain.deadlines.case_file import case_line
    from escalate.domain.reporting import report as report_domain
    from escalate.domain.reporting.publication import LEAST_THRESHOLD, publishable
    from escalate.errors import BadInput, Refused

    here = desk(context)
    chosen, path = _destination(format_, to_file, as_json, force)
    if suppress is not None and suppress < LEAST_THRESHOLD:
        raise BadInput(
            f"--suppress {suppress} would hide nothing that cannot be guessed: say {LEAST_THRESHOLD} or more, usually 5."
        )
    now = here.as_of(as_of)
    period = _period(here, now, quarter, year, from_, to)
    if period.starts > now:
        raise Refused(f"{period.name or period.days} has not begun yet, so there is nothing to report.")
    asked_for = CaseFilter(agency=agency, protocol=protocol, theme=theme)
    known_at = now if as_of else None
    with here.stored() as store:
        asked_for.refuse_unknown(here, store.protocols(known_at) if store and protocol else ())
        files = store.files(known_at) if store else iter(())
        wanted = (file for file in files if asked_for.wants(case_line(file)))
        found = report_domain.report(wanted, period, now)
    if suppress is not None:
        found = publishable(found, suppress)
    here.echo(chosen != "text")
    _write(found, {"agency": agency, "protocol": protocol, "theme": theme}, chosen, path, force, here.settings.database)


def _period(
    here: Desk, now: datetime, quarter: str | None, year: str | None, first: str | None, last: str | None
) -> "Period":
    """The period somebody named. Raises BadInput."""
    from escalate.domain.worktime.clock import london_date
    from escalate.domain.worktime.periods import days, parse_quarter, parse_year, quarter_of
    from escalate.errors import BadInput, listed

    ways = {"--quarter": quarter, "--year": year, "--from and --to": first or last}
    named = [option for option, said in ways.items() if said is not None]
    if len(named) > 1:
        raise BadInput(f"{listed(named, 'and')} name different periods: give one of them.")
    if quarter is not None:
        return parse_quarter(quarter)
    if year is not None:
        return parse_year(year)
    today = london_date(now)
    if first is None and last is None:
        return quarter_of(today)
    if first is None:
        raise BadInput("--to needs the first day as well: give it with --from.")
    begins = _day(here, first, now)
    return days(begins, today if last is None else _day(here, last, now, begins))


def _day(here: Desk, said: str, now: datetime, after: "date | None" = None) -> "date":
    """A whole day somebody named: the last such one, or where that lies before another day, the next one from there on."""
    from escalate.commands.when import read_when
    from escalate.domain.worktime.clock import at_london, london_date
    from escalate.errors import BadWhen

    when = read_when(said, now, "past")
    begins = at_london(after, time(0)) if after else when.at
    when = here.when(said, "past", now) if when.at >= begins else here.when(said, "future", begins)
    if not when.day_only:
        raise BadWhen(said, "a period is made of whole days; leave the time of day out")
    return london_date(when.at)


def _destination(said: str | None, to_file: str | None, as_json: bool, force: bool) -> "tuple[str, Path | None]":
    """The format, and the file to write it to; None for standard output. Raises BadInput."""
    from escalate.errors import BadInput, listed
    from escalate.storage.files.paths import path_from

    path = None if to_file in (None, STANDARD_OUTPUT) else path_from(str(to_file))
    by_ending = ENDINGS.get(path.suffix.casefold()) if path else None
    chosen = said or ("json" if as_json else by_ending or "text")
    if chosen not in FORMATS:
        raise BadInput(f'"{chosen}" is not a format: say {listed(FORMATS, "or")}.')
    if as_json and chosen != "json":
        raise BadInput(f"--json and --format {chosen} are two formats: give one of them.")
    if path is None and chosen == "xlsx":
        raise BadInput("An Excel file cannot be shown here: name a file with --output, such as report.xlsx.")
    if path is not None and chosen == "text":
        raise BadInput(
            f"The text is for the screen: name a file that ends in {listed([*ENDINGS], 'or')}, or give --format."
        )
    if force and path is None:
        raise BadInput("--force replaces a file: name it with --output.")
    return chosen, path


def _write(
    found: "Report", filters: "dict[str, str | None]", chosen: str, path: "Path | None", force: bool, spared: Path
) -> None:
    from escalate.output.files import make, making
    from escalate.output.report.sections import text
    from escalate.output.report.sheets import as_xlsx
    from escalate.output.terminal import complain, show, write

    if chosen == "text":
        show(text(found, filters))
        return
    if chosen == "xlsx":
        make(path, as_xlsx(found, filters), force=force, spared=spared)
    elif path is None:
        write(_pieces(found, filters, chosen))
    else:
        with making(path, force=force, spared=spared) as made:
            made.writelines(piece.encode() for piece in _pieces(found, filters, chosen))
    if path is not None:
        complain(f"The report was written to {path}.")


def _pieces(found: "Report", filters: "dict[str, str | None]", chosen: str) -> Iterable[str]:
    from escalate.output.documents import json_pieces
    from escalate.output.report.page import as_html
    from escalate.output.report.sections import as_document, as_markdown

    if chosen == "markdown":
        return as_markdown(found, filters)
    if chosen == "json":
        return json_pieces(as_document(found, filters))
    return as_html(found, filters)
