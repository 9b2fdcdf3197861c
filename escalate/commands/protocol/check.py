"""Checking a protocol file."""

from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.options import Json, argument
from escalate.commands.shared.session import session
from escalate.domain.authoring.review import review
from escalate.domain.worktime.clock import london_date
from escalate.errors import BrokenFile, cut
from escalate.output.terminal import complain, say, show_json
from escalate.storage.files.protocols import read_protocol_file
from escalate.wording import how_many


def check(
    context: typer.Context,
    file: Annotated[Path, argument("The protocol file to check.")],
    as_json: Json = False,
) -> None:
    """Example: escalate protocol check protocols/herefordshire.toml"""
    here = session(context)
    warnings: list[str] = []
    size = ""
    try:
        protocol = read_protocol_file(file, here.settings.protocols).protocol
    except BrokenFile as broken:
        problems = list(broken.problems)
    else:
        found = review(protocol, london_date(here.now))
        problems = [cut(f"{file.name}: {each}") for each in found if each.wrong]
        warnings = [cut(f"{file.name}: {each}") for each in found if not each.wrong]
        size = f"{how_many(len(protocol.routes), 'route')}, {how_many(len(protocol.stages), 'stage')}"
    if as_json:
        show_json({"file": file.name, "problems": problems, "warnings": warnings})
    else:
        complain(*problems)
        for warning in warnings:
            say(f"Warning: {warning}")
        if not problems:
            aside = f", {how_many(len(warnings), 'warning')}" if warnings else ""
            say(f"{file.name}: no problems{aside}; {size}.")
    if problems:
        raise typer.Exit(1)
