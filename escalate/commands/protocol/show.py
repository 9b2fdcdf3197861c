"""Showing a protocol, or drawing its ladder."""

from typing import Annotated

import typer

from escalate.commands.shared.options import Force, Json, Protocol, Route, option
from escalate.commands.shared.session import Session, session
from escalate.domain.protocol import model
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadInput
from escalate.output import terminal
from escalate.output.protocol.documents import tree_document
from escalate.output.protocol.page import protocol_tree
from escalate.storage.files.paths import path_from
from escalate.storage.files.protocols import find_protocol

PICTURE = ".svg"


def show(
    context: typer.Context,
    protocol: Protocol,
    route: Route = None,
    to_file: Annotated[
        str | None, option("--output", "FILE", "Draw the ladder instead, as a picture: a name that ends in .svg.")
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """The picture has the stages, who owns them, their time limits, and what starts which clock. It can be printed, opened in a browser and
    put into a document.

    Example: escalate protocol show lincolnshire
    """
    here = session(context)
    if as_json and to_file is not None:
        raise BadInput("--json and a picture are two formats: leave --json or --output out.")
    if force and to_file in (None, "-"):
        raise BadInput("--force replaces a file: name it with --output.")
    if to_file not in (None, "-") and not str(to_file).casefold().endswith(PICTURE):
        raise BadInput(f"{to_file} does not end in {PICTURE}, as a picture does: name it so.")
    found = find_protocol(protocol, here.settings.protocols, london_date(here.now)).protocol
    if to_file is not None:
        _draw(here, found, route, to_file, force=force)
    elif as_json:
        terminal.show_json(tree_document(found if route is None else found.only(route)))
    else:
        terminal.show(protocol_tree(found, route))


def _draw(here: Session, protocol: model.Protocol, route: str | None, to_file: str, *, force: bool) -> None:
    """Write the picture, whole or not at all. Raises Refused, UnknownName."""
    from escalate.commands.shared.spared import spared
    from escalate.output.files import make  # loads what makes temporary files
    from escalate.output.protocol.ladder import ladder_picture

    drawn = ladder_picture(protocol, route).encode()
    if to_file == "-":
        make(None, drawn)
        return
    path = path_from(to_file)
    make(path, drawn, force=force, spared=spared(here))
    each = " Each of its ladders has a sheet of its own with --route." if not route and len(protocol.routes) > 1 else ""
    terminal.say(f"{path} is drawn.{each}")
