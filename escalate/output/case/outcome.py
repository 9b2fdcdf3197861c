"""What a command that changed a case says: what changed, and what is due next."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from escalate.domain.case.entries import ADVANCED, AGREED, OPENED, Entry
from escalate.domain.case.model import Stay
from escalate.domain.deadlines.calls import passed_over
from escalate.domain.deadlines.case_file import CaseFile, due_lines
from escalate.domain.deadlines.standing import ranked_lines
from escalate.domain.worktime.clock import read_instant
from escalate.output.case.lists import FEW, due_page
from escalate.output.case.sentences import sentence
from escalate.output.columns import EMPTY, Page
from escalate.output.words import full, inert, short
from escalate.wording import how_many


def change_page(
    file: CaseFile, now: datetime, horizon: datetime, width: int, dry_run: bool, left_undone: Sequence[str] = ()
) -> Page:
    """What a command changed, and what is due next."""
    remarks = [(remark, "") for remark in _remarks(file, now, left_undone)]
    due = still_to_do(file, now, horizon, width, FEW)
    return Page([(_title(file, dry_run), "bold"), *remarks, EMPTY, *due.parts])


def _title(file: CaseFile, dry_run: bool) -> str:
    """`E0001: opened at stage 1`."""
    said = sentence(file.case.history[-1])
    would = " (dry run: nothing was written)" if dry_run else ""
    return f"{file.case.ref}: {inert(said[0].lower() + said[1:])}{would}"


def _remarks(file: CaseFile, now: datetime, left_undone: Sequence[str]) -> Iterator[str]:
    """What has to be known about what was done."""
    entry = file.case.history[-1]
    enters_stage = entry.kind in (OPENED, ADVANCED)
    if enters_stage:
        stage = file.protocol.stage(file.case.stay.route, file.case.stay.stage)
        yield f"Now at stage {stage.key}: {inert(stage.name)}. Owner: {inert(stage.owner)}."
    if entry.kind == OPENED:
        yield from _taken_for_granted(file, entry)
    if entry.kind == AGREED:
        yield from _limit_that_stands(file, entry, now)
    if left_undone:
        yield f"Not done, and still due: {inert('; '.join(left_undone))}."
    if enters_stage:
        yield from _not_asked_for(file, file.case.stay)


def voiding(file: CaseFile) -> str:
    """Which case is to be voided, and what goes with it."""
    case = file.case
    about = ", ".join(inert(part) for part in (case.subject, case.raising_agency, case.receiving_agency) if part)
    still_due = how_many(sum(each.is_open for each in file.deadlines), "thing to do", "things to do")
    return (
        f"{case.ref}{f' ({about})' if about else ''}: raised {full(case.raised_at)} under {inert(case.protocol)}, {case.status},"
        f" {how_many(len(case.history), 'entry', 'entries')}. It would count for nothing, and {still_due} would go from every list."
    )


def _taken_for_granted(file: CaseFile, opened: Entry) -> Iterator[str]:
    """What was not said when a case was opened, and bears on its dates: when the concern arose, and which route it takes."""
    if opened.data["concern_at"] is None and file.protocol.ladders.counts_from_concern(file.case.stay.route):
        hint = f"escalate set {file.case.ref} concern=WHEN corrects that"
        yield f"Its time counts from the concern, taken to be the moment it was raised; {hint}."
    if len(file.protocol.routes) > 1:
        route = file.protocol.route(file.case.stay.route)
        yield inert(f"Route {route.key}: {route.name}. escalate open --route takes another.")


def still_to_do(file: CaseFile, now: datetime, horizon: datetime, width: int, contacts: int | None) -> Page:
    """What is due in a case, with so many contacts of each, or all."""
    lines = ranked_lines(due_lines(file), {file.calendar.name: horizon}, now)
    if not lines:
        return Page([("Nothing is due any more.", "")])
    return due_page(lines, lambda _: file.calendar, now, width, with_case=False, contacts=contacts)


def _limit_that_stands(file: CaseFile, agreed: Entry, now: datetime) -> Iterator[str]:
    """Where a date was agreed that the protocol does not allow: that its own limit stands."""
    until, about = read_instant(agreed.data["until"]), (agreed.data["visit"], agreed.data["action"])
    for each in file.deadlines:
        if (each.occasion.number, each.action) == about and each.is_open and each.due_at and each.due_at < until:
            yield f"That is later than the protocol allows: the limit stands, {short(each.due_at, now)}."


def _not_asked_for(file: CaseFile, stay: Stay) -> Iterator[str]:
    """What the stages skipped on the way would have asked for: nothing of it falls due, and somebody should know."""
    for stage, duties in passed_over(file.protocol, file.case, stay):
        if duties:
            asked = "; ".join(f"{each.key} ({each.name})" for each in duties)
            yield f"Skipped with stage {stage.key}, and not asked for: {inert(asked)}."
