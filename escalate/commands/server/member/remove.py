"""Taking the membership of a login away."""

from typing import Annotated

import typer

from escalate.commands.shared.administered import administered, server_of
from escalate.commands.shared.options import Json, argument
from escalate.commands.shared.session import session
from escalate.output.terminal import say, show_json
from escalate.storage.postgresql import administering


def remove(
    context: typer.Context,
    login: Annotated[str, argument("The name they log in to the server with.")],
    as_json: Json = False,
) -> None:
    """The login itself stays, for the server's administrator to remove.

    Example: escalate --db "postgresql:///escalate?user=postgres" server member remove ann
    """
    with administered(server_of(session(context))) as connection:
        administering.remove_member(connection, login)
    if as_json:
        show_json({"removed": login})
    else:
        say(f"{login} no longer sees any case.")
