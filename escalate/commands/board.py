"""The board: one page with every case in which something is due."""

from typing import Annotated

import typer

from escalate.commands.shared.board import BoardAsked, board_of
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
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened_if_there
from escalate.domain.worktime.clock import spoken
from escalate.errors import BadInput
from escalate.output.board.page import as_document, as_html
from escalate.output.files import making
from escalate.output.terminal import complain, show_json
from escalate.storage.files.paths import path_from
from escalate.wording import how_many

STANDARD_OUTPUT = "-"


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
    if to_file is None:
        raise BadInput("Name the file to make, as in: escalate board --output board.html. See escalate board --help.")
    path = None if to_file == STANDARD_OUTPUT else path_from(to_file)
    _refuse_mixture(to_file, is_file=path is not None, force=force, as_json=as_json)
    which = DueFilter(
        CaseFilter(agency=agency, protocol=protocol),
        owner,
        overdue=overdue,
        at_risk=at_risk,
        within=allowance(within) if within else None,
    )
    given = {"agency": agency, "protocol": protocol}
    look = look_asked(here, "board", identify=identify, reason=reason, asked=owner, **given)
    with making(path, force=force, spared=spared(here)) as file, opened_if_there(here) as store:
        made, about = board_of(here, store, BoardAsked(which, within, look))
        look.record(case.file.case.ref for case in made.cases)
        file.writelines(piece.encode() for piece in as_html(made, about))
    here.echo(as_json or path is None)
    if as_json:
        show_json({"file": str(path), **as_document(made)})
    elif path:
        complain(
            f"The board was written to {path}: {how_many(len(made.cases), 'case')}. Make a new one after {spoken(made.fresh_until)}."
        )


def _refuse_mixture(to_file: str, *, is_file: bool, force: bool, as_json: bool) -> None:
    """Raises BadInput for what cannot be asked for together."""
    if is_file and not to_file.casefold().endswith((".html", ".htm")):
        raise BadInput(f'The board is a page: name a file that ends in .html, and not "{to_file}".')
    if force and not is_file:
        raise BadInput("--force replaces a file: name it with --output.")
    if as_json and not is_file:
        raise BadInput("--json and --output - both write to standard output: name a file for the board.")
