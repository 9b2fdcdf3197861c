"""A paper as every format writes it: what it is about, its parts, and what whoever reads it has to know."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from escalate.output.paper.parts import Grid, Heading, Part, parts, plain

UNNAMED = "Nobody is named: names, dates of birth, addresses, telephone numbers and e-mail addresses are left out, and who recorded what. Words are as they were written."
"""What a paper about a case says that was made without --identify."""

NAMED = "This names people: it is for those alone who may know who they are."
"""What it says that was made with it."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper."""

    title: str
    """What it is about."""
    parts: tuple[Part, ...]
    """All that it says; headings begin at depth 0 and miss no depth."""
    at: datetime
    """The present moment (UTC)."""
    notes: tuple[str, ...]
    """How it came about, and what is left out."""

    @property
    def headings(self) -> list[str]:
        """Those that nothing stands above."""
        return [
            plain([[run for run in part.line if "faint" not in run.looks]]).strip()
            for part in self.parts
            if isinstance(part, Heading) and part.depth == 0
        ]


def paper(
    shown: Any, at: datetime, notes: Sequence[str], title: str | None = None, pictures: Sequence[Part] = ()
) -> Paper:
    """What is shown at a terminal as a paper; its first heading says what it is about, if no title does. `pictures` stand before its first table or, without one, before what its first heading is of."""
    found = list(parts(shown))
    if title is None:
        said = next(part for part in found if isinstance(part, Heading))
        found.remove(said)
        title = plain([said.line])
    there = [n for n, part in enumerate(found) if isinstance(part, Grid)]
    there += [n for n, part in enumerate(found) if isinstance(part, Heading)]
    first = there[0] if there else len(found)
    found[first:first] = pictures
    return Paper(title, tuple(_with_depths(found)), at, tuple(notes))


def _with_depths(found: Sequence[Part]) -> Iterator[Part]:
    """The same parts, the depths of their headings counted from 0 without a gap."""
    depths = sorted({part.depth for part in found if isinstance(part, Heading)})
    for part in found:
        yield replace(part, depth=depths.index(part.depth)) if isinstance(part, Heading) else part
