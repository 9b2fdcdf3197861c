"""The JSON document of two protocols beside each other."""

from collections.abc import Sequence

from escalate.domain.authoring.comparison import ProtocolDifference, SideBySide
from escalate.domain.authoring.two_plans import Axis, Event, Mark
from escalate.domain.protocol.model import Protocol
from escalate.output.documents import Document, instant
from escalate.output.protocol.documents import plan_document, protocol_document, tree_document


def comparison_document(
    one: Protocol,
    other: Protocol,
    found: Sequence[ProtocolDifference] | None,
    rows: Sequence[SideBySide] | None,
    axis: Axis | None,
) -> Document:
    """`protocol compare --json`: what differs by keys, or the two row by row; with `--at` both ladders on one time axis."""
    return {
        "one": protocol_document(one),
        "other": protocol_document(other),
        "differences": None if found is None else [_difference(each) for each in found],
        "rows": None if rows is None else [_row(each) for each in rows],
        "ladders": {"one": plan_document(axis.one), "other": plan_document(axis.other)} if axis else None,
        "axis": [_mark(each) for each in axis.marks] if axis else None,
    }


def _difference(difference: ProtocolDifference) -> Document:
    steps = [f"{step.field}[{step.key}]" if step.key else step.field for step in difference.place]
    return {
        "place": ".".join(steps),
        "topic": difference.topic.value,
        "kind": difference.kind.value,
        "one": tree_document(difference.one),
        "other": tree_document(difference.other),
    }


def _row(row: SideBySide) -> Document:
    return {"section": row.section.value, "one": tree_document(row.one), "other": tree_document(row.other)}


def _mark(mark: Mark) -> Document:
    return {
        "at": instant(mark.at),
        "working_days": dict(zip(("one", "other"), mark.working_days, strict=True)),
        "one": [_event(each) for each in mark.one],
        "other": [_event(each) for each in mark.other],
    }


def _event(event: Event) -> Document:
    due = event.due
    return {
        "what": event.what.value,
        "route": event.stage.route if event.stage else None,
        "stage": event.stage.key if event.stage else None,
        "action": due.action if due else None,
        "ends_stage": due.ends_stage if due else None,
        "target_at": instant(due.target_at) if due else None,
        "act_by": instant(due.act_by) if due else None,
        "provisional": event.provisional,
        "unanswered": list(due.unanswered) if due else [],
        "earliest": event.earliest,
    }
