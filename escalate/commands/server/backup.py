"""Dumping a server, and checking that the dump can be restored."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.administered import administered, server_of
from escalate.commands.shared.options import Json, argument
from escalate.commands.shared.session import session
from escalate.errors import StoreError
from escalate.output.terminal import show, show_json
from escalate.output.upkeep.documents import held_document
from escalate.output.upkeep.pages import made as made_page
from escalate.storage.backups.making import Contents
from escalate.storage.dumping import dump
from escalate.storage.files.paths import path_from
from escalate.storage.interface import Database
from escalate.storage.store import Store


def backup(
    context: typer.Context,
    folder: Annotated[Path | None, argument("The folder it goes to, if not the one the settings name.")] = None,
    as_json: Json = False,
) -> None:
    """Run it as a superuser of the server. The dump is restored into a database that is made for that and goes again; everything in it is verified there.
    Others can work on meanwhile. pg_restore takes it into a new database.

    Example: escalate --db "postgresql:///escalate?user=postgres" server backup
    """
    here = session(context)
    place = server_of(here)
    where = path_from(str(folder)) if folder else here.settings.backups
    with administered(place):
        path, held = dump(place, where, here.now, _verified)
    made = replace(held, path=path)
    if as_json:
        show_json(held_document(made) | {"removed": []})
    else:
        show(made_page(made, []))


def _verified(database: Database, head: tuple[int, str]) -> Contents:
    """What a restored dump holds, as the business unit sees it. Raises StoreError where that is not as it was recorded."""
    store = Store(database)
    checks, refs = store.checks, store.history.refs()
    last, faults = checks.history()
    faults += [*checks.file(), *checks.apart()]
    faults += [fault for ref in refs for fault in (*checks.said(ref), *checks.derived(ref))]
    if head[0] and (fault := checks.known_head(head)):
        faults.append(fault)
    if faults:
        raise StoreError(faults[0])
    return Contents(Path(), *store.history.size, last, store.own_id)
