"""Who must not hold a side, as they held one before: told and listed where it is so, and nobody is held back."""

from collections.abc import Callable, Iterator

from escalate.domain.case.model import Assigned, Case
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.people import Holder, SameHolder
from escalate.domain.protocol.model import Protocol


def held_by_the_same(protocol: Protocol, case: Case, holder_of: Callable[[Assigned], Holder]) -> tuple[SameHolder, ...]:
    """Which sides are held by somebody who held one at a stage that somebody else should have; `holder_of` gives their names."""
    return tuple(dict.fromkeys(_held_by_the_same(protocol, case, holder_of)))


def _held_by_the_same(protocol: Protocol, case: Case, holder_of: Callable[[Assigned], Holder]) -> Iterator[SameHolder]:
    here = protocol.stage(case.stay.route, case.stay.stage)
    others = [protocol.stage(here.route, name).place for name in here.not_owner_of]
    for stay in case.stays[:-1]:
        if (stay.route, stay.stage) in others:
            before = case.assigned_on(Occasion(stay.number))
            for each in case.assigned_on(Occasion(case.stay.number)):
                if any(each.entry == one.entry or _same(holder_of(each), holder_of(one)) for one in before):
                    yield SameHolder(each.side, stay.stage)


def _same(one: Holder, other: Holder) -> bool:
    """Whether two have one name, or one address."""
    pairs = ((one.name, other.name), (one.email, other.email))
    return any(a and b and " ".join(a.split()).casefold() == " ".join(b.split()).casefold() for a, b in pairs)
