"""How the counts of a report add up: every sum that its readers can know of."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from escalate.domain.reporting.model import (
    ByName,
    Cases,
    Count,
    Ended,
    Headline,
    Report,
    Timeliness,
    Timetable,
    Undated,
    counts_in,
)
from escalate.domain.reporting.suppression import CountKey, CountRow, Sum

ALL_CASES, PROTOCOL, STAGE, AGENCIES, RAISING, RECEIVING = "", "protocol", "stage", "agencies", "raising", "receiving"
THEME, LEVEL, STAGES, ACTIONS, UNDATED, ENDED = "theme", "level", "stages", "actions", "undated", "ended"
"""The tables. A count in one goes by table, line and name, and a line by the key of its place or its names: in any report by the same."""

TOTAL = "total"
"""The line of totals of a table."""

OPEN_AT_START, TAKEN_UP_AGAIN, REOPENED, TAKEN_OVER = "open at start", "taken up again", "reopened", "taken over"
VOIDED, OVERDUE = "void", "overdue"
"""The counts that stand in no table."""


_OVERLAPPING: Mapping[type, tuple[str, ...]] = {Cases: ("opened",), Timeliness: ("missed", "taken_over")}
"""The counts of a line that overlap with its others."""


class ReportSums:
    """Every count of a report, or of its chief figures, in which nothing is hidden yet, and every sum that its readers know of."""

    def __init__(self, report: Report | Headline) -> None:
        self.counts: dict[CountKey, int] = {}
        """Every count of the report, and counts that follow from several of these."""
        self.unpublished: list[CountKey] = []
        """Those that only follow and are not in the report."""
        self.sums: list[Sum] = []
        """What adds up to what."""
        self.rows: list[CountRow] = []
        """The lines of the tables."""
        self.totals: list[CountKey] = []
        """The counts in the lines of totals."""
        self._add_balance(report)
        if isinstance(report, Report):
            self._add_whole(report)
        else:
            self._add_timetable(STAGES, Timetable((), report.stages))
            self._add_timetable(ACTIONS, Timetable((), report.actions))

    def include(self, other: "ReportSums", named: Callable[[CountKey], CountKey]) -> None:
        """Takes in the counts of other figures, under names of their own."""
        self.counts.update((named(key), count) for key, count in other.counts.items())
        self.unpublished += map(named, other.unpublished)
        self.sums += (Sum(named(each.whole), tuple(map(named, each.parts))) for each in other.sums)
        self.rows += (CountRow(named(each.whole), tuple(map(named, each.parts))) for each in other.rows)
        self.totals += map(named, other.totals)

    def follows(self, key: CountKey, count: int) -> CountKey:
        """A count that is not in the report and follows from others."""
        self.counts[key] = count
        self.unpublished.append(key)
        return key

    def _add_balance(self, report: Report | Headline) -> None:
        """Open at the start, opened, and taken up again come to all cases; of those reopened some were closed at the start."""
        self._add_count(OPEN_AT_START, report.open_at_start)
        self._add_count(TAKEN_UP_AGAIN, report.taken_up_again)
        self._add_count(REOPENED, report.reopened)
        self._add_cases(ALL_CASES, TOTAL, report.total)
        self._adds_up((ALL_CASES, TOTAL, "all"), [OPEN_AT_START, TAKEN_UP_AGAIN, (ALL_CASES, TOTAL, "opened")])
        self._part_of(REOPENED, TAKEN_UP_AGAIN)
        self._part_of((ALL_CASES, TOTAL, "all"), REOPENED)

    def _add_whole(self, report: Report) -> None:
        """All that only a whole report has."""
        self._add_count(TAKEN_OVER, report.taken_over)
        self._part_of((ALL_CASES, TOTAL, "all"), TAKEN_OVER)
        self._add_count(VOIDED, report.void)
        self._add_divisions(report)
        self._add_themes(report.by_theme)
        self._add_timetable(STAGES, report.stages)
        self._add_timetable(ACTIONS, report.actions)
        for line in report.undated:
            self._add_line(UNDATED, line.place.key, line)
        self._add_ended(report)
        self._add_overdue(report)

    def _add_divisions(self, report: Report) -> None:
        """Every case is under one protocol, at one stage of it, between one pair of agencies, and has one level of need."""
        for place in report.by_protocol:
            self._add_cases(PROTOCOL, place.place.protocol, place.cases)
        for place in report.by_stage:
            self._add_cases(STAGE, place.place.key, place.cases)
        for name in counts_in(report.total):
            for protocol in report.by_protocol:
                stages = [each for each in report.by_stage if each.place.protocol == protocol.place.protocol]
                lines: list[CountKey] = [(STAGE, each.place.key, name) for each in stages]
                self._adds_up((PROTOCOL, protocol.place.protocol, name), lines)
            self._adds_up(
                (ALL_CASES, TOTAL, name), [(PROTOCOL, each.place.protocol, name) for each in report.by_protocol]
            )
        for table, division in (
            (AGENCIES, report.by_agencies),
            (RAISING, report.by_raising),
            (RECEIVING, report.by_receiving),
            (LEVEL, report.by_level),
        ):
            self._add_division(table, division)
        for table, division, side in ((RAISING, report.by_raising, 0), (RECEIVING, report.by_receiving, 1)):
            for agency in division:
                pairs = [each.key for each in report.by_agencies if each.key[side] == agency.key[0]]
                for name in counts_in(report.total):
                    self._adds_up((table, agency.key, name), [(AGENCIES, pair, name) for pair in pairs])

    def _add_division(self, table: str, lines: Sequence[ByName]) -> None:
        """Lines of cases each of which stands in one of them."""
        for each in lines:
            self._add_cases(table, each.key, each.cases)
        for name in counts_in(lines[0].cases) if lines else ():
            self._adds_up((ALL_CASES, TOTAL, name), [(table, each.key, name) for each in lines])

    def _add_themes(self, themes: Sequence[ByName]) -> None:
        """A case has one theme or more: no line has more than there are cases, and all lines together have no fewer."""
        for each in themes:
            self._add_cases(THEME, each.key, each.cases)
        for name in counts_in(themes[0].cases) if themes else ():
            whole = (ALL_CASES, TOTAL, name)
            lines: list[CountKey] = [(THEME, each.key, name) for each in themes]
            for line in lines:
                self._part_of(whole, line)
            in_lines = sum(self.counts[line] for line in lines)
            several = self.follows(("several", name), in_lines - self.counts[whole])
            together = self.follows(("themes", name), in_lines)
            self._adds_up(together, lines)
            self._adds_up(together, [whole, several])

    def _add_timetable(self, table: str, timetable: Timetable) -> None:
        """The lines come to the total."""
        lines = [each.place.key for each in timetable.lines]
        for line in timetable.lines:
            self._add_line(table, line.place.key, line)
        self._add_line(table, TOTAL, timetable.total)
        for key in (*lines, TOTAL):
            self._add_missed(table, key)
            self._part_of((table, key, "due"), (table, key, "taken_over"))
        for name in counts_in(timetable.total):
            self._adds_up((table, TOTAL, name), [(table, line, name) for line in lines])

    def _add_ended(self, report: Report) -> None:
        """What fell due in the period and was missed by its end was also missed in it; other things missed in it fell due before."""
        for line in report.ended:
            self._add_line(ENDED, line.place.key, line)
        ended = {each.place.key for each in report.ended}
        for table, timetable in ((STAGES, report.stages), (ACTIONS, report.actions)):
            for each in timetable.lines:
                if each.place.key in ended:
                    self._part_of((ENDED, each.place.key, "missed"), (table, each.place.key, "missed"))

    def _add_missed(self, table: str, line: Hashable) -> None:
        """Of what was not met some was missed, and all else is still owed."""
        not_met, missed = (table, line, "not_met"), (table, line, "missed")
        still_owed = self.follows(("still owed", table, line), self.counts[not_met] - self.counts[missed])
        self._adds_up(not_met, [missed, still_owed])

    def _add_overdue(self, report: Report) -> None:
        """All that was not met and is still owed is overdue, beside what fell due earlier and what a limit further up has overtaken."""
        self._add_count(OVERDUE, report.overdue_count)
        still_owed: list[CountKey] = [("still owed", table, TOTAL) for table in (STAGES, ACTIONS)]
        others = self.counts[OVERDUE] - sum(self.counts[key] for key in still_owed)
        self._adds_up(OVERDUE, [*still_owed, self.follows("overdue besides", others)])

    def _add_cases(self, table: str, line: Hashable, cases: Cases) -> None:
        """A line of cases: those opened, and those opened earlier, come to all."""
        self._add_line(table, line, cases)
        self._part_of((table, line, "all"), (table, line, "opened"))

    def _part_of(self, whole: CountKey, part: CountKey) -> None:
        """A count that is part of another: what is left of that is a count as well."""
        rest = self.follows(("without", whole, part), self.counts[whole] - self.counts[part])
        self._adds_up(whole, [part, rest])

    def _add_line(self, table: str, line: Hashable, figures: Cases | Timeliness | Undated | Ended) -> None:
        """A line: its first count is divided up by the others, save by those that overlap with these."""
        counts = counts_in(figures)
        for name, count in counts.items():
            self._add_count((table, line, name), count)
        whole, *parts = [(table, line, name) for name in counts]
        overlapping = _OVERLAPPING.get(type(figures), ())
        self._adds_up(whole, [part for part in parts if part[2] not in overlapping])
        self.rows.append(CountRow(whole, tuple(parts)))

    def _add_count(self, key: CountKey, count: Count) -> None:
        """A count of the report."""
        assert isinstance(count, int)
        self.counts[key] = count
        if isinstance(key, tuple) and TOTAL in key:
            self.totals.append(key)

    def _adds_up(self, whole: CountKey, parts: Sequence[CountKey]) -> None:
        """A sum that readers know of, unless there is nothing to add up."""
        if parts:
            self.sums.append(Sum(whole, tuple(parts)))
