"""What may be done to a case. A decision looks at the case and returns the entry that records it, or refuses."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import NamedTuple

from escalate.domain.case.details import HOLD, LISTS, is_address
from escalate.domain.case.history import (
    ADOPTED,
    ADVANCED,
    AGREED,
    ASSIGNED,
    CORRECTED,
    DONE,
    ERASED,
    NOTED,
    OPENED,
    RECOUNTED,
    REOPENED,
    RESOLVED,
    SET,
    UNDONE,
    WITHDRAWN,
    Case,
    Entry,
    Misfit,
    Visit,
    effective,
    replay,
)
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.shifts import Move
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP, Stage
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london, london_date, spoken, written
from escalate.errors import BadInput, Refused, UnknownName, listed

_KEPT_TOGETHER = (*LISTS.values(), "legal_hold")
"""What of the particulars an opening keeps under that name."""

GROUNDS = ("unresolved", "no-response", "urgent")


class Particulars(NamedTuple):
    """What a case is opened with, or is now known to be; None, or left out, where nothing is said.

    `subject` is a reference, never a name. `words` and `identities` go by the names in `TEXTS` and `IDENTITIES`.
    """

    subject: str | None = None
    raising_agency: str | None = None
    receiving_agency: str | None = None
    involved: tuple[str, ...] | None = None
    themes: tuple[str, ...] | None = None
    legal_hold: bool | None = None
    words: Mapping[str, str] = {}
    identities: Mapping[str, str] = {}


class Recording(NamedTuple):
    """Who is writing an entry down, when, and when it happened."""

    by: str
    now: datetime
    at: datetime


def open_case(
    ref: str,
    protocol: Protocol,
    edition_digest: str,
    recording: Recording,
    particulars: Particulars,
    *,
    concern_at: datetime | None = None,
    route: str | None = None,
    stage: str | None = None,
    facts: Mapping[str, str] | None = None,
    because: str | None = None,
    imported: Mapping[str, str | None] | None = None,
) -> Entry:
    """Opens a case at the first stage of a route, or higher. Raises Refused.

    `edition_digest` is that of the kept protocol file. `imported` is what tells the row of a log it is opened from.
    """
    if recording.at > recording.now:
        raise Refused(f"{spoken(recording.at)} has not come yet: a case is raised now or in the past.")
    concern = concern_at or recording.at
    if concern > recording.at:
        raise Refused(
            f"The concern ({spoken(concern)}) cannot come after the case was raised ({spoken(recording.at)}): give an earlier --concern, or --at."
        )
    way = protocol.route(route)
    first = protocol.stage(way.key, way.starts)
    entered = protocol.stage(way.key, stage) if stage else first
    data = {
        "protocol": protocol.id,
        "edition": protocol.edition.dated,
        "edition_digest": edition_digest,
        "calendar": protocol.counts_on,
        "route": entered.route,
        "stage": entered.key,
        "skipped": [] if entered is first else [first.key, *_skipped(protocol, first, entered)],
        "because": _ground(because),
        "subject": particulars.subject,
        "raising_agency": particulars.raising_agency,
        "receiving_agency": particulars.receiving_agency,
        "concern_at": written(concern_at) if concern_at else None,
        "facts": checked_facts(protocol, facts or {}),
        "particulars": {name: known for name, known in _known(protocol, particulars).items() if name in _KEPT_TOGETHER},
        **({"imported": imported} if imported else {}),
    }
    words, identities = particulars.words, particulars.identities
    return Entry(ref, 1, OPENED, recording.at, recording.now, recording.by, data, words, identities)


def note(case: Case, recording: Recording, text: str) -> Entry:
    """Writes a remark into the history, whatever the case's status. Raises BadInput."""
    if not text.strip():
        raise BadInput("There is nothing in the note: say what to remember.")
    return _entry(case, NOTED, recording, {}, {"text": text})


def done(
    protocol: Protocol,
    case: Case,
    calendar: Calendar,
    recording: Recording,
    action: str,
    stage: str | None = None,
    remark: str | None = None,
) -> Entry:
    """Records that an action was done: of the latest stage that has it, or of the one named. Raises UnknownName, Refused."""
    current = [deadline for deadline in deadlines(protocol, case, calendar) if deadline.action != NEXT_STEP]
    at_stage = [
        each
        for each in current
        if stage is None or (each.stage.casefold() == stage.casefold() and not each.at_any_stage)
    ]
    named = [deadline for deadline in at_stage if deadline.action.casefold() == action.casefold()]
    moment = protocol.dated_event(action)
    if not named and moment:
        raise Refused(f"{moment.key} is a moment, and nothing to be done: escalate set {case.ref} {moment.key}=WHEN.")
    if not named:
        open_keys = list(dict.fromkeys(deadline.action for deadline in at_stage if deadline.met_at is None))
        raise UnknownName("action", action, open_keys, f" in {case.ref}{f' at stage {stage}' if stage else ''}")
    unmet = [deadline for deadline in named if deadline.met_at is None]
    if not unmet:
        last = named[-1]
        already = case.done_at(last.occasion, last.action)
        if already is None:
            raise Refused(f"{case.ref} has already left stage {last.stage}, which met {action}.")
        raise Refused(
            f"{action} of {case.ref} is already recorded as done {spoken(already.at)} (entry {already.entry}); "
            "undo that first to change it."
        )
    _check_moment(case, recording)
    target = _at_that_time(case, unmet, recording.at)
    won = target.decided_by
    if target.at_any_stage and won and won.since and recording.at < won.since:
        raise Refused(_too_early(recording.at, won.since, f"{target.action} was called for"))
    stage_then = _stage_at(case, recording.at) if target.at_any_stage else target.stage
    data = {"visit": target.occasion.number, "stage": stage_then, "action": target.action}
    return _entry(case, DONE, recording, data, _words(remark))


def _stage_at(case: Case, at: datetime) -> str:
    """The stage a case was at at an instant."""
    return [visit.stage for visit in case.visits if visit.entered_at <= at][-1]


def _at_that_time(case: Case, unmet: Sequence[Deadline], at: datetime) -> Deadline:
    """Of an action that several stages have, the one of the latest stage that had been entered by then. Raises Refused."""
    begins = [(each, case.begins(each.occasion) or case.raised_at) for each in unmet]
    possible = [each for each, floor in begins if floor <= at]
    if not possible:
        last, floor = begins[-1]
        came = "was resolved" if last.occasion.resolution else f"reached stage {last.stage}"
        raise Refused(_too_early(at, floor, f"{case.ref} {came}"))
    return possible[-1]


def agree(
    protocol: Protocol,
    case: Case,
    calendar: Calendar,
    recording: Recording,
    until: datetime,
    action: str | None = None,
    reason: str | None = None,
) -> Entry:
    """Records a date the two sides agreed, for the stage or for one of its actions. Raises UnknownName, Refused."""
    calendar.check(london_date(until))
    if until <= recording.at:
        raise Refused(
            f"The agreed date ({spoken(until)}) has to lie after the moment it was agreed ({spoken(recording.at)})."
        )
    unmet = [deadline for deadline in deadlines(protocol, case, calendar) if deadline.met_at is None]
    if action is None:
        named = [deadline for deadline in unmet if deadline.ends_stage or deadline.action == NEXT_STEP]
        if not named:
            raise Refused(
                f"{case.ref} is {case.status} and has no stage left to end by then: name the action it was agreed for with --action."
            )
    else:
        named = [deadline for deadline in unmet if deadline.action.casefold() == action.casefold()]
        if not named:
            raise UnknownName(
                "open action", action, dict.fromkeys(deadline.action for deadline in unmet), f" in {case.ref}"
            )
    target = named[-1]
    data = {
        "visit": target.occasion.number,
        "stage": target.stage,
        "action": target.action,
        "until": written(until),
        **({"reasoned": True} if reason else {}),
    }
    if not reason and any(each.extendable_to and each.due and each.due.at < until for each in target.limits):
        raise Refused(
            f"The time for {target.action} can be extended, but only for a reason: give it with --reason. Nothing was recorded."
        )
    return _entry(case, AGREED, recording, data, _words(reason))


def advance(
    protocol: Protocol,
    case: Case,
    recording: Recording,
    to: str | None = None,
    because: str | None = None,
    reason: str | None = None,
) -> Entry:
    """Goes up: to the stage that follows, to one of those that do, or past some of them. Raises Refused."""
    _must_be_open(case, "go up")
    here = protocol.stage(case.visit.route, case.visit.stage)
    entered = _stage_above(protocol, here, to)
    _not_before_stage(case, recording)
    data = {
        "from": here.key,
        "route": entered.route,
        "stage": entered.key,
        "skipped": _skipped(protocol, here, entered),
        "because": _ground(because) or "unresolved",
    }
    return _entry(case, ADVANCED, recording, data, _words(reason))


def resolve(case: Case, recording: Recording, how: str | None = None, lessons: str | None = None) -> Entry:
    """Closes a case as resolved; what is owed afterwards stays due. Raises Refused."""
    _must_be_open(case, "be resolved")
    _not_before_stage(case, recording)
    data = {"stage": case.visit.stage, "route": case.visit.route}
    words = {name: text for name, text in (("how", how), ("lessons", lessons)) if text}
    return _entry(case, RESOLVED, recording, data, words)


def withdraw(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Closes a case that is not pursued; nothing is owed any more. Raises Refused."""
    _must_be_open(case, "be withdrawn")
    _not_before_stage(case, recording)
    data = {"stage": case.visit.stage, "route": case.visit.route}
    return _entry(case, WITHDRAWN, recording, data, _words(reason))


def reopen(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Takes a closed case up again at the stage it was at; its deadlines carry on from the history. Raises Refused."""
    if case.status == "open" or case.visit.left_at is None:
        raise Refused(f"{case.ref} is open already, at stage {case.visit.stage}.")
    if recording.at < case.visit.left_at:
        raise Refused(_too_early(recording.at, case.visit.left_at, f"{case.ref} was {case.status}"))
    return _entry(case, REOPENED, recording, {"stage": case.visit.stage, "route": case.visit.route}, _words(reason))


def assign(
    case: Case,
    recording: Recording,
    side: str,
    name: str | None = None,
    role: str | None = None,
    email: str | None = None,
    stage: str | None = None,
) -> Entry:
    """Records who holds a side at the stage the case is at, or at another it has been at. Raises BadInput, UnknownName."""
    if not (name or role or email):
        raise BadInput(f"Say who holds the {side} side: a name, --role or --email.")
    if email and not is_address(email):
        raise BadInput("What was given as --email is not an address: write it as name@agency.example.")
    held = _visit(case, stage) if stage else case.visit
    data = {"visit": held.number, "stage": held.stage, "side": _side(case, side)}
    identities = {key: said for key, said in (("name", name), ("email", email)) if said}
    return _entry(case, ASSIGNED, recording, data, {"role": role} if role else {}, identities)


def _visit(case: Case, stage: str) -> Visit:
    """The last stay at a stage."""
    for visit in reversed(case.visits):
        if visit.stage.casefold() == stage.casefold():
            return visit
    raise UnknownName(
        "stage", stage, dict.fromkeys(visit.stage for visit in case.visits), f" that {case.ref} has been at"
    )


def _side(case: Case, said: str) -> str:
    """The side meant: `raising` or `receiving`, by that word or the agency's name, or another agency involved."""
    names = {"raising": case.raising_agency, "receiving": case.receiving_agency}
    for side, agency in names.items():
        if said.casefold() in (side, (agency or side).casefold()):
            return side
    for agency in case.involved:
        if said.casefold() == agency.casefold():
            return agency
    raise UnknownName("side", said, [*names, *case.involved], f" in {case.ref}")


def set_known(
    protocol: Protocol,
    case: Case,
    recording: Recording,
    facts: Mapping[str, str],
    particulars: Particulars | None = None,
    concern_at: datetime | None = None,
) -> Entry:
    """Records what is now known about a case; conditions follow at once. Raises UnknownName, Refused."""
    known = particulars or Particulars()
    if concern_at and concern_at > case.raised_at:
        raise Refused(
            f"The concern ({spoken(concern_at)}) cannot come after {case.ref} was raised ({spoken(case.raised_at)})."
        )
    concern = {"concern_at": written(concern_at)} if concern_at else {}
    data = {"facts": checked_facts(protocol, facts), "particulars": concern | _known(protocol, known)}
    return _entry(case, SET, recording, data, known.words, known.identities)


def recounted(case: Case, recording: Recording, why: str, moved: Sequence[Move]) -> Entry:
    """Records which dates of a case a changed calendar moved."""
    data = {"why": why, "moved": [_moved(each) for each in moved]}
    return Entry(case.ref, len(case.history) + 1, RECOUNTED, recording.at, recording.now, recording.by, data)


def adopt(
    protocol: Protocol, edition_digest: str, case: Case, recording: Recording, moved: Sequence[Move], reason: str | None
) -> Entry:
    """Moves a case to another edition of its protocol, if that has every stage it has been at. Raises Refused."""
    if protocol.id != case.protocol:
        raise Refused(f"{case.ref} is under {case.protocol}; {protocol.id} is another protocol and no edition of it.")
    if edition_digest == case.edition_digest:
        raise Refused(f"{case.ref} is under the {protocol.edition.dated} edition of {protocol.id} already.")
    for visit in case.visits:
        if protocol.find(visit.route, visit.stage) is None:
            raise Refused(
                f"The {protocol.edition.dated} edition of {protocol.id} has no stage {visit.stage} on the {visit.route} route,"
                f" where {case.ref} has been: it stays under the edition it has."
            )
    data = {
        "from": case.edition,
        "edition": protocol.edition.dated,
        "edition_digest": edition_digest,
        "calendar": protocol.counts_on,
        "moved": [_moved(each) for each in moved],
    }
    return _entry(case, ADOPTED, recording, data, _words(reason))


def _moved(move: Move) -> dict[str, object]:
    was, becomes = (written(each) if each else None for each in (move.was, move.becomes))
    return {"stage": move.stage, "action": move.action, "was": was, "becomes": becomes}


def _known(protocol: Protocol, particulars: Particulars) -> dict[str, object]:
    """What is said of a case, as the history keeps it."""
    themes = particulars.themes
    given = {
        "subject": particulars.subject,
        "raising_agency": particulars.raising_agency,
        "receiving_agency": particulars.receiving_agency,
        "involved": particulars.involved if particulars.involved is None else list(dict.fromkeys(particulars.involved)),
        "themes": themes if themes is None else list(dict.fromkeys(protocol.theme(theme) for theme in themes)),
        "legal_hold": particulars.legal_hold,
    }
    return {name: value for name, value in given.items() if value is not None}


def erase(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Records that all that was said of a closed case in words, and who its people are, is erased. Raises Refused.

    The case has to be here with its identities, so that all there is to erase is counted.
    """
    if case.legal_hold:
        raise Refused(
            f"{case.ref} is under a legal hold, so nothing of it may be erased; escalate set {case.ref} {HOLD}=none lifts that."
        )
    if case.status == "open":
        raise Refused(
            f"{case.ref} is open, and what was said in it still needed: close it first, with escalate resolve or withdraw {case.ref}."
        )
    if not any(left_to_erase(case).values()):
        raise Refused(f"There is nothing to erase in {case.ref}{', or not any more' if case.erased else ''}.")
    return _entry(case, ERASED, recording, {"erased": left_to_erase(case)}, _words(reason))


def left_to_erase(case: Case) -> dict[str, int]:
    """What of a case can be erased, and how many pieces of each: `identities`, `subjects`, `words`."""
    entries = [entry for entry in case.history if entry.kind != ERASED]
    particulars = [each for entry in entries for each in (entry.data, entry.data.get("particulars", {}))]
    return {
        "identities": sum(len(entry.identities) for entry in entries),
        "subjects": sum(bool(each.get("subject")) for each in particulars),
        "words": sum(len(entry.words) for entry in entries),
    }


def undo(case: Case, recording: Recording, seq: int | None = None, reason: str | None = None) -> Entry:
    """Takes back the last entry that still counts, or the one named if nothing rests on it. Raises Refused."""
    counting = {entry.seq: entry for entry in effective(case.history) if entry.kind not in (UNDONE, RECOUNTED, ERASED)}
    target = _counting(case, counting, max(counting) if seq is None else seq)
    if target.kind == OPENED:
        nothing_left = "Nothing in {0} is left to undo: its" if seq is None else "The"
        raise Refused(
            f"{nothing_left.format(case.ref)} opening stays. Close the case with escalate withdraw {case.ref}."
        )
    data = {"undoes": target.seq, "undone_kind": target.kind}
    return _fitting(case, target, _entry(case, UNDONE, recording, data, _words(reason)))


def correct(case: Case, recording: Recording, to: datetime, seq: int | None = None, reason: str | None = None) -> Entry:
    """Gives the last entry, or the one named, another time, if what was recorded after it still fits. Raises Refused."""
    counting = {
        entry.seq: entry
        for entry in effective(case.history)
        if entry.kind not in (UNDONE, CORRECTED, RECOUNTED, ERASED)
    }
    target = _counting(case, counting, max(counting) if seq is None else seq)
    if to > target.recorded_at:
        raise Refused(
            f"Entry {target.seq} was recorded {spoken(target.recorded_at)}, and says what had happened by then."
        )
    if target.kind == OPENED and target.data["concern_at"] and to < case.concern_at:
        raise Refused(f"{case.ref} cannot be raised before its concern ({spoken(case.concern_at)}).")
    data = {"corrects": target.seq, "corrected_kind": target.kind, "from": written(target.at), "to": written(to)}
    return _fitting(case, target, _entry(case, CORRECTED, recording, data, _words(reason)))


def _counting(case: Case, counting: Mapping[int, Entry], seq: int) -> Entry:
    if seq in counting:
        return counting[seq]
    if seq in case.undone:
        raise Refused(f"Entry {seq} of {case.ref} was taken back already.")
    if 0 < seq <= len(case.history) and case.history[seq - 1].kind == RECOUNTED:
        raise Refused(
            f"Entry {seq} of {case.ref} says what a changed calendar came to: change the calendar again to take that back."
        )
    if 0 < seq <= len(case.history) and case.history[seq - 1].kind == ERASED:
        raise Refused(f"Entry {seq} of {case.ref} erased what had been said: that is gone for good.")
    last = len(case.history)
    which = f"entries are 1 to {last}" if last > 1 else "only entry is 1"
    raise Refused(
        f"There is no entry {seq} to change in {case.ref}: its {which}, and escalate log {case.ref} shows them."
    )


def _fitting(case: Case, target: Entry, entry: Entry) -> Entry:
    """An entry that changes another, if the history still holds together with it. Raises Refused."""
    try:
        replay((*case.history, entry))
    except Misfit as misfit:
        rests = misfit.entry
        what = f"entry {rests.seq} ({rests.kind} {spoken(rests.at)})"
        if rests.seq == target.seq:
            raise Refused(
                f"Entry {target.seq} cannot have that time: it does not fit what was recorded before it."
            ) from None
        raise Refused(
            f"Entry {target.seq} cannot be changed that way: {what} rests on it. Change that one first."
        ) from None
    return entry


def _entry(
    case: Case,
    kind: str,
    recording: Recording,
    data: Mapping[str, object],
    words: Mapping[str, str],
    identities: Mapping[str, str] | None = None,
) -> Entry:
    _check_moment(case, recording)
    seq = len(case.history) + 1
    return Entry(case.ref, seq, kind, recording.at, recording.now, recording.by, data, words, identities or {})


def _check_moment(case: Case, recording: Recording) -> None:
    if recording.at > recording.now:
        raise Refused(
            f"{spoken(recording.at)} has not come yet: --at says when something happened, so it lies in the past."
        )
    if recording.at < case.raised_at:
        raise Refused(_too_early(recording.at, case.raised_at, f"{case.ref} was raised"))


def _not_before_stage(case: Case, recording: Recording) -> None:
    if recording.at < case.visit.entered_at:
        raise Refused(_too_early(recording.at, case.visit.entered_at, f"{case.ref} reached stage {case.visit.stage}"))


def _too_early(at: datetime, floor: datetime, what: str) -> str:
    day_alone = london(at).time() == time(0) and london_date(at) == london_date(floor)
    hint = ': give the time of day as well, as in "today 14:00"' if day_alone else ""
    return f"{spoken(at)} is before {what} ({spoken(floor)}){hint}."


def _must_be_open(case: Case, what: str) -> None:
    if case.status != "open":
        raise Refused(
            f"{case.ref} was {case.status} {spoken(case.visit.left_at or case.raised_at)}, so it cannot {what}; escalate reopen {case.ref} takes it up again."
        )


def _stage_above(protocol: Protocol, here: Stage, to: str | None) -> Stage:
    following = protocol.ladders.following(here)
    if not following:
        raise Refused(
            f"Stage {here.key} is the last: nothing follows it. When it is settled, escalate resolve closes the case."
        )
    names = [_name(stage, here) for stage in following]
    if to is None:
        if len(following) > 1:
            choices = "; ".join(f"{name} ({stage.name})" for name, stage in zip(names, following, strict=True))
            raise Refused(
                f"More than one stage may follow stage {here.key}: choose with --to {listed(names, 'or')}. They are {choices}."
            )
        return following[0]
    wanted = protocol.find(here.route, to)
    above = protocol.ladders.reachable(here)
    if wanted is None or (wanted.route, wanted.key) not in above:
        unknown = f': "{to}" is not a stage of {protocol.id}' if wanted is None else ""
        beyond = [_name(stage[-1], here) for stage in above.values() if stage[-1] not in following]
        more = f", and by skipping {listed(beyond, 'or')}" if beyond else ""
        raise Refused(
            f"Stage {to} cannot follow stage {here.key}{unknown}. What may follow is {listed(names, 'or')}{more}."
        )
    return wanted


def _name(stage: Stage, seen_from: Stage) -> str:
    return stage.key if stage.route == seen_from.route else f"{stage.route}:{stage.key}"


def _skipped(protocol: Protocol, here: Stage, entered: Stage) -> list[str]:
    """The stages passed over on the shortest way from one stage to another."""
    way = protocol.ladders.reachable(here).get((entered.route, entered.key), ())
    return [stage.key for stage in way[:-1]]


def _ground(because: str | None) -> str | None:
    if because is not None and because not in GROUNDS:
        raise BadInput(f'"{because}" is not a ground for going up: say {listed(GROUNDS, "or")}.')
    return because


def _words(text: str | None) -> dict[str, str]:
    return {"text": text} if text else {}
