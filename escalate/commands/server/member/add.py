"""Letting a login see the cases of an agency."""

from typing import Annotated

import typer

from escalate.commands.shared.administered import administered, server_of
from escalate.commands.shared.options import Json, argument, flag, option
from escalate.commands.shared.session import session
from escalate.errors import BadInput
from escalate.output.terminal import say, show_json
from escalate.output.upkeep.server import member_document
from escalate.storage.postgresql import administering
from escalate.wording import as_typed


def add(
    context: typer.Context,
    login: Annotated[str, argument("The name they log in to the server with.")],
    agency: Annotated[
        str | None, option("--agency", "NAME", "The agency whose cases they see, as cases name it.")
    ] = None,
    prefix: Annotated[
        str | None,
        option("--prefix", "LETTERS", "What references of its cases begin with, for a new agency: NHS makes NHS-0001."),
    ] = None,
    unit: Annotated[
        bool, flag("--unit", "They belong to the business unit, and see the cases of all agencies.")
    ] = False,
    as_json: Json = False,
) -> None:
    """A login that the server does not have is made, without a password; psql asks for one, and the command is said.

    Example: escalate --db "postgresql:///escalate?user=postgres" server member add ann --agency "Wye Valley NHS Trust" --prefix NHS
    """
    if unit == (agency is not None):
        raise BadInput("Say whose cases they see: of one agency with --agency, or of all with --unit.")
    if unit and prefix is not None:
        raise BadInput("--prefix is for the references of an agency: leave it out with --unit.")
    place = server_of(session(context))
    with administered(place) as connection:
        is_new = administering.add_member(connection, login, agency, prefix)
        (added,) = (each for each in administering.members(connection) if each.login == login)
    if as_json:
        show_json(member_document(*added))
    elif added.agency is None:
        say(f"{login} belongs to the business unit now, and sees the cases of all agencies.")
    else:
        say(f"{login} belongs to {added.agency} now, whose references begin with {added.prefix}.")
    if is_new and not as_json:
        change = as_typed(rf'\password "{login}"')
        say(f"The login was made, and has no password yet: psql {as_typed(str(place))} -c {change} asks for one.")
