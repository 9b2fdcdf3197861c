"""The JSON document of the proof of a deadline, apart from those of a case because it loads what counts days."""

from collections.abc import Sequence

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline, Limit
from escalate.domain.deadlines.proof import days_counted
from escalate.domain.deadlines.standing import Standing
from escalate.output.case.rows import read_document
from escalate.output.dates.calc_document import days_document
from escalate.output.documents import Document, instant


def proof_document(file: CaseFile, calls: Sequence[tuple[Deadline, Standing]]) -> Document:
    """`explain --json`: the deadline that counts, and under `calls` that of each time the action was called for, this one first."""
    proofs = [_proof(file, deadline, stands) for deadline, stands in calls]
    return proofs[0] | {"calls": proofs}


def _proof(file: CaseFile, deadline: Deadline, stands: Standing) -> Document:
    """A deadline, and every limit that bears on it with the days it was counted by."""
    return {
        "case": file.case.ref,
        "stage": deadline.stage,
        "action": deadline.action,
        "standing": stands.value,
        "due_at": instant(deadline.due_at),
        "act_by": instant(deadline.act_by),
        "met_at": instant(deadline.met_at),
        "provisional": deadline.provisional,
        "call": deadline.call,
        "called_at": instant(deadline.called_at),
        "ended_at": instant(deadline.ended_at),
        "ended_entry": deadline.ended_entry,
        "unanswered": list(deadline.unanswered),
        "calendar": file.calendar.title,
        "calendar_source": file.calendar.source,
        "counted": [
            _limit_document(limit) | {"steps": days_document(days_counted(file, deadline, limit))}
            for limit in deadline.limits
        ],
        "other_readings": [
            read_document(each)
            | {
                "counted": [
                    _limit_document(limit) | {"steps": days_document(days_counted(file, deadline, limit))}
                    for limit in each.limits
                ]
            }
            for each in deadline.read_otherwise
        ],
    }


def _limit_document(limit: Limit) -> Document:
    return {
        "within": str(limit.within) if limit.within else None,
        "counts_from": str(limit.anchor),
        "since": instant(limit.since),
        "entry": limit.entry,
        "due_at": instant(limit.due.at) if limit.due else None,
        "target_at": instant(limit.target_at),
        "provisional": limit.provisional,
        "is_cap": limit.is_cap,
        "backward": limit.backward,
        "repeats": limit.repeats,
        "stops": [{"from": instant(begins), "to": instant(ends)} for begins, ends in limit.stops],
        "extended_to": instant(limit.extended_to),
        "cite": limit.cite,
        "reading": limit.reading,
        "when": limit.when,
        "unanswered": list(limit.unanswered),
    }
