"""Showing a protocol."""

import typer

from escalate.commands.shared.options import Json, Protocol, Route
from escalate.commands.shared.session import session
from escalate.domain.worktime.clock import london_date
from escalate.output import terminal
from escalate.output.protocol.documents import tree_document
from escalate.output.protocol.page import protocol_tree
from escalate.storage.files.protocols import find_protocol


def show(context: typer.Context, protocol: Protocol, route: Route = None, as_json: Json = False) -> None:
    """Example: escalate protocol show lincolnshire"""
    here = session(context)
    found = find_protocol(protocol, here.settings.protocols, london_date(here.now)).protocol
    if as_json:
        terminal.show_json(tree_document(found if route is None else found.only(route)))
    else:
        terminal.show(protocol_tree(found, route))
