"""What is recorded of an open or a closed case: a note, an action done, a date agreed, who holds a side."""

from collections.abc import Sequence
from datetime import date, datetime

from escalate.domain.case.details import is_address, is_phone
from escalate.domain.case.documents import Kept, words_of
from escalate.domain.case.entries import AGREED, ASSIGNED, DONE, NOTED, Entry
from escalate.domain.case.model import Case, Stay
from escalate.domain.case.people import FOR_GOOD, Days
from escalate.domain.deadlines.engine import what_can_be_recorded
from escalate.domain.deadlines.meant import deadlines_at, deadlines_of
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.recording.request import (
    Recording,
    as_text,
    before_entry,
    check_not_void,
    check_time,
    new_entry,
    next_entry,
    too_early,
)
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken, spoken_day, written
from escalate.errors import BadInput, NotThereYet, Refused, UnknownName, listed


def note(case: Case, recording: Recording, text: str, documents: Sequence[Kept] = ()) -> Entry:
    """Writes a remark into the history, with the documents it is about, whatever the case's status. Raises BadInput, Refused."""
    if not text.strip():
        raise BadInput("The note is empty: say what to remember.")
    return new_entry(case, NOTED, recording, {}, {"text": text, **words_of(documents)})


# -- an action done -------------------------------------------------------------------------------------------------------


def done(
    protocol: Protocol,
    case: Case,
    calendar: Calendar,
    recording: Recording,
    action: str,
    stage: str | None = None,
    remark: str | None = None,
    call: int | None = None,
) -> Entry:
    """Records that an action was done: the oldest call for it that was open then, at the latest stage that had one (C15).

    Another stage or another call can be named. What was done in time counts though the call has ended since. Raises
    UnknownName, Refused.
    """
    check_not_void(case, DONE)
    candidates = _candidates(protocol, case, calendar, action, stage)
    action = candidates[0].action
    found = _numbered(case, candidates, action, call)
    check_time(case, recording)
    target = _open_then(case, found, action, recording.at)
    stage_then = _stage_at(case, recording.at) if target.at_any_stage else target.stage
    named = _chosen(target, candidates, call)
    data = {"visit": target.occasion.number, "stage": stage_then, "action": target.action, **named}
    return next_entry(case, DONE, recording, data, as_text(remark))


def _candidates(protocol: Protocol, case: Case, calendar: Calendar, action: str, stage: str | None) -> list[Deadline]:
    """The deadlines of an action, or of the one that a stage has. Raises UnknownName, Refused where there is none."""
    doable = [
        each
        for each in what_can_be_recorded(protocol, case, calendar)
        if each.action != NEXT_STEP and not each.agreement
    ]
    at_stage = [each for each in deadlines_at(doable, stage) if stage is None or not each.at_any_stage]
    if found := deadlines_of(at_stage, action):
        return found
    if event := protocol.dated_event(action):
        raise Refused(f"{event.key} is a moment, and nothing to be done: escalate set {case.ref} {event.key}=WHEN.")
    if to_come := _stage_to_come(protocol, case, action, stage):
        raise NotThereYet(*to_come, case.ref, case.stay.stage)
    still_open = dict.fromkeys(deadline.action for deadline in at_stage if deadline.is_open)
    raise UnknownName("action", action, still_open, f" in {case.ref}{f' at stage {stage}' if stage else ''}")


def _stage_to_come(protocol: Protocol, case: Case, action: str, stage: str | None) -> tuple[str, str] | None:
    """An action of a stage that an open case may still come to, and the nearest such stage; None where there is none of that name."""
    if case.status != "open":
        return None
    here = protocol.stage(case.stay.route, case.stay.stage)
    for *_, after in protocol.ladders.reachable(here).values():
        if stage in (None, after.key) and any(each.key == action.casefold() for each in after.actions):
            return action.casefold(), after.key_on(here.route)
    return None


def _numbered(case: Case, found: Sequence[Deadline], action: str, call: int | None) -> Sequence[Deadline]:
    """Those of the call that is named; all of them where none is. Raises Refused."""
    if call is None:
        return found
    if named := [each for each in found if each.call == call]:
        return named
    numbers = dict.fromkeys(str(each.call) for each in found)
    raise Refused(f"There is no call {call} for {action} in {case.ref}: there is {listed(list(numbers), 'or')}.")


def _chosen(target: Deadline, others: Sequence[Deadline], call: int | None) -> dict[str, object]:
    """How an entry names the call somebody chose: by what began it, for numbers are counted anew.

    Where that began others as well, also by what began the first of the calls that it carries on.
    """
    if call is None or not target.called_entry:
        return {}
    began = (target.occasion, target.action, target.called_entry)
    same = {each.first_called for each in others if (each.occasion, each.action, each.called_entry) == began}
    return {"call": target.called_entry, **({"first_called": target.first_called} if len(same) > 1 else {})}


def _open_then(case: Case, found: Sequence[Deadline], action: str, at: datetime) -> Deadline:
    """Of the calls that were open at an instant, the oldest at the latest stage. Raises Refused where none was."""
    open_then = [each for each in found if _was_open(each, at)]
    if open_then:
        place = max(open_then, key=lambda each: each.occasion.stay or 0)
        same = [
            each for each in open_then if (each.route, each.stage) == (place.route, place.stage) or each.at_any_stage
        ]
        return min(same, key=_by_beginning)
    raise _why_not_open(case, found, action, at)


def _was_open(deadline: Deadline, at: datetime) -> bool:
    """Whether a call had begun by an instant and was neither met nor over."""
    if deadline.met_at is not None or deadline.called_at is None or deadline.called_at > at:
        return False
    return deadline.ended_at is None or at < deadline.ended_at


def _by_beginning(deadline: Deadline) -> tuple[datetime, int]:
    """Sort key: the call that began first."""
    assert deadline.called_at is not None
    return deadline.called_at, deadline.called_entry or 0


def _why_not_open(case: Case, found: Sequence[Deadline], action: str, at: datetime) -> Refused:
    """Why nothing called for an action at an instant, and what can be done about it."""
    unmet = [each for each in found if each.met_at is None]
    if not unmet:
        return Refused(_why_met(case, found[-1], action))
    later = [each for each in unmet if each.called_at and each.called_at > at]
    if later:
        first = min(later, key=_by_beginning)
        assert first.called_at is not None
        began = _what_began(case, first)
        if first.called_entry is None:
            return Refused(too_early(at, first.called_at, began))
        return before_entry(case, at, first.called_at, first.called_entry, began)
    last = unmet[-1]
    ended = spoken(last.ended_at) if last.ended_at else ""
    return Refused(
        f"{action} of {case.ref} has not been called for since {ended} (entry {last.ended_entry}): "
        "give the time at which it was done with --at, if that was before."
    )


def _why_met(case: Case, last: Deadline, action: str) -> str:
    """That an action was done already, or met by leaving its stage."""
    already = next((each for each in case.done if each.entry == last.met_entry), None)
    if already is None:
        return f"{case.ref} has already left stage {last.stage}, which met {action}."
    return (
        f"{action} of {case.ref} is already recorded as done {spoken(already.at)} (entry {already.entry}); "
        "undo that first to change it."
    )


def _what_began(case: Case, deadline: Deadline) -> str:
    """What began a call, in words that follow `is before`."""
    if deadline.at_any_stage:
        return f"{deadline.action} was called for"
    if deadline.call > 1:
        return f"{deadline.action} was called for again"
    came = "was resolved" if deadline.occasion.resolution else f"reached stage {deadline.stage}"
    return f"{case.ref} {came}"


def _stage_at(case: Case, at: datetime) -> str:
    """The stage a case was at at an instant."""
    return [stay.stage for stay in case.stays if stay.entered_at <= at][-1]


# -- a date agreed --------------------------------------------------------------------------------------------------------


def agree(
    protocol: Protocol,
    case: Case,
    calendar: Calendar,
    recording: Recording,
    until: datetime,
    action: str | None = None,
    reason: str | None = None,
    call: int | None = None,
    stage: str | None = None,
) -> Entry:
    """Records a date the two sides agreed, for the stage or for one of its actions: for the newest call (C15), or the one named.

    An action that is open at two stages is refused without the stage. Raises UnknownName, Refused.
    """
    check_not_void(case, AGREED)
    calendar.check(london_date(until))
    if until <= recording.at:
        raise Refused(
            f"The agreed date ({spoken(until)}) has to lie after the moment it was agreed ({spoken(recording.at)})."
        )
    recordable = what_can_be_recorded(protocol, case, calendar)
    unmet = [deadline for deadline in recordable if deadline.is_open]
    target = _end_of_stage(case, unmet, stage) if action is None else _still_open(case, unmet, action, call, stage)
    if not reason and any(each.extendable and each.due and each.due.at < until for each in target.limits):
        raise Refused(
            f"The time for {target.action} can be extended, but only for a reason: give it with --reason. Nothing was recorded."
        )
    data = {
        "visit": target.occasion.number,
        "stage": target.stage,
        "action": target.action,
        "until": written(until),
        **({"reasoned": True} if reason else {}),
        **_chosen(target, recordable, target.call if _begins_later(target, recording.at) else call),
    }
    return new_entry(case, AGREED, recording, data, as_text(reason))


def _begins_later(target: Deadline, at: datetime) -> bool:
    """Whether a call began only after a date was agreed for it, so that the date would be another call's if nobody said so."""
    may_have_others = target.call > 1 or target.action == NEXT_STEP
    return may_have_others and target.called_at is not None and at < target.called_at


def _end_of_stage(case: Case, unmet: Sequence[Deadline], stage: str | None) -> Deadline:
    """What ends the latest stage that has not ended, or the one named. Raises UnknownName, Refused."""
    ends = [deadline for deadline in unmet if deadline.ends_stage or deadline.action == NEXT_STEP]
    if not ends:
        raise Refused(
            f"{case.ref} is {case.status} and has no stage left to end by then: name the action it was agreed for with --action."
        )
    found = deadlines_at(ends, stage)
    if stage is not None and not found:
        raise UnknownName("stage", stage, dict.fromkeys(each.stage for each in ends), f" that {case.ref} has to end")
    return found[-1]


def _still_open(
    case: Case, unmet: Sequence[Deadline], action: str, call: int | None, stage: str | None = None
) -> Deadline:
    """The newest call for an action that is still to be done, during the last stay that has one, or the call named.

    Raises UnknownName, and Refused where two stages have one.
    """
    at_stage = [each for each in deadlines_at(unmet, stage) if stage is None or not each.at_any_stage]
    found = deadlines_of(at_stage, action)
    if not found:
        there = dict.fromkeys(deadline.action for deadline in at_stage)
        raise UnknownName("open action", action, there, f" in {case.ref}{f' at stage {stage}' if stage else ''}")
    action = found[0].action
    numbered = _numbered(case, found, action, call)
    at_stages = [each for each in numbered if each.occasion.stay]
    if len({(each.route, each.stage) for each in at_stages}) > 1:
        places = listed([_open_at(each) for each in at_stages], "and")
        raise Refused(f"{action} of {case.ref} is open {places}: say with --stage which of them the date is for.")
    last_stay = max((each.occasion.stay or 0 for each in at_stages), default=0)
    at_last = [each for each in numbered if not 0 < (each.occasion.stay or 0) < last_stay]
    return max(at_last, key=lambda each: (*_by_beginning(each), each.call))


def _open_at(deadline: Deadline) -> str:
    """`at stage 1 (due Friday 27 November 2026 12:00)`: where an action is open, and when it is due there."""
    call = f", call {deadline.call}" if deadline.call > 1 else ""
    return f"at stage {deadline.stage}{call} ({f'due {spoken(deadline.due_at)}' if deadline.due_at else 'no date'})"


# -- who holds a side -----------------------------------------------------------------------------------------------------


def assign(
    case: Case,
    recording: Recording,
    side: str,
    name: str | None = None,
    role: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    stage: str | Stay | None = None,
    days: Days = FOR_GOOD,
) -> Entry:
    """Records who holds a side, and on which days, at the stage the case is at, or at another it has been at. Raises BadInput, UnknownName, Refused."""
    if not (name or role or email or phone):
        raise BadInput(f"Say who holds the {side} side: a name, --role, --email or --phone.")
    if email and not is_address(email):
        raise BadInput("What was given as --email is not an address: write it as name@agency.example.")
    if phone and not is_phone(phone):
        raise BadInput('What was given as --phone is not a telephone number: write it as "01632 960000 ext 12".')
    held = stage if isinstance(stage, Stay) else _last_stay(case, stage) if stage else case.stay
    on_days = checked_days(days, london_date(recording.at))
    data = {"visit": held.number, "stage": held.stage, "side": _side(case, side)}
    data |= {name: day.isoformat() for name, day in (("from", on_days.since), ("until", on_days.until)) if day}
    identities = {key: said for key, said in (("name", name), ("email", email), ("phone", phone)) if said}
    return new_entry(case, ASSIGNED, recording, data, {"role": role} if role else {}, identities)


def checked_days(days: Days, today: date) -> Days:
    """The days on which a side is to be held, with a first one where there is a last one. Raises BadInput, and Refused for days that are over."""
    if days.until is None:
        return FOR_GOOD if days.since and days.since <= today else days
    since = days.since or today
    if days.until < since:
        raise BadInput(f"--until ({spoken_day(days.until)}) is before --from ({spoken_day(since)}).")
    if days.until < today:
        raise Refused(f"{spoken_day(days.until)} is over: --until is the last day on which they hold it.")
    return Days(since, days.until)


def _last_stay(case: Case, stage: str) -> Stay:
    """The last stay at a stage. Raises UnknownName."""
    for stay in reversed(case.stays):
        if stay.stage.casefold() == stage.casefold():
            return stay
    raise UnknownName("stage", stage, dict.fromkeys(stay.stage for stay in case.stays), f" that {case.ref} has been at")


def _side(case: Case, said: str) -> str:
    """The side meant: `raising` or `receiving`, by that word or the agency's name, or another agency involved. Raises UnknownName."""
    names = {"raising": case.raising_agency, "receiving": case.receiving_agency}
    for side, agency in names.items():
        if said.casefold() in (side, (agency or side).casefold()):
            return side
    for agency in case.involved:
        if said.casefold() == agency.casefold():
            return agency
    raise UnknownName("side", said, [*names, *case.involved], f" in {case.ref}")
