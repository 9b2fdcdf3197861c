"""Who asks for an entry and when it happened, the next entry of a case, and checks that several kinds of entry share."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import NamedTuple

from escalate.domain.case.entries import ADVANCED, CORRECTED, DONE, ERASED, NOTED, RESOLVED, UNDONE, VOIDED, Entry
from escalate.domain.case.model import Case
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.worktime.clock import end_of_day, london, london_date, read_instant, spoken
from escalate.errors import OutOfOrder, Refused


class Recording(NamedTuple):
    """Who writes an entry down, and when."""

    by: str
    """Who writes it down."""
    now: datetime
    """When it is written down, as an instant."""
    at: datetime
    """When it happened, as an instant."""


def new_entry(
    case: Case,
    kind: str,
    recording: Recording,
    data: Mapping[str, object],
    words: Mapping[str, str],
    identities: Mapping[str, str] | None = None,
) -> Entry:
    """The next entry of a case. Raises Refused where it cannot have happened then, or in a void case."""
    check_not_void(case, kind)
    check_time(case, recording)
    return next_entry(case, kind, recording, data, words, identities)


def next_entry(
    case: Case,
    kind: str,
    recording: Recording,
    data: Mapping[str, object],
    words: Mapping[str, str],
    identities: Mapping[str, str] | None = None,
) -> Entry:
    """The next entry of a case, for which the time needs no check, or has had it. Raises Refused in a void case."""
    check_not_void(case, kind)
    seq = len(case.history) + 1
    return Entry(case.ref, seq, kind, recording.at, recording.now, recording.by, data, words, identities or {})


def as_text(text: str | None) -> dict[str, str]:
    """A remark or a reason as an entry has it; nothing where nothing was said."""
    return {"text": text} if text else {}


def check_time(case: Case, recording: Recording) -> None:
    """Raises Refused for what has not happened yet, or before the case was raised."""
    if case.raised_at > recording.now:
        raise Refused(
            f"{case.ref} was raised {spoken(case.raised_at)}, which is in the future: the clock was wrong when it was opened."
            f" Correct that with escalate undo {case.ref} --entry 1 --at WHEN, or take the case back with escalate void {case.ref}."
        )
    if recording.at > recording.now:
        raise Refused(
            f"{spoken(recording.at)} is in the future: --at says when something happened, so it lies in the past."
        )
    if recording.at < case.raised_at:
        raise before_entry(case, recording.at, case.raised_at, 1, f"{case.ref} was raised")


def check_concern(concern_at: datetime | None, raised_at: datetime, raised: str, hint: str = "") -> None:
    """Raises Refused for a concern that came after `the case was raised`, which words say."""
    if concern_at and concern_at > raised_at:
        raise Refused(f"The concern ({spoken(concern_at)}) cannot come after {raised} ({spoken(raised_at)}){hint}.")


def check_order(case: Case, recording: Recording) -> None:
    """Raises Refused for closing a case, or taking it up a stage, before it reached its stage or was last reopened (C16)."""
    earliest, entry = case.in_order_from
    if recording.at < earliest:
        came = f"reached stage {case.stay.stage}" if entry == case.stay.entry else "was reopened"
        raise before_entry(case, recording.at, earliest, entry, f"{case.ref} {came}")


def check_not_void(case: Case, kind: str) -> None:
    """Raises Refused for what cannot be recorded in a case that was opened by mistake."""
    if case.status == VOID and kind not in (NOTED, UNDONE, ERASED):
        voided = case.closings[-1]
        was = "was already voided" if kind == VOIDED else "takes nothing but a note, as it was voided"
        undo = f"escalate undo {case.ref} --entry {voided.entry} takes that back"
        raise Refused(f"{case.ref} {was} {spoken(voided.at)}; {undo}.")


def check_open(case: Case, kind: str, what: str) -> None:
    """Raises Refused for a closed case: it cannot `go up`, or `be resolved`."""
    check_not_void(case, kind)
    if case.status != "open":
        raise Refused(
            f"{case.ref} was {case.status} {spoken(case.stay.left_at or case.raised_at)}, so it cannot {what}; escalate reopen {case.ref} reopens it."
        )


def before_entry(case: Case, at: datetime, earliest: datetime, entry: int, what: str) -> OutOfOrder:
    """That a time is before `E0007 was raised`, by an entry that has the earliest that is possible, and how to correct that one."""
    return OutOfOrder(too_early(at, earliest, what).removesuffix("."), case.ref, entry)


def too_early(at: datetime, earliest: datetime, what: str) -> str:
    """Says that a time is before what it has to follow, and for a day without a time that one is needed."""
    day_alone = london(at).time() == time(0) and london_date(at) == london_date(earliest)
    hint = ': give the time of day as well, as in "today 14:00"' if day_alone else ""
    return f"{spoken(at)} is before {what} ({spoken(earliest)}){hint}."


def refuse_day_alone(file: CaseFile, entry: Entry) -> None:
    """Ask for the time of day where it decides whether something was done in time: a day begins before any hour of it. Raises Refused."""
    at = read_instant(entry.data["to"]) if entry.kind == CORRECTED else entry.at
    day = london_date(at)
    for deadline in file.deadlines:
        due = deadline.due_at
        if due and london_date(due) == day and due != end_of_day(day) and _may_meet(entry, deadline):
            raise Refused(f"{file.case.ref} has something due {spoken(due)}: say at what time of that day it happened.")


def _may_meet(entry: Entry, deadline: Deadline) -> bool:
    """Whether it can depend on the time of an entry that a deadline was met in time."""
    if entry.kind == CORRECTED:
        return True
    if entry.kind == DONE:
        done: str = entry.data["action"]
        return deadline.action == done
    return entry.kind in (ADVANCED, RESOLVED) and deadline.ends_stage
