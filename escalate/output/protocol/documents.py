"""The JSON documents of protocols: the list, a whole protocol, and a plan."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage
from escalate.domain.protocol.anchors import Anchor
from escalate.domain.protocol.conditions import Condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import field_names
from escalate.domain.worktime.allowance import Allowance
from escalate.output.case.rows import read_document
from escalate.output.documents import Document, instant


def plan_document(plan: Plan) -> Document:
    """`plan --json`."""
    return {
        "protocol": plan.protocol.id,
        "edition": plan.protocol.edition.dated,
        "route": plan.route.key,
        "raised_at": instant(plan.raised_at),
        "concern_at": instant(plan.concern_at),
        "cap": instant(plan.cap_at),
        "cap_provisional": plan.cap_provisional,
        "stages": [_planned_stage(planned) for planned in plan.stages],
    }


def _planned_stage(planned: PlannedStage) -> Document:
    return {
        "stage": planned.stage.key,
        "route": planned.stage.route,
        "name": planned.stage.name,
        "owner": planned.owner,
        "entered_at": instant(planned.entered_at),
        "entered_provisional": not planned.is_firm,
        **_dates(planned.closing),
        "ends_with": planned.ends_with,
        "actions": [_planned_action(action) for action in planned.actions],
    }


def _planned_action(action: Deadline) -> Document:
    return {"action": action.action, "name": action.action_name, "owner": action.owner, **_dates(action)}


def _dates(deadline: Deadline) -> Document:
    return {
        "target_at": instant(deadline.target_at),
        "due_at": instant(deadline.due_at),
        "act_by": instant(deadline.act_by),
        "provisional": deadline.provisional,
        "unanswered": list(deadline.unanswered),
        "waiting": deadline.waiting,
        "runs_from": instant(deadline.runs_from),
        "cite": deadline.cite,
        "other_readings": [read_document(each) for each in deadline.read_otherwise],
    }


def protocol_document(protocol: Protocol) -> Document:
    """A protocol of `protocol list --json`."""
    return {
        "id": protocol.id,
        "title": protocol.title,
        "partnership": protocol.partnership,
        "edition": protocol.edition.dated,
        "covers": list(protocol.covers),
        "routes": [route.key for route in protocol.routes],
    }


def tree_document(thing: object) -> Any:
    """A protocol, or a part of one, as plain values with the names of the file: `protocol show --json`."""
    match thing:
        case Allowance() | Anchor():
            return str(thing)
        case Condition():
            return thing.text
        case Mapping():
            return {key: tree_document(value) for key, value in thing.items()}
        case time():
            return f"{thing:%H:%M}"
        case date():
            return thing.isoformat()
    if names := field_names(thing):
        return {
            _IN_FILES.get(name, name): tree_document(getattr(thing, name))
            for name in names
            if name != "earlier"  # the editions a case was moved from are no part of the file
        }
    return [tree_document(item) for item in thing] if isinstance(thing, tuple) else thing


_IN_FILES = {"anchor": "from", "dated_events": "moments"}
"""What a file calls the fields that have another name here."""
