"""Making an encrypted file a plain one again."""

import typer

from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.encryption import ON_SERVER, held_in, refuse_plain
from escalate.commands.shared.options import DryRun, Json, Yes
from escalate.commands.shared.session import session
from escalate.commands.shared.store import file_of
from escalate.output.terminal import say, show, show_json
from escalate.output.upkeep.encryption import encryption_document, to_decrypt
from escalate.storage.backups.encrypting import give_key


def decrypt(context: typer.Context, yes: Yes = False, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Anyone who gets hold of the file can then read it. Backups made until now stay encrypted, with the key they have.

    Example: escalate decrypt --dry-run
    """
    here = session(context)
    database = file_of(here, "decrypt", ON_SERVER)
    refuse_to_ask("decrypt", as_json=as_json, yes=yes, dry_run=dry_run)
    refuse_plain(here, database)
    held = held_in(database)
    if not as_json:
        show(to_decrypt(held))
    wanted = not dry_run and (yes or confirmed("Decrypt it?"))
    if wanted:
        give_key(database, None)
    if as_json:
        show_json(encryption_document(held, None, None, None, [], [], dry_run=dry_run))
    else:
        say("Decrypted." if wanted else "Dry run: nothing was decrypted." if dry_run else "Nothing was decrypted.")
    here.tell_open_to_others()
