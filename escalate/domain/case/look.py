"""A look at who people are: which login saw names, of which cases, when and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

REASON, ASKED = "reason", "asked"
"""What can be erased of a look: why somebody looked, and whom they asked for by words that may be a name."""

ERASED_LOOKS = "erased"
"""What a record says of looks whose words are erased: their keys."""

TAKEN_OVER = "taken_over"
"""What a record says of cases that were taken over from another file: which file, what head it had, and what its cases were called there."""

ERASED_REASONS, RESEALED = "erased_reasons", "resealed"
"""What a record says of versions of calendars whose reasons are erased: their keys; and what is left of those that commit to no words."""


class Look(NamedTuple):
    """One look at names, dates of birth, addresses or e-mail addresses."""

    agency: str
    """The key of the agency that looked, on a server; `*` for the business unit, and in a file."""
    id: int
    """Its number among the looks of that agency, from 1."""
    at: datetime
    """When it was (UTC)."""
    by: str
    """Who looked, as entries have it."""
    login: str | None
    """Who was logged in on a server; None in a file."""
    command: str
    """The command that showed them: `show`, `export csv`."""
    cases: tuple[str, ...] = ()
    """The references of the cases that were shown, the newest first."""
    data: Mapping[str, Any] = {}
    """The filters that were given, and for a record of an erasure which looks lost their words."""
    words: Mapping[str, str] = {}
    """The reason, and what was asked for, as far as they are here and were asked for."""
    withheld: tuple[str, ...] = ()
    """The names of words that were recorded and were not asked for."""
    gone: tuple[str, ...] = ()
    """The names of words that were erased."""
    clock: datetime | None = None
    """What the computer's own clock said, where `at` is of a clock that was set by hand; None where it is the computer's."""

    @property
    def key(self) -> str:
        """What stands for it in the chain."""
        return key(self.agency, self.id)


def key(agency: str, number: int) -> str:
    """What stands for a look in the chain: `*@12`."""
    return f"{agency}@{number}"


def taken_over(own_id: str, head: str, entries: tuple[int, int], places: Mapping[str, object]) -> dict[str, object]:
    """What the record of cases taken over from another file says: the name and the head of that file, the ids that the first and the last of their
    entries have here, and everywhere each case was before, by its reference here.
    """
    first, last = entries
    return {TAKEN_OVER: {"file": own_id, "head": head, "first": first, "last": last, "cases": dict(places)}}
