"""The secret of an encrypted file: 128 random bits, or what a passphrase comes to. All that opens the file is worked out from it.

There is no file beside the encrypted one that could get lost. SQLCipher begins a file with 16 bytes of salt, which need only be different
for every key: ours say whose file it is, and which secret opens it. A backup has the same 16 bytes, as it has the same key.
"""

import os
from _blake2 import (
    blake2b,  # what hashlib.blake2b is; hashlib itself also loads OpenSSL, which takes longer than a list to read
)
from collections.abc import Sequence

from escalate.errors import BadInput

MARK = b"ESCA"
"""How an encrypted file of ours begins."""

HEADER = 16
"""So many bytes of an encrypted file say whose it is and which secret opens it: MARK, random bytes, and a check of the secret."""

_RANDOM, _CHECK, _SECRET, _KEY = 8, 4, 16, 32

_GROUPS, _DIGITS, _STEP = 8, 6, 11
"""A recovery key is written as BitLocker's are: in each group of digits stands a number that eleven divides."""

SHORTEST_PASSPHRASE = 12
"""So many characters at least: three random words, as the National Cyber Security Centre advises, are more."""

_SCRYPT = {"n": 2**17, "r": 8, "p": 1, "maxmem": 2**28}
"""What one guess at a passphrase costs, as OWASP advises: 128 MB, and some 0.4 seconds."""


def new_secret() -> bytes:
    """A secret that nobody can guess."""
    return os.urandom(_SECRET)


def new_start() -> bytes:
    """What a file begins with before its secret is known: a passphrase needs it."""
    return MARK + os.urandom(_RANDOM)


def header(begins: bytes, secret: bytes) -> bytes:
    """The 16 bytes that a file begins with which this secret opens."""
    return begins + _derived(begins, secret, b"check", _CHECK)


def start(said: bytes) -> bytes:
    """What a header begins with, before its check."""
    return said[:-_CHECK]


def is_opened_by(said: bytes, secret: bytes) -> bool:
    """Whether a secret opens the file with this header."""
    return header(start(said), secret) == said


def file_key(said: bytes, secret: bytes) -> bytes:
    """The key of the file with this header, as SQLCipher takes it: 32 bytes."""
    return _derived(start(said), secret, b"file", _KEY)


def _derived(begins: bytes, secret: bytes, purpose: bytes, size: int) -> bytes:
    return blake2b(begins, key=secret, person=b"escalate " + purpose, digest_size=size).digest()


def of_passphrase(passphrase: str, begins: bytes) -> bytes:
    """The secret that a passphrase comes to in a file that begins so; slow, so that guessing is. Spaces at its ends do not count."""
    import hashlib  # only a passphrase needs these
    import unicodedata

    normal = unicodedata.normalize("NFKC", passphrase.strip())
    return hashlib.scrypt(normal.encode(), salt=begins, dklen=_SECRET, **_SCRYPT)


# -- written down


def recovery_key(secret: bytes) -> str:
    """A secret as somebody writes it down: eight groups of six digits, with hyphens between."""
    pairs = [int.from_bytes(secret[at : at + 2]) for at in range(0, _SECRET, 2)]
    return "-".join(f"{pair * _STEP:0{_DIGITS}}" for pair in pairs)


def read_recovery_key(said: str) -> bytes | None:
    """The secret that somebody typed as a recovery key; None for what is none, such as a passphrase. Raises BadInput for one with a slip."""
    words = said.replace("-", " ").split()
    digits = "".join(words)
    if not (digits.isascii() and digits.isdecimal() and len(digits) > _GROUPS * _DIGITS // 2):
        return None
    if len(digits) != _GROUPS * _DIGITS:
        raise BadInput(
            f"A recovery key has {_GROUPS} groups of {_DIGITS} digits, {_GROUPS * _DIGITS} in all, and that has {len(digits)}."
        )
    groups = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    wrong = [number for number, group in enumerate(groups, 1) if not _is_group(group)]
    if wrong:
        raise BadInput(
            f"There is a slip in {_named(wrong)} of the recovery key: compare it with what was written down."
        )
    return b"".join((int(group) // _STEP).to_bytes(2) for group in groups)


def _is_group(digits: str) -> bool:
    number, rest = divmod(int(digits), _STEP)
    return rest == 0 and number < 2**16


def _named(numbers: Sequence[int]) -> str:
    """`group 3`, or `groups 3 and 5`."""
    said = [str(number) for number in numbers]
    return f"group {said[0]}" if len(said) == 1 else f"groups {', '.join(said[:-1])} and {said[-1]}"
