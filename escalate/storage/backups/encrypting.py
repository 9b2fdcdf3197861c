"""Giving a file with cases another key, or none, and its copies in the folder of backups: each is the old file or the new one, whole.

What is made is encrypted from its first byte on: nothing plain is ever written.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from escalate import durable
from escalate.errors import BrokenBackup, WrittenMeanwhile
from escalate.storage.backups.making import Contents, look_through
from escalate.storage.backups.naming import plain_files
from escalate.storage.backups.part_files import journal_of, part_file, refuse_link, sentences
from escalate.storage.sqlite.copies import copied_with_key, id_of
from escalate.storage.sqlite.driver import header_of, key_of
from escalate.storage.sqlite.opening import make_encrypted

if TYPE_CHECKING:  # no cycle, but a plain file needs nothing of it
    from escalate.storage.encryption.keys import FileKey

_PLAIN = b"SQLite format 3\0"


class Copies(NamedTuple):
    """The copies of a file beside it and in the folder of backups that a key does not open."""

    to_change: Sequence[Path]
    """Those in the folder of backups that can be given the key."""
    left: Sequence[Path]
    """Plain ones that cannot, or that lie elsewhere: somebody has to look at them."""


def key_of_file(path: Path) -> "FileKey | None":
    """What opens a file with cases; None for a plain one. Raises StoreError, Refused."""
    with sentences(path.parent):
        return key_of(path)


def begin(path: Path, key: "FileKey") -> None:
    """Make a file in which nothing is yet, encrypted from its first byte on. Raises StoreError, Refused."""
    with sentences(path.parent):
        durable.make_folder(path.parent)
        make_encrypted(path, key)


def give_key(path: Path, key: "FileKey | None") -> Contents:
    """Put a checked copy with another key, or without one, in the place of a file, while nobody can write it; what it holds.

    Raises StoreError and its kinds, BrokenBackup, Refused: then the file is what it was.
    """
    refuse_link(path)
    with part_file(path.parent) as part, copied_with_key(path, part, key) as (head, let_go):
        held = look_through(part, of=path)
        if held.head != head:
            raise BrokenBackup(path, "its copy has another head")
        with sentences(path.parent):
            durable.flush(part)
            is_put = durable.put_held(part, path, let_go, replace=True)
            durable.flush_folder(path.parent)
        if not is_put:
            raise WrittenMeanwhile(path)
    return held


def copies_without_key(database: Path, own_id: str, folder: Path, key: "FileKey | None") -> Copies:
    """The copies of a file, in its folder and in that of backups, that a key does not open. Raises Refused."""
    to_change, left = [], []
    with sentences(folder):
        for path in (path for each in dict.fromkeys((database.parent, folder)) for path in plain_files(each)):
            if path == database or (key and header_of(path) == key.header):
                continue
            if path.parent == folder and _is_whole(path) and id_of(path) == own_id:
                to_change.append(path)
            elif _is_plain(path):
                left.append(path)
    return Copies(to_change, left)


def unencrypted(database: Path, folder: Path) -> list[Path] | None:
    """The plain copies of an encrypted file, and other plain files, beside it and in the folder of backups; None where it is plain itself.

    Raises StoreError, Refused.
    """
    key = key_of_file(database)
    if key is None:
        return None
    copies = copies_without_key(database, id_of(database) or "", folder, key)
    return [path for path in (*copies.to_change, *copies.left) if _is_plain(path)]


def _is_whole(path: Path) -> bool:
    """Whether nobody was still making it, or writing it, when they were interrupted."""
    return path.suffix != ".part" and not journal_of(path).exists()


def _is_plain(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_PLAIN)) == _PLAIN
