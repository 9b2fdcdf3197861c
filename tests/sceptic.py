"""A reader of published tables who knows every sum, what each mark means, and wants to know what was hidden.

It shares nothing with `escalate.domain.reporting.suppression`: what is known is a set of equations in whole numbers, and a solver (HiGHS) says
exactly what the least and the most is that a hidden count can be.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence

Equation = Mapping[Hashable, int]
Span = tuple[float, float]
Ranges = dict[Hashable, Span]

MOST = 1000
"""A count without a most is at most this, which none is in a test."""


class Sceptic:
    """What is known of every count, and what adds up to 0."""

    def __init__(self, ranges: Ranges, equations: Sequence[Equation]) -> None:
        import highspy  # there is none under Wine, where other tests of the same files run

        self._solver = highspy.Highs()  # type: ignore[no-untyped-call]
        self._solved = highspy.HighsModelStatus.kOptimal
        self._solver.silent()
        self._cells = {
            cell: self._solver.addIntegral(lb=low, ub=min(high, MOST)) for cell, (low, high) in ranges.items()
        }
        for equation in equations:
            self._solver.addConstr(sum(sign * self._cells[cell] for cell, sign in equation.items()) == 0)

    def span(self, cell: Hashable) -> tuple[int, int]:
        """The least and the most that a count can be."""
        least = self._extreme(cell, self._solver.minimize)[cell]
        return least, self._extreme(cell, self._solver.maximize)[cell]

    def recovered(self, cells: Collection[Hashable], counts: Mapping[Hashable, int]) -> list[Hashable]:
        """Those of these counts that can only be what they are: all that could be another in some solution are let go at once."""
        certain, open_ = [], {cell: counts[cell] for cell in cells}
        while open_:
            cell = next(iter(open_))
            for extreme in (self._solver.minimize, self._solver.maximize):
                solution = self._extreme(cell, extreme)
                open_ = {each: count for each, count in open_.items() if solution[each] == count}
            if cell in open_:
                certain.append(cell)
                del open_[cell]
        return certain

    def _extreme(self, cell: Hashable, extreme: object) -> dict[Hashable, int]:
        """A solution in which a count is the least or the most. Raises AssertionError where there is none."""
        assert callable(extreme)
        extreme(self._cells[cell])
        assert self._solver.getModelStatus() == self._solved, "the tables contradict themselves"
        values = self._solver.getSolution().col_value
        return {each: round(values[variable.index]) for each, variable in self._cells.items()}
