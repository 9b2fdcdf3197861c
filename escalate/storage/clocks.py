"""By which clock everything was recorded: what was recorded with the clock set by hand, and where the computer's own clock was set back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from escalate.domain.case.look import Look
from escalate.domain.worktime.clock import read_instant
from escalate.errors import NotOurFile
from escalate.storage.interface import Database
from escalate.storage.looks import Looks
from escalate.storage.origins import taken_entries
from escalate.storage.rows import CLOCK, read_json

APART = timedelta(minutes=10)
"""So much earlier than the entry before it one may be: somebody may have waited for the lock, or thought about a question, and clocks differ."""


class SetByHand(NamedTuple):
    """Something that was recorded while ESCALATE_NOW set the present moment."""

    what: str
    """`entry 3 of E0001`, `look *@2`, `the edition 2025-06 of hull-east-riding`, `version 3 of the england-and-wales calendar`."""
    recorded_at: datetime
    """When it says it was recorded (UTC)."""
    clock: datetime
    """What the computer's own clock said (UTC)."""


class SetBack(NamedTuple):
    """An entry before which the computer's own clock was set back."""

    what: str
    """`entry 3 of E0001`."""
    clock: datetime
    """What the clock said as it was recorded (UTC)."""
    before: str
    """The entry recorded before it."""
    clock_before: datetime
    """What the clock said then (UTC)."""


class Clocks(NamedTuple):
    """What there is to say of the clocks."""

    by_hand: list[SetByHand]
    """In the order in which it was recorded: entries, looks, editions, versions of calendars."""
    back: list[SetBack]
    """In the order in which it was recorded."""


def clocks(database: Database) -> Clocks:
    """By which clock everything was recorded that whoever asks may see. What is damaged is left out: the chain tells that. Inside `reading`."""
    by_hand: list[SetByHand] = []
    back: list[SetBack] = []
    last: dict[str, tuple[str, datetime]] = {}
    taken = taken_entries(database)
    for number, ref, seq, recorded_at, by_itself in _entries(database):
        what, clock = f"entry {seq} of {ref}", by_itself or recorded_at
        if by_itself:
            by_hand.append(SetByHand(what, recorded_at, by_itself))
        if any(first <= number <= end for first, end in taken):  # by the clocks of another office
            continue
        # An agency gets to see a whole case at once: only within it are its entries in the order of their recording.
        chain = ref if database.agency else ""
        before, clock_before = last.get(chain, (what, clock))
        if clock_before - clock > APART:
            back.append(SetBack(what, clock, before, clock_before))
        last[chain] = what, clock
    by_hand += [SetByHand(f"look {each.key}", each.at, each.clock) for each in _looks(database) if each.clock]
    by_hand += _judged_by(database)
    return Clocks(by_hand, back)


def _entries(database: Database) -> Iterator[tuple[int, str, int, datetime, datetime | None]]:
    """The id (0 for an agency, which sees none), case and number of each entry, when it says it was recorded, and what the computer's clock said where that was another."""
    for row in database.stream("agency_links" if database.agency else "whole_entries"):
        if not isinstance(row["data"], str):  # of a server: a case that the agency sees no more
            continue
        try:
            said = read_json(row["data"]).get(CLOCK) if f'"{CLOCK}":' in row["data"] else None
            number = 0 if database.agency else row["id"]
            at = read_instant(row["recorded_at"])
            read = number, row["case_ref"], row["seq"], at, read_instant(said) if said else None
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
        yield read


def _judged_by(database: Database) -> Iterator[SetByHand]:
    """The editions of protocols and the versions of calendars that were kept with the clock set by hand."""
    editions = (
        (f"the edition {row['dated']} of {row['protocol']}", row["recorded_at"], row["clock"])
        for row in database.rows("editions_by_hand")
    )
    versions = (
        (f"version {row['version']} of the {row['calendar']} calendar", row["made_at"], row["clock"])
        for row in database.rows("versions_and_commitments")
        if row["clock"]
    )
    for what, at, clock in (*editions, *versions):
        try:
            yield SetByHand(what, read_instant(at), read_instant(clock))
        except ValueError:
            continue


def _looks(database: Database) -> list[Look]:
    try:
        return Looks(database).all(identify=False)
    except NotOurFile:
        return []
