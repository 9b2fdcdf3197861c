"""Showing a protocol, or drawing its ladder."""

from typing import Annotated

import typer

from escalate.commands.shared.options import Force, Json, Protocol, Route, option
from escalate.commands.shared.session import Session, session
from escalate.domain.protocol import model
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadInput, listed
from escalate.output import terminal
from escalate.output.documents import Document
from escalate.output.protocol.documents import tree_document
from escalate.output.protocol.page import protocol_tree
from escalate.storage.files.protocols import find_protocol

PICTURE = {".svg": "svg"}
"""The format of a picture, by the ending of its name."""

FOR_A_PICTURE = "--paper is for a picture: name a file that ends in .svg with --output."


def show(
    context: typer.Context,
    protocol: Protocol,
    route: Route = None,
    to_file: Annotated[
        str | None,
        option(
            "--output",
            "FILE",
            "Draw the ladder, as a picture that ends in .svg, or write a page that ends in .html, or in .json.",
        ),
    ] = None,
    paper: Annotated[
        str | None,
        option("--paper", "PAPER", "Of a picture: a4 or a3, on its side and to be read from two metres, for a wall."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """The picture has the stages, who owns them, their time limits, and what starts which clock. It can be printed, opened in a browser and
    put into a document.

    Example: escalate protocol show lincolnshire
    """
    here = session(context)
    if paper is not None and to_file is None:
        raise BadInput(FOR_A_PICTURE)
    if to_file is not None or force:
        _write(here, protocol, route, to_file, paper, force=force, as_json=as_json)
        return
    found = _found(here, protocol)
    if as_json:
        terminal.show_json(_document(found, route))
    else:
        terminal.show(protocol_tree(found, route))


def _found(here: Session, protocol: str) -> model.Protocol:
    """The edition in force. Raises UnknownName, Refused."""
    return find_protocol(protocol, here.settings.protocols, london_date(here.now)).protocol


def _write(
    here: Session,
    protocol: str,
    route: str | None,
    to_file: str | None,
    paper: str | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write the picture or the page into a file. Raises BadInput, Refused, UnknownName."""
    from escalate.commands.shared.written import PAGE, written  # a look does without all of this
    from escalate.output.paper.formats import in_format
    from escalate.output.paper.protocol import protocol_paper

    with written(here, to_file, PICTURE | PAGE, force=force, as_json=as_json) as into:
        if paper is not None and into.format != "svg":
            raise BadInput(FOR_A_PICTURE)
        found = _found(here, protocol)
        into.file.writelines(
            [_drawn(found, route, paper).encode()]
            if into.format == "svg"
            else in_format(into.format, lambda: protocol_paper(found, route, here.now), lambda: _document(found, route))
        )
    if into.format == "svg" and to_file != "-" and not route and len(found.routes) > 1:
        terminal.complain("Each of its ladders has a sheet of its own with --route.")


def _drawn(found: model.Protocol, route: str | None, paper: str | None) -> str:
    """The picture, upright where no paper is named. Raises BadInput, UnknownName."""
    from escalate.output.protocol.ladder import ladder_picture  # few look at a protocol to draw it
    from escalate.output.protocol.wall import PAPERS, wall_picture

    if paper is None:
        return ladder_picture(found, route)
    if paper.casefold() not in PAPERS:
        raise BadInput(f'"{paper}" is not a paper that a ladder is drawn for: say {listed([*PAPERS], "or")}.')
    return wall_picture(found, route, paper.casefold())


def _document(found: model.Protocol, route: str | None) -> Document:
    document: Document = tree_document(found if route is None else found.only(route))
    return document
