"""An open deadline that newer rules give another date, bring to light or end."""

from datetime import datetime
from typing import NamedTuple


class Redated(NamedTuple):
    """A deadline that is or was open, by the rules before and by those of now. Every time is an instant (UTC); None where it has no date."""

    case: str
    """The reference of the case."""
    stage: str
    """The key of the stage."""
    action: str
    """The key of the action."""
    was: datetime | None
    """When it was due."""
    becomes: datetime | None
    """When it is due."""
    was_open: bool
    """It was owed already."""
    is_open: bool
    """It is owed still."""
