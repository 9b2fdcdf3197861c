"""Erasing what was said in a closed case, and who its people are."""

from escalate.domain.case.details import HOLD
from escalate.domain.case.entries import ERASED, Entry
from escalate.domain.case.model import Case
from escalate.domain.recording.request import Recording, as_text, next_entry
from escalate.errors import Refused


def erase(case: Case, recording: Recording, reason: str | None = None) -> Entry:
    """Records that all free text of a closed case, and who its people are, is erased. Raises Refused.

    Read the case with its identities, so that all there is to erase is counted.
    """
    if case.legal_hold:
        raise Refused(
            f"{case.ref} is under a legal hold, so nothing of it may be erased; escalate set {case.ref} {HOLD}=none lifts that."
        )
    if case.status == "open":
        raise Refused(
            f"{case.ref} is open, and what was said in it is still needed: close it first, with escalate resolve or withdraw {case.ref}."
        )
    left = left_to_erase(case)
    if not any(left.values()):
        raise Refused(f"There is nothing {'left ' if case.last_erasure else ''}to erase in {case.ref}.")
    return next_entry(case, ERASED, recording, {"erased": left}, as_text(reason))


def left_to_erase(case: Case) -> dict[str, int]:
    """What of a case can be erased, and how many pieces of each: `identities`, `subjects`, `words`."""
    entries = [entry for entry in case.history if entry.kind != ERASED]
    kept = [each for entry in entries for each in (entry.data, entry.data.get("particulars", {}))]
    return {
        "identities": sum(len(entry.identities) for entry in entries),
        "subjects": sum(bool(each.get("subject")) for each in kept),
        "words": sum(len(entry.words) for entry in entries),
    }
