"""What is said of cases that were taken over from another office: how many, what they are called now, and what was left."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from escalate.output.documents import Document
from escalate.wording import how_many

SHOWN = 20
"""So many references are named; of more it says how many."""


class Taken(Protocol):
    """What became of the cases of another office."""

    @property
    def own_id(self) -> str: ...
    @property
    def head(self) -> str: ...
    @property
    def opened(self) -> Mapping[str, str]: ...
    @property
    def continued(self) -> Mapping[str, tuple[str, int]]: ...
    @property
    def there(self) -> Mapping[str, str]: ...
    @property
    def apart(self) -> Mapping[str, str]: ...
    @property
    def entries(self) -> int: ...
    @property
    def renamed(self) -> Mapping[str, str]: ...


def taken_page(
    taken: Taken, source: str, left_out: Sequence[str], differing: Sequence[str], *, written: bool
) -> Iterator[str]:
    """What was taken over, a line each; `left_out` says what was not carried, `differing` has cases judged otherwise here."""
    did = "were" if written else "would be"
    if taken.opened:
        yield (
            f"{how_many(len(taken.opened), 'case')} {did} taken over from {source},"
            " with every entry as it was recorded there: its time, and who recorded it."
        )
    if taken.renamed:
        yield f"{how_many(len(taken.renamed), 'reference')} {did} given again, because {'it is' if len(taken.renamed) == 1 else 'they are'} in use here:"
        shown = list(taken.renamed.items())[:SHOWN]
        yield "\n".join(f"  {there} there, {here} here" for there, here in shown)
        if more := len(taken.renamed) - len(shown):
            yield f"  and {more} more: --json has all of them. escalate search finds a case by its old reference too."
    if taken.continued:
        added = ", ".join(
            f"{here} ({how_many(number, 'entry', 'entries')})" for here, number in taken.continued.values()
        )
        yield f"More was recorded there since, and {did} added: {added}."
    if taken.there:
        yield f"{how_many(len(taken.there), 'case is', 'cases are')} here already, with all that was recorded there."
    if taken.apart:
        yield (
            f"Left alone, because since they were taken over something else was recorded both here and there: {_named(taken.apart)}."
            " Read both with escalate log, and record here what is missing."
        )
    if differing:
        yield (
            f"The calendar was changed at other times here than there, so that what was met or missed by then is judged otherwise here: {', '.join(differing)}."
        )
    if not (taken.opened or taken.continued or taken.apart):
        yield "Nothing is new there."
    yield from left_out
    yield f"Head there: {taken.head}"


def _named(cases: Mapping[str, str]) -> str:
    return ", ".join(here if here == there else f"{here} ({there} there)" for there, here in cases.items())


def taken_document(
    taken: Taken, source: str, differing: Sequence[str], backup: str | None, *, written: bool
) -> Document:
    """The same for a script."""
    return {
        "from": source,
        "file": taken.own_id,
        "head": taken.head,
        "dry_run": not written,
        "entries": taken.entries if written else 0,
        "taken": dict(taken.opened),
        "continued": {there: {"case": here, "entries": number} for there, (here, number) in taken.continued.items()},
        "there": dict(taken.there),
        "left_alone": dict(taken.apart),
        "judged_otherwise": list(differing),
        "backup": backup,
    }
