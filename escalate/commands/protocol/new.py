"""Beginning a protocol file of one's own, from the nearest there is."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.asking import asked
from escalate.commands.options import Force, Json
from escalate.commands.session import session

if TYPE_CHECKING:
    from escalate.commands.session import Session


def new(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="What the new protocol is to go by: a short name of small letters, digits and hyphens.",
            show_default=False,
        ),
    ],
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="PROTOCOL",
            help="The one to begin from: its id, or the path of its file. Without it you are asked.",
            show_default=False,
        ),
    ] = None,
    title: Annotated[
        str | None, typer.Option("--title", metavar="TEXT", help="What your document is called.", show_default=False)
    ] = None,
    partnership: Annotated[
        str | None, typer.Option("--partnership", metavar="TEXT", help="Whose it is.", show_default=False)
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(
            "--to", metavar="FILE", help="Where to write it, if not into your protocols folder.", show_default=False
        ),
    ] = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Example: escalate protocol new north-town --like lincolnshire --title "Resolving disagreements" --partnership "North Town Safeguarding Partnership" """
    from escalate.domain.authoring.template import MARK, Names, addresses_in
    from escalate.domain.worktime.clock import london_date
    from escalate.output.files import making, settle
    from escalate.output.protocol.new_file import Begun
    from escalate.output.terminal import say, show_json
    from escalate.storage.files import protocols as protocol_files

    here, files = session(context), protocol_files
    folder = here.settings.protocols
    place = files.place_for(name, folder, to, force=force)
    nearest = files.find_protocol(like or _nearest(ask=not as_json), folder)
    today = london_date(here.now)
    names = Names(name, title, partnership, f"{today:%Y-%m}", f"{today.year + 1}-{today:%m}")
    text = files.copy_of(nearest, names, place, folder)
    if to is None:
        files.make_folder(folder)
    with making(place, force=force, spared=here.settings.database) as file:
        file.write(text.encode())
        settle(file)
        beside = _schema_beside(here, place, force)  # before the file gets its name: either both are there, or neither
    begun = Begun(
        name, place, nearest.protocol, files.guide(), *beside,
        text.count(f"# {MARK}"), addresses_in(text),
    )  # fmt: skip
    if as_json:
        show_json(begun.document)
    else:
        say(begun.page(found_by_id=to is None, named=like is not None or sys.stdin.isatty()))


NEAREST = "lincolnshire"
"""What a new file is copied from where nobody says: limits from entry to each stage are what most documents have."""


def _nearest(*, ask: bool) -> str:
    """Which of the shipped protocols to begin from: what a person at a terminal answers, and otherwise the usual one."""
    from escalate.output.protocol.new_file import choice_of
    from escalate.output.terminal import say
    from escalate.storage.files import protocols as protocol_files

    if not (ask and sys.stdin.isatty()):
        return NEAREST
    shipped = protocol_files.shipped()
    say(choice_of(shipped))
    question = f"Which is nearest to yours? (1 to {len(shipped)}, or Enter for {NEAREST})"
    while said := asked(question):
        named = [each.id for n, each in enumerate(shipped, 1) if said in (str(n), each.id)]
        if named:
            return named[0]
        question = f"Please answer with a number from 1 to {len(shipped)}"
    return NEAREST


def _schema_beside(here: "Session", place: Path, force: bool) -> tuple[Path, bool]:
    """The schema by which editors check a protocol file, written beside it, and whether one of another version stays there."""
    from escalate.domain.authoring.json_schema import NAME, schema_text
    from escalate.output.files import making
    from escalate.storage.files.paths import is_there
    from escalate.storage.files.toml import read_text

    schema, text = place.with_name(NAME), schema_text()
    if force or not is_there(schema):
        with making(schema, force=force, spared=here.settings.database) as file:
            file.write(text.encode())
    return schema, read_text(schema) != text
