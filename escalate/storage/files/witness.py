"""The file that bears witness: the head of the record as it was at each digest and backup, a line each, added at the end and never changed.

A line has the instant in UTC, what was done, which record it is (a random name), the head, how many entries there were, and the
signature over what stands before it, if there is one: `2026-11-23T10:00:00Z backup 5f2c... 1204:9f3a... 980 U1NIU0lH...`.
"""

import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from escalate.domain.worktime.clock import read_instant, written
from escalate.durable import flush_folder, to_disk
from escalate.errors import Refused
from escalate.storage.files.permissions import close_to_others, is_open_to_others

NAME = "heads.txt"
"""What the file is called, in whichever folder it is kept."""

DIGEST, BACKUP, RESTORED = "digest", "backup", "restored"
"""What was done when a head was kept."""

MOST_BYTES = 100_000_000
"""Some five hundred thousand lines: more would keep every digest waiting."""

_CAREFULLY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""No link is followed, no pipe waited for, and line ends stay what they are; each system has some of these."""

_LINE = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) (digest|backup|restored) ([0-9a-f]{32}) (\d{1,15}):([0-9a-f]{32}|[0-9a-f]{64}) (\d{1,15})"
    r"(?: ([A-Za-z0-9+/=]{1,20000}))?"
)


class Witnessed(NamedTuple):
    """A head that was kept, with how far the record had come then."""

    at: datetime
    """When (UTC)."""
    what: str
    """What was done."""
    record: str
    """The random name of the record: of the file, or of an agency's chain in it."""
    link: int
    """The number of the last link."""
    hash: str
    """Its hash."""
    entries: int
    """How many entries there were."""
    signature: str = ""
    """The signature over the rest, as ssh-keygen makes it, without its first and last line; empty for none."""

    @property
    def said(self) -> str:
        """What is signed."""
        return f"{written(self.at)} {self.what} {self.record} {self.link}:{self.hash} {self.entries}"

    @property
    def line(self) -> str:
        """The same as it stands in the file."""
        return f"{self.said} {self.signature}".rstrip()


class Kept(NamedTuple):
    """What a file that bears witness says."""

    path: Path
    """The file."""
    heads: list[Witnessed]
    """The heads of one record, in the order in which they were kept."""
    others: int
    """How many heads it has of other records."""
    broken: int
    """How many lines are not whole."""


def read_kept(folder: Path, record: str) -> Kept:
    """What the file in a folder says of a record; nothing, where there is no such file in the folder. Raises Refused."""
    path, heads, others, broken = folder / NAME, [], 0, 0
    with _sentences(path):
        for line in _lines(path):
            head = _read(line)
            if head is None:
                broken += 1
            elif head.record == record:
                heads.append(head)
            else:
                others += 1
    return Kept(path, heads, others, broken)


def add(folder: Path, heads: Iterable[Witnessed]) -> None:
    """Add lines at the end of the file in a folder, which is there, and have the disk keep them. Raises Refused."""
    path = folder / NAME
    with _sentences(path), _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT) as number:
        # What a power cut left of a line stays as it is, and the next begins on a line of its own.
        begins = "\n" if os.fstat(number).st_size and _last_byte(number) != b"\n" else ""
        text = (begins + "".join(head.line + "\n" for head in heads)).encode()
        if os.write(number, text) != len(text):
            raise Refused(f"{path} cannot be written (the disk is full): make room.")
        to_disk(number)
        flush_folder(folder)


def _last_byte(number: int) -> bytes:
    os.lseek(number, -1, os.SEEK_END)
    return os.read(number, 1)


def _read(line: bytes) -> Witnessed | None:
    found = _LINE.fullmatch(line.decode("ascii", "replace"))
    if not found:
        return None
    try:
        at = read_instant(found[1])
    except ValueError:  # figures that are no date
        return None
    return Witnessed(at, found[2], found[3], int(found[4]), found[5], int(found[6]), found[7] or "")


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, without their ends; those that are empty are left out. Raises OSError, Refused."""
    try:
        with _opened(path, os.O_RDONLY) as number, os.fdopen(os.dup(number), "rb") as file:
            if os.fstat(number).st_size > MOST_BYTES:
                raise Refused(f"{path} is too large to be read each time: rename it, and a new one is begun.")
            yield from (line.rstrip(b"\r\n") for line in file if line.strip())
    except FileNotFoundError:
        return


@contextmanager
def _opened(path: Path, how: int) -> Iterator[int]:
    """A plain file of ours, for its owner alone. Raises OSError, Refused for a link, a pipe and the like."""
    if path.is_symlink():
        raise Refused(f"{path} is a link to another place: take it away.")
    number = os.open(path, how | _CAREFULLY, 0o600)
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise Refused(f"{path} is not an ordinary file: take it away.")
        if how & os.O_CREAT and is_open_to_others(path):
            with suppress(OSError):  # somebody else's, or a drive without modes
                close_to_others(path)
        yield number
    finally:
        os.close(number)


@contextmanager
def _sentences(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise Refused(f"{path} cannot be read or written ({problem.strerror or problem}).") from problem
