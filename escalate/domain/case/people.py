"""Who holds the sides of a case."""

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
