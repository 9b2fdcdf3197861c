"""Keeping the head of the record elsewhere at each digest and backup, and holding the record against what was kept."""

from collections.abc import Iterator
from pathlib import Path

from escalate import durable
from escalate.commands.shared.session import Session
from escalate.domain.worktime.clock import spoken
from escalate.errors import EscalateError, Refused, listed
from escalate.output.terminal import complain
from escalate.storage.files.signing import signed
from escalate.storage.files.witness import Kept, Witnessed, add, read_kept
from escalate.storage.store import Store
from escalate.storage.witnessed import Witness, lost, present_head, record_of, replaced, unsigned, witness
from escalate.wording import how_many


def bear_witness(here: Session, store: Store, what: str) -> None:
    """Keep the head as it is now. Where that cannot be done, it is said, and the command goes on."""
    keep(here, present_head(store.database, here.now, what, store.history.size.entries))


def keep(here: Session, head: Witnessed) -> None:
    """Keep a head beside the backups, and in the folder that the settings name, with what that missed before."""
    head = _with_signature(here, head)
    places = folders(here)
    for folder in places:
        try:
            if folder == here.settings.backups:
                _make(folder)
                add(folder, [head])
            else:
                _catch_up(places[0], folder, head)
        except Refused as problem:
            complain(f"The head was not kept: {problem.sentence}")


def kept(here: Session, store: Store) -> Witness:
    """What was kept of the record that is open."""
    return witness(folders(here), record_of(store.database))


def faults(here: Session, store: Store, found: Witness, *, all_signatures: bool) -> list[str]:
    """What the record has lost or has otherwise than was kept of it, and whose signatures do not fit; a sentence each."""
    entries, signers = store.history.size.entries, here.settings.witness_signers
    said = [lost(store.database, heads, where, entries) for where, heads in _by_place(found)]
    for place in found.places:
        to_verify = place.heads if all_signatures else place.heads[-1:]
        try:
            said += unsigned(place, signers, frozenset(to_verify))
        except Refused as problem:
            said.append(problem.sentence.rstrip("."))
    return [fault for fault in dict.fromkeys(said) if fault]


def remarks(store: Store, found: Witness) -> list[str]:
    """What is worth knowing of what was kept, a sentence each."""
    broken = [
        f"{how_many(place.broken, 'line', 'lines')} of {place.path} {'is' if place.broken == 1 else 'are'} not whole, and passed over"
        for place in found.places
        if place.broken
    ]
    strange = [
        f"the heads in {place.path} are of other records, and none is of this one"
        for place in found.places
        if place.others and not place.heads
    ]
    restored = [said for _, heads in _by_place(found) for said in replaced(store.database, heads)]
    return list(dict.fromkeys([*found.away, *broken, *strange, *restored]))


def _by_place(found: Witness) -> Iterator[tuple[str, list[Witnessed]]]:
    """The heads that were kept, with where; of places that have the same once."""
    several: dict[tuple[str, ...], list[Kept]] = {}
    for place in found.places:
        several.setdefault(tuple(head.said for head in place.heads), []).append(place)
    for same in several.values():
        yield listed([str(each.path) for each in same], "and"), same[0].heads


def folders(here: Session) -> list[Path]:
    """Where heads are kept: beside the backups, and where the settings say."""
    elsewhere = here.settings.witness
    return list(dict.fromkeys([here.settings.backups, *([elsewhere] if elsewhere else [])]))


def _make(folder: Path) -> None:
    try:
        durable.make_folder(folder)
    except OSError as problem:
        raise Refused(f"{folder} cannot be made ({problem.strerror or problem}).") from problem


def _catch_up(own: Path, folder: Path, head: Witnessed) -> None:
    """Keep a head in a folder elsewhere, with those that it has not although they are beside the backups. Raises Refused.

    The folder is not made: where it is not there, its drive is away, and a folder in its place would hide that.
    """
    if not folder.is_dir():
        raise Refused(f"{folder} is not there: check that its drive is connected, or make it.")
    there = {each.said for each in read_kept(folder, head.record).heads}
    try:
        missed = [each for each in read_kept(own, head.record).heads if each.said not in {*there, head.said}]
    except Refused:  # which is said of it anyway
        missed = []
    add(folder, [*missed, head])
    if missed:
        said = spoken(missed[0].at) if len(missed) == 1 else f"{spoken(missed[0].at)} to {spoken(missed[-1].at)}"
        complain(f"{folder} had not {how_many(len(missed), 'head')} of {said}: kept there now as well.")


def _with_signature(here: Session, head: Witnessed) -> Witnessed:
    """The same head, signed if the settings name a key; where that fails it is said."""
    key = here.settings.witness_key
    if key is None:
        return head
    try:
        return head._replace(signature=signed(f"{head.said}\n", key))
    except EscalateError as problem:
        complain(f"The head was kept without a signature: {problem.sentence}")
        return head
