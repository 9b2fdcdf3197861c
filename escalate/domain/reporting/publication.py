"""A report for publication: nobody can work out its small counts, and nothing in it tells of a single case."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from escalate.domain.reporting.beside_sums import beside_key, sums_of
from escalate.domain.reporting.levels import without_own_words
from escalate.domain.reporting.model import (
    NOT_RECORDED,
    ByName,
    ByPlace,
    Cases,
    Count,
    Ended,
    Headline,
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
    LEVEL,
    OPEN_AT_START,
    OVERDUE,
    PROTOCOL,
    RAISING,
    RECEIVING,
    REOPENED,
    STAGE,
    STAGES,
    TAKEN_OVER,
    TAKEN_UP_AGAIN,
    THEME,
    TOTAL,
    UNDATED,
    VOIDED,
)
from escalate.domain.reporting.suppression import CountKey, left_out

LineOf = TypeVar("LineOf", Cases, Timeliness, Undated, Ended)
Line = TypeVar("Line", ByPlace, ByName)


def publishable(report: Report, threshold: int) -> Report:
    """The report with small counts hidden, and with them any others in it that would give them away.

    Left out are the lists of single cases, the least and the most of every spread, and a median of few. Lines that were ordered
    by their counts are ordered by their names, and levels of need in words of somebody's own are one line.
    """
    ordered = replace(
        report,
        by_agencies=_by_names(report.by_agencies),
        by_raising=_by_names(report.by_raising),
        by_receiving=_by_names(report.by_receiving),
        by_theme=_by_names(report.by_theme),
        by_level=without_own_words(report.by_level),
    )
    sums = sums_of(ordered)
    hidden = left_out(sums.counts, sums.sums, sums.rows, threshold, sums.unpublished, sums.totals)
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
            reopened=self._count(REOPENED),
            taken_over=self._count(TAKEN_OVER),
            void=self._count(VOIDED),
            by_protocol=tuple(self._cases(PROTOCOL, each.place.protocol, each) for each in report.by_protocol),
            by_stage=tuple(self._cases(STAGE, each.place.key, each) for each in report.by_stage),
            by_agencies=self._names(AGENCIES, report.by_agencies),
            by_raising=self._names(RAISING, report.by_raising),
            by_receiving=self._names(RECEIVING, report.by_receiving),
            by_theme=self._names(THEME, report.by_theme),
            by_level=self._names(LEVEL, report.by_level),
            beside=tuple(self._headline(n, each) for n, each in enumerate(report.beside)),
            stages=self._timetable(STAGES, report.stages),
            actions=self._timetable(ACTIONS, report.actions),
            undated=tuple(self._line(UNDATED, each.place.key, each) for each in report.undated),
            ended=tuple(self._line(ENDED, each.place.key, each) for each in report.ended),
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

    def _headline(self, n: int, each: Headline) -> Headline:
        """The figures of a period beside: their counts go by its number."""
        return _Beside(self._counts, self._hidden, self._threshold, n).headline(each)

    def _named(self, key: CountKey) -> CountKey:
        """What a count goes by."""
        return key

    def _count(self, key: CountKey) -> Count:
        name = self._named(key)
        return self._hidden.get(name, self._counts[name])

    def _names(self, table: str, lines: Sequence[ByName]) -> tuple[ByName, ...]:
        return tuple(self._cases(table, each.key, each) for each in lines)

    def _line(self, table: str, line: Hashable, figures: LineOf) -> LineOf:
        """A line of a table with its counts as they are published."""
        counts: dict[str, Any] = {name: self._count((table, line, name)) for name in counts_in(figures)}
        return replace(figures, **counts)

    def _cases(self, table: str, line: Hashable, each: Line) -> Line:
        return replace(each, cases=self._line(table, line, each.cases))

    def _timetable(self, table: str, timetable: Timetable) -> Timetable:
        lines = tuple(self._timeliness(table, each.place.key, each) for each in timetable.lines)
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


class _Beside(_Published):
    """The figures of a period that stands beside the others."""

    def __init__(
        self, counts: Mapping[CountKey, int], hidden: Mapping[CountKey, Hidden], threshold: int, number: int
    ) -> None:
        super().__init__(counts, hidden, threshold)
        self._number = number

    def _named(self, key: CountKey) -> CountKey:
        return beside_key(self._number, key)

    def headline(self, each: Headline) -> Headline:
        """All of it."""
        total = self._line(ALL_CASES, TOTAL, each.total)
        return replace(
            each,
            total=total,
            open_at_start=self._count(OPEN_AT_START),
            taken_up_again=self._count(TAKEN_UP_AGAIN),
            reopened=self._count(REOPENED),
            stages=self._timeliness(STAGES, TOTAL, each.stages),
            actions=self._timeliness(ACTIONS, TOTAL, each.actions),
            working_days=self._spread(each.working_days, total.resolved),
        )
