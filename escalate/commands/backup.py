"""Making a copy of the file with the cases."""

from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.backing_up import made_backup
from escalate.commands.shared.options import Json, argument, number
from escalate.commands.shared.session import session
from escalate.commands.shared.store import file_of, opened
from escalate.output.terminal import show, show_json
from escalate.output.upkeep.documents import held_document
from escalate.output.upkeep.pages import made as made_page
from escalate.storage.backups.making import prune
from escalate.storage.files.paths import path_from
from escalate.wording import as_typed


def backup(
    context: typer.Context,
    folder: Annotated[Path | None, argument("The folder it goes to, if not the one the settings name.")] = None,
    keep: Annotated[int | None, number("--keep", "Keep this many backups there, and remove the oldest.")] = None,
    as_json: Json = False,
) -> None:
    """Others can work on meanwhile. Write down the head that is printed: escalate verify --head shows later that nothing before it was changed.

    Example: escalate backup --keep 14
    """
    here = session(context)
    file_of(
        here,
        "backup",
        "ask its administrator to run escalate server backup, or the business unit to copy all of it into a file:"
        f" escalate move {as_typed(str(here.settings.place))} FILE",
    )
    where = path_from(str(folder)) if folder else here.settings.backups
    with opened(here) as store:
        made = made_backup(here, store, where)
        removed = prune(where, store, made.path, keep, here.now) if keep else []
    if as_json:
        show_json(held_document(made) | {"removed": [str(path) for path in removed]})
    else:
        show(made_page(made, removed))
