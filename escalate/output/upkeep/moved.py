"""What is said of a move: how much arrived, both heads, and what to do with what it left."""

from collections.abc import Iterator
from typing import Protocol

from escalate.output.documents import Document
from escalate.wording import how_many


class Holding(Protocol):
    """What a place holds."""

    @property
    def cases(self) -> int: ...
    @property
    def entries(self) -> int: ...
    @property
    def head(self) -> str: ...


class Moved(Protocol):
    """How a move ended."""

    @property
    def before(self) -> Holding: ...
    @property
    def after(self) -> Holding: ...
    @property
    def was_there(self) -> bool: ...


def moved_page(moved: Moved, source: object, target: object, *, dry_run: bool) -> Iterator[str]:
    """What was moved, a line each."""
    much = f"{how_many(moved.after.cases, 'case')} and {how_many(moved.after.entries, 'entry', 'entries')}"
    if moved.was_there:
        yield f"{much} are at {target} already, as they are at {source}: nothing was left to do."
    elif dry_run:
        yield f"{much} would go from {source} to {target}, and are in order. Dry run: nothing was moved."
    else:
        yield f"{much} were moved from {source} to {target}, and were checked there."
    yield f"Head before: {moved.before.head}"
    if not dry_run or moved.was_there:
        yield f"Head after:  {moved.after.head}"
        yield (
            f"{source} is as it was, and nothing recorded there from now on gets to {target}:"
            " have everybody use the new place, and keep the old one away, or remove it when you no longer need it."
        )


def moved_document(moved: Moved, source: object, target: object, *, dry_run: bool) -> Document:
    """The same for a script."""
    return {
        "from": str(source),
        "to": str(target),
        "dry_run": dry_run,
        "moved": not (dry_run or moved.was_there),
        "was_there": moved.was_there,
        "cases": moved.after.cases,
        "entries": moved.after.entries,
        "head_before": moved.before.head,
        "head_after": moved.after.head if moved.was_there or not dry_run else None,
    }
