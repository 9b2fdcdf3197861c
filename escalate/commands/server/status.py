"""Showing what is on a server."""

import typer

from escalate.commands.shared.administered import administered, complain_of, server_of
from escalate.commands.shared.options import Json
from escalate.commands.shared.session import session
from escalate.output.terminal import say, show_json
from escalate.output.upkeep.server import status_document, status_text
from escalate.storage.postgresql import administering


def status(context: typer.Context, as_json: Json = False) -> None:
    """Run it as the login that made the place. Ends with status 1 where something is not as it should be.

    Example: escalate --db "postgresql:///escalate?user=postgres" server status
    """
    place = server_of(session(context))
    with administered(place) as connection:
        found = administering.status(connection)
    if as_json:
        show_json({"place": str(place), **status_document(found._asdict())})
    else:
        say(status_text(str(place), found.agencies, found.members, found.entries, found.head))
    if found.faults:
        complain_of(found.faults)
        raise typer.Exit(1)
