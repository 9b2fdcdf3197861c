"""Commands that show and check protocols."""

from pathlib import Path
from typing import Annotated

import typer

from escalate import domain, output, storage
from escalate.commands.desk import desk
from escalate.commands.options import Json, Protocol, Route


def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the protocols there are: the shipped ones, and those in your own folder.

    Example: escalate protocol list
    """
    files, problems = storage.protocol_files.all_protocols(desk(context).settings.protocols)
    found = [file.protocol for file in files]
    if as_json:
        output.terminal.show_json([output.documents.protocol_document(protocol) for protocol in found])
    else:
        output.terminal.show(output.protocols.protocols_table(found, output.terminal.console().width))
    if problems:
        output.terminal.complain(*problems)
        raise typer.Exit(1)


def show(context: typer.Context, protocol: Protocol, route: Route = None, as_json: Json = False) -> None:
    """Show a protocol: its ladder, owners, time limits, and where each is written.

    Example: escalate protocol show lincolnshire
    """
    here = desk(context)
    today = domain.london.london_date(here.now)
    found = storage.protocol_files.find_protocol(protocol, here.settings.protocols, today).protocol
    if as_json:
        output.terminal.show_json(output.documents.tree_document(found if route is None else found.only(route)))
    else:
        output.terminal.show(output.protocols.protocol_tree(found, route))


def check(
    file: Annotated[Path, typer.Argument(help="The protocol file to check.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a protocol file, and report every problem at once, each with its place.

    Example: escalate protocol check protocols/herefordshire.toml
    """
    try:
        protocol = storage.protocol_files.read_protocol_file(file).protocol
    except domain.errors.BrokenFile as broken:
        if not as_json:
            raise
        output.terminal.show_json({"file": file.name, "problems": list(broken.problems)})
        raise typer.Exit(broken.status) from broken
    if as_json:
        output.terminal.show_json({"file": file.name, "problems": []})
    else:
        routes, stages = (
            output.words.counted(len(protocol.routes), "route"),
            output.words.counted(len(protocol.stages), "stage"),
        )
        output.terminal.say(f"{file.name}: no problems; {routes}, {stages}.")
