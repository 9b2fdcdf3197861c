"""A case: what its history comes to. Every time is an instant (UTC)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from escalate.domain.case.entries import ERASED, Entry, LogLine, log_lines, taken_back
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.people import Holder, holders_on, without_past


class Stay(NamedTuple):
    """One stay at a stage, from entering it to leaving it."""

    number: int
    """Which stay of the case it is, from 1."""
    route: str
    """The key of the route."""
    stage: str
    """The key of the stage."""
    entered_at: datetime
    """When the case reached it."""
    entry: int
    """The number of the entry that says so."""
    skipped: tuple[str, ...] = ()
    """The keys of the stages that were passed over on the way to it."""
    because: str | None = None
    """The ground for going up to it; None at the first stage where nobody gave one."""
    left_at: datetime | None = None
    """When the case left it, or was closed; None while it is there."""
    left_entry: int | None = None
    """The number of the entry that says so."""

    @property
    def occasion(self) -> Occasion:
        """The occasion of what is owed during the stay."""
        return Occasion.numbered(self.number)


class Done(NamedTuple):
    """An action that was done."""

    occasion: Occasion
    """During which stay it was owed, or after which resolution."""
    action: str
    """The key of the action."""
    at: datetime
    """When it was done."""
    entry: int
    """The number of the entry that says so."""
    call_entry: int | None = None
    """The entry that began the call it is for, where somebody chose one."""
    first_called: int | None = None
    """Where that entry began several: the one that began the first of the calls that the one meant carries on."""


class Agreed(NamedTuple):
    """A date that the two sides agreed for an action."""

    occasion: Occasion
    """During which stay the action is owed, or after which resolution."""
    action: str
    """The key of the action."""
    until: datetime
    """The date they agreed."""
    at: datetime
    """When they agreed it."""
    entry: int
    """The number of the entry that says so."""
    reasoned: bool = False
    """They gave a reason, which some protocols ask for before a limit may be extended."""
    call_entry: int | None = None
    """The entry that began the call it is for, where somebody chose one."""
    first_called: int | None = None
    """Where that entry began several: the one that began the first of the calls that the one meant carries on."""


class Assigned(NamedTuple):
    """Somebody who was given a side to hold; the entry says who."""

    stay: int
    """The number of the stay from which on they hold it."""
    side: str
    """`raising`, `receiving`, or the name of another agency."""
    at: datetime
    """When they were given it."""
    entry: int
    """The number of the entry that says so."""
    since: date | None = None
    """The first day on which they hold it; None where they hold it at once."""
    until: date | None = None
    """The last day on which they hold it; None where they hold it for good."""


class EarlierEdition(NamedTuple):
    """An edition that a case was under before it moved to another."""

    until: datetime
    """When the move was written down."""
    at: datetime
    """When the case moved."""
    entry: int
    """The number of the entry that says so."""
    edition: str
    """The date of the edition."""
    digest: str
    """The digest of its protocol file."""
    calendar: str
    """The name of the calendar the case counted on."""


class Answer(NamedTuple):
    """One answer to one of the protocol's questions. Sorted, answers are in the order in which they came about."""

    at: datetime
    """When it came about."""
    entry: int
    """The number of the entry that says so."""
    said: str
    """The answer itself; of a dated event, its instant."""
    is_dated: bool
    """Somebody said from when it holds, so that even a first answer holds only from then (C14)."""
    calls_again: bool = False
    """It calls for everything once more, though a call is open (C15)."""


class KnownFact(NamedTuple):
    """Every answer to one of the protocol's questions."""

    said: tuple[Answer, ...]
    """In the order in which they came about, however late written down."""

    @property
    def answer(self) -> str:
        """The answer that holds: the last."""
        return self.said[-1].said


class TakenOver(NamedTuple):
    """What a log from which a closed case was taken over tells of its course."""

    stays: tuple[int, ...]
    """The numbers of the stays of which it says when they began and ended."""
    ended: tuple[int, ...] = ()
    """Those of which it says when they ended, and that began when the case was raised or later."""
    unsure_hours: int = 0
    """How many hours such a time may be off, where it gives days alone."""


class Closing(NamedTuple):
    """One time that a case was closed."""

    status: str
    """`resolved`, `withdrawn` or `void`."""
    stay: int
    """The number of the stay it was at."""
    at: datetime
    """When it was closed."""
    entry: int
    """The number of the entry that says so."""
    resolution: int | None = None
    """Which resolution it is, from 1; None where it was withdrawn."""
    reopened_at: datetime | None = None
    """When it was taken up again; None where it was not."""
    reopened_entry: int | None = None
    """The number of the entry that says so."""
    taken_over: TakenOver | None = None
    """What is known of its course until then, where it was closed in a log from which it was taken over."""
    undated: bool = False
    """The log does not say when; `at` is when it was taken over."""


class Case(NamedTuple):
    """What a history comes to."""

    ref: str
    """Its reference, such as `E0007`."""
    protocol: str
    """The id of its protocol."""
    edition: str
    """The date of the edition it is under."""
    edition_digest: str
    """The digest of that protocol file."""
    calendar: str
    """The name of the calendar it counts on."""
    subject: str | None
    """The reference of the person; None where nobody gave one, or it is erased."""
    raising_agency: str | None
    """The agency that raised it."""
    receiving_agency: str | None
    """The agency it was raised with."""
    concern_at: datetime
    """When the concern arose; when it was raised where nobody said."""
    raised_at: datetime
    """When it was raised."""
    concern_entry: int = 1
    """The number of the entry that says when the concern arose."""
    status: str = "open"
    """`open`, `resolved`, `withdrawn` or `void`."""
    resolved_at: datetime | None = None
    """When it was resolved; None unless it is, and where the log it was taken over from does not say when."""
    resolved_entry: int | None = None
    """The number of the entry that says so."""
    resolutions: int = 0
    """How many times it was resolved, those that turned out not to hold included."""
    facts: Mapping[str, KnownFact] = {}
    """What is known of the protocol's questions, by their keys."""
    stays: tuple[Stay, ...] = ()
    """Every stay at a stage; the last is the one it is at, or was at when it was closed."""
    done: tuple[Done, ...] = ()
    """Every action done, in the order it was recorded."""
    agreed: tuple[Agreed, ...] = ()
    """Every date agreed, in the order it was recorded."""
    assigned: tuple[Assigned, ...] = ()
    """Everybody who was given a side to hold, in the order it was recorded."""
    involved: tuple[str, ...] = ()
    """Other agencies involved."""
    themes: tuple[str, ...] = ()
    """What it is about: keys of the protocol's themes, or words of its own."""
    related: tuple[str, ...] = ()
    """The references of the cases that it belongs together with."""
    legal_hold: bool = False
    """Nothing of it may be erased."""
    said_in: Mapping[str, int] = {}
    """The number of the entry that has the words or the identity that hold, by their name."""
    closings: tuple[Closing, ...] = ()
    """Every time it was closed, in order; the last one is still in force unless it was taken up again."""
    editions: tuple[EarlierEdition, ...] = ()
    """The editions it was under before, in order."""
    history: tuple[Entry, ...] = ()
    """All its entries as they were recorded, those taken back included."""

    @property
    def stay(self) -> Stay:
        """The stage the case is at, or was at when it was closed."""
        return self.stays[-1]

    @property
    def closed_at(self) -> datetime | None:
        """When it was closed; None while it is open, and where the log it was taken over from does not say when."""
        return None if self.closings and self.closings[-1].undated else self.stay.left_at

    @property
    def answers(self) -> dict[str, str]:
        """The answers that hold, by the keys of their facts."""
        return {key: fact.answer for key, fact in self.facts.items()}

    def last_done(self, occasion: Occasion, action: str) -> Done | None:
        """The last time an action was done on an occasion."""
        done = (done for done in self.done if (done.occasion, done.action) == (occasion, action))
        return max(done, key=lambda each: (each.at, each.entry), default=None)

    def said(self, name: str) -> str | None:
        """The words or the identity of that name that hold, where they are here."""
        return self.history[self.said_in[name] - 1].said(name) if name in self.said_in else None

    def holders(self, occasion: Occasion, day: date) -> tuple[Holder, ...]:
        """Who holds each side on an occasion, on a day, as far as their names are here."""
        return holders_on(day, self.all_holders(occasion))

    def all_holders(self, occasion: Occasion) -> tuple[Holder, ...]:
        """Who holds the sides on an occasion on one day or another, in the order of `assigned_on`."""
        return tuple(self.holder(each) for each in self.assigned_on(occasion))

    def holder(self, assigned: Assigned) -> Holder:
        """Somebody who was assigned, as far as their name is here."""
        entry = self.history[assigned.entry - 1]
        erased_at = self._erased_at(entry) if entry.withheld else None
        said = {each: entry.said(each) for each in ("role", "name", "email", "phone")}
        return Holder(assigned.side, **said, erased_at=erased_at, since=assigned.since, until=assigned.until)

    def assigned_on(self, occasion: Occasion) -> tuple[Assigned, ...]:
        """Who holds a side on an occasion on one day or another; of several on the same day the last holds it (people.py).

        Whoever held it before carries on until another is assigned.
        """
        number = occasion.stay or self.stay.number
        assigned = sorted(self.assigned, key=lambda each: (each.stay, each.at, each.entry))
        return tuple(without_past(each for each in assigned if each.stay <= number))

    def begins_at(self, occasion: Occasion) -> datetime | None:
        """From when on something can be done on an occasion; None while it has not come to that."""
        if occasion.resolution:
            return next((each.at for each in self.closings if each.resolution == occasion.resolution), None)
        if occasion.stay:
            return self.stays[occasion.stay - 1].entered_at if occasion.stay <= len(self.stays) else None
        return self.raised_at

    @property
    def in_order_from(self) -> tuple[datetime, int]:
        """From when on it can be closed or go up, and the number of the entry that says so: its last stage, or its last reopening (C16)."""
        return max([(self.stay.entered_at, self.stay.entry), *self._reopenings])

    @property
    def out_of_order(self) -> frozenset[int]:
        """The numbers of the entries that close it, or take it up a stage, before it was last reopened (C16); earlier versions took such times."""
        left = [(each.at, each.entry) for each in self.closings]
        left += [(stay.entered_at, stay.entry) for stay in self.stays]
        return frozenset(
            entry
            for at, entry in left
            for reopened_at, reopened in self._reopenings
            if entry > reopened and at < reopened_at
        )

    @property
    def _reopenings(self) -> list[tuple[datetime, int]]:
        """When it was taken up again, each with the number of the entry that says so."""
        return [
            (each.reopened_at, each.reopened_entry)
            for each in self.closings
            if each.reopened_at and each.reopened_entry
        ]

    @property
    def undone(self) -> frozenset[int]:
        """The numbers of the entries that later ones took back."""
        return taken_back(self.history)

    @property
    def last_erasure(self) -> int:
        """The number of the last entry that erased words and identities; 0 if none did."""
        return max((entry.seq for entry in self.history if entry.kind == ERASED), default=0)

    def _erased_at(self, entry: Entry) -> datetime | None:
        """When the words of an entry were erased; None where they were not."""
        return next((each.at for each in self.history[entry.seq :] if each.kind == ERASED), None)

    @property
    def log(self) -> list[LogLine]:
        """The history with what later entries said of earlier ones."""
        return log_lines(self.history)
