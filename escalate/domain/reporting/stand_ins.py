"""Whose turn it is to hold a side since a reader was told last: somebody began to stand in for another, or does so no more."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from escalate.domain.case.people import Holder, held_on
from escalate.domain.deadlines.model import CaseLine, DueLine


class Takeover(NamedTuple):
    """A side that went to somebody on a day that was said before, or came back."""

    case: CaseLine
    """The case."""
    side: str
    """`raising`, `receiving`, or the name of another agency."""
    since: date | None
    """The first day of whoever took it over."""
    until: date | None
    """Their last; None where they have it for good."""
    is_over: bool
    """It came back to whoever held it before."""


def takeovers(line: DueLine, after: date, today: date, *, has_news: bool) -> Iterator[Takeover]:
    """The sides of a case that went to somebody, or came back, after a day and until today.

    What began on the day itself counts where the case `has_news`: it may have been recorded after the reader was told.
    """
    now = held_on(today, line.holders)
    for each in line.holders:
        if each.since and (after < each.since or (has_news and after == each.since)) and each in now:
            yield _takeover(line, each, is_over=False)
        if each.until and after <= each.until < today and _came_back(each, each.until, line.holders, now):
            yield _takeover(line, each, is_over=True)


def _came_back(holder: Holder, last: date, holders: Sequence[Holder], now: Sequence[Holder]) -> bool:
    """Whether somebody held a side on their last day, and nobody else stands in from the next day on."""
    then = last + timedelta(days=1)
    return holder in held_on(last, holders) and not any(each.side == holder.side and each.since == then for each in now)


def _takeover(line: DueLine, holder: Holder, *, is_over: bool) -> Takeover:
    return Takeover(line.case, holder.side, holder.since, holder.until, is_over)
