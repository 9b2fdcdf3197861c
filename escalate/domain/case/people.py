"""Who holds the sides of a case, and on which days: somebody stands in for another until a day, and then it comes back by itself."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol, TypeVar


class Holder(NamedTuple):
    """Who holds a side of a case."""

    side: str
    """`raising`, `receiving`, or the name of another agency."""
    role: str | None = None
    """What they are there."""
    name: str | None = None
    """Their name, where it was asked for."""
    email: str | None = None
    """Their address, where it was asked for."""
    phone: str | None = None
    """Their telephone number, where it was asked for."""
    erased_at: datetime | None = None
    """When who they are was erased (UTC), where it was."""
    since: date | None = None
    """The first day on which they hold it, where one was given."""
    until: date | None = None
    """The last day on which they hold it; None where they hold it for good."""
    stands_in_for: str | None = None
    """The name of whom they hold it for until then, where it was asked for."""

    def is_same(self, other: "Holder") -> bool:
        """Whether two are one person: they have one name, or one address."""
        pairs = ((self.name, other.name), (self.email, other.email))
        return any(one and another and plain_name(one) == plain_name(another) for one, another in pairs)

    def is_called(self, said: str) -> bool:
        """Whether somebody is meant by a name or an e-mail address."""
        return any(each and plain_name(each) == plain_name(said) for each in (self.name, self.email))


class Days(NamedTuple):
    """The days on which a side is held."""

    since: date | None = None
    """The first; None where it is held at once."""
    until: date | None = None
    """The last; None where it is held for good."""


FOR_GOOD = Days()
"""At once, and for good."""


class Holding(Protocol):
    """Whatever says that a side is held, and on which days."""

    @property
    def side(self) -> str:
        """Which side."""

    @property
    def since(self) -> date | None:
        """The first day; None where it is held whatever the day."""

    @property
    def until(self) -> date | None:
        """The last day; None where it is held for good."""


Held = TypeVar("Held", bound=Holding)


def plain_name(name: str) -> str:
    """A name or an address as it is compared: in small letters, with single spaces."""
    return " ".join(name.split()).casefold()


def held_on(day: date, holding: Iterable[Held]) -> list[Held]:
    """Who holds each side on a day, of all who hold one at some time; of several the last holds it."""
    return [*{each.side: each for each in holding if _covers(each, day)}.values()]


def behind(day: date, holding: Sequence[Held], side: str) -> list[Held]:
    """Who holds a side on a day, whom they stand in for, whom those stand in for, and so on."""
    found: list[Held] = []
    for each in reversed(holding):
        if each.side == side and _covers(each, day):
            found.append(each)
            if each.until is None:
                break
    return found


def holders_on(day: date, holders: Sequence[Holder]) -> tuple[Holder, ...]:
    """The same of people, each with whom they stand in for."""
    return tuple(each if each.until is None else _standing_in(each, day, holders) for each in held_on(day, holders))


def without_past(holding: Iterable[Held]) -> list[Held]:
    """Of all who hold a side at some time, in order, those who count on some day, side by side: one who holds it on every day ends all before."""
    found: dict[str, list[Held]] = {}
    for each in holding:
        is_dated = each.since is not None or each.until is not None
        found[each.side] = [*found.get(each.side, ()), each] if is_dated else [each]
    return [each for several in found.values() for each in several]


def _standing_in(holder: Holder, day: date, holders: Sequence[Holder]) -> Holder:
    others = (each for each in behind(day, holders, holder.side)[1:] if not each.is_same(holder))
    before = next(others, None)
    return holder._replace(stands_in_for=before.name if before else None)


def _covers(holding: Holding, day: date) -> bool:
    return (holding.since is None or holding.since <= day) and (holding.until is None or day <= holding.until)


class SameHolder(NamedTuple):
    """A side that is held by somebody whom the protocol does not want there."""

    side: str
    """`raising`, `receiving`, or the name of another agency."""
    stage: str
    """The key of the stage before, which they held a side at."""
    until: date | None = None
    """The last day on which they hold it; None where they hold it for good."""


def same_holder_from(found: Iterable[SameHolder], day: date) -> list[SameHolder]:
    """Those of whom it is so on a day or later."""
    return [each for each in found if each.until is None or day <= each.until]
