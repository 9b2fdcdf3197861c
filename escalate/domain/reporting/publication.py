"""Which counts of a table may be published, so that nobody can work out a small one from the rest.

A count from 1 up to below the threshold is small. A 0 is shown, as is usual in official statistics, because it tells of no
case; only in a row that has few cases in all every count is `<5`, since a 0 there would say what became of those few.

Leaving the small counts out is not enough: what is left, and the sums, may still give them away. So more counts are left
out, until it is proved for each small one that it could be another: a `witness` is found, a set of counts in which it is
another, and that has the same sums and looks the same when published. A witness is looked for with every small number in
its place, and counts are left out for that too, but no totals; where that does not help, one has to do.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, replace

from escalate.domain.reporting.model import (
    NOT_RECORDED,
    ByName,
    Cases,
    Count,
    Report,
    Spread,
    Timeliness,
    Timetable,
    TimeTaken,
    Undated,
)
from escalate.domain.reporting.suppression import Cell, Row, Sum, left_out

LEAST_THRESHOLD = 3
"""Below 2 there is only 1: the mark itself would give the count away."""


# -- a whole report


def publishable(report: Report, threshold: int) -> Report:
    """A report whose small counts nobody can work out, and without what tells of single cases.

    Left out are the lists of single cases, the least and the most of every spread, and a median of few. Lines that stood in the
    order of their counts stand in that of their names.
    """
    ordered = replace(report, by_agencies=_by_names(report.by_agencies), by_theme=_by_names(report.by_theme))
    known = _Known(ordered)
    totals = [cell for cell in known.counts if isinstance(cell, tuple) and TOTAL in cell]
    marks = left_out(known.counts, known.sums, known.rows, threshold, known.unpublished, totals)

    def shown(cell: Cell) -> Count:
        return marks.get(cell, known.counts[cell])

    def cases(table: str, line: Hashable) -> Cases:
        return Cases(**{name: shown((table, line, name)) for name in _CASES})

    def timeliness(table: str, line: Hashable, each: Timeliness) -> Timeliness:
        counts = {name: shown((table, line, name)) for name in ("due", *_OUTCOMES)}
        return replace(each, **counts, how_late=_spread(each.how_late, counts["late"], threshold))  # type: ignore[arg-type]

    def timetable(name: str, table: Timetable) -> Timetable:
        lines = tuple(timeliness(name, n, each) for n, each in enumerate(table.lines))
        return Timetable(lines, timeliness(name, TOTAL, table.total))

    def time_taken(each: TimeTaken) -> TimeTaken:
        count = shown(("protocol", each.place.protocol, "resolved") if each.place.protocol else ("", TOTAL, "resolved"))
        spreads = {name: _spread(getattr(each, name), count, threshold) for name in ("working_days", "days")}
        return replace(each, resolved=count, **spreads)  # type: ignore[arg-type]

    return replace(
        ordered,
        total=cases("", TOTAL),
        open_at_start=shown("open at start"),
        taken_up_again=shown("taken up again"),
        by_protocol=tuple(replace(each, cases=cases("protocol", each.place.protocol)) for each in ordered.by_protocol),
        by_stage=tuple(replace(each, cases=cases("stage", n)) for n, each in enumerate(ordered.by_stage)),
        by_agencies=tuple(replace(each, cases=cases("agencies", n)) for n, each in enumerate(ordered.by_agencies)),
        by_theme=tuple(replace(each, cases=cases("theme", n)) for n, each in enumerate(ordered.by_theme)),
        stages=timetable("stages", ordered.stages),
        actions=timetable("actions", ordered.actions),
        undated=tuple(
            Undated(
                each.place, shown(("undated", n, "all")), shown(("undated", n, "done")), shown(("undated", n, "to_do"))
            )
            for n, each in enumerate(ordered.undated)
        ),
        overdue_count=shown("overdue"),
        overdue=None,
        time_taken=tuple(time_taken(each) for each in ordered.time_taken),
        time_taken_total=time_taken(ordered.time_taken_total),
        lessons=None,
        open_cases=None,
        suppressed_under=threshold,
    )


TOTAL = "total"
_STATUSES = ("open", "resolved", "withdrawn")
_CASES = ("all", "opened", *_STATUSES)
_OUTCOMES = ("in_time", "late", "not_met")


def _by_names(lines: Sequence[ByName]) -> tuple[ByName, ...]:
    return tuple(
        sorted(lines, key=lambda each: (each.names == (NOT_RECORDED,), [name.casefold() for name in each.names]))
    )


def _spread(spread: Spread, count: Count, threshold: int) -> Spread:
    return Spread(spread.median) if isinstance(count, int) and count >= threshold else Spread()


class _Known:
    """Every count of a report, and all that a reader knows of how they hang together."""

    def __init__(self, report: Report) -> None:
        self.counts: dict[Cell, int] = {}
        self.sums: list[Sum] = []
        self.rows: list[Row] = []
        self.unpublished: list[Cell] = []
        self._put("open at start", report.open_at_start)
        self._put("taken up again", report.taken_up_again)
        self._cases("", TOTAL, report.total)
        before = ("open at start", "taken up again", ("", TOTAL, "opened"))
        self.sums.append(Sum(("", TOTAL, "all"), before))
        self._divided(report)
        self._overlapping(report.by_theme)
        self._timetable("stages", report.stages)
        self._timetable("actions", report.actions)
        for n, each in enumerate(report.undated):
            self._row("undated", n, {"all": each.all, "done": each.done, "to_do": each.to_do}, ("done", "to_do"))
        self._put("overdue", report.overdue_count)
        if report.total.withdrawn == 0:  # then nothing has lapsed, and all that was not met is still overdue
            not_met = [(table, TOTAL, "not_met") for table in ("stages", "actions")]
            earlier = self.counts["overdue"] - sum(self.counts[cell] for cell in not_met)
            self._add_up("overdue", [*not_met, self._rest("overdue earlier", earlier)])

    def _divided(self, report: Report) -> None:
        """Every case is under one protocol, at one stage of it, and between one pair of agencies."""
        for each in report.by_protocol:
            self._cases("protocol", each.place.protocol, each.cases)
        for n, stage in enumerate(report.by_stage):
            self._cases("stage", n, stage.cases)
        for n, pair in enumerate(report.by_agencies):
            self._cases("agencies", n, pair.cases)
        protocols = [each.place.protocol for each in report.by_protocol]
        for name in _CASES:
            self._add_up(("", TOTAL, name), [("protocol", each, name) for each in protocols])
            self._add_up(("", TOTAL, name), [("agencies", n, name) for n in range(len(report.by_agencies))])
            for protocol in protocols:
                stages = [n for n, each in enumerate(report.by_stage) if each.place.protocol == protocol]
                self._add_up(("protocol", protocol, name), [("stage", n, name) for n in stages])

    def _overlapping(self, themes: Sequence[ByName]) -> None:
        """A case has one theme or more: no line has more than there are cases, and all lines together have no fewer."""
        for n, each in enumerate(themes):
            self._cases("theme", n, each.cases)
        for name in _CASES if themes else ():
            whole, lines = ("", TOTAL, name), [("theme", n, name) for n in range(len(themes))]
            for line in lines:
                self._add_up(whole, [line, self._rest(("without", line), self.counts[whole] - self.counts[line])])
            several = self._rest(("several", name), sum(self.counts[line] for line in lines) - self.counts[whole])
            theirs = self._rest(("themes", name), sum(self.counts[line] for line in lines))
            self._add_up(theirs, lines)
            self._add_up(theirs, [whole, several])

    def _timetable(self, table: str, timetable: Timetable) -> None:
        lines = [*enumerate(timetable.lines), (TOTAL, timetable.total)]
        for line, each in lines:
            counts = {"due": each.due, "in_time": each.in_time, "late": each.late, "not_met": each.not_met}
            self._row(table, line, counts, _OUTCOMES, whole="due")
        for name in ("due", *_OUTCOMES):
            self._add_up((table, TOTAL, name), [(table, line, name) for line, _ in lines[:-1]])

    def _cases(self, table: str, line: Hashable, cases: Cases) -> None:
        self._row(table, line, {each.name: getattr(cases, each.name) for each in fields(cases)}, _STATUSES)
        earlier = self._rest(
            ("earlier", table, line), self.counts[table, line, "all"] - self.counts[table, line, "opened"]
        )
        self._add_up((table, line, "all"), [(table, line, "opened"), earlier])

    def _row(
        self, table: str, line: Hashable, counts: Mapping[str, Count], parts: Iterable[str], whole: str = "all"
    ) -> None:
        for name, count in counts.items():
            self._put((table, line, name), count)
        cells = tuple((table, line, name) for name in parts)
        self._add_up((table, line, whole), cells)
        others = tuple((table, line, name) for name in counts if name != whole)
        self.rows.append(Row((table, line, whole), others))

    def _put(self, cell: Cell, count: Count) -> None:
        assert isinstance(count, int)
        self.counts[cell] = count

    def _rest(self, cell: Cell, count: int) -> Cell:
        self.counts[cell] = count
        self.unpublished.append(cell)
        return cell

    def _add_up(self, whole: Cell, parts: Sequence[Cell]) -> None:
        if parts:
            self.sums.append(Sum(whole, tuple(parts)))
