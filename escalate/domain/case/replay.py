"""A case is its history: entries that are only ever added, and what they come to when replayed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from escalate.domain.case.details import HOLD, IDENTITIES, TEXTS
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.people import Holder
from escalate.domain.worktime.clock import moment

OPENED, NOTED, DONE, AGREED, ADVANCED = "opened", "noted", "done", "agreed", "advanced"
RESOLVED, WITHDRAWN, REOPENED, SET = "resolved", "withdrawn", "reopened", "set"
ASSIGNED, UNDONE, CORRECTED, RECOUNTED, ADOPTED, ERASED = (
    "assigned",
    "undone",
    "corrected",
    "recounted",
    "adopted",
    "erased",
)
KINDS = (
    OPENED, NOTED, DONE, AGREED, ADVANCED, RESOLVED, WITHDRAWN, REOPENED, ASSIGNED, SET, RECOUNTED, ADOPTED, UNDONE, CORRECTED, ERASED,
)  # fmt: skip


class Entry(NamedTuple):
    """One thing that happened in a case: when it happened (`at`), when it was written down, and by whom.

    `data` is what the history keeps for good, but for the subject in it. That, `words`, which is free text, and `identities`,
    which says who somebody is, are kept apart so that they can be erased. `withheld` names what was written of them and is not
    here: not asked for, or erased.
    """

    case: str
    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    by: str
    data: Mapping[str, Any] = {}
    words: Mapping[str, str] = {}
    identities: Mapping[str, str] = {}
    withheld: tuple[str, ...] = ()

    def said(self, name: str) -> str | None:
        """The words or the identity of that name, where it is here."""
        return self.words.get(name) or self.identities.get(name)


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


class Misfit(Exception):
    """An entry that cannot follow those before it; only a history somebody wants to change can have one."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.seq)
        self.entry = entry


def replay(entries: Iterable[Entry]) -> Case:
    """The case that a history, in the order it was recorded, comes to. Raises Misfit.

    Entries taken back are kept but count for nothing; one whose time was corrected counts from the time it was given last.
    """
    history = tuple(entries)
    first, *others = effective(history)
    case = _opened(first, history)
    for entry in others:
        case = _after(case, entry)
    if case.concern_at > case.raised_at:
        raise Misfit(next(entry for entry in history if entry.seq == case.concern_entry))
    return case


def followed(case: Case, entry: Entry) -> Case:
    """What a case comes to with one more entry, without a replay: for entries that change none before them. Raises Misfit."""
    if entry.kind in (UNDONE, CORRECTED, SET):
        return replay((*case.history, entry))
    return _after(case, entry)._replace(history=(*case.history, entry))


def _after(case: Case, entry: Entry) -> Case:
    """The case with what an entry changes in it."""
    if entry.kind not in (*_APPLY, NOTED, RECOUNTED, UNDONE, CORRECTED, ERASED) or not _fits(case, entry):
        raise Misfit(entry)
    return _APPLY[entry.kind](case, entry) if entry.kind in _APPLY else case


def effective(history: Sequence[Entry]) -> list[Entry]:
    """The entries that count, at the times that count."""
    if not any(entry.kind in (UNDONE, CORRECTED) for entry in history):  # as in most: all do, at their own
        return list(history)
    undone, times = taken_back(history), _times(history)
    counting = [entry for entry in history if entry.seq not in undone]
    return [entry._replace(at=times[entry.seq]) if entry.seq in times else entry for entry in counting]


def _times(history: Sequence[Entry]) -> dict[int, datetime]:
    """The times that corrections gave to entries."""
    undone = taken_back(history)
    corrections = [entry for entry in history if entry.kind == CORRECTED and entry.seq not in undone]
    return {entry.data["corrects"]: moment(entry.data["to"]) for entry in corrections}


def taken_back(history: Iterable[Entry]) -> frozenset[int]:
    """The entries that later ones took back."""
    return frozenset(entry.data["undoes"] for entry in history if entry.kind == UNDONE)


def _fits(case: Case, entry: Entry) -> bool:
    """Whether an entry can follow what the case has come to."""
    if entry.kind == ADVANCED:
        same_stage = entry.data["from"] == case.visit.stage
        return same_stage and case.status == "open" and entry.at >= case.visit.entered_at
    if entry.kind in (RESOLVED, WITHDRAWN):
        return case.status == "open" and entry.at >= case.visit.entered_at
    if entry.kind == REOPENED:
        return case.visit.left_at is not None and case.status != "open" and entry.at >= case.visit.left_at
    if entry.kind in (RECOUNTED, ERASED):
        return True
    if entry.kind in (DONE, AGREED):
        begins = case.begins(Occasion.numbered(entry.data["visit"]))
        if begins is None or (entry.kind == DONE and entry.at < begins):
            return False
    if entry.kind == AGREED and moment(entry.data["until"]) <= entry.at:
        return False
    if entry.kind == ASSIGNED and entry.data["visit"] > len(case.visits):
        return False
    return entry.at >= case.raised_at


def _opened(entry: Entry, history: tuple[Entry, ...]) -> Case:
    data = entry.data
    return Case(
        ref=entry.case,
        protocol=data["protocol"],
        edition=data["edition"],
        edition_digest=data["edition_digest"],
        calendar=data["calendar"],
        subject=data["subject"],
        raising_agency=data["raising_agency"],
        receiving_agency=data["receiving_agency"],
        concern_at=moment(data["concern_at"]) if data["concern_at"] else entry.at,
        raised_at=entry.at,
        facts={key: KnownFact(((entry.at, entry.seq, answer),)) for key, answer in data["facts"].items()},
        visits=(Visit(1, data["route"], data["stage"], entry.at, entry.seq, tuple(data["skipped"]), data["because"]),),
        told=_told({}, entry),
        history=history,
        **_particulars(data.get("particulars", {})),
    )


def _particulars(known: Mapping[str, Any]) -> dict[str, Any]:
    """What is now known; what there may be several of is known anew as a whole."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}


def _told(told: Mapping[str, int], entry: Entry) -> dict[str, int]:
    """Which entry says what in words, as the last to say it."""
    fields = (*entry.words, *entry.identities, *entry.withheld)
    return {**told, **{name: entry.seq for name in fields if name in _TOLD}}


_TOLD = frozenset((*TEXTS, *IDENTITIES, HOLD))


def _done(case: Case, entry: Entry) -> Case:
    return case._replace(
        done=(*case.done, Done(Occasion.numbered(entry.data["visit"]), entry.data["action"], entry.at, entry.seq))
    )


def _agreed(case: Case, entry: Entry) -> Case:
    data = entry.data
    until, reasoned = moment(data["until"]), data.get("reasoned", False)
    agreed = Agreed(Occasion.numbered(data["visit"]), data["action"], until, entry.at, entry.seq, reasoned)
    return case._replace(agreed=(*case.agreed, agreed))


def _advanced(case: Case, entry: Entry) -> Case:
    data = entry.data
    left = case.visit._replace(left_at=entry.at, left_entry=entry.seq)
    entered = Visit(
        left.number + 1, data["route"], data["stage"], entry.at, entry.seq, tuple(data["skipped"]), data["because"]
    )
    return case._replace(visits=(*case.visits[:-1], left, entered))


def _resolved(case: Case, entry: Entry) -> Case:
    return case._replace(
        status="resolved",
        visits=_left(case, entry),
        told=_told(case.told, entry),
        resolved_at=entry.at,
        resolved_entry=entry.seq,
        resolutions=case.resolutions + 1,
    )


def _withdrawn(case: Case, entry: Entry) -> Case:
    return case._replace(status="withdrawn", visits=_left(case, entry))


def _left(case: Case, entry: Entry) -> tuple[Visit, ...]:
    """The stays of a case that an entry closes."""
    return (*case.visits[:-1], case.visit._replace(left_at=entry.at, left_entry=entry.seq))


def _reopened(case: Case, _: Entry) -> Case:
    """Back at the stage it was at, as if it had never left: its deadlines carry on from the history."""
    back = case.visit._replace(left_at=None, left_entry=None)
    told = {name: seq for name, seq in case.told.items() if name != "how"}  # it turned out not to be resolved
    visits = (*case.visits[:-1], back)
    return case._replace(status="open", resolved_at=None, resolved_entry=None, told=told, visits=visits)


def _assigned(case: Case, entry: Entry) -> Case:
    data = entry.data
    return case._replace(assigned=(*case.assigned, Assigned(data["visit"], data["side"], entry.at, entry.seq)))


def _adopted(case: Case, entry: Entry) -> Case:
    data = entry.data
    under = Under(entry.recorded_at, case.edition, case.edition_digest, case.calendar)
    return case._replace(
        edition=data["edition"],
        edition_digest=data["edition_digest"],
        calendar=data["calendar"],
        editions=(*case.editions, under),
    )


def _set(case: Case, entry: Entry) -> Case:
    changed = {key: _added(case.facts.get(key), answer, entry) for key, answer in entry.data["facts"].items()}
    particulars = dict(entry.data["particulars"])
    if "concern_at" in particulars:
        particulars |= {"concern_at": moment(particulars["concern_at"]), "concern_entry": entry.seq}
    facts, told = {**case.facts, **changed}, _told(case.told, entry)
    return case._replace(facts=facts, told=told, **_particulars(particulars))


def _added(known: KnownFact | None, answer: str, entry: Entry) -> KnownFact:
    return KnownFact(tuple(sorted((*(known.said if known else ()), (entry.at, entry.seq, answer)))))


_APPLY = {
    DONE: _done,
    AGREED: _agreed,
    ADVANCED: _advanced,
    RESOLVED: _resolved,
    WITHDRAWN: _withdrawn,
    REOPENED: _reopened,
    ASSIGNED: _assigned,
    SET: _set,
    ADOPTED: _adopted,
}
