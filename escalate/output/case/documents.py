"""The JSON documents of the contract: plain values, every key always there, null when empty."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from escalate.domain.case.details import TEXTS
from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.case_file import MARK, CaseFile, Found, case_line, due_lines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.plan import Plan, PlannedStage, onward
from escalate.domain.deadlines.standing import standing
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.proof import Step
from escalate.output.case.rows import Document, due_document, holder_document, instant, line_document

if TYPE_CHECKING:
    from escalate.domain.authoring.comparison import Difference, SideBySide
    from escalate.domain.authoring.two_plans import Axis, Event, Mark


def record_document(file: CaseFile) -> Document:
    """A case of `export json`: the case, when it was closed, what was said of it, and who has held its sides."""
    case = file.case
    return line_document(case_line(file)) | {
        "closed_at": instant(case.visit.left_at),
        "legal_hold": case.legal_hold,
        "erased_at": instant(case.history[case.erased - 1].at) if case.erased else None,
        **{name.replace("-", "_"): case.said(name) for name in TEXTS},
        "holders": [
            {"stage": case.visits[each.visit - 1].stage, **holder_document(case.holder(each))} for each in case.assigned
        ],
    }


def case_document(file: CaseFile, now: datetime, horizon: datetime) -> Document:
    """`show --json`: the case and what was said of it, its deadlines, the stages that may still come, and its history."""
    return record_document(file) | {
        "deadlines": [due_document(each, standing(each.deadline, now, horizon)) for each in due_lines(file)],
        "planned": [
            {
                "stage": each.stage.key,
                "route": each.stage.route,
                "name": each.stage.name,
                "entered_at": instant(each.entered_at if each.dated else None),
                "due_at": instant(each.ends_by),
            }
            for each in onward(file, now)
        ],
        "history": [entry_document(entry, file.case) for entry in file.case.history],
    }


def entry_document(entry: Entry, case: Case) -> Document:
    """An entry of a history, its facts and words beside its moments."""
    return {
        "entry": entry.seq,
        "at": instant(case.happened(entry)),
        "recorded_at": instant(entry.recorded_at),
        "by": entry.by,
        "kind": entry.kind,
        "undone": entry.seq in case.undone,
        "text": next(iter(entry.words.values()), None),
        "words": {**entry.words, **entry.identities, **dict.fromkeys(entry.withheld)},
        "data": dict(entry.data),
    }


def found_document(found: Found) -> Document:
    """A case of `search --json`, and where what was looked for stands in it."""
    passages = [
        {
            "entry": each.entry,
            "kind": each.kind,
            "field": each.field,
            "text": each.text.replace(MARK, ""),
            "undone": each.taken_back,
        }
        for each in found.passages
    ]
    return line_document(found.case) | {"found": passages}


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


def calc_document(
    start: datetime,
    allowance: Allowance,
    calendar: Calendar,
    due: Due,
    target: Due | None,
    act: ActBy,
    steps: list[Step],
) -> Document:
    """`calc --json`, and a line of `calc -`."""
    return {
        "start": instant(start),
        "allowance": str(allowance),
        "calendar": calendar.name,
        "due_on": due.on.isoformat(),
        "due_at": instant(due.at),
        "target_at": instant(target.at) if target else None,
        "act_by": instant(act.at),
        "outside_hours": act.outside_hours,
        "provisional": due.provisional,
        "steps": [{"on": step.on.isoformat(), "count": step.count, "why": step.why or None} for step in steps],
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
    rows: "Sequence[SideBySide] | None",
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
