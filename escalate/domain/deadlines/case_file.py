"""A case with all that belongs to it, and what becomes of it in lists."""

from typing import NamedTuple

from escalate.domain.case.details import IDENTITIES
from escalate.domain.case.model import Case
from escalate.domain.case.people import SameHolder
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.model import CaseLine, Deadline, DueLine
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar


class CaseFile(NamedTuple):
    """A case with all that belongs to it."""

    case: Case
    """What its history comes to."""
    protocol: Protocol
    """The edition it is kept under."""
    calendar: Calendar
    """The calendar its deadlines are counted on."""
    deadlines: tuple[Deadline, ...]
    """Every deadline it has had so far, in the order of its stages; none where it was opened by mistake."""
    same_holder: tuple[SameHolder, ...] = ()
    """Who holds a side at its stage though the protocol wants somebody else there than before."""


class Changed(NamedTuple):
    """A case that has had entries since an instant."""

    before: CaseFile | None
    """As it was then; None if nothing was known of it."""
    after: CaseFile
    """As it is."""


def case_file(case: Case, protocol: Protocol, calendar: Calendar) -> CaseFile:
    """A case with its deadlines. Raises BeyondCalendar."""
    found = () if case.status == VOID else tuple(deadlines(protocol, case, calendar))
    return CaseFile(case, protocol, calendar, found)


def case_line(file: CaseFile) -> CaseLine:
    """A case file as a list shows it."""
    case, stay = file.case, file.case.stay
    return CaseLine(
        ref=case.ref,
        protocol=case.protocol,
        edition=case.edition,
        route=stay.route,
        status=case.status,
        stage=stay.stage,
        stage_name=file.protocol.stage(stay.route, stay.stage).name,
        entered_at=stay.entered_at,
        concern_at=case.concern_at,
        raised_at=case.raised_at,
        subject=case.subject,
        raising_agency=case.raising_agency,
        receiving_agency=case.receiving_agency,
        calendar=case.calendar,
        facts=case.answers,
        involved=case.involved,
        themes=case.themes,
        identity={name: said for name in IDENTITIES if (said := case.said(name))},
    )


def due_lines(file: CaseFile) -> list[DueLine]:
    """Every deadline of a case, as lists show it."""
    line = case_line(file)
    return [DueLine(line, each, file.case.all_holders(each.occasion)) for each in file.deadlines]
