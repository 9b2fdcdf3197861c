"""Dumping a server, and checking that the dump can be restored."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.administered import administered, server_of
from escalate.commands.shared.options import Json, argument
from escalate.commands.shared.session import session
from escalate.commands.shared.witness import keep
from escalate.output.terminal import show, show_json
from escalate.output.upkeep.documents import held_document
from escalate.output.upkeep.pages import made as made_page
from escalate.storage.chain import read_head
from escalate.storage.dumping import dump, looked_through
from escalate.storage.files.paths import path_from
from escalate.storage.files.witness import BACKUP, Witnessed


def backup(
    context: typer.Context,
    folder: Annotated[Path | None, argument("The folder it goes to, if not the one the settings name.")] = None,
    as_json: Json = False,
) -> None:
    """Run it as a superuser of the server. The dump is restored into a database that is made for that and goes again; everything in it is verified there.
    Others can work on meanwhile. server restore takes it into a new database.

    Example: escalate --db "postgresql:///escalate?user=postgres" server backup
    """
    here = session(context)
    place = server_of(here)
    where = path_from(str(folder)) if folder else here.settings.backups
    with administered(place):
        path, held = dump(place, where, here.now, looked_through)
    made = replace(held, path=path)
    keep(here, Witnessed(here.now, BACKUP, made.own_id, *read_head(made.head), made.entries))
    if as_json:
        show_json(held_document(made) | {"removed": []})
    else:
        show(made_page(made, []))
