"""How the counts of a report add up: every sum that its readers can know of."""

from collections.abc import Hashable, Mapping, Sequence

from escalate.domain.reporting.model import (
    ByName,
    Cases,
    Count,
    Ended,
    Report,
    Timeliness,
    Timetable,
    Undated,
    counts_in,
)
from escalate.domain.reporting.suppression import CountKey, CountRow, Sum

ALL_CASES, PROTOCOL, STAGE, AGENCIES, THEME = "", "protocol", "stage", "agencies", "theme"
STAGES, ACTIONS, UNDATED, ENDED = "stages", "actions", "undated", "ended"
"""The tables. A count in one goes by table, line and name: a line of PROTOCOL by the protocol's id, any other by its number."""

TOTAL = "total"
"""The line of totals of a table."""

OPEN_AT_START, TAKEN_UP_AGAIN, VOIDED, OVERDUE = "open at start", "taken up again", "void", "overdue"
"""The counts that stand in no table."""


_OVERLAPPING: Mapping[type, tuple[str, ...]] = {Cases: ("opened",), Timeliness: ("missed",)}
"""The counts of a line that overlap with its others."""


class ReportSums:
    """Every count of a report in which nothing is hidden yet, and every sum that its readers know of."""

    def __init__(self, report: Report) -> None:
        self.counts: dict[CountKey, int] = {}
        """Every count of the report, and counts that follow from several of these."""
        self.unpublished: list[CountKey] = []
        """Those that only follow and are not in the report."""
        self.sums: list[Sum] = []
        """What adds up to what."""
        self.rows: list[CountRow] = []
        """The lines of the tables."""
        self._add_balance(report)
        self._add_count(VOIDED, report.void)
        self._add_divisions(report)
        self._add_themes(report.by_theme)
        self._add_timetable(STAGES, report.stages)
        self._add_timetable(ACTIONS, report.actions)
        for n, line in enumerate(report.undated):
            self._add_line(UNDATED, n, line)
        self._add_ended(report)
        self._add_overdue(report)

    @property
    def totals(self) -> list[CountKey]:
        """The counts in the lines of totals."""
        return [key for key in self.counts if isinstance(key, tuple) and TOTAL in key]

    def _add_balance(self, report: Report) -> None:
        """Open at the start, opened and reopened come to all cases."""
        self._add_count(OPEN_AT_START, report.open_at_start)
        self._add_count(TAKEN_UP_AGAIN, report.taken_up_again)
        self._add_cases(ALL_CASES, TOTAL, report.total)
        self._adds_up((ALL_CASES, TOTAL, "all"), [OPEN_AT_START, TAKEN_UP_AGAIN, (ALL_CASES, TOTAL, "opened")])

    def _add_divisions(self, report: Report) -> None:
        """Every case is under one protocol, at one stage of it, and between one pair of agencies."""
        protocols = [each.place.protocol for each in report.by_protocol]
        for each in report.by_protocol:
            self._add_cases(PROTOCOL, each.place.protocol, each.cases)
        for n, stage in enumerate(report.by_stage):
            self._add_cases(STAGE, n, stage.cases)
        for n, pair in enumerate(report.by_agencies):
            self._add_cases(AGENCIES, n, pair.cases)
        for name in counts_in(report.total):
            whole = (ALL_CASES, TOTAL, name)
            self._adds_up(whole, [(PROTOCOL, protocol, name) for protocol in protocols])
            self._adds_up(whole, [(AGENCIES, n, name) for n in range(len(report.by_agencies))])
            for protocol in protocols:
                stages = [n for n, each in enumerate(report.by_stage) if each.place.protocol == protocol]
                self._adds_up((PROTOCOL, protocol, name), [(STAGE, n, name) for n in stages])

    def _add_themes(self, themes: Sequence[ByName]) -> None:
        """A case has one theme or more: no line has more than there are cases, and all lines together have no fewer."""
        for n, each in enumerate(themes):
            self._add_cases(THEME, n, each.cases)
        for name in counts_in(themes[0].cases) if themes else ():
            whole = (ALL_CASES, TOTAL, name)
            lines: list[CountKey] = [(THEME, n, name) for n in range(len(themes))]
            for line in lines:
                others = self._follows(("without", line), self.counts[whole] - self.counts[line])
                self._adds_up(whole, [line, others])
            in_lines = sum(self.counts[line] for line in lines)
            several = self._follows(("several", name), in_lines - self.counts[whole])
            together = self._follows(("themes", name), in_lines)
            self._adds_up(together, lines)
            self._adds_up(together, [whole, several])

    def _add_timetable(self, table: str, timetable: Timetable) -> None:
        """The lines come to the total."""
        for n, line in enumerate(timetable.lines):
            self._add_line(table, n, line)
        self._add_line(table, TOTAL, timetable.total)
        for line in (*range(len(timetable.lines)), TOTAL):
            self._add_missed(table, line)
        for name in counts_in(timetable.total):
            self._adds_up((table, TOTAL, name), [(table, n, name) for n in range(len(timetable.lines))])

    def _add_ended(self, report: Report) -> None:
        """What fell due in the period and was missed by its end was also missed in it; other things missed in it fell due before."""
        for n, line in enumerate(report.ended):
            self._add_line(ENDED, n, line)
        lines = {each.place.key: n for n, each in enumerate(report.ended)}
        for table, timetable in ((STAGES, report.stages), (ACTIONS, report.actions)):
            for n, each in enumerate(timetable.lines):
                if each.place.key in lines:
                    missed, due_too = (ENDED, lines[each.place.key], "missed"), (table, n, "missed")
                    before = self._follows(("due before", table, n), self.counts[missed] - self.counts[due_too])
                    self._adds_up(missed, [due_too, before])

    def _add_missed(self, table: str, line: Hashable) -> None:
        """Of what was not met some was missed, and all else is still owed."""
        not_met, missed = (table, line, "not_met"), (table, line, "missed")
        still_owed = self._follows(("still owed", table, line), self.counts[not_met] - self.counts[missed])
        self._adds_up(not_met, [missed, still_owed])

    def _add_overdue(self, report: Report) -> None:
        """All that was not met and is still owed is overdue, beside what fell due earlier and what a limit further up has overtaken."""
        self._add_count(OVERDUE, report.overdue_count)
        still_owed: list[CountKey] = [("still owed", table, TOTAL) for table in (STAGES, ACTIONS)]
        others = self.counts[OVERDUE] - sum(self.counts[key] for key in still_owed)
        self._adds_up(OVERDUE, [*still_owed, self._follows("overdue besides", others)])

    def _add_cases(self, table: str, line: Hashable, cases: Cases) -> None:
        """A line of cases: those opened, and those opened earlier, come to all."""
        self._add_line(table, line, cases)
        whole, opened = (table, line, "all"), (table, line, "opened")
        earlier = self._follows(("earlier", table, line), self.counts[whole] - self.counts[opened])
        self._adds_up(whole, [opened, earlier])

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

    def _follows(self, key: CountKey, count: int) -> CountKey:
        """A count that is not in the report and follows from others."""
        self.counts[key] = count
        self.unpublished.append(key)
        return key

    def _adds_up(self, whole: CountKey, parts: Sequence[CountKey]) -> None:
        """A sum that readers know of, unless there is nothing to add up."""
        if parts:
            self.sums.append(Sum(whole, tuple(parts)))
