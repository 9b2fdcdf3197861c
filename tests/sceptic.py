"""A reader of published tables who knows every sum, what each mark means, and wants to know what was hidden.

It shares nothing with `escalate.domain.reporting.suppression`: it tries every value of a hidden count, by narrowing what all others can
be until nothing moves any more, and then by trying those. A hint only says which values to try first.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from math import inf

Equation = Mapping[Hashable, int]
Span = tuple[float, float]
Ranges = dict[Hashable, Span]

FAR = 40
"""So far above the least a count without a most is tried."""


class Sceptic:
    """What is known of every count, and what adds up to 0."""

    def __init__(
        self, ranges: Ranges, equations: Sequence[Equation], hint: Mapping[Hashable, int] | None = None
    ) -> None:
        self.equations, self.hint = equations, hint or {}
        self.within: dict[Hashable, list[int]] = {cell: [] for cell in ranges}
        for number, equation in enumerate(equations):
            for cell in equation:
                self.within[cell].append(number)
        narrowed = self._narrowed(ranges, range(len(equations)))
        assert narrowed is not None, "the tables contradict themselves"
        self.ranges = narrowed

    def possible(self, cell: Hashable, enough: int = 2) -> set[int]:
        """Values that a count can have, as many as are enough."""
        found: set[int] = set()
        for value in self._values(cell, self.ranges):
            if self._solvable(self._with(self.ranges, cell, value)):
                found.add(value)
            if len(found) == enough:
                break
        return found

    def _values(self, cell: Hashable, ranges: Ranges) -> list[int]:
        low, high = ranges[cell]
        near = self.hint.get(cell, 0)
        return sorted(range(int(low), int(min(high, max(low, near) + FAR)) + 1), key=lambda value: abs(value - near))

    def _with(self, ranges: Ranges | None, cell: Hashable, value: int) -> Ranges | None:
        return None if ranges is None else self._narrowed({**ranges, cell: (value, value)}, self.within[cell])

    def _solvable(self, ranges: Ranges | None) -> bool:
        if ranges is None:
            return False
        unknown = [cell for cell, (low, high) in ranges.items() if low != high]
        if not unknown:
            return True  # every sum was looked at when the last of its counts was fixed
        cell = min(unknown, key=lambda each: ranges[each][1] - ranges[each][0])
        return any(self._solvable(self._with(ranges, cell, value)) for value in self._values(cell, ranges))

    def _narrowed(self, given: Ranges, first: Collection[int]) -> Ranges | None:
        """What each count can be as far as single sums tell; None where one cannot be right."""
        ranges, waiting = dict(given), set(first)
        while waiting:
            equation = self.equations[waiting.pop()]
            for cell, sign in equation.items():
                low = high = 0.0
                for other, s in equation.items():
                    if other != cell:
                        ends = [end * -sign * s for end in ranges[other]]
                        low, high = low + min(ends), high + max(ends)
                narrower = max(low, ranges[cell][0]), min(high, ranges[cell][1])
                if narrower[0] > narrower[1] or narrower[0] == inf:
                    return None
                if narrower != ranges[cell]:
                    ranges[cell] = narrower
                    waiting.update(self.within[cell])
        return ranges


def possible(
    cell: Hashable, ranges: Ranges, equations: Sequence[Equation], hint: Mapping[Hashable, int] | None = None
) -> set[int]:
    """The same in one go."""
    return Sceptic(ranges, equations, hint).possible(cell)
