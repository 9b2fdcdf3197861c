"""What a search of the words of cases finds."""

from typing import NamedTuple

from escalate.domain.case.entries import OPENED
from escalate.domain.deadlines.model import CaseLine

MARK = "\x02"
"""Stands before and after what was looked for, in a passage that has it."""


class Passage(NamedTuple):
    """A passage in which something was found."""

    entry: int
    """The number of its entry."""
    kind: str
    """The kind of that entry."""
    field: str
    """Which words of the entry it is from."""
    text: str
    """The piece, with a MARK before and after each thing found."""
    taken_back: bool
    """The entry was taken back."""


class Found(NamedTuple):
    """A case in which something was found."""

    case: CaseLine
    """The case."""
    passages: tuple[Passage, ...]
    """Where in it."""


def called_before(reference: str) -> Passage:
    """What is found of a case by the reference it had in another file, from which it was taken over."""
    return Passage(1, OPENED, "reference", f"{MARK}{reference}{MARK}", taken_back=False)
