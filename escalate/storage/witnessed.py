"""The record held against the heads that were kept of it elsewhere: what it has lost, or has otherwise than it was."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from escalate.domain.worktime.clock import spoken
from escalate.errors import Refused
from escalate.storage import chain
from escalate.storage.files.signing import is_signed
from escalate.storage.files.witness import RESTORED, Kept, Witnessed, read_kept
from escalate.storage.hashes import hash_of
from escalate.storage.interface import Database
from escalate.wording import how_many


class Witness(NamedTuple):
    """All that was kept elsewhere of one record."""

    places: tuple[Kept, ...]
    """What each file says."""
    away: tuple[str, ...]
    """Why a file cannot be read, a sentence each."""

    @property
    def heads(self) -> list[Witnessed]:
        """Every head, the earliest first; one that several files have, once."""
        found = {each.said: each for kept in self.places for each in kept.heads}
        return sorted(found.values(), key=lambda each: each.at)


def record_of(database: Database) -> str:
    """What tells the record that whoever asks can see from every other: the file's random name, or one of their agency's chain in it."""
    own_id = chain.file_name(database)
    if database.agency is None:
        return own_id
    return hash_of(f"{own_id}/{database.agency}")[:32]


def present_head(database: Database, at: datetime, what: str, entries: int) -> Witnessed:
    """The head as it is now."""
    return Witnessed(at, what, record_of(database), *chain.last_link(database), entries)


def witness(folders: Sequence[Path], record: str) -> Witness:
    """What the files in these folders say of a record."""
    places: list[Kept] = []
    away: list[str] = []
    for n, folder in enumerate(folders):
        if n and not folder.is_dir():
            away.append(f"{folder} is not there, where heads are kept as well: check that its drive is connected")
            continue
        try:
            places.append(read_kept(folder, record))
        except Refused as problem:
            away.append(problem.sentence.rstrip("."))
    return Witness(tuple(places), tuple(away))


def lost(database: Database, heads: Sequence[Witnessed], where: str, entries: int) -> str | None:
    """What was kept somewhere and the record has not, and since when; None where all is there. `entries` is how many it has now."""
    went_on = {head: _holds(database, head) for head in heads}
    gone = [head for head in _not_replaced(heads) if not went_on[head]]
    if not gone:
        return None
    last, first = max(gone, key=_reach), min(gone, key=_reach)
    before = max((head for head in heads if went_on[head] and head.link <= first.link), key=_reach, default=None)
    since = f"since {spoken(before.at)}" if before else "from the beginning on"
    if all(went_on[head] is None for head in gone):
        missing = last.entries - entries
        what = how_many(missing, "entry", "entries") if missing > 0 else "something"
        verb = "are" if missing > 1 else "is"
        return (
            f"the head of {spoken(last.at)} ({_short(last)}), kept in {where}, is missing:"
            f" {what} recorded {since} {verb} gone, or this is an older copy"
        )
    return (
        f"the head of {spoken(first.at)} ({_short(first)}), kept in {where}, is missing:"
        f" something recorded {since} and up to then was changed or is gone"
    )


def replaced(database: Database, heads: Sequence[Witnessed]) -> Iterator[str]:
    """A sentence for each backup that was restored and had less than what was kept before says."""
    for n, head in enumerate(heads):
        if head.what == RESTORED:
            most = max((each.entries for each in heads[:n] if not _holds(database, each)), default=0)
            if most > head.entries:
                number = how_many(most - head.entries, "entry", "entries")
                verb = "is" if most - head.entries == 1 else "are"
                yield f"a backup was restored on {spoken(head.at)}: {number} recorded before that {verb} not in it"


def unsigned(kept: Kept, signers: Path | None, to_verify: Collection[Witnessed]) -> Iterator[str]:
    """A sentence for each of the heads whose signature does not fit, and for any without one although signers are set. Raises Refused.

    Heads from before the first that was signed need none.
    """
    begins = next((n for n, head in enumerate(kept.heads) if head.signature), len(kept.heads))
    for head in kept.heads[begins:]:
        where = f"the head of {spoken(head.at)} ({_short(head)}) in {kept.path}"
        if not head.signature:
            if signers:
                yield f"{where} has no signature, although heads were signed before it"
        elif head in to_verify and not is_signed(f"{head.said}\n", head.signature, signers):
            whose = f", or is not by a signer in {signers}" if signers else ""
            yield f"{where} has a signature that does not fit{whose}"


def _not_replaced(heads: Sequence[Witnessed]) -> list[Witnessed]:
    """The heads that ought to be in the record: what a backup that had less took the place of, somebody wished gone."""
    found, least = [], float("inf")
    for head in reversed(heads):
        if head.link <= least:
            found.append(head)
        if head.what == RESTORED:
            least = min(least, head.link)
    return found


def _holds(database: Database, head: Witnessed) -> bool | None:
    """Whether the record once had a head; None where it ends before that."""
    return chain.holds(database, (head.link, head.hash))


def _reach(head: Witnessed) -> int:
    return head.link


def _short(head: Witnessed) -> str:
    return f"{head.link}:{head.hash[:8]}…"
