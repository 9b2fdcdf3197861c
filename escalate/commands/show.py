"""Showing a case."""

import typer

from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import AsOf, Case, Identify, Json, LookReason, NoPager
from escalate.commands.shared.session import session
from escalate.commands.shared.store import case_read
from escalate.output import terminal


def show(
    context: typer.Context,
    case: Case,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate show 7 --identify"""
    here = session(context)
    look = look_asked(here, "show", identify=identify, reason=reason, as_of=as_of)
    at = here.as_of(as_of)
    file = case_read(here, case, at if as_of else None, look)
    horizon = here.horizon(file.calendar, at)
    here.echo(as_json)
    if as_json:
        from escalate.output.case.documents import case_document  # a page does without it

        terminal.show_json(case_document(file, at, horizon))
        return
    from escalate.output.case.page import case_page  # a document does without it

    with terminal.paged(not no_pager):
        terminal.show(case_page(file, at, horizon, terminal.width()))
