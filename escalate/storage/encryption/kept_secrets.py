"""Where the secret of an encrypted file is kept on this computer: in the system's keyring, or in a file that only its owner can read."""

import os
from pathlib import Path
from types import ModuleType

from escalate import durable
from escalate.errors import BadInput, Refused
from escalate.storage.encryption.secret import read_recovery_key, recovery_key
from escalate.storage.files.paths import is_there
from escalate.storage.files.private_files import private_lines

SERVICE = "escalate"
"""What the keyring keeps it under, with the beginning of the file as the user's name."""

NAME_A_FILE = "name a file for the key with --key-file, or take a passphrase with --passphrase"

_HEADING = "# What opens encrypted files of escalate, the newest first. Keep this file to yourself, and apart from those files.\n"


def in_keyring(header: bytes) -> bytes | None:
    """The secret of the file with this header that the keyring has, if there is a keyring and it has one."""
    try:
        keyring = _keyring()
        said = keyring.get_password(SERVICE, _name(header))
    except ModuleNotFoundError:
        return None
    except keyring.errors.KeyringError:
        return None
    return _secret(said) if said else None


def put_into_keyring(header: bytes, secret: bytes) -> None:
    """Keep a secret in the keyring, and see that it is there. Raises Refused."""
    try:
        keyring = _keyring()
        keyring.set_password(SERVICE, _name(header), recovery_key(secret))
    except ModuleNotFoundError:
        raise Refused(f"No library for the system's keyring is installed: {NAME_A_FILE}.") from None
    except keyring.errors.KeyringError as problem:
        why = "there is none that can be used" if isinstance(problem, keyring.errors.NoKeyringError) else problem
        raise Refused(f"The key cannot be kept in this computer's keyring ({why}): {NAME_A_FILE}.") from problem
    if in_keyring(header) != secret:
        raise Refused(f"This computer's keyring does not give back what it is given: {NAME_A_FILE}.")


def in_file(path: Path) -> list[bytes]:
    """The secrets in a file. Raises Refused."""
    found = []
    for number, line in enumerate(private_lines(path, "key"), 1):
        if line.strip() and not line.startswith("#"):
            secret = _secret(line)
            if secret is None:
                raise Refused(f"{path} has something else than a key in line {number}: escalate encrypt writes it.")
            found.append(secret)
    if not found:
        raise Refused(f"{path} has no key in it: escalate encrypt --key-file {path} puts one there.")
    return found


def put_into_file(path: Path, secret: bytes) -> None:
    """Keep a secret in a file of mode 0600, before those that are there. Raises Refused."""
    known = in_file(path) if is_there(path) else []
    if path.is_symlink():
        raise Refused(f"{path} is a link to another place: name that place itself.")
    lines = [recovery_key(each) for each in dict.fromkeys([secret, *known])]
    try:
        durable.make_folder(path.parent)
        number, part = durable.begin_part(path.parent)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(_HEADING + "".join(f"{line}\n" for line in lines))
            file.flush()
            durable.to_disk(number)
        durable.put(part, path, replace=True)
        durable.flush_folder(path.parent)
    except OSError as problem:
        raise Refused(f"{path} cannot be written ({problem.strerror or problem}): name another file.") from problem


def _keyring() -> ModuleType:
    import keyring  # takes longer to load than a list to show
    import keyring.errors

    return keyring


def _name(header: bytes) -> str:
    return f"file {header.hex()}"


def _secret(said: str) -> bytes | None:
    try:
        return read_recovery_key(said)
    except BadInput:
        return None
