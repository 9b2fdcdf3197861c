"""Showing a case."""

from datetime import datetime
from typing import Annotated

import typer

from escalate.commands.shared.looking import LookAsked, look_asked
from escalate.commands.shared.options import AsOf, Case, Force, Identify, Json, LookReason, NoPager, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import case_read
from escalate.domain.deadlines.case_file import CaseFile
from escalate.output import terminal


def show(
    context: typer.Context,
    case: Case,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    to_file: Annotated[
        str | None,
        option("--output", "FILE", "Write a page to print or to pass on: a name that ends in .html, .docx or .json."),
    ] = None,
    force: Force = False,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate show 7 --identify"""
    here = session(context)
    look = look_asked(here, "show", identify=identify, reason=reason, as_of=as_of)
    if to_file is not None or force:
        _write(here, case, as_of, look, to_file, force=force, as_json=as_json)
        return
    file, at, horizon = _read(here, case, as_of, look)
    here.echo(as_json)
    if as_json:
        from escalate.output.case.documents import case_document  # a page does without it

        terminal.show_json(case_document(file, at, horizon))
        return
    from escalate.output.case.page import case_page  # a document does without it

    with terminal.paged(not no_pager):
        terminal.show(case_page(file, at, horizon, terminal.width()))


def _read(here: Session, case: str, as_of: str | None, look: LookAsked) -> tuple[CaseFile, datetime, datetime]:
    """The case, the moment it is shown as of, and up to when something is at risk. Raises Refused."""
    at = here.as_of(as_of)
    file = case_read(here, case, at if as_of else None, look)
    return file, at, here.horizon(file.calendar, at)


def _write(
    here: Session, case: str, as_of: str | None, look: LookAsked, to_file: str | None, *, force: bool, as_json: bool
) -> None:
    """Write the page into a file. Raises BadInput, Refused."""
    from escalate.commands.shared.written import PAGE_OR_WORD, written  # a look does without all of this
    from escalate.output.case.documents import case_document
    from escalate.output.paper.case import case_paper
    from escalate.output.paper.formats import in_format

    with written(here, to_file, PAGE_OR_WORD, force=force, as_json=as_json) as into:
        file, at, horizon = _read(here, case, as_of, look)
        here.echo(as_json=True)
        into.file.writelines(
            in_format(
                into.format,
                lambda: case_paper(file, at, horizon, identify=look.identify),
                lambda: case_document(file, at, horizon),
            )
        )
