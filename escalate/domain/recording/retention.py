"""How long a closed case is kept: by the schedule of the settings, after its protocol, after how it was closed, or for all."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from escalate.domain.case.details import HOLD
from escalate.domain.case.model import Case
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.erasing import left_to_erase
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.counting import runs_out
from escalate.errors import BeyondCalendar

DEFAULT = "default"
"""What the schedule says of cases that no other line of it is about."""

OUTCOMES = ("resolved", "withdrawn", VOID)
"""How a case can be closed, as a line of the schedule names it."""

Schedule = Mapping[str, Allowance]
"""How long after closing, by the id of a protocol, by how a case was closed, or for all others."""


class DueToErase(NamedTuple):
    """A closed case that has been kept as long as the schedule says."""

    file: CaseFile
    """The case, with its names, so that what there is to erase can be counted."""
    rule: str
    """The line of the schedule that it goes by."""
    kept_for: Allowance
    """How long that says."""
    since: datetime
    """Since when it is due (UTC)."""


class Hold(NamedTuple):
    """A case of which nothing may be erased."""

    case: Case
    """The case."""
    reason: str | None
    """Why; None where that was erased."""
    at: datetime
    """Since when (UTC)."""
    by: str
    """Who said so."""


def rule_for(schedule: Schedule, case: Case) -> str | None:
    """The line of the schedule a case goes by: its protocol's before the one of how it was closed, and that before the default."""
    return next((name for name in (case.protocol, case.status, DEFAULT) if name in schedule), None)


def due_to_erase(schedule: Schedule, file: CaseFile, now: datetime) -> DueToErase | None:
    """Since when a closed case is due to be erased, and by which rule; None where it is not, or there is nothing left to erase."""
    rule = rule_for(schedule, file.case)
    if rule is None or file.case.status == "open" or not any(left_to_erase(file.case).values()):
        return None
    since = kept_until(file, schedule[rule])
    return DueToErase(file, rule, schedule[rule], since) if since and since < now else None


def kept_until(file: CaseFile, allowance: Allowance) -> datetime | None:
    """When an allowance that began when a case was closed, or at the latest can have been, has run out; None where that is beyond all calendars."""
    closed = file.case.stay.left_at
    assert closed is not None
    try:
        over = runs_out(closed, allowance, file.calendar)
    except BeyondCalendar:
        return None
    return over.at if over else None


def hold_on(case: Case) -> Hold | None:
    """The legal hold that a case is under; None where it is under none."""
    if not case.legal_hold:
        return None
    entry = case.history[case.said_in[HOLD] - 1]
    return Hold(case, entry.words.get(HOLD), entry.at, entry.by)


def strangers(schedule: Schedule, protocols: Collection[str]) -> list[str]:
    """The lines of a schedule that are about no outcome and no protocol there is."""
    return [name for name in schedule if name not in (DEFAULT, *OUTCOMES) and name not in protocols]
