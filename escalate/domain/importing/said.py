"""What a history says of a case, field by field as a log has it: so that what a log said before, says now, and what is so here can be held side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from escalate.domain.case.details import LISTS, SIDES
from escalate.domain.case.entries import (
    ADVANCED,
    ASSIGNED,
    NOTED,
    OPENED,
    REOPENED,
    RESOLVED,
    SET,
    VOIDED,
    WITHDRAWN,
    Entry,
)
from escalate.domain.worktime.clock import read_instant

GOES_ON = "goes_on"
"""What a note has in its data that holds only what was added in a cell of a log."""


@dataclass(frozen=True, slots=True)
class StageSaid:
    """A stage that a case came to."""

    route: str
    """The key of its route."""
    stage: str
    """Its key."""
    at: datetime
    """When the case came to it (UTC)."""
    entry: int
    """The number of the entry that says so."""


@dataclass(slots=True)
class Said:
    """What entries say, each thing as the last of them has it."""

    raised_at: datetime | None = None
    """When it was raised (UTC)."""
    concern_at: datetime | None = None
    """When the concern arose (UTC); None where nobody said."""
    stages: list[StageSaid] = field(default_factory=list)
    """The stages it came to, in order."""
    status: str = "open"
    """`open`, `resolved`, `withdrawn` or `void`."""
    ended_at: datetime | None = None
    """When it was closed (UTC); None while it is open, and where nobody knows."""
    ended_entry: int | None = None
    """The number of the entry that closed it."""
    values: dict[str, str] = field(default_factory=dict)
    """The two sides, the lists and the facts, by the names that people type for them; the parts of a list between semicolons."""
    words: dict[str, str] = field(default_factory=dict)
    """Free text, by its name."""
    hidden: set[str] = field(default_factory=set)
    """Names of words and identities that are there and cannot be read: nobody asked for them, or they are erased."""
    held: set[str] = field(default_factory=set)
    """The sides that somebody holds."""
    notes: list[str] = field(default_factory=list)
    """The notes."""


def said_by(entries: Iterable[Entry]) -> Said:
    """What entries say of a case."""
    said = Said()
    for entry in entries:
        _add(said, entry)
    return said


def _add(said: Said, entry: Entry) -> None:
    data = entry.data
    if entry.kind == OPENED:
        said.raised_at = entry.at
    if entry.kind in (OPENED, ADVANCED):
        said.stages.append(StageSaid(data["route"], data["stage"], entry.at, entry.seq))
    if entry.kind in (OPENED, SET):
        _add_details(said, entry)
    elif entry.kind in (RESOLVED, WITHDRAWN, VOIDED):
        said.status, said.ended_entry = "void" if entry.kind == VOIDED else entry.kind, entry.seq
        said.ended_at = None if data.get("undated") else entry.at
        said.words |= {"how" if name == "text" else name: text for name, text in entry.words.items()}
        said.hidden |= {"how" if name == "text" else name for name in entry.withheld}
    elif entry.kind == REOPENED:
        said.status, said.ended_at, said.ended_entry = "open", None, None
    elif entry.kind == ASSIGNED:
        said.held.add(data["side"])
    elif entry.kind == NOTED:
        _add_note(said, entry)


def _add_note(said: Said, entry: Entry) -> None:
    """A note; what goes on from one that is there stands with it, as in the cell of a log."""
    text = entry.words.get("text", "")
    label, _, added = text.partition(": ")
    before = next((n for n, each in enumerate(said.notes) if each.startswith(f"{label}: ")), None)
    if entry.data.get(GOES_ON) and before is not None:
        said.notes[before] += f" {added}"
    else:
        said.notes.append(text)


def _add_details(said: Said, entry: Entry) -> None:
    data = entry.data
    details = {**data, **data.get("particulars", {})}
    if details.get("concern_at"):
        said.concern_at = read_instant(details["concern_at"])
    said.values |= {typed: details[name] for typed, name in SIDES.items() if details.get(name)}
    said.values |= {typed: "; ".join(details[name]) for typed, name in LISTS.items() if name in details}
    said.values |= data["facts"]
    said.words |= entry.words
    said.hidden |= {*entry.identities, *entry.withheld}
