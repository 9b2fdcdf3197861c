"""The JSON documents of protocols: the list, a whole protocol, a plan, and two beside each other."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time
from typing import TYPE_CHECKING, Any

from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage
from escalate.domain.protocol.model import Protocol
from escalate.output.documents import Document, instant

if TYPE_CHECKING:
    from escalate.domain.authoring.comparison import Difference, Row
    from escalate.domain.authoring.two_plans import Axis, Event, Mark


def plan_document(plan: Plan) -> Document:
    """`plan --json`."""
    return {
        "protocol": plan.protocol.id,
        "edition": plan.protocol.edition.dated,
        "route": plan.route.key,
        "raised_at": instant(plan.raised_at),
        "concern_at": instant(plan.concern_at),
        "cap": instant(plan.cap_at),
        "stages": [_planned_stage(planned) for planned in plan.stages],
    }


def _planned_stage(planned: PlannedStage) -> Document:
    closing = planned.closing
    return {
        "stage": planned.stage.key,
        "route": planned.stage.route,
        "name": planned.stage.name,
        "owner": planned.stage.owner,
        "entered_at": instant(planned.entered_at),
        "target_at": instant(closing.target_at),
        "due_at": instant(closing.due_at),
        "act_by": instant(closing.act_by),
        "provisional": closing.provisional,
        "waiting": closing.waiting,
        "cite": closing.cite,
        "actions": [_planned_action(action) for action in planned.actions],
    }


def _planned_action(action: Deadline) -> Document:
    return {
        "action": action.action,
        "name": action.action_name,
        "owner": action.owner,
        "target_at": instant(action.target_at),
        "due_at": instant(action.due_at),
        "act_by": instant(action.act_by),
        "provisional": action.provisional,
        "waiting": action.waiting,
        "cite": action.cite,
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


def comparison_document(
    one: Protocol,
    other: Protocol,
    found: "Sequence[Difference] | None",
    rows: "Sequence[Row] | None",
    axis: "Axis | None",
) -> Document:
    """`protocol compare --json`: what differs by keys, or the two row by row; with `--at` both ladders on one time axis."""
    return {
        "one": protocol_document(one),
        "other": protocol_document(other),
        "differences": None if found is None else [_difference(each) for each in found],
        "rows": None
        if rows is None
        else [
            {"section": row.section.value, "one": tree_document(row.one), "other": tree_document(row.other)}
            for row in rows
        ],
        "ladders": {"one": plan_document(axis.one), "other": plan_document(axis.other)} if axis else None,
        "axis": [_mark(each) for each in axis.marks] if axis else None,
    }


def _difference(difference: "Difference") -> Document:
    steps = [f"{step.field}[{step.key}]" if step.key else step.field for step in difference.place]
    return {
        "place": ".".join(steps),
        "topic": difference.topic.value,
        "kind": difference.kind.value,
        "one": tree_document(difference.one),
        "other": tree_document(difference.other),
    }


def _mark(mark: "Mark") -> Document:
    return {
        "at": instant(mark.at),
        "working_days": dict(zip(("one", "other"), mark.working_days, strict=True)),
        "one": [_event(each) for each in mark.one],
        "other": [_event(each) for each in mark.other],
    }


def _event(event: "Event") -> Document:
    due = event.due
    return {
        "what": event.what.value,
        "route": event.stage.route if event.stage else None,
        "stage": event.stage.key if event.stage else None,
        "action": due.action if due else None,
        "ends_stage": due.ends_stage if due else None,
        "target_at": instant(due.target_at) if due else None,
        "act_by": instant(due.act_by) if due else None,
        "provisional": due.provisional if due else False,
        "earliest": event.earliest,
    }


def tree_document(thing: object) -> Any:
    """A protocol as plain values, for `protocol show --json`."""
    from dataclasses import fields, is_dataclass

    known = _KNOWN_AS_TEXT.get(type(thing).__name__)
    if known:
        return known(thing)
    if is_dataclass(thing):
        return {
            _FILE_NAME.get(field.name, field.name): tree_document(getattr(thing, field.name))
            for field in fields(thing)
            if field.name != "earlier"
        }
    if isinstance(thing, tuple):
        return [tree_document(item) for item in thing]
    if isinstance(thing, Mapping):
        return {key: tree_document(value) for key, value in thing.items()}
    if isinstance(thing, time):
        return f"{thing:%H:%M}"
    if isinstance(thing, date):
        return thing.isoformat()
    return thing


def _condition_text(condition: Any) -> str:
    return str(condition.text)


_KNOWN_AS_TEXT: dict[str, Callable[[Any], str]] = {"Allowance": str, "Anchor": str, "Condition": _condition_text}

_FILE_NAME = {"anchor": "from", "dated_events": "moments"}
