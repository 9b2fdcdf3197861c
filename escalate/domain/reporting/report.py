"""The report on a period: counts of cases, timeliness of deadlines, time to resolution, lessons.

All of it comes from what had happened by the end of the period (or by now, while it still runs), at the times at which it
happened, however late it was recorded: a report on a past quarter comes out the same whenever it is run, unless something of
that time is recorded or corrected afterwards. What a case is about (agencies, themes, its concern and its lessons) has no time
of its own and is taken as it is recorded now. To repeat an old report word for word, give the files as they were known then.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.reporting.agencies import KnownAgencies
from escalate.domain.reporting.beside import PeriodBeside, headlines, periods_beside
from escalate.domain.reporting.case_figures import case_figures, was_voided_in
from escalate.domain.reporting.cases import (
    by_agencies,
    by_level,
    by_place,
    by_raising,
    by_receiving,
    by_theme,
    count_cases,
)
from escalate.domain.reporting.cutoff import Cutoff
from escalate.domain.reporting.model import EVERYWHERE, Report, SetByHand
from escalate.domain.reporting.places import LadderOrder
from escalate.domain.reporting.shared import Shared
from escalate.domain.reporting.time_taken import time_taken
from escalate.domain.reporting.timeliness import ended_by_place, timetable, undated
from escalate.domain.worktime.periods import Period


def report(files: Iterable[CaseFile], period: Period, now: datetime) -> Report:
    """The figures of a period, from case files as they are known now; each is let go before the next. Raises BeyondCalendar."""
    cutoff, order, shared = Cutoff.at(now, period), LadderOrder(), Shared()
    every, void, agencies = [], 0, KnownAgencies()
    beside = [PeriodBeside(each, now, order, shared) for each in periods_beside(period, now)]
    for file in files:
        void += was_voided_in(file.case, cutoff)
        agencies.learn(file.case)
        for each_beside in beside:
            each_beside.add(file)
        if figures := case_figures(file, cutoff, order, shared):
            every.append(figures)
    cases = [each for each in every if each.belongs]
    fell_due = [line for each in every for line in each.fell_due]
    overdue = [line for each in every for line in each.overdue]
    taken = [(each.protocol, each.taken) for each in cases if each.taken]
    return Report(
        period=period,
        until=cutoff.until,
        running=cutoff.running,
        known_at=now,
        total=count_cases(cases),
        open_at_start=sum(each.open_at_start for each in cases),
        taken_up_again=sum(not each.open_at_start and not each.opened for each in cases),
        reopened=sum(each.reopened for each in cases),
        taken_over=sum(each.taken_over for each in cases),
        void=void,
        by_protocol=by_place(cases, lambda each: each.protocol, order),
        by_stage=by_place(cases, lambda each: each.stage, order),
        by_agencies=by_agencies(cases),
        by_raising=by_raising(cases),
        by_receiving=by_receiving(cases),
        none_raised=agencies.without([each.agencies[0] for each in cases]),
        by_theme=by_theme(cases),
        by_level=by_level(cases),
        stages=timetable([line for line in fell_due if line.ends_stage], order),
        actions=timetable([line for line in fell_due if not line.ends_stage], order),
        undated=undated((line for each in every for line in each.without_date), order),
        ended=ended_by_place((line for each in every for line in each.ended), order),
        overdue_count=len(overdue),
        overdue=tuple(sorted(overdue, key=lambda each: (each.due_at, each.case))),
        time_taken=tuple(
            time_taken(place, [days for _, days in group])
            for place, group in order.grouped(taken, lambda each: each[0])
        ),
        time_taken_total=time_taken(EVERYWHERE, [days for _, days in taken]),
        lessons=tuple(each.lesson for each in cases if each.lesson),
        open_cases=tuple(each.open_case for each in cases if each.open_case),
        beside=headlines(beside),
        names=order.names(),
        by_hand=_set_by_hand([each.by_hand for each in every if each.by_hand and each.counts]),
    )


def _set_by_hand(entries: Sequence[int]) -> SetByHand | None:
    """What was recorded with the clock set by hand, by how many entries of each case that has any were."""
    return SetByHand(sum(entries), len(entries)) if entries else None
