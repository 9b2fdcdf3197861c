"""Putting a backup in the place of the file with the cases."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.options import DryRun, Json, Yes, argument
from escalate.commands.shared.session import session
from escalate.commands.shared.store import file_of
from escalate.commands.shared.witness import keep
from escalate.errors import ForeignFile, NotOurFile
from escalate.output.terminal import complain, say, show, show_json
from escalate.output.upkeep.documents import held_document
from escalate.output.upkeep.pages import to_restore
from escalate.storage.backups.kept import Backup, ancestry, backups_of, find_backup, in_order, newest, no_backups
from escalate.storage.backups.making import Contents
from escalate.storage.backups.restoring import SinceBackup, prepared, put_in_place, replacing, since
from escalate.storage.chain import read_head
from escalate.storage.files.paths import is_there
from escalate.storage.files.witness import RESTORED, Witnessed
from escalate.storage.store import open_store

Latest = Callable[[], Path | None]
"""Finds the newest backup, if that is the one that is meant."""


def restore(
    context: typer.Context,
    backup: Annotated[
        str | None,
        argument('The backup: its path, its name in the folder of backups, or "latest"; without one, those there are.'),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate restore latest --dry-run"""
    here = session(context)
    database = file_of(
        here, "restore", "ask its administrator to run escalate server restore, or name the file to restore with --db"
    )
    folder = here.settings.backups
    if backup is None:
        _list(folder, database, here.now, as_json)
        return
    refuse_to_ask("restore the backup", as_json=as_json, yes=yes, dry_run=dry_run)
    is_new = not is_there(database)
    present, remembered, latest = _present(database, folder, here.now)
    source = find_backup(backup, folder, database, latest)
    with prepared(source, database, remembered) as (part, held):
        if not as_json:
            show(to_restore(held, present, database))
        kept: Path | None = None
        if not dry_run:
            if not (yes or confirmed("Put it in the place of that file?")):
                say("Nothing was replaced.")
                return
            with replacing(database, present.head if present else None) as file:
                kept = put_in_place(part, database, file, folder, here.now)
            keep(here, Witnessed(here.now, RESTORED, held.own_id, *read_head(held.head), held.entries))
    if as_json:
        show_json(held_document(held) | {"replaced": str(kept) if kept else None, "dry_run": dry_run})
    elif dry_run:
        say("Dry run: nothing was replaced.")
    else:
        say(f"Restored{f'. What was there is kept as {kept}' if kept else ''}.")
    here.tell_open_to_others()
    if is_new and not dry_run:
        complain(f"A new file of cases begins here: {database}.")


def _list(folder: Path, database: Path, now: datetime, as_json: bool) -> None:
    """Print which backups there are, the latest first."""
    found = list(reversed(in_order(folder, database, now)))
    if as_json:
        show_json([str(path) for path in found])
    elif found:
        none = set(no_backups(folder, database))
        names = [f"{path.name} (cannot be read: not a backup)" if path in none else path.name for path in found]
        say("\n".join([f"Backups in {folder}, the latest first:", *names]))
    else:
        say(f"There are no backups in {folder}: escalate backup makes one.")


def _present(path: Path, folder: Path, now: datetime) -> tuple[Contents | None, SinceBackup, Latest]:
    """What the file that would be replaced holds, as far as it can be read, and which of its backups is the latest.

    Raises StoreError for what is not to be replaced.
    """
    if is_there(path):
        try:
            with open_store(path) as store:
                remembered = since(store)
                found = backups_of(folder, path, remembered.own_id)
                its_own = ancestry(found, store.database)
                held = Contents(path, *store.history.size, store.head, store.own_id)
                return held, remembered, lambda: _latest(its_own or found, folder, path, now)
        except ForeignFile:
            raise
        except NotOurFile as problem:  # damaged, which is what backups are for
            complain(problem.sentence)
    return None, SinceBackup(), lambda: _latest(backups_of(folder, path), folder, path, now)


def _latest(found: Sequence[Backup], folder: Path, database: Path, now: datetime) -> Path | None:
    """The newest of these backups; what has the name of one and cannot be read is passed over, which is said. Raises Refused."""
    for path in no_backups(folder, database):
        complain(f"{path.name} is passed over: it cannot be read, and is not a backup.")
    last = newest(found, now)
    return last.path if last else None
