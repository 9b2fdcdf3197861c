"""A case opened from a row of a log, as later rows of that log are matched with it."""

from datetime import datetime
from typing import NamedTuple


class Imported(NamedTuple):
    """A case that was opened from a row of a log, with what the row said by which it is known again."""

    case: str
    """The reference of the case."""
    digest: str
    """A digest of the whole row."""
    subject: str | None
    """The reference of the person, if the row has one."""
    raised_at: datetime
    """When the case was raised (UTC)."""
