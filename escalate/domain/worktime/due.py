"""Where an allowance runs out, and the nouns beside it. Tuples with names, because every list and report makes many."""

from datetime import date, datetime
from typing import NamedTuple

Stop = tuple[datetime, datetime | None]
"""A time during which a clock stands still: from one instant to another, or None while it still does."""


class Due(NamedTuple):
    """Where an allowance runs out: `at` is an instant, `on` its London date; `provisional` beyond what is known (C12)."""

    on: date
    at: datetime
    provisional: bool


class ActBy(NamedTuple):
    """The last working moment for something due (rule C8); `outside_hours` when there is none and it is the deadline itself."""

    at: datetime
    outside_hours: bool
