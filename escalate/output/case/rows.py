"""The JSON documents of the lines of lists, apart from the others so that a list loads nothing else."""

from escalate.domain.case.details import IDENTITIES
from escalate.domain.case.people import Holder
from escalate.domain.deadlines.model import CaseLine, DueLine, ReadOtherwise
from escalate.domain.deadlines.standing import RankedLine, Standing
from escalate.output.documents import Document, instant


def due_document(line: DueLine | RankedLine, stands: Standing) -> Document:
    """A line of `due --json`."""
    case, deadline = line.case, line.deadline
    return {
        "case": case.ref,
        "subject": case.subject,
        "protocol": case.protocol,
        "route": deadline.route,
        "stage": deadline.stage,
        "stage_name": deadline.stage_name,
        "action": deadline.action,
        "action_name": deadline.action_name,
        "owner": deadline.owner,
        "raising_agency": case.raising_agency,
        "receiving_agency": case.receiving_agency,
        "target_at": instant(deadline.target_at),
        "due_at": instant(deadline.due_at),
        "act_by": instant(deadline.act_by),
        "agreed_at": instant(deadline.agreed_until),
        "limit_at": instant(deadline.limit_at),
        "met_at": instant(deadline.met_at),
        "call": deadline.call,
        "ended_at": instant(deadline.ended_at),
        "ended_entry": deadline.ended_entry,
        "unanswered": list(deadline.unanswered),
        "ahead_of": deadline.ahead_of,
        "ahead_at": instant(deadline.ahead_at),
        "standing": stands.value,
        "provisional": deadline.provisional,
        "outside_hours": deadline.outside_hours,
        "standing_action": deadline.at_any_stage,
        "window": deadline.is_window,
        "side": deadline.side,
        "occurrence": deadline.occurrence or None,
        "stopped_since": instant(deadline.stopped_since),
        "once_passed": deadline.once_passed,
        "then_owner": deadline.then_owner,
        "contacts": list(deadline.contacts),
        "holders": [holder_document(each) for each in line.holders],
        "identity": _identity_document(case),
        "cite": deadline.cite,
        "other_reading_at": instant(deadline.other_reading_at),
    }


def read_document(otherwise: ReadOtherwise) -> Document:
    """What a deadline comes to by somebody's reading of its protocol."""
    return {
        "read_by": otherwise.read_by,
        "due_at": instant(otherwise.due_at),
        "provisional": otherwise.provisional,
    }


def holder_document(holder: Holder) -> Document:
    """Who holds a side, and on which days."""
    return {
        "side": holder.side,
        "role": holder.role,
        "name": holder.name,
        "email": holder.email,
        "phone": holder.phone,
        "from": holder.since.isoformat() if holder.since else None,
        "until": holder.until.isoformat() if holder.until else None,
        "stands_in_for": holder.stands_in_for,
    }


def line_document(line: CaseLine) -> Document:
    """A case of `list --json`."""
    return {
        "case": line.ref,
        "protocol": line.protocol,
        "edition": line.edition,
        "route": line.route,
        "status": line.status,
        "stage": line.stage,
        "stage_name": line.stage_name,
        "entered_at": instant(line.entered_at),
        "concern_at": instant(line.concern_at),
        "raised_at": instant(line.raised_at),
        "subject": line.subject,
        "raising_agency": line.raising_agency,
        "receiving_agency": line.receiving_agency,
        "involved": list(line.involved),
        "themes": list(line.themes),
        "facts": dict(line.facts),
        "identity": _identity_document(line),
    }


def _identity_document(line: CaseLine) -> Document:
    return {name: line.identity.get(name) for name in IDENTITIES}
