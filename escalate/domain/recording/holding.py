"""Who takes over what somebody holds, and on which days: for good, or while they are away."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from escalate.domain.case.model import Case, Stay
from escalate.domain.case.people import FOR_GOOD, Days, Holder, behind

A_DAY = timedelta(days=1)


class Turn(NamedTuple):
    """Some days in a row on which a side is to go from one to another."""

    stay: Stay
    """The stay from which on it does."""
    to: Holder
    """Who is to hold it: with the role of whoever held it, where none was said."""
    days: Days
    """The days."""
    is_so_already: bool = False
    """It is held by whoever is to hold it, on all of them."""


def turns(case: Case, stays: Sequence[Stay], of: str, to: Holder, days: Days, today: date) -> Iterator[Turn]:
    """What of a case is to go to somebody on some days: what another holds on them, or somebody else does in their place.

    `of` is a name or an e-mail address; `to` has what was said of whoever takes over.
    """
    for stay in stays:
        holders = case.all_holders(stay.occasion)
        for side in dict.fromkeys(each.side for each in holders):
            yield from _turns(stay, holders, side, of, to, days, today)


def _turns(
    stay: Stay, holders: Sequence[Holder], side: str, of: str, to: Holder, days: Days, today: date
) -> Iterator[Turn]:
    stretch: list[tuple[date, date | None, list[Holder]]] = []
    for first, last in _stretches(holders, days.since or today, days.until):
        found = behind(first, holders, side)
        if any(each.is_called(of) for each in found):
            stretch.append((first, last, found))
        elif stretch:
            yield _turn(stay, stretch, of, to, today)
            stretch = []
    if stretch:
        yield _turn(stay, stretch, of, to, today)


def _stretches(holders: Sequence[Holder], first: date, last: date | None) -> Iterator[tuple[date, date | None]]:
    """The first and last days of stretches of time in which nothing changes in who holds what."""
    begins = {each.since for each in holders if each.since} | {each.until + A_DAY for each in holders if each.until}
    starts = [first, *sorted(day for day in begins if first < day and (last is None or day <= last))]
    ends = [*(day - A_DAY for day in starts[1:]), last]
    return zip(starts, ends, strict=True)


def _turn(
    stay: Stay, stretch: Sequence[tuple[date, date | None, list[Holder]]], of: str, to: Holder, today: date
) -> Turn:
    first, last = stretch[0][0], stretch[-1][1]
    chains = [found for _, _, found in stretch]
    before = next(each for each in chains[0] if each.is_called(of))
    known = next((each for found in chains for each in found if each.is_same(to)), None)
    is_plain = last is None and first <= today  # at once, and for good
    is_so = all(found[0].is_same(to) and _says_nothing_new(found[0], to) for found in chains)
    return Turn(stay, _with_details(to, before, known), FOR_GOOD if is_plain else Days(first, last), is_so)


def _with_details(to: Holder, before: Holder, known: Holder | None) -> Holder:
    """Whoever takes over with what they hold it as, and how to reach them, as far as it was said or is known."""
    return Holder(
        before.side,
        to.role or (known.role if known else None) or before.role,
        to.name,
        to.email or (known.email if known else None),
        to.phone or (known.phone if known else None),
    )


def _says_nothing_new(holder: Holder, to: Holder) -> bool:
    said = ((holder.role, to.role), (holder.email, to.email), (holder.phone, to.phone))
    return all(new is None or new == there for there, new in said)
