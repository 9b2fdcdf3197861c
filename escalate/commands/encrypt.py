"""Encrypting the file with the cases, and its backups."""

from pathlib import Path

import typer

from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.encryption import (
    ON_SERVER,
    KeyFile,
    Passphrase,
    end,
    give_key_to,
    give_new_key,
    held_in,
    keeper,
)
from escalate.commands.shared.options import DryRun, Json, Yes
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import file_of
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.encryption import encryption_document, to_encrypt
from escalate.storage.backups.encrypting import copies_without_key, key_of_file
from escalate.storage.encryption.keys import FileKey


def encrypt(
    context: typer.Context,
    key_file: KeyFile = None,
    passphrase: Passphrase = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Copies in the folder of backups are encrypted too, and so is every backup made later. A recovery key is shown once. Exports, forms, digests
    and pages stay plain. It needs a library: pip install 'escalate[encrypted]'.

    Example: escalate encrypt --dry-run
    """
    here = session(context, begins_file=True)
    database = file_of(here, "encrypt", ON_SERVER)
    refuse_to_ask("encrypt", as_json=as_json, yes=yes, dry_run=dry_run)
    present = key_of_file(database)
    if present:
        _encrypt_copies(here, database, present, yes=yes, dry_run=dry_run, as_json=as_json)
    else:
        kept = keeper(here, database, key_file, passphrase=passphrase)
        give_new_key(here, database, kept, yes=yes, dry_run=dry_run, as_json=as_json)


def _encrypt_copies(here: Session, database: Path, key: FileKey, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Give the key of a file to what lies plain in the folder of backups: an encryption may have been cut short. Raises StoreError, Refused."""
    held = held_in(database)
    copies = copies_without_key(database, held.own_id, here.settings.backups, key)
    says = "encrypted already"
    if not as_json:
        show(to_encrypt(held, f"{says}: escalate rekey gives it another", copies.to_change))
    wanted = bool(copies.to_change) and not dry_run and (yes or confirmed("Encrypt the copies too?"))
    faults = give_key_to(copies.to_change, key) if wanted else []
    if as_json:
        show_json(encryption_document(held, says, None, None, copies.to_change, copies.left, dry_run=dry_run))
    elif copies.to_change:
        say("Encrypted." if wanted else "Dry run: nothing was encrypted." if dry_run else "Nothing was encrypted.")
    end(here, faults, copies.left)
