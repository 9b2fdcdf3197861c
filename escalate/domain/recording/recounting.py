"""What is recorded where dates of a case move: the calendar was changed, or the case moves to another edition."""

from collections.abc import Sequence

from escalate.domain.case.entries import ADOPTED, RECOUNTED, VERSIONS, Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.shifts import Move
from escalate.domain.protocol.model import Protocol
from escalate.domain.recording.request import Recording, as_text, new_entry, next_entry
from escalate.domain.worktime.clock import written
from escalate.errors import Refused


def recounted(case: Case, recording: Recording, versions: Sequence[str], moved: Sequence[Move]) -> Entry:
    """Records which dates of a case these versions of calendars moved. Why they were made can be erased, so it is not said here."""
    data = {VERSIONS: list(versions), "moved": [_moved(each) for each in moved]}
    return next_entry(case, RECOUNTED, recording, data, {})


def adopt(
    protocol: Protocol, edition_digest: str, case: Case, recording: Recording, moved: Sequence[Move], reason: str | None
) -> Entry:
    """Moves a case to another edition of its protocol, if that has every stage it has been at. Raises Refused."""
    if protocol.id != case.protocol:
        raise Refused(f"{case.ref} is under {case.protocol}; {protocol.id} is another protocol, not an edition of it.")
    if edition_digest == case.edition_digest:
        raise Refused(f"{case.ref} is under the {protocol.edition.dated} edition of {protocol.id} already.")
    for stay in case.stays:
        if protocol.find(stay.route, stay.stage) is None:
            raise Refused(
                f"The {protocol.edition.dated} edition of {protocol.id} has no stage {stay.stage} on the {stay.route} route,"
                f" where {case.ref} has been: it stays under the edition it has."
            )
    data = {
        "from": case.edition,
        "edition": protocol.edition.dated,
        "edition_digest": edition_digest,
        "calendar": protocol.counts_on,
        "moved": [_moved(each) for each in moved],
    }
    return new_entry(case, ADOPTED, recording, data, as_text(reason))


def _moved(move: Move) -> dict[str, object]:
    """A date that moves, as the history keeps it."""
    was, becomes = (written(each) if each else None for each in (move.was, move.becomes))
    return {"stage": move.stage, "action": move.action, "was": was, "becomes": becomes}
