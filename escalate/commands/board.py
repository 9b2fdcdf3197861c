"""The board: one page with every case in which something is due."""

from typing import Annotated

import typer

from escalate.commands.shared.board import BoardAsked, board_of, write_board
from escalate.commands.shared.filters import (
    Agency,
    AtRisk,
    CaseFilter,
    DueFilter,
    OfProtocol,
    Overdue,
    Owner,
    Within,
    allowance,
)
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import Force, Identify, Json, LookReason, option
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened_if_there
from escalate.commands.shared.written import destination
from escalate.domain.worktime.clock import spoken
from escalate.errors import BadInput
from escalate.output.board.page import ENDINGS, as_document
from escalate.output.terminal import complain, show_json
from escalate.wording import how_many


def board(
    context: typer.Context,
    to_file: Annotated[
        str | None,
        option("--output", "FILE", "The file to make, which must not be there yet; standard output if it is -."),
    ] = None,
    overdue: Overdue = False,
    at_risk: AtRisk = False,
    within: Within = None,
    agency: Agency = None,
    owner: Owner = None,
    protocol: OfProtocol = None,
    identify: Identify = False,
    reason: LookReason = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """The page needs no script and fetches nothing. It names nobody without --identify, and leaves out what people wrote in their own words.

    Example: escalate board --output board.html
    """
    here = session(context)
    if to_file is None and not as_json:
        raise BadInput("Name the file to make, as in: escalate board --output board.html. See escalate board --help.")
    path = None
    if to_file is not None or force:
        path, _ = destination(to_file, ENDINGS, force=force, as_json=as_json)
    which = DueFilter(
        CaseFilter(agency=agency, protocol=protocol),
        owner,
        overdue=overdue,
        at_risk=at_risk,
        within=allowance(within) if within else None,
    )
    given = {"agency": agency, "protocol": protocol}
    look = look_asked(here, "board", identify=identify, reason=reason, asked=owner, **given)
    with opened_if_there(here) as store:
        made, about = board_of(here, store, BoardAsked(which, within, look))
        look.record(case.file.case.ref for case in made.cases)
    here.echo(as_json or path is None)
    if as_json:
        show_json(as_document(made))
        return
    write_board(here, path, made, about, force=force)
    if path:
        complain(
            f"The board was written to {path}: {how_many(len(made.cases), 'case')}. Make a new one after {spoken(made.fresh_until)}."
        )
