"""What figures on several periods, or on part of the cases, tell of each other: every sum that readers of all of them know of."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from escalate.domain.reporting.report_sums import (
    ALL_CASES,
    ENDED,
    OPEN_AT_START,
    OVERDUE,
    PROTOCOL,
    TAKEN_UP_AGAIN,
    THEME,
    TOTAL,
    VOIDED,
    ReportSums,
)
from escalate.domain.reporting.suppression import CountKey, Sum
from escalate.domain.worktime.periods import Period

Filters = Mapping[str, str | None]

_HAPPENED_ONCE = ("opened", "due")
"""What belongs to one day: the counts of a year are those of its quarters together."""

_GROWS = ("all", "opened", "due", "in_time")
"""What no longer period has less of."""

_OPEN_AT_END: CountKey = (ALL_CASES, TOTAL, "open")


class Figures(NamedTuple):
    """Figures that readers have, of a report or of a line of periods side by side."""

    period: Period
    """The days they are about."""
    filters: Filters
    """Which cases they are of; None or nothing for each that was not chosen by."""
    sums: ReportSums
    """Its counts, and what adds up in it."""
    named: Callable[[CountKey], CountKey]
    """What each of its counts goes by among those of all figures."""
    is_before: bool
    """They were published before."""

    @property
    def chosen(self) -> frozenset[tuple[str, str]]:
        """What its cases were chosen by."""
        return frozenset((name, said.casefold()) for name, said in self.filters.items() if said)

    @property
    def cells(self) -> list[CountKey]:
        """Its counts by the names that they have in every report."""
        unpublished = set(self.sums.unpublished)
        return [key for key in self.sums.counts if key not in unpublished]

    def inside(self, other: "Figures") -> bool:
        """Whether it is of a part of the days of the other."""
        return (
            self.period != other.period
            and other.period.first <= self.period.first <= self.period.last <= other.period.last
        )


class Ties:
    """The sums between several figures, and the counts that follow from these."""

    def __init__(self, figures: Sequence[Figures]) -> None:
        self.sums: list[Sum] = []
        """What adds up to what."""
        self.rests: dict[CountKey, int] = {}
        """Counts that are in none of them and follow where one is subtracted from another."""
        self.of_others: list[CountKey] = []
        """Those that are of cases or days which no figures are about: what was published before makes them known."""
        for one, other in combinations(figures, 2):
            self._tie(one, other)
        for whole in figures:
            self._add_together(whole, figures)

    def _tie(self, one: Figures, other: Figures) -> None:
        """Two figures on the same cases, or one of them on part of those of the other."""
        if one.chosen == other.chosen:
            self._tie_alike(one, other)
            for earlier, later in ((one, other), (other, one)):
                self._tie_in_time(earlier, later)
        elif one.chosen < other.chosen:
            self._tie_part(one, other)
        elif other.chosen < one.chosen:
            self._tie_part(other, one)

    def _tie_alike(self, one: Figures, other: Figures) -> None:
        """Of the same cases: what stood so when both began, or when both ended."""
        if one.period == other.period:
            self._equal_each(one, other, _common(one, other))
        elif one.period.last == other.period.last:
            at_end = [cell for cell in _common(one, other) if _is(cell, ("open",)) or cell == OVERDUE]
            self._equal_each(one, other, at_end)
        elif one.period.first == other.period.first:
            self._equal_each(one, other, [OPEN_AT_START])

    def _tie_in_time(self, one: Figures, other: Figures) -> None:
        """Of the same cases: what was open at the end of one is open at the start of the next, and a quarter is part of its year."""
        if (other.period.first - one.period.last).days == 1:
            self._equal(one, _OPEN_AT_END, other, OPEN_AT_START)
        if one.inside(other):
            for cell in _common(one, other):
                if _is(cell, _GROWS) or cell == VOIDED or (isinstance(cell, tuple) and cell[0] == ENDED):
                    self._part(other, cell, [(one, cell)], of_others=True)

    def _tie_part(self, whole: Figures, part: Figures) -> None:
        """Of part of the cases: on the same days each count is a part; of one protocol or theme it is a line of the whole."""
        added = part.chosen - whole.chosen
        if whole.period == part.period:
            for cell in _common(whole, part):
                self._part(whole, cell, [(part, cell)], of_others=True)
            for table, name in ((PROTOCOL, "protocol"), (THEME, "theme")):
                if len(added) == 1 and (chosen := dict(added).get(name)):
                    self._equal_line(whole, part, table, chosen)
        elif part.inside(whole):
            for cell in _common(whole, part):
                if _is(cell, _GROWS):
                    self._part(whole, cell, [(part, cell)], of_others=True)

    def _equal_line(self, whole: Figures, part: Figures, table: str, chosen: str) -> None:
        """The totals of figures that are of one line of others."""
        line = chosen if table == PROTOCOL else (chosen,)
        for cell in part.cells:
            if (
                isinstance(cell, tuple)
                and cell[:2] == (ALL_CASES, TOTAL)
                and (table, line, cell[2]) in whole.sums.counts
            ):
                self._equal(part, cell, whole, (table, line, cell[2]))

    def _add_together(self, whole: Figures, figures: Sequence[Figures]) -> None:
        """The parts of a period, one after the other: the quarters of a year."""
        inside = [each for each in figures if each.chosen == whole.chosen and each.inside(whole)]
        parts: list[Figures] = []
        for each in sorted(inside, key=lambda part: (part.period.last - part.period.first, part.period.first)):
            if not any(
                each.period.first <= part.period.last and part.period.first <= each.period.last for part in parts
            ):
                parts.append(each)
        if len(parts) < 2:
            return
        days = sum((each.period.last - each.period.first).days + 1 for each in parts)
        is_whole = days == (whole.period.last - whole.period.first).days + 1
        for cell in whole.cells:
            if _is(cell, _HAPPENED_ONCE) or cell == VOIDED:
                self._part(whole, cell, [(each, cell) for each in parts], of_others=not is_whole)
            elif is_whole and (_is(cell, ("in_time", "late", "resolved", "withdrawn")) or cell == TAKEN_UP_AGAIN):
                self._part(whole, cell, [(each, cell) for each in parts], of_others=False)

    def _equal_each(self, one: Figures, other: Figures, cells: Iterable[CountKey]) -> None:
        for cell in cells:
            self._equal(one, cell, other, cell)

    def _equal(self, one: Figures, cell: CountKey, other: Figures, its: CountKey) -> None:
        if one.named(cell) != other.named(its) and cell in one.sums.counts and its in other.sums.counts:
            self._part(one, cell, [(other, its)], of_others=False)

    def _part(
        self, whole: Figures, cell: CountKey, parts: Sequence[tuple[Figures, CountKey]], *, of_others: bool
    ) -> None:
        """Counts that come to no more than another; where they come to exactly as much, readers may well guess so.

        A line that one has and another has not is of nothing there. What was recorded between two reports can make a part larger.
        """
        there = [(figures, name) for figures, name in parts if name in figures.sums.counts]
        if cell not in whole.sums.counts or not there:
            return
        rest = whole.sums.counts[cell] - sum(figures.sums.counts[name] for figures, name in there)
        left, right = whole.named(cell), tuple(figures.named(name) for figures, name in there)
        if rest == 0 and not of_others:
            self.sums.append(Sum(left, right))
            return
        slack = ("between", left, *right)
        self.rests[slack] = abs(rest)
        if rest >= 0:
            self.sums.append(Sum(left, (*right, slack)))
        elif len(right) == 1:
            self.sums.append(Sum(right[0], (left, slack)))
        else:
            together = ("together", *right)
            self.rests[together] = whole.sums.counts[cell] + abs(rest)
            self.sums += [Sum(together, right), Sum(together, (left, slack))]
        if of_others and (whole.is_before or any(figures.is_before for figures, _ in there)):
            self.of_others.append(slack)


def _common(one: Figures, other: Figures) -> Iterator[CountKey]:
    """The counts that both have."""
    return (cell for cell in one.cells if cell in other.sums.counts)


def _is(cell: CountKey, names: Sequence[str]) -> bool:
    """Whether a count is one of these in some line of a table."""
    return isinstance(cell, tuple) and cell[-1] in names
