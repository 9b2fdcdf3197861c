"""The keys that a run of a command opens encrypted files with, looked for where they are kept, and asked for last."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from escalate.errors import BadInput, NoKey
from escalate.storage.encryption import kept_secrets
from escalate.storage.encryption.secret import (
    file_key,
    header,
    is_opened_by,
    new_start,
    of_passphrase,
    read_recovery_key,
    start,
)
from escalate.storage.files.paths import is_there

TRIES = 3
"""So often somebody may type it."""


class FileKey(NamedTuple):
    """What opens a file."""

    header: bytes
    """The 16 bytes that the file begins with."""
    secret: bytes
    """Its secret, from which the recovery key is written."""

    @property
    def for_sqlcipher(self) -> str:
        """The key and the salt as SQLCipher takes them."""
        return f"x'{file_key(self.header, self.secret).hex()}{self.header.hex()}'"


class Keys:
    """The keys of one run."""

    def __init__(self, key_file: Callable[[], Path | None], ask: Callable[[str], str] | None) -> None:
        self._key_file = key_file
        self._ask = ask
        self._known: dict[bytes, FileKey] = {}
        self._looked_for: set[bytes] = set()

    def add(self, key: FileKey) -> None:
        """Take in a key that was just made."""
        self._known[key.header] = key

    def new(self) -> FileKey:
        """What a new file begins with: the newest secret in the key file. Raises Refused."""
        named = self._key_file()
        assert named is not None
        secret = kept_secrets.in_file(named)[0]
        key = FileKey(header(new_start(), secret), secret)
        self.add(key)
        return key

    def of(self, begins: bytes, path: Path, *, may_ask: bool = True) -> FileKey:
        """What opens the file at a path, which begins so. Raises NoKey, and Refused for a key file that cannot be read."""
        if begins not in self._known:
            secret = next((each for each in self._kept(begins) if is_opened_by(begins, each)), None)
            if secret is None and may_ask:
                secret = self._asked(begins, path)
            if secret is None:
                raise NoKey(self._none(path))
            self.add(FileKey(begins, secret))
        return self._known[begins]

    def _kept(self, begins: bytes) -> Iterator[bytes]:
        """What may open the file, of what is kept on this computer."""
        if begins in self._looked_for:
            return
        self._looked_for.add(begins)
        named = self._key_file()
        if named and is_there(named):  # where it is lost, the recovery key is asked for
            yield from kept_secrets.in_file(named)
        kept = kept_secrets.in_keyring(begins)
        if kept:
            yield kept

    def _asked(self, begins: bytes, path: Path) -> bytes | None:
        """What somebody at the terminal says that opens it; None where there is nobody, or nothing is said."""
        question = f"Passphrase or recovery key of {path}"
        for _ in range(TRIES if self._ask else 0):
            assert self._ask is not None
            said = self._ask(question)
            if not said:
                return None
            try:
                secret = read_recovery_key(said) or of_passphrase(said, start(begins))
            except BadInput as problem:
                question = f"{problem.sentence} Again"
                continue
            if is_opened_by(begins, secret):
                return secret
            question = f"That does not open {path}. Again"
        return None

    def _none(self, path: Path) -> str:
        named = self._key_file()
        gone = "" if named is None or is_there(named) else ", which is not there,"
        where = (
            f"neither in {named}{gone} nor in this computer's keyring" if named else "not in this computer's keyring"
        )
        advice = (
            "set key_file, or ESCALATE_KEY_FILE, to the file with its key; at a terminal its passphrase or recovery key is asked for"
            if self._ask is None
            else "what was typed does not open it either, and without its passphrase or recovery key nothing does"
        )
        return f"{path} is encrypted, and its key is {where}: {advice}."
