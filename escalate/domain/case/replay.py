"""A case is its history: entries that are only ever added. Here they are replayed into the case they come to."""

from collections.abc import Iterable, Mapping
from datetime import date
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
    VOIDED,
    WITHDRAWN,
    Entry,
    effective,
)
from escalate.domain.case.model import (
    Agreed,
    Answer,
    Assigned,
    Case,
    Closing,
    Done,
    EarlierEdition,
    KnownFact,
    Stay,
    TakenOver,
)
from escalate.domain.case.occasion import Occasion
from escalate.domain.case.status import VOID
from escalate.domain.worktime.clock import read_instant


class Misfit(Exception):
    """An entry that cannot follow those before it: a history that was changed may have one, a recorded one has none."""

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
    """The case with one more entry. Replays the history only where the entry changes those before it. Raises Misfit."""
    if entry.kind in (UNDONE, CORRECTED, SET):
        return replay((*case.history, entry))
    return _after(case, entry)._replace(history=(*case.history, entry))


def _after(case: Case, entry: Entry) -> Case:
    """The case with what an entry changes in it. Raises Misfit."""
    change = _CHANGES.get(entry.kind)
    if (change is None and entry.kind not in _CHANGE_NOTHING) or not _fits(case, entry):
        raise Misfit(entry)
    return change(case, entry) if change else case


def _fits(case: Case, entry: Entry) -> bool:
    """Whether an entry can follow what the case has come to."""
    if entry.kind in _FIT_ALWAYS:
        return True
    if case.status == VOID:
        return entry.kind == NOTED and entry.at >= case.raised_at
    if entry.kind == VOIDED:
        return True
    if entry.kind == ADVANCED:
        return entry.data["from"] == case.stay.stage and _can_leave(case, entry)
    if entry.kind in (RESOLVED, WITHDRAWN):
        return _can_leave(case, entry)
    if entry.kind == REOPENED:
        return case.stay.left_at is not None and case.status != "open" and entry.at >= case.stay.left_at
    if entry.kind == ASSIGNED and entry.data["visit"] > len(case.stays):
        return False
    if entry.kind in (DONE, AGREED) and not _has_come_to(case, entry):
        return False
    return entry.at >= case.raised_at


def _can_leave(case: Case, entry: Entry) -> bool:
    """Whether the case can leave its stage when an entry says it does."""
    return case.status == "open" and entry.at >= case.stay.entered_at


def _has_come_to(case: Case, entry: Entry) -> bool:
    """Whether the case has come to the occasion of what was done or agreed; a date may be agreed before that began."""
    begins_at = case.begins_at(Occasion.numbered(entry.data["visit"]))
    if begins_at is None:
        return False
    return entry.at >= begins_at if entry.kind == DONE else read_instant(entry.data["until"]) > entry.at


def _opened(entry: Entry, history: tuple[Entry, ...]) -> Case:
    """The case that its first entry opens."""
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
        concern_at=read_instant(data["concern_at"]) if data["concern_at"] else entry.at,
        raised_at=entry.at,
        facts={key: _with_answer(None, answer, entry) for key, answer in data["facts"].items()},
        stays=(_new_stay(1, entry),),
        said_in=_said_in({}, entry),
        history=history,
        **_details(data.get("particulars", {})),
    )


def _details(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Details as a case has them; a list replaces the one before as a whole."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}


def _said_in(before: Mapping[str, int], entry: Entry) -> dict[str, int]:
    """Which entry has the words and identities that hold: this one for those it says."""
    names = (*entry.words, *entry.identities, *entry.withheld)
    return {**before, **{name: entry.seq for name in names if name in _OF_THE_CASE}}


_OF_THE_CASE = frozenset((*TEXTS, *IDENTITIES, HOLD))
"""Words and identities that are the case's and not of one entry alone, such as a remark."""


def _done(case: Case, entry: Entry) -> Case:
    return case._replace(
        done=(
            *case.done,
            Done(
                Occasion.numbered(entry.data["visit"]),
                entry.data["action"],
                entry.at,
                entry.seq,
                entry.data.get("call"),
                entry.data.get("first_called"),
            ),
        )
    )


def _agreed(case: Case, entry: Entry) -> Case:
    data = entry.data
    until, reasoned = read_instant(data["until"]), data.get("reasoned", False)
    occasion, call = Occasion.numbered(data["visit"]), data.get("call")
    first = data.get("first_called")
    agreed = Agreed(occasion, data["action"], until, entry.at, entry.seq, reasoned, call, first)
    return case._replace(agreed=(*case.agreed, agreed))


def _advanced(case: Case, entry: Entry) -> Case:
    return case._replace(stays=(*_with_last_ended(case, entry), _new_stay(len(case.stays) + 1, entry)))


def _new_stay(number: int, entry: Entry) -> Stay:
    """The stay that an entry begins."""
    data = entry.data
    return Stay(number, data["route"], data["stage"], entry.at, entry.seq, tuple(data["skipped"]), data["because"])


def _resolved(case: Case, entry: Entry) -> Case:
    return case._replace(
        status="resolved",
        stays=_with_last_ended(case, entry),
        said_in=_said_in(case.said_in, entry),
        resolved_at=None if entry.data.get("undated") else entry.at,
        resolved_entry=entry.seq,
        resolutions=case.resolutions + 1,
        closings=_closed(case, entry, "resolved", case.resolutions + 1),
    )


def _withdrawn(case: Case, entry: Entry) -> Case:
    closings = _closed(case, entry, "withdrawn")
    return case._replace(status="withdrawn", stays=_with_last_ended(case, entry), closings=closings)


def _voided(case: Case, entry: Entry) -> Case:
    """Nothing of it counts any more. It need not have been open, nor raised before: the clock may have been wrong."""
    return case._replace(
        status=VOID,
        stays=case.stays if case.stay.left_at else _with_last_ended(case, entry),
        resolved_at=None,
        resolved_entry=None,
        closings=_closed(case, entry, VOID),
    )


def _closed(case: Case, entry: Entry, status: str, resolution: int | None = None) -> tuple[Closing, ...]:
    """The closings of a case with the one that an entry makes."""
    told = entry.data.get("taken_over")
    closing = Closing(
        status, case.stay.number, entry.at, entry.seq, resolution, undated=entry.data.get("undated", False)
    )
    if told is not None:
        closing = closing._replace(
            taken_over=TakenOver(tuple(told["stays"]), tuple(told["ended"]), told["unsure_hours"])
        )
    return (*case.closings, closing)


def _with_last_ended(case: Case, entry: Entry) -> tuple[Stay, ...]:
    """The stays of a case once an entry has ended the last."""
    return (*case.stays[:-1], case.stay._replace(left_at=entry.at, left_entry=entry.seq))


def _reopened(case: Case, entry: Entry) -> Case:
    """Back at the stage it was at, as if it had never left: its deadlines carry on from the history."""
    back = case.stay._replace(left_at=None, left_entry=None)
    said_in = {name: seq for name, seq in case.said_in.items() if name != "how"}  # it turned out not to be resolved
    stays = (*case.stays[:-1], back)
    reopened = case.closings[-1]._replace(reopened_at=entry.at, reopened_entry=entry.seq)
    return case._replace(
        status="open",
        resolved_at=None,
        resolved_entry=None,
        said_in=said_in,
        stays=stays,
        closings=(*case.closings[:-1], reopened),
    )


def _assigned(case: Case, entry: Entry) -> Case:
    data = entry.data
    since, until = (date.fromisoformat(data[key]) if key in data else None for key in ("from", "until"))
    assigned = Assigned(data["visit"], data["side"], entry.at, entry.seq, since, until)
    return case._replace(assigned=(*case.assigned, assigned))


def _adopted(case: Case, entry: Entry) -> Case:
    data = entry.data
    earlier = EarlierEdition(entry.recorded_at, entry.at, entry.seq, case.edition, case.edition_digest, case.calendar)
    return case._replace(
        edition=data["edition"],
        edition_digest=data["edition_digest"],
        calendar=data["calendar"],
        editions=(*case.editions, earlier),
    )


def _set(case: Case, entry: Entry) -> Case:
    facts = {key: _with_answer(case.facts.get(key), answer, entry) for key, answer in entry.data["facts"].items()}
    details = dict(entry.data["particulars"])
    if "concern_at" in details:
        details |= {"concern_at": read_instant(details["concern_at"]), "concern_entry": entry.seq}
    return case._replace(facts={**case.facts, **facts}, said_in=_said_in(case.said_in, entry), **_details(details))


def _with_answer(fact: KnownFact | None, answer: str, entry: Entry) -> KnownFact:
    """A fact with one more answer, at its place in time."""
    is_dated = entry.at != entry.recorded_at
    said = Answer(entry.at, entry.seq, answer, is_dated, entry.data.get("again", False))
    return KnownFact(tuple(sorted((*(fact.said if fact else ()), said))))


_CHANGES = {
    DONE: _done,
    AGREED: _agreed,
    ADVANCED: _advanced,
    RESOLVED: _resolved,
    WITHDRAWN: _withdrawn,
    VOIDED: _voided,
    REOPENED: _reopened,
    ASSIGNED: _assigned,
    SET: _set,
    ADOPTED: _adopted,
}
"""What an entry of each kind changes in a case."""
_CHANGE_NOTHING = (NOTED, RECOUNTED, UNDONE, CORRECTED, ERASED)
"""Kinds that leave the case itself as it is."""
_FIT_ALWAYS = (RECOUNTED, ERASED, UNDONE, CORRECTED)
"""Kinds that say something of the history, and happen when they are recorded, whatever the case has come to."""
