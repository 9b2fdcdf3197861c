"""A case is its history: entries that are only ever added, and what they come to when replayed."""

from collections.abc import Iterable, Mapping
from typing import Any

from escalate.domain.case.details import HOLD, IDENTITIES, TEXTS
from escalate.domain.case.entries import (
    ADOPTED,
    ADVANCED,
    AGREED,
    ASSIGNED,
    CORRECTED,
    DONE,
    ERASED,
    NOTED,
    RECOUNTED,
    REOPENED,
    RESOLVED,
    SET,
    UNDONE,
    WITHDRAWN,
    Entry,
    effective,
)
from escalate.domain.case.model import Agreed, Assigned, Case, Done, KnownFact, Under, Visit
from escalate.domain.case.occasion import Occasion
from escalate.domain.worktime.clock import moment


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
