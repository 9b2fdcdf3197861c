"""Which deadlines somebody means by the keys they type, in capital letters or small ones."""

from collections.abc import Iterable

from escalate.domain.deadlines.model import Deadline


def deadlines_of(deadlines: Iterable[Deadline], action: str) -> list[Deadline]:
    """Those of an action."""
    key = action.casefold()
    return [deadline for deadline in deadlines if deadline.action.casefold() == key]


def deadlines_at(deadlines: Iterable[Deadline], stage: str | None) -> list[Deadline]:
    """Those at a stage, or all of them where none is named."""
    return [deadline for deadline in deadlines if stage is None or deadline.stage.casefold() == stage.casefold()]
