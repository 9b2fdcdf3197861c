"""What waits to be written elsewhere: in memory, and in a file without a name only where there is too much of it.

What a disk was given once may be found there later, and the file with the cases may be encrypted.
"""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TextIO, cast

IN_MEMORY = 16 * 2**20
"""So many bytes wait in memory: more than any digest or page has."""


def scratch() -> BinaryIO:
    """A file to write bytes to and read them back from, which is gone when it is closed."""
    return cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY))


def is_scratch(file: BinaryIO) -> bool:
    """Whether a file is gone when it is closed."""
    return isinstance(file, SpooledTemporaryFile)


def scratch_text() -> TextIO:
    """The same for text, in which every character can be written."""
    made = SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", errors="backslashreplace", newline="")  # noqa: SIM115
    return cast("TextIO", made)
