"""Giving an encrypted file, and its backups, another key."""

import typer

from escalate.commands.shared.asking import refuse_to_ask
from escalate.commands.shared.encryption import ON_SERVER, KeyFile, Passphrase, give_new_key, keeper, refuse_plain
from escalate.commands.shared.options import DryRun, Json, Yes
from escalate.commands.shared.session import session
from escalate.commands.shared.store import file_of


def rekey(
    context: typer.Context,
    key_file: KeyFile = None,
    passphrase: Passphrase = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Do this when somebody who knew the key has left, or the recovery key is lost. Copies elsewhere still open with the key they were made with.

    Example: escalate rekey --key-file ~/.config/escalate/key --dry-run
    """
    here = session(context)
    database = file_of(here, "rekey", ON_SERVER)
    refuse_to_ask("give it another key", as_json=as_json, yes=yes, dry_run=dry_run)
    refuse_plain(here, database)
    kept = keeper(here, database, key_file, passphrase=passphrase)
    give_new_key(here, database, kept, yes=yes, dry_run=dry_run, as_json=as_json)
