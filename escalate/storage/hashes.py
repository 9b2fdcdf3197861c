"""What proves that something recorded is what it was: SHA-256, and the salts of words that may be erased one day.

Python's own SHA-256 is enough for entries and protocols. `hashlib` first loads all of OpenSSL, and `secrets` much of what draws lots: that
takes longer than a list to read. For thousands of hashes OpenSSL is worth it: each takes a third of the time.
"""

import os
import sys
from importlib import import_module

try:
    if sys.version_info >= (3, 12):
        from _sha2 import sha256
    else:
        from _sha256 import sha256  # type: ignore[import-not-found]
except ImportError:  # a Python that was built to have all its hashes from OpenSSL
    from hashlib import sha256


def expect_many() -> None:
    """Have all hashes from OpenSSL from here on."""
    import_module("hashlib")


def hash_of(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits; of half a character as well, which a name of a file may have."""
    openssl = sys.modules.get("hashlib")
    made_by = openssl.sha256 if openssl else sha256
    return str(made_by(text.encode("utf-8", "surrogatepass")).hexdigest())


def new_salt() -> str:
    """32 hexadecimal digits that nobody can guess."""
    return os.urandom(16).hex()
