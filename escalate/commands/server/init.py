"""Making a place for cases on a server."""

from typing import Annotated

import typer

from escalate.commands.shared.administered import administered, complain_of, server_of, with_database
from escalate.commands.shared.options import Json, argument
from escalate.commands.shared.session import session
from escalate.output.terminal import say, show_json
from escalate.output.upkeep.server import status_document
from escalate.storage.postgresql import administering


def init(
    context: typer.Context,
    address: Annotated[
        str | None, argument("The server and the database, as postgresql://HOST/DATABASE, if not what --db names.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run it as a login that may make databases and roles, such as postgres. What is there already stays, and is brought up to date; functions,
    policies and rights are made again. It then says what is still wrong.

    Example: escalate server init "postgresql:///escalate?user=postgres"
    """
    place = server_of(session(context), address)
    is_new = with_database(place)
    with administered(place) as connection:
        administering.make(connection)
        found = administering.status(connection)
    if as_json:
        show_json({"place": str(place), "database_made": is_new, **status_document(found._asdict())})
    else:
        database = "The database was made, with everything" if is_new else "Everything is there"
        say(f"{database} that cases need at {place}.")
        if not found.members:
            say("Nobody belongs to it yet. To let somebody in: escalate server member add --help")
    complain_of(found.faults)
