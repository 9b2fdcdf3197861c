"""Commands that make a copy of the file with the cases, and put one in its place."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.options import WHOLE_NUMBER, DryRun, Json, Yes
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.storage.backups.making import Held
    from escalate.storage.backups.restoring import Since


def backup(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(help="The folder it goes to, if not the one the settings name.", show_default=False),
    ] = None,
    keep: Annotated[
        int | None,
        typer.Option("--keep", help="Remove the oldest backups there, so that so many are left.", **WHOLE_NUMBER),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a whole copy of the file with the cases, with the date in its name, and look it through.

    Others can work on meanwhile. Write down the head that is printed: escalate verify --head shows later that nothing before it was changed.

    Example: escalate backup --keep 14
    """
    from escalate.output.terminal import show, show_json
    from escalate.output.upkeep import pages as kept
    from escalate.output.upkeep.pages import held_document
    from escalate.storage.backups.making import back_up, prune
    from escalate.storage.files.paths import path_from

    here = desk(context)
    where = path_from(str(folder)) if folder else here.settings.backups
    with here.existing() as store:
        made = back_up(store, where, here.now)
    removed = prune(where, here.settings.database, made.own_id, keep) if keep else []
    if as_json:
        document = held_document(made) | {"removed": [str(path) for path in removed]}
        show_json(document)
        return
    show(kept.made(made, removed))


def restore(
    context: typer.Context,
    backup: Annotated[
        str | None,
        typer.Argument(
            help='The backup: its path, its name in the folder of backups, or "latest"; without one, those there are.',
            show_default=False,
        ),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Put a backup in the place of the file with the cases. Looks it through first, and keeps the file that was there.

    Example: escalate restore latest --dry-run
    """
    from escalate.errors import Refused
    from escalate.output.terminal import say, show, show_json
    from escalate.output.upkeep.pages import held_document, to_restore
    from escalate.storage.backups.naming import find_backup
    from escalate.storage.backups.restoring import prepared, put_in_place, replacing

    here = desk(context)
    database, folder = here.settings.database, here.settings.backups
    if backup is None:
        _list(folder, as_json)
        return
    if as_json and not (yes or dry_run):
        raise Refused("Nothing can be asked with --json: say --yes to restore the backup, or --dry-run.")
    present, since = _present(here)
    source = find_backup(backup, folder, database, since.own_id)
    with prepared(source, database, since) as (part, held):
        if not as_json:
            show(to_restore(held, present, database))
        kept: Path | None = None
        if not dry_run:
            if not (yes or here.confirmed("Put it in the place of that file?")):
                say("Nothing was replaced.")
                return
            with replacing(database, present.head if present else None) as file:
                kept = put_in_place(part, database, file, folder, here.now)
    if as_json:
        show_json(held_document(held) | {"replaced": str(kept) if kept else None})
    elif dry_run:
        say("Dry run: nothing was replaced.")
    else:
        say(f"Restored{f'. What was there is kept as {kept}' if kept else ''}.")


def _list(folder: Path, as_json: bool) -> None:
    """Which backups there are, the latest first."""
    from escalate.output.terminal import say, show_json
    from escalate.storage.backups.naming import backups_in

    found = list(reversed(backups_in(folder)))
    if as_json:
        show_json([str(path) for path in found])
    elif found:
        say("\n".join([f"Backups in {folder}, the latest first:", *(path.name for path in found)]))
    else:
        say(f"There are no backups in {folder}: escalate backup makes one.")


def _present(here: Desk) -> "tuple[Held | None, Since]":
    """What the file that would be replaced holds, as far as it can be read. Raises StoreError for what is not to be replaced."""
    from escalate import errors as errors_domain
    from escalate.output.terminal import complain
    from escalate.storage.backups.making import Held
    from escalate.storage.backups.restoring import Since, since
    from escalate.storage.files.paths import is_there

    path, errors = here.settings.database, errors_domain
    nothing = Since()
    if not is_there(path):
        return None, nothing
    try:
        with here.store() as store:
            return Held(path, *store.history.size, store.head, store.own_id), since(store)
    except errors.ForeignFile:
        raise
    except errors.NotOurFile as problem:  # damaged, which is what backups are for
        complain(problem.sentence)
        return None, nothing
