"""What a command that changed a case says: what changed, and what is due next."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from escalate.domain.case.entries import ADVANCED, AGREED, ASSIGNED, CANNOT_BE_UNDONE, NOTED, OPENED, SET, UNDONE, Entry
from escalate.domain.case.model import Case, Stay
from escalate.domain.deadlines.beyond import beyond_limits
from escalate.domain.deadlines.case_file import CaseFile, Changed, due_lines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.passed_over import passed_over
from escalate.domain.deadlines.shifts import Shift, shifts
from escalate.domain.deadlines.standing import ranked_lines
from escalate.domain.recording.details import calls_open_already, not_called_again
from escalate.domain.worktime.clock import london_date, read_instant
from escalate.errors import listed
from escalate.output.case.deadline import PROVISIONAL
from escalate.output.case.desk import FEW, Told, called_again, reached_by
from escalate.output.case.lists import between
from escalate.output.case.questions import needed_first, safety_questions, same_holders, taken_for_granted
from escalate.output.case.sentences import in_brief, sentence
from escalate.output.case.shifts import Recorded, left_open, name_of, several_calls, shift_lines
from escalate.output.columns import EMPTY, Page, Piece
from escalate.output.words import days, full, inert, short
from escalate.wording import how_many


def shifts_of(changed: Changed, now: datetime) -> list[Shift]:
    """What became of the deadlines of a case by what was recorded."""
    return shifts(changed.before.deadlines if changed.before else (), changed.after.deadlines, now)


def change_page(
    changed: Changed, told: Sequence[Shift], now: datetime, horizon: datetime, width: int, dry_run: bool
) -> Page:
    """What a command recorded, what became of deadlines by it, what is due next in the case, and how to take it back."""
    file = changed.after
    remarks = [(remark, "") for remark in (*_remarks(changed, now), *lines_of(changed, told, now))]
    titles = [(title, "bold") for title in _titles(changed, dry_run)]
    way_back = [] if dry_run else [(line, "dim") for line in _way_back(changed)]
    return Page([*titles, *remarks, EMPTY, *_due_next(file, now, horizon, width), *way_back])


def _titles(changed: Changed, dry_run: bool) -> Iterator[str]:
    """`E0001: opened at stage 1`, for each thing that was recorded."""
    case = changed.after.case
    would = " (dry run: nothing was written)" if dry_run else ""
    for entry in _recorded(changed):
        said = _taken_back(case, entry) if entry.kind == UNDONE else sentence(entry)
        about = _about(case) if entry.kind == OPENED else _noted(entry) if entry.kind == NOTED else ""
        yield f"{case.ref}: {inert(said[0].lower() + said[1:])}{about}{would}"


def _taken_back(case: Case, undone: Entry) -> str:
    """`Took back entry 5 (done: response (stage 2))`: which it was, so that a slip is seen."""
    entry = case.history[undone.data["undoes"] - 1]
    return f"Took back entry {entry.seq} ({in_brief(entry)})"


def _recorded(changed: Changed) -> Sequence[Entry]:
    """The entries that a command recorded."""
    return changed.after.case.history[len(changed.before.case.history) if changed.before else 0 :]


def _about(case: Case) -> str:
    """`; M-40213, Wye Valley NHS Trust to Children's Services, herefordshire`: what a slip would put into the wrong list."""
    said = [case.subject, between(case.raising_agency, case.receiving_agency), case.protocol]
    return f"; {inert(', '.join(each for each in said if each))}"


def _noted(entry: Entry) -> str:
    """`: "Spoke to the duty manager"`: the beginning of a note."""
    text = " ".join(entry.words["text"].split())
    return f': "{inert(text if len(text) <= NOTE_REPEATED else f"{text[:NOTE_REPEATED].rstrip()}…")}"'


NOTE_REPEATED = 60
"""So many characters of a note are repeated once it is recorded."""


def _due_next(file: CaseFile, now: datetime, horizon: datetime, width: int) -> Iterator[Piece]:
    """What is due next in a case, and whose turn that is; the rest by name; and whom to reach for somebody's safety."""
    lines = ranked_lines(due_lines(file), {file.calendar.name: horizon}, now)
    if not lines:
        yield "Nothing more is due.", ""
        return
    told = Told(lines, file.calendar, now, called_again(lines))
    yield f"Next: {'; '.join((told.due, *told.before, *told.beside))}", told.style
    yield inert(f"{told.owner}: {told.action} {told.key}"), ""
    if told.also:
        long = inert(f"Open as well: {told.also}.")
        yield (
            (long if len(long) <= width else f"Open as well: {told.how_many_more} (escalate show {file.case.ref})."),
            "",
        )
    yield from reached_by(lines, FEW)
    if lines[0].deadline.provisional and not lines[0].deadline.unanswered:
        yield PROVISIONAL, "dim"


def _way_back(changed: Changed) -> Iterator[str]:
    """The command that takes back what was recorded, where one does."""
    ref, kinds = changed.after.case.ref, [entry.kind for entry in _recorded(changed)]
    if kinds == [OPENED]:
        yield f"To take it back: escalate void {ref}"
    elif len(kinds) > 1:
        yield f"To take back the last of these: escalate undo {ref}"
    elif kinds and kinds[0] not in CANNOT_BE_UNDONE:
        yield f"To take it back: escalate undo {ref}"


def lines_of(changed: Changed, told: Sequence[Shift], now: datetime) -> list[str]:
    """What became of deadlines, in sentences; what was only met is said where there are other calls for the same."""
    file, before = changed.after, changed.before
    entry, stay = file.case.history[-1], file.case.stay
    recorded = Recorded(
        entry=entry.seq,
        entered=stay.number if stay.entry == entry.seq else None,
        opens=before is None,
        answers=entry.data.get("facts", {}),
        several=several_calls((*(before.deadlines if before else ()), *file.deadlines)),
    )
    return [*shift_lines(told, now, recorded), *left_open(file.deadlines, now, entry.seq)]


def called_already(repeated: Sequence[Deadline]) -> list[str]:
    """That answers call for nothing new: what they call for was called for before, and is not done yet, or was not by then."""
    return [inert(f"{name_of(each)} was called for already{_since(each)}, and {_not_done(each)}.") for each in repeated]


def _not_done(call: Deadline) -> str:
    return "is not done yet" if call.is_open else "was not done by then"


def _since(call: Deadline) -> str:
    since = call.called_at or (call.decided_by.since if call.decided_by else None)
    return f" on {full(since)}" if since else ""


def _remarks(changed: Changed, now: datetime) -> Iterator[str]:
    """What has to be known about what was done."""
    file = changed.after
    entry = file.case.history[-1]
    enters_stage = entry.kind in (OPENED, ADVANCED)
    if enters_stage:
        stage = file.protocol.stage(file.case.stay.route, file.case.stay.stage)
        owner = stage.owner_by(file.protocol.as_answered(file.case.answers))
        yield f"Now at stage {stage.key}: {inert(stage.name)}. Owner: {inert(owner)}."
    if entry.kind == OPENED:
        yield from _taken_for_granted(file, entry)
        yield from (f"Not answered: {inert(question)}" for question in safety_questions(file))
        yield from (f"Taken for granted: {inert(each)}" for each in taken_for_granted(file))
    if entry.kind == AGREED:
        yield from _agreed_for(file, entry, now)
    if entry.kind == SET:
        yield from _same_calls(changed, entry)
        yield from map(inert, not_called_again(file))
        yield from _beyond_limits(file, entry, now)
    yield from _related(changed)
    if entry.kind == ADVANCED:
        yield from _left_behind(file)
    if enters_stage:
        yield from (f"Needed before this stage, and not done: {inert(each)}." for each in needed_first(file))
        yield from _not_asked_for(file, file.case.stay)
    if enters_stage or entry.kind == ASSIGNED:
        yield from (
            f"{inert(each)}, and {file.protocol.id} needs somebody else: escalate assign {file.case.ref} says who."
            for each in same_holders(file, now)
        )
    if entry.kind == ASSIGNED:
        yield from _no_longer_standing_in(changed, now)


def _no_longer_standing_in(changed: Changed, now: datetime) -> Iterator[str]:
    """Who was to hold the side on some days, and does so no more, as it was given to somebody for good."""
    after, before = changed.after.case, changed.before.case if changed.before else None
    kept = {each.entry for each in after.assigned_on(after.stay.occasion)}
    for each in before.assigned_on(before.stay.occasion) if before else ():
        if each.entry not in kept and each.until and each.until >= london_date(now):
            yield (
                f"That goes for every day: whoever was to hold the {inert(each.side)} side {days(each.since, each.until)}"
                f" (entry {each.entry}) no longer does."
            )


def _related(changed: Changed) -> Iterator[str]:
    """In which other cases it was recorded as well that they belong together with this one, or do so no more."""
    before, now = changed.before.case.related if changed.before else (), changed.after.case.related
    if new := [ref for ref in now if ref not in before]:
        yield f"Recorded in {listed(new, 'and')} as well."
    if gone := [ref for ref in before if ref not in now]:
        yield f"No longer related to {listed(gone, 'and')}, which {'says' if len(gone) == 1 else 'say'} so too."


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


def _agreed_for(file: CaseFile, agreed: Entry, now: datetime) -> Iterator[str]:
    """Which of several calls a date was agreed for; and where the protocol does not allow it, that its own limit stands."""
    until, several = read_instant(agreed.data["until"]), several_calls(file.deadlines)
    about = (agreed.data["visit"], agreed.data["action"])
    for each in file.deadlines:
        if (each.occasion.number, each.action) != about or not each.is_open or each.agreed_until != until:
            continue
        if about in several:
            yield f"That is for call {each.call} of {each.action}."
        if each.due_at and each.due_at < until:
            yield f"That is later than the protocol allows: the limit stands, {short(each.due_at, now)}."
            only_if = next((limit.extendable_when for limit in each.limits if limit.extendable_when), None)
            if only_if and agreed.data.get("reasoned"):
                yield inert(f"It can be extended only if {only_if}, and only before the time has run out.")


def _same_calls(changed: Changed, entry: Entry) -> Iterator[str]:
    """That answers which were given before call for nothing more, unless that was said."""
    if changed.before is None or entry.data.get("again"):
        return
    new = {each.action for each in changed.after.deadlines if each.first_called == entry.seq}
    same = calls_open_already(changed.before, entry.data["facts"], entry.at)
    for said in called_already([each for each in same if each.action not in new]):
        yield f"{said} That is the same call: add --again if it is another."


def _beyond_limits(file: CaseFile, entry: Entry, now: datetime) -> Iterator[str]:
    """That something was set later than the limit that it has to keep to."""
    for each in beyond_limits(file, entry.seq):
        limit = f"the limit of {name_of(each.deadline)}, {short(each.limit, now)}"
        yield inert(f"Too late: {each.event}, {short(each.at, now)}, is after {limit}. The limit stands.")


def _left_behind(file: CaseFile) -> Iterator[str]:
    """What is still open of the stage that was left just now: what was not done, and what hangs on a question."""
    left = [each for each in file.deadlines if each.occasion == file.case.stays[-2].occasion and each.is_open]
    undone = [f"{each.action} ({each.action_name})" for each in left if not each.unanswered]
    hanging = [f"{each.action}, on {' and '.join(each.unanswered)}" for each in left if each.unanswered]
    if undone:
        yield inert(f"Not done, and still due: {'; '.join(undone)}.")
    if hanging:
        yield inert(f"Not done, and depending on a question: {'; '.join(hanging)}.")


def _not_asked_for(file: CaseFile, stay: Stay) -> Iterator[str]:
    """What the stages skipped on the way would have asked for: nothing of it falls due, and somebody should know."""
    for stage, duties in passed_over(file.protocol, file.case, stay):
        if duties:
            asked = "; ".join(f"{each.key} ({each.name})" for each in duties)
            yield f"Skipped with stage {stage.key}, and not asked for: {inert(asked)}."
