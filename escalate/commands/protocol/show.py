"""escalate protocol show."""

import typer

from escalate.commands.options import Json, Protocol, Route
from escalate.commands.session import desk
from escalate.domain.worktime.clock import london_date
from escalate.output import terminal
from escalate.output.case.documents import tree_document
from escalate.storage.files.protocols import find_protocol


def show(context: typer.Context, protocol: Protocol, route: Route = None, as_json: Json = False) -> None:
    """Show a protocol: its ladder, owners, time limits, and where each is written.

    Example: escalate protocol show lincolnshire
    """
    here = desk(context)
    found = find_protocol(protocol, here.settings.protocols, london_date(here.now)).protocol
    if as_json:
        terminal.show_json(tree_document(found if route is None else found.only(route)))
    else:
        from escalate.output.protocol.page import protocol_tree

        terminal.show(protocol_tree(found, route))
