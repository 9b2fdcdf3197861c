"""The people who have more than one open case once a log is taken over."""

from collections.abc import Iterable
from typing import NamedTuple

from escalate.domain.importing.rows import Outcome


class SeveralOpen(NamedTuple):
    """The open cases of one person, of which a log brings at least one."""

    subject: str
    """The record number of the person."""
    here: tuple[str, ...]
    """The references of those that are here already."""
    rows: tuple[Outcome, ...]
    """The rows that open one."""


def several_open(outcomes: Iterable[Outcome], here: Iterable[tuple[str, str]]) -> list[SeveralOpen]:
    """Each person who would have several, in the order of the rows; `here` has the reference and the record number of every open case."""
    rows: dict[str, list[Outcome]] = {}
    for each in outcomes:
        if each.case and each.case.subject and each.case.status == "open":
            rows.setdefault(each.case.subject.casefold(), []).append(each)
    refs: dict[str, list[str]] = {}
    if rows:
        for ref, subject in here:
            if (person := subject.casefold()) in rows:
                refs.setdefault(person, []).append(ref)
    return [
        SeveralOpen(found[0].case.subject or "", tuple(refs.get(person, ())), tuple(found))
        for person, found in rows.items()
        if found[0].case and len(found) + len(refs.get(person, ())) > 1
    ]
