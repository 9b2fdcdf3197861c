"""The chief figures of several periods side by side: the quarters of a year, and the year before."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.reporting.case_figures import CaseFigures, case_figures
from escalate.domain.reporting.cases import count_cases
from escalate.domain.reporting.cutoff import Cutoff
from escalate.domain.reporting.model import EVERYWHERE, Headline, Timeliness
from escalate.domain.reporting.places import LadderOrder
from escalate.domain.reporting.shared import Shared
from escalate.domain.reporting.time_taken import time_taken
from escalate.domain.reporting.timeliness import timeliness
from escalate.domain.worktime.periods import Period, quarters_of, year_before


def periods_beside(period: Period, now: datetime) -> list[Period]:
    """The quarters of a year that have begun, and the year before; none for any other days."""
    quarters = quarters_of(period)
    return [*(each for each in quarters if each.starts <= now), year_before(period)] if quarters else []


class PeriodBeside:
    """One of several periods, and what the cases add to its figures."""

    def __init__(self, period: Period, now: datetime, order: LadderOrder, shared: Shared) -> None:
        self._cutoff, self._order, self._shared = Cutoff.at(now, period), order, shared
        self._every: list[CaseFigures] = []

    def add(self, file: CaseFile) -> None:
        """Adds what a case has in the period. Raises BeyondCalendar."""
        if _may_have_figures(file, self._cutoff):
            figures = case_figures(file, self._cutoff, self._order, self._shared)
            if figures and (figures.belongs or figures.fell_due):
                self._every.append(figures)

    @property
    def headline(self) -> Headline:
        """The figures."""
        cases = [each for each in self._every if each.belongs]
        return Headline(
            period=self._cutoff.period,
            running=self._cutoff.running,
            total=count_cases(cases),
            open_at_start=sum(each.open_at_start for each in cases),
            taken_up_again=sum(not each.open_at_start and not each.opened for each in cases),
            reopened=sum(each.reopened for each in cases),
            stages=self._timeliness(of_stages=True),
            actions=self._timeliness(of_stages=False),
            working_days=time_taken(EVERYWHERE, [each.taken for each in cases if each.taken]).working_days,
        )

    def _timeliness(self, *, of_stages: bool) -> Timeliness:
        lines = [line for each in self._every for line in each.fell_due if line.ends_stage is of_stages]
        return timeliness(EVERYWHERE, lines)


def _may_have_figures(file: CaseFile, cutoff: Cutoff) -> bool:
    """Whether a case may have any: not if it was raised later, or was over by then with nothing to come."""
    case, starts = file.case, cutoff.period.starts
    if case.status == VOID or case.raised_at > cutoff.until:
        return False
    if case.status == "open" or any(each.at >= starts or each.recorded_at >= starts for each in case.history):
        return True
    return any(_reaches(each.due_at, starts) or _reaches(each.ended_at, starts) for each in file.deadlines)


def _reaches(at: datetime | None, starts: datetime) -> bool:
    return at is not None and at >= starts


def headlines(beside: Sequence[PeriodBeside]) -> tuple[Headline, ...]:
    """The figures of each period."""
    return tuple(each.headline for each in beside)
