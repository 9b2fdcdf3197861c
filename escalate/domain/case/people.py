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
    phone: str | None = None
    """Their telephone number, where it was asked for."""
    erased_at: datetime | None = None
    """When who they are was erased (UTC), where it was."""


class SameHolder(NamedTuple):
    """A side that is held by somebody whom the protocol does not want there."""

    side: str
    """`raising`, `receiving`, or the name of another agency."""
    stage: str
    """The key of the stage before, which they held a side at."""
