"""Moving all cases from one place to another: from a file to a server, or from a server to a file.

The source is only read. The target is empty until all has arrived and was checked there: a server takes it in one transaction, and
a file gets its name at the end. So a move that is cut leaves nothing, or all of it, and the same move again finishes.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from escalate import durable
from escalate.errors import NotOurFile, Refused
from escalate.storage.backups.part_files import part_file, refuse_link, sentences
from escalate.storage.engines import arriving_at, arriving_in, leaving, remove_left_over
from escalate.storage.files.paths import is_there
from escalate.storage.interface import Database
from escalate.storage.places import FilePlace, Place, ServerPlace
from escalate.storage.store import Store
from escalate.storage.whole import PARTS, Arrival, rows_of

Watched = Callable[[Iterable[Any], int | None, str], Iterator[Any]]
"""Passes things on and shows how many there were, of how many if that is known, in doing what."""


class Holding(NamedTuple):
    """What a place holds."""

    cases: int
    """How many cases."""
    entries: int
    """How many entries they have."""
    recorded_at: datetime | None
    """When the last entry was recorded (UTC)."""
    head: str
    """The head of the chain."""
    own_id: str
    """The random name that the chain begins with."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was recorded in it."""
        return self.head.startswith("0:")


class Moved(NamedTuple):
    """How a move ended."""

    before: Holding
    """What the source holds."""
    after: Holding
    """What the target holds; in a dry run what it would hold."""
    was_there: bool
    """All of it had arrived before, in a move that could not say so."""


def move(source: Place, target: Place, watched: Watched, *, dry_run: bool = False) -> Moved:
    """Move all cases of a source to an empty target, and check there that they are what they were.

    Raises StoreError and its kinds, Refused. Then nothing is in the target, unless the error is PerhapsRecorded.
    """
    with leaving(source) as left, left.reading():
        before = _holding(left)
        there = _there_already(target)
        if there:
            _refuse_others(source, before, target, there)
            with leaving(target) as arrived:
                _refuse_faults(arrived, target, source, watched)
            if (
                isinstance(target, FilePlace) and not dry_run
            ):  # cut after it had its name, and before its journal was gone
                _clear(target.path.parent)
            return Moved(before, there, was_there=True)
        if dry_run:
            _refuse_faults(left, source, source, watched)
            return Moved(before, before, was_there=False)
        with _arrival(target) as arrival:
            _carry(left, arrival, watched)
            after = _holding(arrival.database)
            _refuse_faults(arrival.database, target, source, watched)
            if after != before:
                raise NotOurFile(f"What arrived at {target} is not what {source} holds. Nothing was left there.")
            arrival.keep()
    return Moved(before, after, was_there=False)


def _holding(database: Database) -> Holding:
    store = Store(database)
    return Holding(*store.history.size, store.head, store.own_id)


def _there_already(target: Place) -> Holding | None:
    """What the target holds, if anything was recorded there; None for a file that is not there. Raises StoreError, Refused."""
    if isinstance(target, FilePlace):
        refuse_link(target.path)
        if not is_there(target.path):
            return None
    with leaving(target) as database:
        held = _holding(database)
    return None if held.is_empty and isinstance(target, ServerPlace) else held


def _refuse_others(source: Place, before: Holding, target: Place, there: Holding) -> None:
    """Refuse a target that has anything else than all that the source has. Raises Refused."""
    if there.own_id != before.own_id:
        instead = (
            "name a file that is not there yet" if isinstance(target, FilePlace) else "name a server that has none"
        )
        raise Refused(f"There are other cases at {target} already: {instead}. Nothing was moved.")
    if there.head != before.head:
        raise Refused(
            f"The cases of {source} were moved to {target} before, and since then something was recorded in one of the two:"
            " go on with the one that escalate verify says has the longer record, and keep the other away. Nothing was moved."
        )


@contextmanager
def _arrival(target: Place) -> Iterator[Arrival]:
    if isinstance(target, ServerPlace):
        with arriving_at(target) as arrival:
            yield arrival
        return
    folder = target.path.parent
    prefix = _clear(folder)
    with part_file(folder, prefix) as part, sentences(folder), arriving_in(target, part) as arrival:
        yield arrival


def _clear(folder: Path) -> str:
    """Remove what moves that were cut have left in a folder; how the names of half-made files begin there. Raises Refused."""
    with sentences(folder):
        durable.make_folder(folder)
        return remove_left_over(folder)


def _carry(left: Database, arrival: Arrival, watched: Watched) -> None:
    """Take over every row, and what belongs to all of them."""
    pieces = ((part, rows) for part in PARTS for rows in rows_of(left, part))
    for part, rows in watched(pieces, None, "Moving"):
        arrival.take(part, rows)
    arrival.complete()


def _refuse_faults(database: Database, place: Place, source: Place, watched: Watched) -> None:
    """Refuse what is not as it was recorded, or not what the history comes to. Raises NotOurFile."""
    store = Store(database)
    refs = store.history.refs()
    for faults in watched(store.checks.cases(refs), len(refs), "Checking cases"):
        if faults:
            raise NotOurFile(
                f"{place} would not be in order ({faults[0]}): see what escalate doctor says of {source}. Nothing was moved."
            )
