"""Which deadlines somebody means by the keys they type, in capital letters or small ones."""

from collections.abc import Iterable

from escalate.domain.deadlines.model import Deadline


def deadlines_of(deadlines: Iterable[Deadline], action: str) -> list[Deadline]:
    """Those of an action, by its key or by a beginning that no other of them has."""
    there, key = list(deadlines), action.casefold()
    if found := [deadline for deadline in there if deadline.action.casefold() == key]:
        return found
    begun = [deadline for deadline in there if key and deadline.action.casefold().startswith(key)]
    return begun if len({deadline.action for deadline in begun}) == 1 else []


def deadlines_at(deadlines: Iterable[Deadline], stage: str | None) -> list[Deadline]:
    """Those at a stage, or all of them where none is named."""
    return [deadline for deadline in deadlines if stage is None or deadline.stage.casefold() == stage.casefold()]
