"""Where an allowance runs out, and the nouns beside it. Named tuples, because every list and report makes many."""

from datetime import date, datetime
from typing import NamedTuple

Stop = tuple[datetime, datetime | None]
"""A time during which a clock stands still: from one instant to another, or None while it still does."""


class Due(NamedTuple):
    """Where an allowance runs out."""

    on: date
    """Its last day, in London."""
    at: datetime
    """The instant it runs out."""
    provisional: bool
    """It lies beyond what is known of bank holidays and terms (rule C12)."""


class ActBy(NamedTuple):
    """By when to act on something due (rule C8)."""

    at: datetime
    """The last working moment before it is due, an instant."""
    outside_hours: bool
    """There is none, so that it is the deadline itself."""
