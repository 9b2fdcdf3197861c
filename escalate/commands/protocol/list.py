"""escalate protocol list."""

import typer

from escalate.commands.options import Json
from escalate.commands.session import desk
from escalate.output.case.documents import protocol_document
from escalate.output.terminal import complain, show, show_json, width
from escalate.storage.files.protocols import all_protocols


def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the protocols there are: the shipped ones, and those in your own folder.

    Example: escalate protocol list
    """
    files, problems = all_protocols(desk(context).settings.protocols)
    protocols = [file.protocol for file in files]
    if as_json:
        show_json([protocol_document(protocol) for protocol in protocols])
    else:
        from escalate.output.protocol.page import protocols_table

        show(protocols_table(protocols, width()))
    if problems:
        complain(*problems)
        raise typer.Exit(1)
