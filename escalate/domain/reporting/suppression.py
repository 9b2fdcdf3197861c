"""Which counts of a table may be published."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from random import Random

from escalate.domain.reporting.model import (
    Hidden,
)

Cell = Hashable

Range = tuple[float, float]

WITHHELD = "*"
"""Stands for a count that would give a small one away."""

_WAYS, _PATIENCE = 4, 60
"""So many times, and so many steps each time, a witness is looked for; where none is found, more is left out."""


@dataclass(frozen=True, slots=True)
class Sum:
    """The parts add up to the whole, which everybody knows."""

    whole: Cell
    parts: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Counts that divide up the cases of one row, and how many these are in all."""

    whole: Cell
    parts: tuple[Cell, ...]


def small(count: int, threshold: int) -> bool:
    """Whether a count is too small to publish."""
    return 0 < count < threshold


def left_out(
    counts: Mapping[Cell, int],
    sums: Sequence[Sum],
    rows: Sequence[Row],
    threshold: int,
    unpublished: Collection[Cell] = (),
    totals: Collection[Cell] = (),
) -> dict[Cell, Hidden]:
    """The counts not to publish, and what stands in their place.

    `unpublished` are never shown anyway, and stand in a sum for what is not known. `totals` are hidden only where a small count
    would be certain otherwise.
    """
    return _Search(counts, sums, rows, threshold, unpublished, totals).run()


class _Search:
    """The counts, what is hidden of them so far, and what everybody can tell about each of the hidden ones."""

    def __init__(
        self,
        counts: Mapping[Cell, int],
        sums: Sequence[Sum],
        rows: Sequence[Row],
        threshold: int,
        unpublished: Collection[Cell],
        totals: Collection[Cell],
    ) -> None:
        self.counts, self.threshold, self.totals = counts, threshold, frozenset(totals)
        self.sums = [{each.whole: -1, **dict.fromkeys(each.parts, 1)} for each in sums]
        self.within: dict[Cell, list[int]] = {cell: [] for cell in counts}
        for number, each in enumerate(self.sums):
            for cell in each:
                self.within[cell].append(number)
        self.ranges: dict[Cell, Range] = dict.fromkeys(unpublished, (0, inf))
        self.spare = frozenset(unpublished)
        few = [row for row in rows if small(counts[row.whole], threshold)]
        for cell, count in counts.items():
            if cell not in self.ranges and small(count, threshold):
                self.ranges[cell] = (1, threshold - 1)
        for row in few:
            for cell in row.parts:
                self.ranges[cell] = (0, threshold - 1)
        self.wanted = [cell for cell in counts if cell not in self.spare and small(counts[cell], threshold)]
        self.changed_in = [0] * len(
            self.sums
        )  # how many counts of each sum a witness that is looked for has changed so far
        self.hidden_in: dict[int, list[Cell]] = {}
        self.smallest_in: dict[int, tuple[Cell | None, Cell | None]] = {}
        self.random = Random(0)  # noqa: S311  (chooses between ways that are as good; the same for the same report)
        self.shown_possible: dict[Cell, set[int]] = {cell: {counts[cell]} for cell in counts}

    def run(self) -> dict[Cell, Hidden]:
        """Hides more and more, until no small count and nothing hidden for its sake is certain."""
        for cell in self.wanted:
            for value in range(1, self.threshold):
                if value not in self.shown_possible[cell]:
                    self._make_possible(cell, [value], totals=False)
        for cell in self.wanted:
            others = [value for value in range(2 * self.threshold) if value != self.counts[cell]]
            while len(self.shown_possible[cell]) == 1 and not self._make_possible(cell, others, totals=True):
                if not self._disguise(cell):  # it never came to that: nothing is shown where nothing else helps
                    return {each: Hidden(WITHHELD) for each in self.counts if each not in self.spare}
        return {cell: self._mark(cell) for cell in self.ranges if self._needed(cell)}

    def _needed(self, cell: Cell) -> bool:
        """Whether a count has to be hidden: it is small, or a witness is different there; no other witness is lost by showing it."""
        return cell not in self.spare and (self.ranges[cell][0] < self.threshold or len(self.shown_possible[cell]) > 1)

    def _mark(self, cell: Cell) -> Hidden:
        return Hidden(f"<{self.threshold}" if self.ranges[cell][1] < inf else WITHHELD)

    def _make_possible(self, cell: Cell, values: Sequence[int], *, totals: bool) -> bool:
        """Hides as much as it takes for a count to have one of these values; nothing more where that is of no use."""
        before = len(self.ranges)
        while not any(self._possible(cell, value) for value in values):
            if not self._hide_more(cell, totals):
                for each in list(self.ranges)[before:]:
                    del self.ranges[each]
                    self._look_anew(each)
                return False
        return True

    def _disguise(self, cell: Cell) -> bool:
        """Takes from a small count even the mark that it is small: four rows with some cases come to no fewer than four.

        First from the sum of the most, then from what is near.
        """
        marked = [
            (len(self.sums[number]) if self.sums[number][each] < 0 else 0, each)
            for reached in self._around(cell)
            for number in reached
            for each in self._hidden(number)
            if self.ranges[each][1] < inf
        ]
        if marked:
            self.ranges[max(marked, key=lambda each: each[0])[1]] = (0, inf)
        return bool(marked)

    def _possible(self, cell: Cell, value: int) -> bool:
        """Looks for a witness in which a count has this value, and remembers what else it shows to be possible.

        A way that does not end soon is left for another one: they are many, and most are short.
        """
        low, high = self.ranges[cell]
        for _ in range(_WAYS if low <= value <= high else 0):
            self.steps = _PATIENCE
            witness: dict[Cell, int] = {}
            off: dict[int, int] = {}
            self.changed_in = [0] * len(self.sums)
            self._change(witness, off, cell, value)
            if self._put_right(witness, off):
                for other, instead in witness.items():
                    self.shown_possible[other].add(instead)
                return True
        return False

    def _put_right(self, changed: dict[Cell, int], off: dict[int, int]) -> bool:
        """Changes other hidden counts until no sum is off any more; leaves both as they were where that cannot be done."""
        self.steps -= 1
        if not off or self.steps < 0:
            return not off
        number = min(off, key=lambda each: len(self._hidden(each)) - self.changed_in[each])
        repairs = sorted(self._repairs(number, changed, off), key=lambda each: each[0])
        for _, cell, value in repairs:
            self._change(changed, off, cell, value)
            if self._put_right(changed, off):
                return True
            self._take_back(changed, off, cell)
            if self.steps < 0:
                break
        return False

    def _change(self, changed: dict[Cell, int], off: dict[int, int], cell: Cell, value: int) -> None:
        """Gives one hidden count another value."""
        changed[cell] = value
        for number in self.within[cell]:
            self.changed_in[number] += 1
        self._shift(off, cell, value - self.counts[cell])

    def _take_back(self, changed: dict[Cell, int], off: dict[int, int], cell: Cell) -> None:
        """Gives it the value back that it has."""
        for number in self.within[cell]:
            self.changed_in[number] -= 1
        self._shift(off, cell, self.counts[cell] - changed.pop(cell))

    def _shift(self, off: dict[int, int], cell: Cell, by: int) -> None:
        """What a change of one count does to the sums it stands in; `off` has those that are wrong, and by how much."""
        for number in self.within[cell]:
            error = off.pop(number, 0) + self.sums[number][cell] * by
            if error:
                off[number] = error

    def _repairs(
        self, number: int, changed: Collection[Cell], off: Mapping[int, int]
    ) -> Iterator[tuple[tuple[int, float], Cell, int]]:
        """Each hidden count of a sum that could move to make it right, as far as it may; best those that put most sums right."""
        for cell in self._hidden(number):
            if cell in changed:
                continue
            low, high = self.ranges[cell]
            count, signs = self.counts[cell], self.sums
            value = int(min(max(count - off[number] * signs[number][cell], low), high))
            if value != count:
                after = [off.get(each, 0) + signs[each][cell] * (value - count) for each in self.within[cell]]
                wrong = sum(map(bool, after)) - sum(each in off for each in self.within[cell])
                yield (wrong, self.random.random()), cell, value

    def _hide_more(self, cell: Cell, totals: bool) -> bool:
        """Hides one count more, near the one that is not safe yet: the smallest in the sum with the fewest hidden, totals last."""
        for of_totals in (False, True) if totals else (False,):
            for reached in self._around(cell):
                smallest = [(number, self._smallest(number)[of_totals]) for number in reached]
                choices = [
                    (len(self._hidden(number)), self.counts[each], each)
                    for number, each in smallest
                    if each is not None
                ]
                if choices:
                    _, _, choice = min(choices, key=lambda each: each[:2])
                    self.ranges[choice] = (self.threshold, inf)
                    self._look_anew(choice)
                    return True
        return False

    def _around(self, cell: Cell) -> Iterator[list[int]]:
        """The sums a count stands in, then those of the hidden counts in these, and so on."""
        seen: set[int] = set()
        cells: Iterable[Cell] = [cell]
        while fresh := sorted({number for each in cells for number in self.within[each]} - seen):
            yield fresh
            seen.update(fresh)
            cells = [each for number in fresh for each in self.sums[number] if each in self.ranges]

    def _look_anew(self, cell: Cell) -> None:
        """Forgets what was hidden and shown of the sums of a count that is hidden now, or shown again."""
        for number in self.within[cell]:
            self.hidden_in.pop(number, None)
            self.smallest_in.pop(number, None)

    def _hidden(self, number: int) -> list[Cell]:
        """The hidden counts of a sum: asked for at every step of a search, and found anew only once others are hidden."""
        if number not in self.hidden_in:
            self.hidden_in[number] = [cell for cell in self.sums[number] if cell in self.ranges]
        return self.hidden_in[number]

    def _smallest(self, number: int) -> tuple[Cell | None, Cell | None]:
        """What would be hidden next of a sum: the smallest count, and the smallest total; none that is 0, for a 0 gives no room."""
        if number not in self.smallest_in:
            shown = [cell for cell in self.sums[number] if cell not in self.ranges and self.counts[cell]]
            parts, totals = ([cell for cell in shown if (cell in self.totals) is each] for each in (False, True))
            count = self.counts.__getitem__
            self.smallest_in[number] = min(parts, key=count, default=None), min(totals, key=count, default=None)
        return self.smallest_in[number]
