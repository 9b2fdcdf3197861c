"""Closing a case, as resolved or withdrawn, and taking it up again."""

from escalate.domain.case.entries import REOPENED, RESOLVED, WITHDRAWN, Entry
from escalate.domain.case.model import Case
from escalate.domain.recording.request import (
    Recording,
    as_text,
    check_open,
    check_stage_reached,
    new_entry,
    too_early,
)
from escalate.errors import Refused


def resolve(case: Case, recording: Recording, how: str | None = None, lessons: str | None = None) -> Entry:
    """Closes a case as resolved; what is owed afterwards stays due. Raises Refused."""
    check_open(case, "be resolved")
    check_stage_reached(case, recording)
    words = {name: text for name, text in (("how", how), ("lessons", lessons)) if text}
    return new_entry(case, RESOLVED, recording, _place(case), words)


def withdraw(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Closes a case that is not pursued; nothing more is owed, save what a danger calls for. Raises Refused."""
    check_open(case, "be withdrawn")
    check_stage_reached(case, recording)
    return new_entry(case, WITHDRAWN, recording, _place(case), as_text(reason))


def reopen(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Takes a closed case up again at the stage it was at; its deadlines carry on from the history. Raises Refused."""
    if case.status == "open" or case.stay.left_at is None:
        raise Refused(f"{case.ref} is open already, at stage {case.stay.stage}.")
    if recording.at < case.stay.left_at:
        raise Refused(too_early(recording.at, case.stay.left_at, f"{case.ref} was {case.status}"))
    return new_entry(case, REOPENED, recording, _place(case), as_text(reason))


def _place(case: Case) -> dict[str, str]:
    """The stage the case is at, or was at when it was closed."""
    return {"stage": case.stay.stage, "route": case.stay.route}
