"""Who must not hold a side, as they held one before: told and listed where it is so, and nobody is held back."""

from collections.abc import Callable, Iterator

from escalate.domain.case.model import Assigned, Case, Stay
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.people import Holder, SameHolder
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.clock import london_date


def held_by_the_same(protocol: Protocol, case: Case, holder_of: Callable[[Assigned], Holder]) -> tuple[SameHolder, ...]:
    """Which sides are held by somebody who held one at a stage that somebody else should have; `holder_of` gives their names."""
    return tuple(dict.fromkeys(_held_by_the_same(protocol, case, holder_of)))


def _held_by_the_same(protocol: Protocol, case: Case, holder_of: Callable[[Assigned], Holder]) -> Iterator[SameHolder]:
    here = protocol.stage(case.stay.route, case.stay.stage)
    others = [protocol.stage(here.route, name).place for name in here.not_owner_of]
    for stay in case.stays[:-1]:
        if (stay.route, stay.stage) in others:
            before = [each for each in case.assigned_on(Occasion(stay.number)) if _began_by(each, stay)]
            for each in case.assigned_on(Occasion(case.stay.number)):
                if any(each.entry == one.entry or holder_of(each).is_same(holder_of(one)) for one in before):
                    yield SameHolder(each.side, stay.stage, each.until)


def _began_by(assigned: Assigned, stay: Stay) -> bool:
    """Whether somebody held a side before a stay was over."""
    return assigned.since is None or stay.left_at is None or assigned.since <= london_date(stay.left_at)
