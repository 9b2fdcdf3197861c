"""A report for publication: nobody can work out its small counts, and nothing in it tells of a single case."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from escalate.domain.reporting.model import (
    NOT_RECORDED,
    ByName,
    ByPlace,
    Cases,
    Count,
    Ended,
    Hidden,
    LateSpread,
    Report,
    SetByHand,
    Spread,
    Timeliness,
    Timetable,
    TimeTaken,
    Undated,
    counts_in,
)
from escalate.domain.reporting.report_sums import (
    ACTIONS,
    AGENCIES,
    ALL_CASES,
    ENDED,
    OPEN_AT_START,
    OVERDUE,
    PROTOCOL,
    STAGE,
    STAGES,
    TAKEN_UP_AGAIN,
    THEME,
    TOTAL,
    UNDATED,
    VOIDED,
    ReportSums,
)
from escalate.domain.reporting.suppression import CountKey, left_out

Figures = TypeVar("Figures", Cases, Timeliness, Undated, Ended)
Line = TypeVar("Line", ByPlace, ByName)


def publishable(report: Report, threshold: int) -> Report:
    """The report with small counts hidden, and with them any others that would give them away.

    Left out are the lists of single cases, the least and the most of every spread, and a median of few. Lines that were ordered
    by their counts are ordered by their names.
    """
    ordered = replace(report, by_agencies=_by_names(report.by_agencies), by_theme=_by_names(report.by_theme))
    sums = ReportSums(ordered)
    hidden = left_out(sums.counts, sums.sums, sums.rows, threshold, sums.unpublished, sums.totals).hidden
    return _Published(sums.counts, hidden, threshold).report(ordered)


def _by_names(lines: Sequence[ByName]) -> tuple[ByName, ...]:
    """The lines ordered by their names, with NOT_RECORDED last."""
    return tuple(
        sorted(lines, key=lambda line: (line.names == (NOT_RECORDED,), [name.casefold() for name in line.names]))
    )


class _Published:
    """The parts of a report as they are published."""

    def __init__(self, counts: Mapping[CountKey, int], hidden: Mapping[CountKey, Hidden], threshold: int) -> None:
        self._counts, self._hidden, self._threshold = counts, hidden, threshold

    def report(self, report: Report) -> Report:
        """The whole of it."""
        return replace(
            report,
            total=self._line(ALL_CASES, TOTAL, report.total),
            open_at_start=self._count(OPEN_AT_START),
            taken_up_again=self._count(TAKEN_UP_AGAIN),
            void=self._count(VOIDED),
            by_protocol=tuple(self._cases(PROTOCOL, each.place.protocol, each) for each in report.by_protocol),
            by_stage=tuple(self._cases(STAGE, n, each) for n, each in enumerate(report.by_stage)),
            by_agencies=tuple(self._cases(AGENCIES, n, each) for n, each in enumerate(report.by_agencies)),
            by_theme=tuple(self._cases(THEME, n, each) for n, each in enumerate(report.by_theme)),
            stages=self._timetable(STAGES, report.stages),
            actions=self._timetable(ACTIONS, report.actions),
            undated=tuple(self._line(UNDATED, n, each) for n, each in enumerate(report.undated)),
            ended=tuple(self._line(ENDED, n, each) for n, each in enumerate(report.ended)),
            overdue_count=self._count(OVERDUE),
            overdue=None,
            time_taken=tuple(self._time_taken(PROTOCOL, each.place.protocol, each) for each in report.time_taken),
            time_taken_total=self._time_taken(ALL_CASES, TOTAL, report.time_taken_total),
            lessons=None,
            open_cases=None,
            by_hand=report.by_hand and SetByHand(None, None),
            # The first version of a calendar is kept as the first case is opened: its time would tell of a single case.
            calendars_by_hand=tuple(each._replace(since=None) for each in report.calendars_by_hand),
            suppressed_under=self._threshold,
        )

    def _count(self, key: CountKey) -> Count:
        return self._hidden.get(key, self._counts[key])

    def _line(self, table: str, line: Hashable, figures: Figures) -> Figures:
        """A line of a table with its counts as they are published."""
        counts: dict[str, Any] = {name: self._count((table, line, name)) for name in counts_in(figures)}
        return replace(figures, **counts)

    def _cases(self, table: str, line: Hashable, each: Line) -> Line:
        return replace(each, cases=self._line(table, line, each.cases))

    def _timetable(self, table: str, timetable: Timetable) -> Timetable:
        lines = tuple(self._timeliness(table, n, each) for n, each in enumerate(timetable.lines))
        return Timetable(lines, self._timeliness(table, TOTAL, timetable.total))

    def _timeliness(self, table: str, line: Hashable, each: Timeliness) -> Timeliness:
        published = self._line(table, line, each)
        how_late, late_by = self._spread(each.how_late, published.late), self._late_by(each, published.late)
        return replace(published, how_late=how_late, late_by=late_by)

    def _time_taken(self, table: str, line: Hashable, each: TimeTaken) -> TimeTaken:
        """How long cases took; how many were resolved is also in the table of cases."""
        resolved = self._count((table, line, "resolved"))
        spreads = (self._spread(spread, resolved) for spread in (each.working_days, each.days))
        return TimeTaken(each.place, resolved, *spreads)

    def _late_by(self, each: Timeliness, late: Count) -> tuple[LateSpread, ...]:
        """The medians alone, and none unless each of them is over as many cases as may be published: few would be told by the rest."""
        fewest = min((spread.number for spread in each.late_by), default=0)
        if not isinstance(late, int) or fewest < self._threshold:
            return ()
        return tuple(spread._replace(most=None) for spread in each.late_by)

    def _spread(self, spread: Spread, count: Count) -> Spread:
        """The median alone, and only over as many cases as may be published."""
        return Spread(spread.median) if isinstance(count, int) and count >= self._threshold else Spread()
