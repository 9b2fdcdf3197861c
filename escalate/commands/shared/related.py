"""Cases that belong together: those that somebody names, and those that may be about the same as one that is opened."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from escalate.commands.shared.key_values import Said
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened
from escalate.domain.case.details import RELATED
from escalate.domain.case.entries import Entry
from escalate.domain.worktime.clock import end_of_day, london_date
from escalate.output.terminal import complain
from escalate.storage.lists import Sides
from escalate.storage.store import Store
from escalate.wording import how_many

NAMED = 3
"""So many open cases are named that may be about the same; of more only the number is said."""


class OpenAlready(NamedTuple):
    """Open cases that may be about the same as one that is opened."""

    what: str
    """What they have in common with it."""
    refs: list[str]
    """Their references, the newest first."""
    linkable: list[str]
    """Those of them that may be linked with it."""


def find_related(here: Session, known: Said) -> None:
    """Give the cases that were named as related their references. Raises Refused, StoreError."""
    if known.lists.get(RELATED):
        with opened(here) as store:
            known.lists[RELATED] = tuple(map(store.find, known.lists[RELATED]))


def open_of_person(store: Store, entry: Entry) -> list[Sides]:
    """The open cases of the person whom a case that is to be opened is about."""
    subject = entry.data["subject"]
    return store.lists.open_about(subject) if subject else []


def open_already(store: Store, entry: Entry, of_person: Sequence[Sides]) -> list[OpenAlready]:
    """What of a person's open cases may be about the same as one that is to be opened, and the open cases between the same two agencies of the same day.

    Those that it says it is related to are left out.
    """
    data, day = entry.data, london_date(entry.at)
    sides = data["raising_agency"], data["receiving_agency"]
    known = set(data["particulars"].get(RELATED, ()))
    since, until = (end_of_day(each) + timedelta(seconds=1) for each in (day - timedelta(days=1), day))
    of_day = store.lists.open_raised(since, until) if all(sides) else []
    if not (of_person or of_day):  # as most often
        return []
    from escalate.domain.recording.related import between_the_same

    same_person = [each.ref for each in of_person if each.ref not in known]
    same_sides = [ref for ref in between_the_same(of_day, *sides) if ref not in {*known, *same_person}]
    linkable = between_the_same(of_person, *sides) if store.database.is_shared else same_person
    return [
        OpenAlready("Open for the same person", same_person, [ref for ref in same_person[:NAMED] if ref in linkable]),
        OpenAlready("Open between the same two agencies since the same day", same_sides, same_sides[:NAMED]),
    ]


def warn_of_open(ref: str, others: list[OpenAlready], *, dry_run: bool) -> None:
    """Say on standard error which open cases may be about the same as one that was opened, and how to link them."""
    for each in others:
        if each.refs:
            more = len(each.refs) - NAMED
            named = [*each.refs[:NAMED], *([how_many(more, "other", "others")] if more > 0 else [])]
            links = " ".join(f"{RELATED}={other}" for other in each.linkable)
            link = f" If they belong together: escalate set {ref} {links}" if links and not dry_run else ""
            complain(f"{each.what}: {', '.join(named)}.{link}")
