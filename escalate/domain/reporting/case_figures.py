"""What one case adds to the figures of a report."""

from dataclasses import dataclass

from escalate.domain.case.entries import CORRECTED, UNDONE, Entry
from escalate.domain.case.model import Case
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.reporting.as_it_stood import as_it_stood, spells
from escalate.domain.reporting.cutoff import Cutoff
from escalate.domain.reporting.levels import level_of_need
from escalate.domain.reporting.model import NOT_RECORDED, LadderPlace, Lesson, OpenCase, Overdue
from escalate.domain.reporting.places import LadderOrder, stage_place
from escalate.domain.reporting.shared import Shared
from escalate.domain.reporting.stays import ladder_stays
from escalate.domain.reporting.time_taken import DaysTaken, days_taken
from escalate.domain.reporting.timeliness import (
    EndedSo,
    FellDue,
    WithoutDate,
    ended,
    fell_due,
    is_taken_over,
    overdue,
    run_out,
    without_date,
)


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What a report keeps of a case, as it stood at the end of the period."""

    belongs: bool
    """It was open at some time in the period. Its deadlines count either way."""
    opened: bool
    """It was raised in the period."""
    open_at_start: bool
    """It was open when the period began."""
    reopened: bool
    """It was reopened in the period."""
    taken_over: bool
    """It was taken over from a log."""
    status: str
    """`open`, `resolved` or `withdrawn`."""
    protocol: LadderPlace
    """The protocol it is under."""
    stage: LadderPlace
    """The stage it reached."""
    agencies: tuple[str, str]
    """The raising and the receiving agency."""
    themes: tuple[str, ...]
    """The names of its themes."""
    level: str
    """Its current level of need."""
    taken: DaysTaken | None
    """How long it took, if it was resolved in the period."""
    lesson: Lesson | None
    """What was learned from it, if it was closed in the period."""
    open_case: OpenCase | None
    """The case itself, if it was open."""
    fell_due: tuple[FellDue, ...]
    """Its deadlines that fell due in the period."""
    overdue: tuple[Overdue, ...]
    """Those that counted as overdue at the end."""
    without_date: tuple[WithoutDate, ...]
    """What has no date."""
    ended: tuple[EndedSo, ...]
    """What ended in the period otherwise than by being done."""
    by_hand: int
    """How many entries that bear on it were recorded with the clock set by hand."""

    @property
    def counts(self) -> bool:
        """Something of it is in the figures."""
        return self.belongs or bool(self.fell_due or self.overdue or self.without_date or self.ended)


def case_figures(file: CaseFile, cutoff: Cutoff, order: LadderOrder, shared: Shared) -> CaseFigures | None:
    """What a case adds; None if it had not been raised by the end, or was opened by mistake. Raises BeyondCalendar."""
    if file.case.status == VOID:
        return None
    stood = as_it_stood(file, cutoff.until)
    if stood is None:
        return None
    case, period = stood.case, cutoff.period
    order.learn(case.protocol, stood.protocol)
    open_spells = [opened for opened, closed in spells(stood) if closed is None or closed >= period.starts]
    belongs = bool(open_spells)
    due = [each for each in run_out(stood.deadlines, cutoff) if each[1] >= period.starts]
    lesson = file.case.said("lessons") if belongs and case.status != "open" else None
    return CaseFigures(
        belongs=belongs,
        opened=case.raised_at >= period.starts,
        open_at_start=any(opened < period.starts for opened in open_spells),
        reopened=any(opened >= period.starts for opened, _ in spells(stood)[1:]),
        taken_over=is_taken_over(file.case),
        status=case.status,
        protocol=shared(LadderPlace(case.protocol)),
        stage=shared(stage_place(stood, case.stay.route, case.stay.stage)),
        agencies=shared((case.raising_agency or NOT_RECORDED, case.receiving_agency or NOT_RECORDED)),
        themes=shared(_themes(stood)),
        level=shared(level_of_need(file.case.said("level-current"))),
        taken=days_taken(stood) if belongs else None,
        lesson=Lesson(case.ref, case.protocol, lesson) if lesson else None,
        open_case=_open_case(stood) if belongs and case.status == "open" else None,
        fell_due=shared(tuple(fell_due(stood, each, at) for each, at in due)),
        overdue=tuple(overdue(stood, cutoff)),
        without_date=shared(tuple(without_date(stood, period))),
        ended=shared(tuple(ended(stood, period))),
        by_hand=sum(1 for each in file.case.history if each.clock and _bears_on(each, cutoff)),
    )


def _bears_on(entry: Entry, cutoff: Cutoff) -> bool:
    """Whether an entry can bear on how things stood: it happened by then, or says of another that it did not, or when."""
    return entry.at <= cutoff.until or entry.kind in (UNDONE, CORRECTED)


def was_voided_in(case: Case, cutoff: Cutoff) -> bool:
    """Whether a case was opened by mistake, and taken back in the period."""
    return case.status == VOID and cutoff.period.starts <= case.closings[-1].at <= cutoff.until


def _themes(file: CaseFile) -> tuple[str, ...]:
    """The themes of a case by the names its protocol gives them, or as somebody's own."""
    return tuple(map(file.protocol.theme_name, file.case.themes)) or (NOT_RECORDED,)


def _open_case(file: CaseFile) -> OpenCase:
    return OpenCase(file.case.ref, file.case.protocol, file.calendar, file.case.raised_at, ladder_stays(file))
