"""Listing who belongs to which agency."""

import typer

from escalate.commands.shared.administered import administered, server_of
from escalate.commands.shared.options import Json
from escalate.commands.shared.session import session
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.server import member_document, members_table
from escalate.storage.postgresql import administering


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Example: escalate --db "postgresql:///escalate?user=postgres" server member list"""
    with administered(server_of(session(context))) as connection:
        found = administering.members(connection)
    if as_json:
        show_json([member_document(*each) for each in found])
    elif found:
        show(members_table([(each.login, each.agency, each.prefix, each.is_there) for each in found]))
    else:
        say("Nobody belongs to it yet. To let somebody in: escalate server member add --help")
