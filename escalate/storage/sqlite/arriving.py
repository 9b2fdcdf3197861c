"""A new file that takes in all that another database holds: made beside its place, and given its name when it is whole."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from escalate import durable
from escalate.domain.deadlines.model import RULES
from escalate.errors import NotOurFile, Refused
from escalate.storage import chain
from escalate.storage.files.paths import is_there
from escalate.storage.interface import WORKED_OUT_BY
from escalate.storage.sqlite import opening
from escalate.storage.sqlite.copies import is_as_of_today, refuse_unrecognised
from escalate.storage.sqlite.database import STATEMENTS, OpenFile, transaction
from escalate.storage.sqlite.driver import code_of, connect, database_errors
from escalate.storage.whole import ENTRIES, LINKS, Arrival, Part, Values
from escalate.wording import as_typed

_TAKEN_BY = {
    "kept": "take_fact",
    "editions": "take_edition",
    "calendars": "take_calendar",
    "versions": "take_version",
    "days_off": "take_day_off",
    "calendar_words": "add_calendar_words",
    ENTRIES: "add_entry",
    "words": "add_words",
    "looks": "add_look",
    "look_words": "add_look_words",
    LINKS: "add_link",
    "digests": "take_digest",
    "settings": "take_setting",
    "cases": "take_case",
    "deadlines": "add_deadline",
    "holders": "take_holder",
    "told": "take_told",
    "index": "add_to_index",
}
"""The statement that adds a row of each part, with the values of its columns in their order."""

PREFIX = ".escalate-move-"
"""How the name of a file begins until it is whole."""

_AS_IT_IS_MADE = (
    "PRAGMA synchronous = OFF",  # it is written to disk once, when it is whole
    "PRAGMA locking_mode = EXCLUSIVE",  # by which another move sees that somebody is still at it
)


class ArrivingFile(Arrival):
    """A file that nobody else knows of yet."""

    def __init__(self, file: OpenFile, part: Path, path: Path) -> None:
        self._file, self._part, self._path = file, part, path

    @property
    def database(self) -> OpenFile:
        """The file under the name it is made with."""
        return self._file

    def take(self, part: Part, rows: Sequence[Values]) -> None:
        """Add rows."""
        with transaction(self._file.connection):
            self._file.connection.executemany(STATEMENTS[_TAKEN_BY[part.name]], rows)

    def complete(self) -> None:
        """Check the chain, and what refers to what. Raises NotOurFile."""
        faults = [*chain.broken(self._file), *self._file.faults()]
        if faults:
            raise NotOurFile(f"What arrived in {self._path} is not whole: {faults[0]}. Nothing was left there.")
        with self._file.writing():
            self._file.set_fact(WORKED_OUT_BY, str(RULES))

    def keep(self) -> None:
        """Write the file to disk, and give it its name. Raises Refused where that is taken, OSError."""
        durable.flush(self._part)
        if not durable.put_held(self._part, self._path, self._file.connection.close, replace=False):
            raise Refused(f"{self._path} has been made in the meantime: name another file. Nothing was moved.")
        durable.flush_folder(self._path.parent)


@contextmanager
def leaving(path: Path) -> Iterator[OpenFile]:
    """A file that is there, to be read as a whole; nothing in it is changed. Raises StoreError and its kinds, Refused."""
    if not is_there(path):
        raise Refused(f"{path} is not there: check that its name is right and its drive is connected.")
    refuse_unrecognised(path)
    if not is_as_of_today(path):
        raise Refused(
            f"{path} was last used with an earlier version of escalate, and moving does not change it:"
            f" bring it up to date first with escalate --db {as_typed(str(path))} verify"
        )
    with opening.connected(path) as file:
        yield file


@contextmanager
def arriving(path: Path, part: Path) -> Iterator[ArrivingFile]:
    """A new file for a path, made as `part`, which is there and empty. Raises StoreError and its kinds, Refused."""
    opening.begin(part)
    with opening.connected(part) as file:
        for pragma in _AS_IT_IS_MADE:
            file.connection.execute(pragma)
        yield ArrivingFile(file, part, path)


def remove_left_over(folder: Path) -> None:
    """Remove the half-made files of moves that were cut in a folder; those somebody is still at stay. Raises OSError."""
    for part in folder.glob(f"{PREFIX}*.part"):
        if not _is_being_made(part):
            part.unlink(missing_ok=True)
    for journal in folder.glob(f"{PREFIX}*.part-journal"):
        if not journal.with_name(journal.name.removesuffix("-journal")).exists():
            journal.unlink(missing_ok=True)


def _is_being_made(part: Path) -> bool:
    with closing(connect(part)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except database_errors() as problem:
            return code_of(problem) == sqlite3.SQLITE_BUSY
        return False
