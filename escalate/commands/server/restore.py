"""Restoring a dump of a server into a new database."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.administered import as_administrator, server_of
from escalate.commands.shared.options import DryRun, Json, argument
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.witness import folders, keep
from escalate.domain.worktime.clock import spoken
from escalate.errors import StoreError
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.documents import held_document
from escalate.output.upkeep.pages import made as made_page
from escalate.storage.backups.making import Contents
from escalate.storage.chain import holds, read_head
from escalate.storage.dumping import looked_through
from escalate.storage.dumping import restore as restore_dump
from escalate.storage.files.paths import path_from
from escalate.storage.files.witness import RESTORED, Witnessed
from escalate.storage.interface import Database
from escalate.storage.places import ServerPlace
from escalate.storage.witnessed import record_of, witness
from escalate.wording import how_many


def restore(
    context: typer.Context,
    dump: Annotated[Path, argument("The dump, as escalate server backup made it.")],
    address: Annotated[
        str | None,
        argument("The server and the new database, as postgresql://HOST/DATABASE, if not what --db names."),
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Run it as a superuser. The database must not be there yet, or have nothing in it. Everything is verified, and held against the heads that were kept,
    before the database gets its name; members whom the server does not know get a login without a password.

    Example: escalate server restore escalate.dump "postgresql:///escalate_again?user=postgres" --dry-run
    """
    here = session(context)
    place, file = server_of(here, address), path_from(str(dump))
    with as_administrator(place):
        logins, found = restore_dump(place, file, lambda database: _verified(here, database), dry_run=dry_run)
    held = replace(found, path=file)
    if not dry_run:
        keep(here, Witnessed(here.now, RESTORED, held.own_id, *read_head(held.head), held.entries))
    if as_json:
        show_json(held_document(held) | {"place": str(place), "logins_made": logins, "dry_run": dry_run})
        return
    show(made_page(held, []))
    say(*_what_now(place, held, logins, dry_run=dry_run))


def _verified(here: Session, database: Database) -> Contents:
    """What the restored database holds. Raises StoreError where that is not as it was recorded, or is not what a kept head says."""
    held = looked_through(database)
    for head in witness(folders(here), record_of(database)).heads:
        if holds(database, (head.link, head.hash)) is False:
            raise StoreError(f"it has not the head that was kept on {spoken(head.at)}")
    return held


def _what_now(place: ServerPlace, held: Contents, logins: list[str], *, dry_run: bool) -> list[str]:
    """What is to be done next."""
    if dry_run:
        return ["Dry run: it can be restored, and nothing was left on the server."]
    said = [f"Restored into {place}, and verified."]
    if logins:
        said.append(
            f"{how_many(len(logins), 'login was', 'logins were')} made without a password: {', '.join(logins)}. psql gives one: \\password {logins[0]}"
        )
    if held.recorded_at:
        said.append(
            f"What was erased after {spoken(held.recorded_at)} is in it again: erase that before anybody reads it."
        )
    said.append("Members see it once their service file, or --db, names this database.")
    return said
