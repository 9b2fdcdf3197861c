"""A case: what its history comes to."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.entries import (
    ERASED,
    Entry,
    _times,
    taken_back,
)
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.people import Holder


class Visit(NamedTuple):
    """One stay at a stage, from entering it to leaving it; numbered from 1."""

    number: int
    route: str
    stage: str
    entered_at: datetime
    entry: int
    skipped: tuple[str, ...] = ()
    because: str | None = None
    left_at: datetime | None = None
    left_entry: int | None = None

    @property
    def occasion(self) -> Occasion:
        """The occasion of what is owed during the stay."""
        return Occasion(stay=self.number)


class Done(NamedTuple):
    """An action done: on which occasion, when, and the entry that says so."""

    occasion: Occasion
    action: str
    at: datetime
    entry: int


class Agreed(NamedTuple):
    """A date the two sides agreed for an action: the deadline, when it was agreed, the entry that says so, and whether why."""

    occasion: Occasion
    action: str
    until: datetime
    at: datetime
    entry: int
    reasoned: bool = False


class Assigned(NamedTuple):
    """Somebody who holds one side at a visit: `raising`, `receiving`, or another agency. The entry says who."""

    visit: int
    side: str
    at: datetime
    entry: int


class Under(NamedTuple):
    """An edition a case was under until it moved to another, and the calendar it counted on."""

    until: datetime
    edition: str
    digest: str
    calendar: str


class KnownFact(NamedTuple):
    """Every answer to one of the protocol's questions: when it came about, in which entry, and what it was, in that order.

    They are kept in the order in which they came about, however late one was written down; the last one holds.
    """

    said: tuple[tuple[datetime, int, str], ...]

    @property
    def answer(self) -> str:
        """The answer that holds."""
        return self.said[-1][2]


class Case(NamedTuple):
    """What a history comes to."""

    ref: str
    protocol: str
    edition: str
    edition_digest: str
    calendar: str
    subject: str | None
    raising_agency: str | None
    receiving_agency: str | None
    concern_at: datetime
    raised_at: datetime
    concern_entry: int = 1
    status: str = "open"
    resolved_at: datetime | None = None
    resolved_entry: int | None = None
    resolutions: int = 0
    facts: Mapping[str, KnownFact] = {}
    visits: tuple[Visit, ...] = ()
    done: tuple[Done, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    assigned: tuple[Assigned, ...] = ()
    involved: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    legal_hold: bool = False
    told: Mapping[str, int] = {}
    editions: tuple[Under, ...] = ()
    history: tuple[Entry, ...] = ()

    @property
    def visit(self) -> Visit:
        """The stage the case is at, or was at when it was closed."""
        return self.visits[-1]

    @property
    def answers(self) -> dict[str, str]:
        """The facts without their moments."""
        return {key: fact.answer for key, fact in self.facts.items()}

    def answers_by(self, at: datetime) -> dict[str, str]:
        """The facts as they were at an instant, whenever that was written down."""
        said = {key: [answer for since, _, answer in fact.said if since <= at] for key, fact in self.facts.items()}
        return {key: answers[-1] for key, answers in said.items() if answers}

    def done_at(self, occasion: Occasion, action: str) -> Done | None:
        """The last time an action was done on an occasion."""
        done = (done for done in self.done if (done.occasion, done.action) == (occasion, action))
        return max(done, key=lambda each: (each.at, each.entry), default=None)

    def agreed_for(self, occasion: Occasion, action: str) -> Agreed | None:
        """The date agreed for an action: where it was agreed more than once, the last agreement."""
        return next(
            (agreed for agreed in reversed(self.agreed) if (agreed.occasion, agreed.action) == (occasion, action)), None
        )

    def said(self, name: str) -> str | None:
        """The words or the identity of that name that hold, where they are here; `told` says in which entry they stand."""
        return self.history[self.told[name] - 1].said(name) if name in self.told else None

    def holders(self, occasion: Occasion) -> tuple[Holder, ...]:
        """Who holds each side on an occasion, as far as their names are here."""
        return tuple(self.holder(each) for each in self.assigned_on(occasion))

    def holder(self, assigned: Assigned) -> Holder:
        """Somebody who was assigned, as far as their name is here."""
        entry = self.history[assigned.entry - 1]
        return Holder(assigned.side, entry.said("role"), entry.said("name"), entry.said("email"))

    def assigned_on(self, occasion: Occasion) -> tuple[Assigned, ...]:
        """Who was assigned to each side on an occasion: whoever held it before carries on until another is assigned."""
        number = occasion.stay or self.visit.number
        assigned = sorted(self.assigned, key=lambda each: (each.visit, each.at, each.entry))
        return tuple({each.side: each for each in assigned if each.visit <= number}.values())

    def begins(self, occasion: Occasion) -> datetime | None:
        """From when on something can be done on an occasion; None while it has not come to that."""
        if occasion.resolution:
            return self.resolved_at if occasion.resolution == self.resolutions else None
        if occasion.stay:
            return self.visits[occasion.stay - 1].entered_at if occasion.stay <= len(self.visits) else None
        return self.raised_at

    @property
    def undone(self) -> frozenset[int]:
        """The entries that later ones took back."""
        return taken_back(self.history)

    @property
    def erased(self) -> int:
        """The number of the entry that last erased what had been said in words by then; 0 if none did."""
        return max((entry.seq for entry in self.history if entry.kind == ERASED), default=0)

    def happened(self, entry: Entry) -> datetime:
        """When an entry of the history happened, as it was corrected last."""
        return _times(self.history).get(entry.seq, entry.at)
