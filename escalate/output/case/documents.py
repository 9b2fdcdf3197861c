"""The JSON documents of a case: the whole of it, an entry, and where something was found."""

from collections.abc import Iterable
from datetime import datetime

from escalate.domain.case.details import TEXTS
from escalate.domain.case.documents import is_document
from escalate.domain.case.entries import LogLine
from escalate.domain.case.people import same_holder_from
from escalate.domain.deadlines.case_file import CaseFile, case_line, due_lines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.needed import not_done_before
from escalate.domain.deadlines.plan import onward
from escalate.domain.deadlines.questions import open_questions
from escalate.domain.deadlines.search_results import MARK, Found
from escalate.domain.deadlines.standing import how_it_ended, standing
from escalate.domain.worktime.clock import london_date
from escalate.output.case.rows import due_document, holder_document, line_document, read_document
from escalate.output.documents import Document, instant


def record_document(file: CaseFile) -> Document:
    """A case of `export json`: the case, when it was closed, what was said of it, and who has held its sides."""
    case = file.case
    return line_document(case_line(file)) | {
        "closed_at": instant(case.closed_at),
        "related": list(case.related),
        "legal_hold": case.legal_hold,
        "erased_at": instant(case.history[case.last_erasure - 1].at) if case.last_erasure else None,
        **{name.replace("-", "_"): case.said(name) for name in TEXTS},
        "holders": [
            {"stage": case.stays[each.stay - 1].stage, **holder_document(case.holder(each))} for each in case.assigned
        ],
    }


def case_document(file: CaseFile, now: datetime, horizon: datetime) -> Document:
    """`show --json`: the case and what was said of it, its deadlines, the stages that may still come, and its history."""
    today = london_date(now)
    return record_document(file) | {
        "deadlines": [due_document(each.on(today), standing(each.deadline, now, horizon)) for each in due_lines(file)],
        "other_readings": [
            {"stage": each.stage, "action": each.action, "call": each.call} | read_document(otherwise)
            for each in file.deadlines
            if each.is_open
            for otherwise in each.read_otherwise
        ],
        "planned": [
            {
                "stage": each.stage.key,
                "route": each.stage.route,
                "name": each.stage.name,
                "entered_at": instant(each.entered_at if each.is_dated else None),
                "entered_provisional": not each.is_firm,
                "due_at": instant(each.ends_by),
                "provisional": each.closing.provisional,
                "unanswered": list(each.closing.unanswered),
            }
            for each in onward(file, now)
        ],
        "history": [entry_document(line, file.deadlines) for line in file.case.log],
        "open_questions": open_questions(file.protocol, file.case),
        "needed": [each.key for each in not_done_before(file)],
        "same_holder": [{"side": each.side, "stage": each.stage} for each in same_holder_from(file.same_holder, today)],
        "taken_for_granted": {
            key: answer for key, answer in file.protocol.taken_for_granted.items() if key not in file.case.facts
        },
    }


def entry_document(line: LogLine, deadlines: Iterable[Deadline]) -> Document:
    """An entry of `log --json`: when, by whom, its facts and words, and which of the case's deadlines it ended."""
    entry = line.entry
    return {
        "entry": entry.seq,
        "at": instant(line.happened_at),
        "recorded_at": instant(entry.recorded_at),
        "clock_set_by_hand": entry.clock is not None,
        "by": entry.by,
        "kind": entry.kind,
        "undone": line.taken_back,
        "text": next((said for field, said in entry.words.items() if not is_document(field)), None),
        "words": {**entry.words, **entry.identities, **dict.fromkeys(entry.withheld)},
        "data": dict(entry.data),
        "ended": [_ended_document(each) for each in deadlines if each.ended_entry == entry.seq],
    }


def _ended_document(deadline: Deadline) -> Document:
    """What an entry ended otherwise than by its being done: `missed` or `ceased`."""
    return {
        "stage": deadline.stage,
        "action": deadline.action,
        "call": deadline.call,
        "standing": how_it_ended(deadline).value,
        "due_at": instant(deadline.due_at),
        "ended_at": instant(deadline.ended_at),
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
