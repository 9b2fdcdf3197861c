"""Who holds the sides of a case."""

from datetime import datetime
from typing import NamedTuple


class Holder(NamedTuple):
    """Who holds a side of a case."""

    side: str
    """`raising`, `receiving`, or the name of another agency."""
    role: str | None = None
    """What they are there."""
    name: str | None = None
    """Their name, where it was asked for."""
    email: str | None = None
    """Their address, where it was asked for."""
    erased_at: datetime | None = None
    """When who they are was erased (UTC), where it was."""
