"""What is recorded of an open or a closed case: a note, an action done, a date agreed, who holds a side."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.case.details import is_address
from escalate.domain.case.entries import AGREED, ASSIGNED, DONE, NOTED, Entry
from escalate.domain.case.model import Case, Stay
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.meant import deadlines_at, deadlines_of
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import NEXT_STEP
from escalate.domain.recording.request import Recording, as_text, check_time, new_entry, next_entry, too_early
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken, written
from escalate.errors import BadInput, Refused, UnknownName


def note(case: Case, recording: Recording, text: str) -> Entry:
    """Writes a remark into the history, whatever the case's status. Raises BadInput, Refused."""
    if not text.strip():
        raise BadInput("There is nothing in the note: say what to remember.")
    return new_entry(case, NOTED, recording, {}, {"text": text})


# -- an action done -------------------------------------------------------------------------------------------------------


def done(
    protocol: Protocol,
    case: Case,
    calendar: Calendar,
    recording: Recording,
    action: str,
    stage: str | None = None,
    remark: str | None = None,
    call: int | None = None,  # noqa: ARG001
) -> Entry:
    """Records that an action was done: of the latest stage that has it, or of the one named. Raises UnknownName, Refused.

    `call` is the number of the call it is for, where somebody chooses one.
    """
    unmet = _unmet(case, _candidates(protocol, case, calendar, action, stage), action)
    check_time(case, recording)
    target = _latest_begun(case, unmet, recording.at)
    _check_called_for(target, recording.at)
    stage_then = _stage_at(case, recording.at) if target.at_any_stage else target.stage
    data = {"visit": target.occasion.number, "stage": stage_then, "action": target.action}
    return next_entry(case, DONE, recording, data, as_text(remark))


def _candidates(protocol: Protocol, case: Case, calendar: Calendar, action: str, stage: str | None) -> list[Deadline]:
    """The deadlines of an action, or of the one that a stage has. Raises UnknownName, Refused where there is none."""
    doable = [each for each in deadlines(protocol, case, calendar) if each.action != NEXT_STEP]
    at_stage = [each for each in deadlines_at(doable, stage) if stage is None or not each.at_any_stage]
    if found := deadlines_of(at_stage, action):
        return found
    if event := protocol.dated_event(action):
        raise Refused(f"{event.key} is a moment, and nothing to be done: escalate set {case.ref} {event.key}=WHEN.")
    still_open = dict.fromkeys(deadline.action for deadline in at_stage if deadline.is_open)
    raise UnknownName("action", action, still_open, f" in {case.ref}{f' at stage {stage}' if stage else ''}")


def _unmet(case: Case, found: Sequence[Deadline], action: str) -> list[Deadline]:
    """Those still to be met. Raises Refused where all are."""
    unmet = [deadline for deadline in found if deadline.is_open]
    if unmet:
        return unmet
    last = found[-1]
    already = case.last_done(last.occasion, last.action)
    if already is None:
        raise Refused(f"{case.ref} has already left stage {last.stage}, which met {action}.")
    raise Refused(
        f"{action} of {case.ref} is already recorded as done {spoken(already.at)} (entry {already.entry}); "
        "undo that first to change it."
    )


def _latest_begun(case: Case, unmet: Sequence[Deadline], at: datetime) -> Deadline:
    """Of an action that several stages have, the one of the latest stage that had been entered by then. Raises Refused."""
    begins = [(each, case.begins_at(each.occasion) or case.raised_at) for each in unmet]
    begun = [each for each, since in begins if since <= at]
    if begun:
        return begun[-1]
    last, since = begins[-1]
    came = "was resolved" if last.occasion.resolution else f"reached stage {last.stage}"
    raise Refused(too_early(at, since, f"{case.ref} {came}"))


def _check_called_for(target: Deadline, at: datetime) -> None:
    """Raises Refused for an action at any stage that was done before anything called for it."""
    limit = target.decided_by
    if target.at_any_stage and limit and limit.since and at < limit.since:
        raise Refused(too_early(at, limit.since, f"{target.action} was called for"))


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
    call: int | None = None,  # noqa: ARG001
) -> Entry:
    """Records a date the two sides agreed, for the stage or for one of its actions. Raises UnknownName, Refused.

    `call` is the number of the call it is for, where somebody chooses one.
    """
    calendar.check(london_date(until))
    if until <= recording.at:
        raise Refused(
            f"The agreed date ({spoken(until)}) has to lie after the moment it was agreed ({spoken(recording.at)})."
        )
    unmet = [deadline for deadline in deadlines(protocol, case, calendar) if deadline.is_open]
    target = _end_of_stage(case, unmet) if action is None else _still_open(case, unmet, action)
    if not reason and any(each.extendable_to and each.due and each.due.at < until for each in target.limits):
        raise Refused(
            f"The time for {target.action} can be extended, but only for a reason: give it with --reason. Nothing was recorded."
        )
    data = {
        "visit": target.occasion.number,
        "stage": target.stage,
        "action": target.action,
        "until": written(until),
        **({"reasoned": True} if reason else {}),
    }
    return new_entry(case, AGREED, recording, data, as_text(reason))


def _end_of_stage(case: Case, unmet: Sequence[Deadline]) -> Deadline:
    """What ends the latest stage that has not ended. Raises Refused."""
    ends = [deadline for deadline in unmet if deadline.ends_stage or deadline.action == NEXT_STEP]
    if not ends:
        raise Refused(
            f"{case.ref} is {case.status} and has no stage left to end by then: name the action it was agreed for with --action."
        )
    return ends[-1]


def _still_open(case: Case, unmet: Sequence[Deadline], action: str) -> Deadline:
    """The latest deadline of an action that is still to be done. Raises UnknownName."""
    if found := deadlines_of(unmet, action):
        return found[-1]
    raise UnknownName("open action", action, dict.fromkeys(deadline.action for deadline in unmet), f" in {case.ref}")


# -- who holds a side -----------------------------------------------------------------------------------------------------


def assign(
    case: Case,
    recording: Recording,
    side: str,
    name: str | None = None,
    role: str | None = None,
    email: str | None = None,
    stage: str | None = None,
) -> Entry:
    """Records who holds a side at the stage the case is at, or at another it has been at. Raises BadInput, UnknownName, Refused."""
    if not (name or role or email):
        raise BadInput(f"Say who holds the {side} side: a name, --role or --email.")
    if email and not is_address(email):
        raise BadInput("What was given as --email is not an address: write it as name@agency.example.")
    held = _last_stay(case, stage) if stage else case.stay
    data = {"visit": held.number, "stage": held.stage, "side": _side(case, side)}
    identities = {key: said for key, said in (("name", name), ("email", email)) if said}
    return new_entry(case, ASSIGNED, recording, data, {"role": role} if role else {}, identities)


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
