"""Commands that show and check protocols."""

from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.options import Json, Protocol, Route
from escalate.commands.session import desk


def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the protocols there are: the shipped ones, and those in your own folder.

    Example: escalate protocol list
    """
    from escalate.output import terminal
    from escalate.output.protocol.documents import protocol_document
    from escalate.output.protocol.page import protocols_table
    from escalate.output.terminal import complain, show_json, width
    from escalate.storage.files.protocols import all_protocols

    files, problems = all_protocols(desk(context).settings.protocols)
    found = [file.protocol for file in files]
    if as_json:
        show_json([protocol_document(protocol) for protocol in found])
    else:
        terminal.show(protocols_table(found, width()))
    if problems:
        complain(*problems)
        raise typer.Exit(1)


def show(context: typer.Context, protocol: Protocol, route: Route = None, as_json: Json = False) -> None:
    """Show a protocol: its ladder, owners, time limits, and where each is written.

    Example: escalate protocol show lincolnshire
    """
    from escalate.domain.worktime.clock import london_date
    from escalate.output import terminal
    from escalate.output.protocol.documents import tree_document
    from escalate.output.protocol.page import protocol_tree
    from escalate.output.terminal import show_json
    from escalate.storage.files.protocols import find_protocol

    here = desk(context)
    today = london_date(here.now)
    found = find_protocol(protocol, here.settings.protocols, today).protocol
    if as_json:
        show_json(tree_document(found if route is None else found.only(route)))
    else:
        terminal.show(protocol_tree(found, route))


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The protocol file to check.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a protocol file: every problem at once, each with its place, and after them what is worth a second look.

    Example: escalate protocol check protocols/herefordshire.toml
    """
    from escalate.domain.authoring.review import review
    from escalate.domain.worktime.clock import london_date
    from escalate.errors import BrokenFile, cut
    from escalate.output import words
    from escalate.output.terminal import complain, say, show_json
    from escalate.storage.files.protocols import read_protocol_file

    here = desk(context)
    warnings: list[str] = []
    size, counted = "", words.counted
    try:
        protocol = read_protocol_file(file, here.settings.protocols).protocol
    except BrokenFile as broken:
        problems = list(broken.problems)
    else:
        found = review(protocol, london_date(here.now))
        problems = [cut(f"{file.name}: {each}") for each in found if each.wrong]
        warnings = [cut(f"{file.name}: {each}") for each in found if not each.wrong]
        size = f"{counted(len(protocol.routes), 'route')}, {counted(len(protocol.stages), 'stage')}"
    if as_json:
        show_json({"file": file.name, "problems": problems, "warnings": warnings})
    else:
        complain(*problems)
        for warning in warnings:
            say(f"Warning: {warning}")
        if not problems:
            aside = f", {counted(len(warnings), 'warning')}" if warnings else ""
            say(f"{file.name}: no problems{aside}; {size}.")
    if problems:
        raise typer.Exit(1)
