"""Beginning a protocol file of one's own, from the nearest there is."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.asking import asked_until_read
from escalate.commands.shared.options import Force, Json, argument, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.domain.authoring.json_schema import NAME, schema_text
from escalate.domain.authoring.template import MARK, Names, addresses_in
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadInput
from escalate.output.files import making, settle
from escalate.output.protocol.new_file import NewFile, choice_of
from escalate.output.terminal import is_terminal, say, show_json
from escalate.storage.files.paths import is_there
from escalate.storage.files.protocols import find_protocol, guide, make_folder, place_for, shipped
from escalate.storage.files.toml import read_text

NEAREST = "lincolnshire"
"""What a new file is copied from where nobody says: limits from entry to each stage are what most documents have."""


def new(
    context: typer.Context,
    name: Annotated[
        str,
        argument("What the new protocol is to go by: a short name of small letters, digits and hyphens.", "ID"),
    ],
    like: Annotated[
        str | None,
        option(
            "--like", "PROTOCOL", "The one to begin from: its id, or the path of its file. Without it you are asked."
        ),
    ] = None,
    title: Annotated[str | None, option("--title", "TEXT", "What your document is called.")] = None,
    partnership: Annotated[str | None, option("--partnership", "TEXT", "Whose it is.")] = None,
    to: Annotated[
        Path | None,
        option("--to", "FILE", "Where to write it, if not into your protocols folder."),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Example: escalate protocol new north-town --like lincolnshire --title "Resolving disagreements" --partnership "North Town Safeguarding Partnership" """
    from escalate.storage.files.template import copied_file  # loads tomlkit, which nothing else needs

    here = session(context)
    folder = here.settings.protocols
    place = place_for(name, folder, to, force=force)
    nearest = find_protocol(like or _nearest(ask=not as_json), folder)
    today = london_date(here.now)
    names = Names(name, title, partnership, f"{today:%Y-%m}", f"{today.year + 1}-{today:%m}")
    text = copied_file(nearest, names, place, folder)
    if to is None:
        make_folder(folder)
    with making(place, force=force, spared=spared(here, protocols=False)) as file:
        file.write(text.encode())
        settle(file)
        # The schema comes before the file gets its name: either both are there, or neither.
        schema, is_old = _schema_beside(here, place, force)
    made = NewFile(name, place, nearest.protocol, guide(), schema, is_old, text.count(f"# {MARK}"), addresses_in(text))
    if as_json:
        show_json(made.document)
    else:
        say(made.page(found_by_id=to is None, named=like is not None or is_terminal(sys.stdin)))


def _nearest(*, ask: bool) -> str:
    """Which of the shipped protocols to begin from: what a person at a terminal answers, and otherwise the usual one."""
    if not (ask and is_terminal(sys.stdin)):
        return NEAREST
    protocols = shipped()
    say(choice_of(protocols))

    def read(said: str) -> str:
        for number, each in enumerate(protocols, 1):
            if said in (str(number), each.id):
                return each.id
        raise BadInput(f"Please answer with a number from 1 to {len(protocols)}, or with one of the names.")

    question = f"Which is nearest to yours? (1 to {len(protocols)}, or Enter for {NEAREST})"
    return asked_until_read(question, read) or NEAREST


def _schema_beside(here: Session, place: Path, force: bool) -> tuple[Path, bool]:
    """The schema by which editors check a protocol file, written beside it, and whether one of another version stays there."""
    schema, text = place.with_name(NAME), schema_text()
    if force or not is_there(schema):
        with making(schema, force=force, spared=spared(here, protocols=False)) as file:
            file.write(text.encode())
    return schema, read_text(schema) != text
