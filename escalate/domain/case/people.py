"""Who holds the sides of a case."""

from typing import NamedTuple


class Holder(NamedTuple):
    """Who holds a side of a case; name and e-mail only where they were asked for."""

    side: str
    """`raising`, `receiving`, or the name of another agency."""
    role: str | None = None
    name: str | None = None
    email: str | None = None
