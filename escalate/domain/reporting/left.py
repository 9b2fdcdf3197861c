"""Cases that leave the list of an agency, because it is no side of them any more."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import SET, UNDONE, Entry
from escalate.domain.case.model import Case
from escalate.domain.case.replay import replay


class Departure(NamedTuple):
    """A case that left a list."""

    case: str
    """The reference of the case."""
    entry: int
    """The number of the entry with which it left."""
    at: datetime
    """When that was recorded (UTC)."""
    by: str
    """Who recorded it."""


def departures(case: Case, since: datetime) -> Iterator[tuple[Departure, Case]]:
    """Each entry recorded after an instant with which an agency was no side of a case any more, and the case as it was before."""
    for count, entry in enumerate(case.history):
        if entry.kind in (SET, UNDONE) and entry.recorded_at > since:
            before = replay(case.history[:count])
            if agencies_left(before, replay(case.history[: count + 1])):
                yield _departure(case.ref, entry), before


def agencies_left(before: Case, after: Case) -> list[str]:
    """The agencies that were a side of a case and are none any more, however their names were written."""
    sides = {alike(each) for each in (after.raising_agency, after.receiving_agency) if each}
    return [each for each in (before.raising_agency, before.receiving_agency) if each and alike(each) not in sides]


def alike(agency: str) -> str:
    """The name of an agency as a server compares it: capital letters and spaces make no difference."""
    return " ".join(agency.split()).lower()


def _departure(ref: str, entry: Entry) -> Departure:
    return Departure(ref, entry.seq, entry.recorded_at, entry.by)
