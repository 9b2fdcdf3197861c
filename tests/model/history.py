"""What was recorded of a case, and what that comes to: entries with two times, taken back and corrected; stays, closings, answers (C16, C20)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from tests.model.protocol import Protocol, Stage

Place = tuple[datetime, int]
"""A place in the order of things: when it happened, and of what happened at once the number of its entry."""

ALWAYS: Place = (datetime.min.replace(tzinfo=UTC), 0)
NEVER: Place = (datetime.max.replace(tzinfo=UTC), 10**9)

ANY_STAGE = 0
"""The occasion of standing actions; n is the n-th stay, -n what follows the n-th resolution."""


class Entry(NamedTuple):
    """One thing that was recorded."""

    seq: int
    kind: str
    at: datetime
    recorded: datetime
    data: Mapping[str, Any]

    @property
    def place(self) -> Place:
        return self.at, self.seq


class Closures(NamedTuple):
    """Days that were closed or opened again, and when that was written down."""

    recorded: datetime
    days: frozenset[date]


class Said(NamedTuple):
    """What was said of the questions of a protocol."""

    at: datetime
    seq: int
    answers: Mapping[str, str]
    dated: bool
    """Somebody said from when on it holds."""
    again: bool

    @property
    def place(self) -> Place:
        return self.at, self.seq


class Done(NamedTuple):
    occasion: int
    action: str
    at: datetime
    seq: int
    call: int | None
    """The entry that began the call it was recorded for, where somebody chose one."""
    first: int | None
    """Where that entry began several: the one that began the first of the calls which the chosen one goes on with."""

    @property
    def place(self) -> Place:
        return self.at, self.seq


class Agreed(NamedTuple):
    occasion: int
    action: str
    until: datetime
    at: datetime
    seq: int
    call: int | None
    first: int | None
    reasoned: bool = False
    """A reason was given, as more time needs one."""

    @property
    def place(self) -> Place:
        return self.at, self.seq


@dataclass
class Stay:
    """A time at a stage."""

    number: int
    stage: tuple[str, str]
    entered: Place
    left: Place | None = None
    """When it went up from there; None where it did not."""
    to: tuple[str, str] | None = None


@dataclass
class Closing:
    """A time that a case was closed."""

    status: str
    stay: int
    place: Place
    resolution: int = 0
    reopened: Place | None = None


class Move(NamedTuple):
    """A move to another edition."""

    place: Place
    before: Protocol
    after: Protocol


@dataclass
class Case:
    """What a history comes to."""

    protocol: Protocol
    raised: Place
    concern: datetime
    stays: list[Stay]
    closings: list[Closing] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    moments: dict[str, list[tuple[Place, Place, datetime | None]]] = field(default_factory=dict)
    """What was told of each, in the order in which it was told: from when on it holds, when it was told, and the date."""
    done: list[Done] = field(default_factory=list)
    agreed: list[Agreed] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    recorded: dict[int, datetime] = field(default_factory=dict)
    """When each entry was written down."""

    @property
    def stay(self) -> Stay:
        return self.stays[-1]

    @property
    def status(self) -> str:
        return self.closings[-1].status if self.closings and self.closings[-1].reopened is None else "open"

    @property
    def resolutions(self) -> int:
        return sum(each.status == "resolved" for each in self.closings)

    def stage(self, stay: Stay, protocol: Protocol | None = None) -> Stage | None:
        return (protocol or self.protocol).find(*stay.stage)

    def protocol_at(self, place: Place) -> Protocol:
        """The edition it was under."""
        for move in self.moves:
            if place < move.place:
                return move.before
        return self.protocol

    def facts(self, place: Place, *, settled: bool = True) -> dict[str, str]:
        """What was known by then of the questions and moments; `settled` counts a first answer as what it was all along (C14)."""
        known: dict[str, str] = {}
        if settled:
            known = {
                fact: answer
                for said in self.said
                for fact, answer in said.answers.items()
                if said is self.first_said(fact) and not said.dated
            }
        for said in self.said:
            if said.place <= place:
                known |= said.answers
        for moment, told in self.moments.items():
            for when, _, date_ in told:
                if when <= place:
                    known[moment] = "known" if date_ else "unknown"
        return known

    def first_said(self, fact: str) -> Said:
        """The first answer to a question: the one that happened first."""
        return next(said for said in self.said if fact in said.answers)

    def moment(self, key: str, by: Place) -> datetime | None:
        """When a moment is, as far as was told by then."""
        told = [date_ for when, _, date_ in self.moments.get(key, ()) if when <= by]
        return told[-1] if told else None


def counting(entries: Sequence[Entry], known_at: datetime) -> list[Entry]:
    """The entries that count, at the times that count, as far as they were written down by an instant."""
    written = [entry for entry in entries if entry.recorded <= known_at]
    undone = {entry.data["entry"] for entry in written if entry.kind == "undone"}
    times = {
        entry.data["entry"]: entry.data["to"]
        for entry in written
        if entry.kind == "corrected" and entry.seq not in undone
    }
    return [
        entry._replace(at=times.get(entry.seq, entry.at))
        for entry in written
        if entry.seq not in undone and entry.kind not in {"undone", "corrected"}
    ]


def replay(entries: Sequence[Entry], known_at: datetime, editions: Mapping[str, Protocol]) -> Case:
    """What a history comes to, as it was known at an instant."""
    opened, *others = counting(entries, known_at)
    data = opened.data
    case = Case(
        protocol=editions[data["edition"]],
        raised=opened.place,
        concern=data["concern"] or opened.at,
        stays=[Stay(1, (data["route"], data["stage"]), opened.place)],
        recorded={entry.seq: entry.recorded for entry in entries},
    )
    _say(case, opened)
    for entry in others:
        _follow(case, entry, editions)
    _take_for_granted(case, opened)
    case.said.sort(key=lambda said: said.place)
    for told in case.moments.values():
        told.sort(key=lambda each: each[1])
    return case


def _follow(case: Case, entry: Entry, editions: Mapping[str, Protocol]) -> None:
    data = entry.data
    match entry.kind:
        case "set":
            case.concern = data.get("concern") or case.concern
            _say(case, entry)
        case "done":
            done = Done(data["occasion"], data["action"], entry.at, entry.seq, data.get("call"), data.get("first"))
            case.done.append(done)
        case "agreed":
            chosen = data.get("call"), data.get("first")
            case.agreed.append(
                Agreed(
                    data["occasion"],
                    data["action"],
                    data["until"],
                    entry.at,
                    entry.seq,
                    *chosen,
                    data.get("reasoned", False),
                )
            )
        case "advanced":
            case.stay.left, case.stay.to = entry.place, data["to"]
            case.stays.append(Stay(len(case.stays) + 1, data["to"], entry.place))
        case "resolved":
            case.closings.append(Closing("resolved", case.stay.number, entry.place, case.resolutions + 1))
        case "withdrawn":
            case.closings.append(Closing("withdrawn", case.stay.number, entry.place))
        case "reopened":
            case.closings[-1].reopened = entry.place
        case "adopted":
            case.moves.append(Move(entry.place, case.protocol, editions[data["edition"]]))
            case.protocol = editions[data["edition"]]


def _take_for_granted(case: Case, opened: Entry) -> None:
    """What counts as an answer until somebody says otherwise is as if it had been said when the case was opened."""
    said = {fact for each in case.said if each.place <= opened.place for fact in each.answers}
    granted = {fact: answer for fact, answer in case.protocol.unless_said.items() if fact not in said}
    here = next((n for n, each in enumerate(case.said) if each.seq == opened.seq), None)
    if granted and here is not None:
        case.said[here] = case.said[here]._replace(answers={**granted, **case.said[here].answers})
    elif granted:
        case.said.append(Said(opened.at, opened.seq, granted, dated=False, again=False))


def _say(case: Case, entry: Entry) -> None:
    """Questions are answered from when the entry happened; a moment that has come is known from its own date, however late it was told (C20)."""
    dated = entry.at != entry.recorded
    answers = entry.data.get("facts", {})
    if answers:
        case.said.append(Said(entry.at, entry.seq, answers, dated, entry.data.get("again", False)))
    for moment, date_ in entry.data.get("moments", {}).items():
        told_at = entry.at if date_ is None else min(entry.at, date_)
        case.moments.setdefault(moment, []).append(((told_at, entry.seq), entry.place, date_))
