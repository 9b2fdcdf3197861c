"""When in a case something is owed: during one stay at a stage, at any stage, or after a resolution."""

from functools import cache
from typing import NamedTuple


class Occasion(NamedTuple):
    """One stay at a stage, or what follows one resolution; with neither, any stage.

    The history and the file write it as one number: n for the n-th stay, 0 for any stage, -n for the n-th resolution.
    """

    stay: int | None = None
    """The number of the stay, from 1."""
    resolution: int | None = None
    """The number of the resolution, from 1."""

    @staticmethod
    @cache  # lists have very many of few numbers
    def numbered(number: int) -> "Occasion":
        """The occasion that the history and the file write as this number."""
        if number == 0:
            return AT_ANY_STAGE
        return Occasion(stay=number) if number > 0 else Occasion(resolution=-number)

    @property
    def number(self) -> int:
        """What the history and the file write."""
        return self.stay or -(self.resolution or 0)

    @property
    def at_any_stage(self) -> bool:
        """It is owed wherever the case is: a standing action."""
        return self.stay is None and self.resolution is None


AT_ANY_STAGE = Occasion()
