"""A case with all that belongs to it, and the lines that lists are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from escalate.domain.calendar import Calendar
from escalate.domain.deadlines import Deadline, deadlines
from escalate.domain.history import Case
from escalate.domain.protocol import Protocol


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A case, the protocol edition it is kept under, its calendar, and its deadlines."""

    case: Case
    protocol: Protocol
    calendar: Calendar
    deadlines: tuple[Deadline, ...]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as a list shows it."""

    ref: str
    protocol: str
    edition: str
    route: str
    status: str
    stage: str
    stage_name: str
    entered_at: datetime
    concern_at: datetime
    raised_at: datetime
    subject: str | None
    raising_agency: str | None
    receiving_agency: str | None
    calendar: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DueLine:
    """A deadline and the case it belongs to."""

    case: CaseLine
    deadline: Deadline


def case_file(case: Case, protocol: Protocol, calendar: Calendar) -> CaseFile:
    """A case with its deadlines. Raises BeyondCalendar."""
    return CaseFile(case, protocol, calendar, tuple(deadlines(protocol, case, calendar)))


def case_line(file: CaseFile) -> CaseLine:
    """A case file as a list shows it."""
    case, visit = file.case, file.case.visit
    return CaseLine(
        ref=case.ref,
        protocol=case.protocol,
        edition=case.edition,
        route=visit.route,
        status=case.status,
        stage=visit.stage,
        stage_name=file.protocol.stage(visit.route, visit.stage).name,
        entered_at=visit.entered_at,
        concern_at=case.concern_at,
        raised_at=case.raised_at,
        subject=case.subject,
        raising_agency=case.raising_agency,
        receiving_agency=case.receiving_agency,
        calendar=case.calendar,
        facts=case.answers,
    )
