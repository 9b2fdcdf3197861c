"""Reading a plain file of at most so many bytes: nothing else is opened, and nothing longer is read."""

import os
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from escalate.errors import Refused

_NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"""Should the file become a pipe after it was looked at, opening it waits for nobody all the same."""


def read_plain(path: Path, most: int, too_large: Refused, what: str = "file") -> bytes:
    """All bytes of a plain file; `too_large` is raised where there are more than `most`, and `what` is what should have been named.

    Pipes, devices and sockets are refused: some never end, and reading others changes something. Raises Refused.
    """
    try:
        _refuse_others(path, path.stat(), most, too_large, what)
        with open(
            path, "rb", opener=lambda name, flags: os.open(name, flags | _NO_WAIT)
        ) as file:  # Path's has no opener
            _refuse_others(path, os.fstat(file.fileno()), most, too_large, what)
            content = file.read(most + 1)
    except OSError as problem:
        raise Refused(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except ValueError as problem:  # a NUL, or half a character: Python's own words for it differ by version
        raise Refused(f"{path} cannot be read: no file can have that name.") from problem
    if len(content) > most:
        raise too_large
    return content


def _refuse_others(path: Path, found: os.stat_result, most: int, too_large: Refused, what: str) -> None:
    if S_ISDIR(found.st_mode):
        raise Refused(f"{path} is a folder: name the {what} itself.")
    if not S_ISREG(found.st_mode):
        raise Refused(f"{path} is not a plain file: save its contents in one, and name that.")
    if found.st_size > most:
        raise too_large
