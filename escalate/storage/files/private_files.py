"""Files with a secret in them, which only their owner may read."""

import stat
from pathlib import Path

from escalate.errors import Refused
from escalate.storage.files.permissions import is_open_to_others, to_close
from escalate.storage.files.plain_files import read_plain

MOST_BYTES = 100_000
"""A file with a secret in it has a line or two."""


def private_lines(path: Path, secret: str) -> list[str]:
    """The lines of a file with a secret, such as `password`, in it. Raises Refused, also where others can read it."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{path} is not a file: name one with the {secret} in it.")
        if is_open_to_others(path):
            raise Refused(f"{path} can be read by others: {to_close(path)} keeps the {secret} to yourself.")
        return read_plain(path, MOST_BYTES, Refused(f"{path} is larger than a {secret} can be.")).decode().splitlines()
    except OSError as problem:
        raise Refused(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except UnicodeDecodeError as problem:
        raise Refused(f"{path} is not text in UTF-8: write the {secret} into it again.") from problem
