"""Listing the protocols there are."""

import typer

from escalate.commands.shared.options import Json
from escalate.commands.shared.session import session
from escalate.output.protocol.documents import protocol_document
from escalate.output.protocol.page import protocols_table
from escalate.output.terminal import complain, show, show_json, width
from escalate.storage.files.protocols import all_protocols


def list_(context: typer.Context, as_json: Json = False) -> None:
    """Example: escalate protocol list"""
    files, problems = all_protocols(session(context).settings.protocols)
    found = [file.protocol for file in files]
    if as_json:
        show_json([protocol_document(protocol) for protocol in found])
    else:
        show(protocols_table(found, width()))
    if problems:
        complain(*problems)
        raise typer.Exit(1)
