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
        output.terminal.show(output.protocols.protocols_table(found, output.terminal.width()))
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
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The protocol file to check.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a protocol file: every problem at once, each with its place, and after them what is worth a second look.

    Example: escalate protocol check protocols/herefordshire.toml
    """
    here = desk(context)
    warnings: list[str] = []
    size, counted = "", output.words.counted
    try:
        protocol = storage.protocol_files.read_protocol_file(file, here.settings.protocols).protocol
    except domain.errors.BrokenFile as broken:
        problems = list(broken.problems)
    else:
        found = domain.protocol_review.review(protocol, domain.london.london_date(here.now))
        problems = [domain.errors.cut(f"{file.name}: {each}") for each in found if each.wrong]
        warnings = [domain.errors.cut(f"{file.name}: {each}") for each in found if not each.wrong]
        size = f"{counted(len(protocol.routes), 'route')}, {counted(len(protocol.stages), 'stage')}"
    if as_json:
        output.terminal.show_json({"file": file.name, "problems": problems, "warnings": warnings})
    else:
        output.terminal.complain(*problems)
        for warning in warnings:
            output.terminal.say(f"Warning: {warning}")
        if not problems:
            aside = f", {counted(len(warnings), 'warning')}" if warnings else ""
            output.terminal.say(f"{file.name}: no problems{aside}; {size}.")
    if problems:
        raise typer.Exit(1)
