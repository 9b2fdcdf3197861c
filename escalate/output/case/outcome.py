"""What a command that changed a case says: what changed, and what is due next."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.case.model import Visit
from escalate.domain.deadlines.calls import passed_over
from escalate.domain.deadlines.case_file import CaseFile, due_lines
from escalate.domain.deadlines.standing import judged
from escalate.domain.worktime.clock import moment
from escalate.output.case.lists import EMPTY, FEW, due_page
from escalate.output.case.sentences import sentence
from escalate.output.columns import Page
from escalate.output.words import inert, short


def change_page(
    file: CaseFile, now: datetime, horizon: datetime, width: int, dry_run: bool, left_undone: Sequence[str] = ()
) -> Page:
    """What a command changed, and what is due next."""
    entry = file.case.history[-1]
    text = sentence(entry)
    would = " (dry run: nothing was written)" if dry_run else ""
    stage = file.protocol.stage(file.case.visit.route, file.case.visit.stage)
    said = [f"Now at stage {stage.key}: {inert(stage.name)}. Owner: {inert(stage.owner)}."]
    lines = said if entry.kind in ("opened", "advanced") else []
    if entry.kind == "opened" and entry.data["concern_at"] is None and _counts_from_concern(file):
        hint = f"escalate set {file.case.ref} concern=WHEN corrects that"
        lines.append(f"Its time counts from the concern, taken to be the moment it was raised; {hint}.")
    if entry.kind == "opened" and len(file.protocol.routes) > 1:
        route = file.protocol.route(file.case.visit.route)
        lines.append(inert(f"Route {route.key}: {route.name}. escalate open --route takes another."))
    if entry.kind == "agreed":
        lines += _limit_that_stands(file, now)
    if left_undone:
        lines.append(f"Not done, and still due: {inert('; '.join(left_undone))}.")
    if entry.kind in ("opened", "advanced"):
        lines += _not_asked_for(file, file.case.visit)
    title = f"{file.case.ref}: {inert(text[0].lower() + text[1:])}{would}"
    due = still_to_do(file, now, horizon, width, FEW)
    return Page([(title, "bold"), *((line, "") for line in lines), EMPTY, *due.parts])


def still_to_do(file: CaseFile, now: datetime, horizon: datetime, width: int, contacts: int | None) -> Page:
    """What is due in a case, with so many contacts of each, or all."""
    lines = judged(due_lines(file), {file.calendar.name: horizon}, now)
    if not lines:
        return Page([("Nothing is due any more.", "")])
    return due_page(lines, lambda _: file.calendar, now, width, with_case=False, contacts=contacts)


def _limit_that_stands(file: CaseFile, now: datetime) -> list[str]:
    """Where a date was agreed that the protocol does not allow: that its own limit stands."""
    entry = file.case.history[-1]
    until = moment(entry.data["until"])
    about = [
        each
        for each in file.deadlines
        if (each.occasion.number, each.action) == (entry.data["visit"], entry.data["action"])
    ]
    return [
        f"That is later than the protocol allows: the limit stands, {short(each.due_at, now)}."
        for each in about
        if each.met_at is None and each.due_at and each.due_at < until
    ]


def _counts_from_concern(file: CaseFile) -> bool:
    """Whether any limit of the ladder counts from the concern."""
    ladder = file.protocol.ladder(file.case.visit.route)
    return any(
        each.anchor.kind == "concern" for stage in ladder for action in stage.actions for each in action.timescales
    )


def _not_asked_for(file: CaseFile, visit: Visit) -> list[str]:
    """What the stages skipped on the way would have asked for: nothing of it falls due, and somebody should know."""
    return [
        f"Skipped with stage {stage.key}, and not asked for: {inert('; '.join(f'{each.key} ({each.name})' for each in duties))}."
        for stage, duties in passed_over(file.protocol, file.case, visit)
        if duties
    ]
