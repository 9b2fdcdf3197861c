"""What encrypting a file and giving it another key have in common: where the key is kept, the recovery key, and the copies in the folder of backups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.asking import asked_secretly, confirmed
from escalate.commands.shared.options import flag, option
from escalate.commands.shared.session import Session
from escalate.errors import BadInput, EscalateError, Refused
from escalate.output.terminal import complain, say, show, show_json
from escalate.output.upkeep.encryption import PLAIN_COPY, encryption_document, to_encrypt
from escalate.storage.backups.encrypting import begin, copies_without_key, give_key, key_of_file
from escalate.storage.backups.making import Contents
from escalate.storage.encryption.kept_secrets import put_into_file, put_into_keyring
from escalate.storage.encryption.keys import FileKey
from escalate.storage.encryption.secret import (
    SHORTEST_PASSPHRASE,
    header,
    new_secret,
    new_start,
    of_passphrase,
    recovery_key,
)
from escalate.storage.files.paths import path_from
from escalate.storage.store import open_store

ON_SERVER = "ask its administrator to encrypt the disk that its tables and dumps are on"
"""What to do where the cases are on a server."""

KeyFile = Annotated[
    str | None,
    option("--key-file", "FILE", "Keep the key in this file, which only you can read, not in the keyring."),
]
Passphrase = Annotated[
    bool, flag("--passphrase", "Keep the key nowhere: a passphrase is asked for, now and by each command.")
]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where the key of a file is kept."""

    kind: str
    """`keyring`, `file` or `passphrase`."""
    says: str
    """The same in words."""
    make: Callable[[], FileKey]
    """Makes a key and keeps it there. Raises Refused."""
    file: Path | None = None
    """The file it is kept in, if it is one."""


def keeper(here: Session, database: Path, key_file: str | None, *, passphrase: bool) -> Keeper:
    """Where the key is to be kept: as was said, or else where the settings say, or in the keyring. Raises BadInput, Refused."""
    if passphrase:
        if key_file:
            raise BadInput("Say --key-file or --passphrase: the key is kept in a file, or it is not kept.")
        if not here.can_ask:
            raise Refused("A passphrase is asked for at a terminal: name a file for the key with --key-file instead.")
        return Keeper("passphrase", "kept nowhere: a passphrase is asked for", _of_passphrase)
    file = path_from(key_file) if key_file else here.settings.key_file
    if file is None:
        return Keeper("keyring", "kept in this computer's keyring", _in_keyring)
    if file.parent in (database.parent, here.settings.backups):
        raise Refused(
            f"{file} would lie beside what it opens, and whoever copies that folder has both: name a file in another."
        )
    return Keeper("file", f"kept in {file}", lambda: _in_file(file), file)


def _in_keyring() -> FileKey:
    key = _random_key()
    put_into_keyring(key.header, key.secret)
    return key


def _in_file(file: Path) -> FileKey:
    key = _random_key()
    put_into_file(file, key.secret)
    return key


def _random_key() -> FileKey:
    secret = new_secret()
    return FileKey(header(new_start(), secret), secret)


def _of_passphrase() -> FileKey:
    said = asked_secretly(f"A passphrase of at least {SHORTEST_PASSPHRASE} characters, such as three random words")
    if len(said) < SHORTEST_PASSPHRASE:
        raise Refused(f"A passphrase has at least {SHORTEST_PASSPHRASE} characters. Nothing was changed.")
    if asked_secretly("The same again") != said:
        raise Refused("Those were two different passphrases. Nothing was changed.")
    begins = new_start()
    secret = of_passphrase(said, begins)
    return FileKey(header(begins, secret), secret)


def refuse_plain(here: Session, database: Path) -> None:
    """Refuse a file that is not there, or is not encrypted. Raises Refused, StoreError."""
    if not here.has_file():
        raise Refused(f"There is no file {database}: name the encrypted file with --db.")
    if key_of_file(database) is None:
        raise Refused(f"{database} is not encrypted: escalate encrypt does that.")


def held_in(database: Path) -> Contents:
    """What a file holds. Raises StoreError, Refused."""
    with open_store(database) as store:
        return Contents(database, *store.history.size, store.head, store.own_id)


def _nothing(database: Path) -> Contents:
    """What a file holds that is not there yet."""
    return Contents(database, 0, 0, None, "", "")


def give_new_key(here: Session, database: Path, kept: Keeper, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Give a file and its backups a new key, after showing what that does. Raises StoreError, Refused."""
    held = held_in(database) if here.has_file() else _nothing(database)
    copies = copies_without_key(database, held.own_id, here.settings.backups, None)
    if not as_json:
        show(to_encrypt(held, kept.says, copies.to_change))
    wanted = not dry_run and (yes or confirmed("Encrypt with a new key?"))
    said, faults = None, []
    if wanted:
        key = kept.make()
        here.keys.add(key)
        said = recovery_key(key.secret)
        if not as_json:
            _say_recovery_key(said)
        if here.has_file():
            give_key(database, key)
        else:
            begin(database, key)
            held = held_in(database)
        faults = give_key_to(copies.to_change, key)
    if as_json:
        show_json(encryption_document(held, kept.kind, kept.file, said, copies.to_change, copies.left, dry_run=dry_run))
    elif wanted:
        say("Encrypted.")
        if kept.file and here.settings.key_file != kept.file:
            where = here.settings.path
            say(
                f'So that commands find the key, write key_file = "{kept.file}" into {where}, or set ESCALATE_KEY_FILE.'
            )
    else:
        say("Dry run: nothing was encrypted." if dry_run else "Nothing was encrypted.")
    end(here, faults, copies.left)


def give_key_to(paths: Sequence[Path], key: FileKey) -> list[str]:
    """Give copies the key; what is wrong with those that do not have it now."""
    faults = []
    for path in paths:
        try:
            give_key(path, key)
        except EscalateError as problem:
            faults.append(f"{path} was left as it is: {problem.sentence}")
    return faults


def end(here: Session, faults: Sequence[str], left: Sequence[Path]) -> None:
    """Name the copies that are plain, and who else can read the file, and end with status 1 where a copy could not be given the key."""
    here.tell_open_to_others()
    complain(*(f"{path} {PLAIN_COPY}" for path in left), *faults)
    if faults:
        raise typer.Exit(1)


def _say_recovery_key(said: str) -> None:
    half = len(said) // 2
    say(
        "\nRecovery key. It opens the file and its backups where the key is lost. It is not shown again: write it down now, and keep it apart"
        f" from the computer.\n\n    {said[: half + 1]}\n    {said[half + 1 :]}\n"
    )
