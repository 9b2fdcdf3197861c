"""Closing a case, as resolved or withdrawn, taking it up again, and taking back one that was opened by mistake."""

from escalate.domain.case.entries import REOPENED, RESOLVED, VOIDED, WITHDRAWN, Entry
from escalate.domain.case.model import Case
from escalate.domain.recording.request import (
    Recording,
    as_text,
    before_entry,
    check_not_void,
    check_open,
    check_order,
    new_entry,
    next_entry,
)
from escalate.errors import Refused


def resolve(case: Case, recording: Recording, how: str | None = None, lessons: str | None = None) -> Entry:
    """Closes a case as resolved; what is owed afterwards stays due. Raises Refused."""
    check_open(case, RESOLVED, "be resolved")
    check_order(case, recording)
    words = {name: text for name, text in (("how", how), ("lessons", lessons)) if text}
    return new_entry(case, RESOLVED, recording, _place(case), words)


def withdraw(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Closes a case that is not pursued; nothing more is owed, save what a danger calls for. Raises Refused."""
    check_open(case, WITHDRAWN, "be withdrawn")
    check_order(case, recording)
    return new_entry(case, WITHDRAWN, recording, _place(case), as_text(reason))


def reopen(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Takes a closed case up again at the stage it was at; its deadlines carry on from the history. Raises Refused."""
    check_not_void(case, REOPENED)
    if case.status == "open" or case.stay.left_at is None:
        raise Refused(f"{case.ref} is open already, at stage {case.stay.stage}.")
    if recording.at < case.stay.left_at:
        closed = case.closings[-1]
        raise before_entry(case, recording.at, closed.at, closed.entry, f"{case.ref} was {case.status}")
    return new_entry(case, REOPENED, recording, _place(case), as_text(reason))


def void(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Takes back a case that was opened by mistake: nothing counts of it any more, and its number is not used again. Raises Refused.

    It may be raised at a time that has not come, where the clock was wrong when it was opened.
    """
    return next_entry(case, VOIDED, recording, _place(case), as_text(reason))


def _place(case: Case) -> dict[str, str]:
    """The stage the case is at, or was at when it was closed."""
    return {"stage": case.stay.stage, "route": case.stay.route}
