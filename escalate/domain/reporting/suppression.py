"""Which counts of a table may be published, so that nobody can work out a small one from the rest.

A count from 1 up to below the threshold is small. A 0 is shown, as is usual in official statistics, because it tells of no
case; only in a row that has few cases in all every count is `<5`, since a 0 there would say what became of those few.

Leaving the small counts out is not enough: what is left, and the sums, may still give them away. So more counts are left
out, until it is proved for each small one that it could be another: a `witness` is found, a set of counts in which it is
another, and that has the same sums and looks the same when published. A witness is looked for with every small number in
its place, and counts are left out for that too, but no totals; where that does not help, a single other number has to do.
"""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from random import Random

from escalate.domain.reporting.model import Hidden

CountKey = Hashable
"""What tells a count from the others."""

Range = tuple[float, float]
"""The least and the most that a reader knows a hidden count can be."""

WITHHELD = "*"
"""The mark of a count that would give a small one away."""

_TRIES, _STEPS = 4, 60
"""How often a witness is looked for, and after how many changes each try is given up; where none is found, more is hidden."""


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that everybody knows of."""

    whole: CountKey
    """What the parts come to."""
    parts: tuple[CountKey, ...]
    """What is added up."""


@dataclass(frozen=True, slots=True)
class CountRow:
    """The counts of one row of a table."""

    whole: CountKey
    """How many cases the row has in all."""
    parts: tuple[CountKey, ...]
    """How many of these are what."""


def small(count: int, threshold: int) -> bool:
    """Whether a count is too small to publish."""
    return 0 < count < threshold


def left_out(
    counts: Mapping[CountKey, int],
    sums: Sequence[Sum],
    rows: Sequence[CountRow],
    threshold: int,
    unpublished: Collection[CountKey] = (),
    totals: Collection[CountKey] = (),
) -> dict[CountKey, Hidden]:
    """The counts not to publish, and the mark to publish in place of each.

    `unpublished` are never shown anyway, and stand in a sum for what is not known. `totals` are hidden only where a small count
    would be certain otherwise.
    """
    return _Search(_Page(counts, sums, rows, threshold, unpublished, totals)).marks()


class _Page:
    """Counts about to be published: which of them are hidden so far, and what every reader knows about those."""

    def __init__(
        self,
        counts: Mapping[CountKey, int],
        sums: Sequence[Sum],
        rows: Sequence[CountRow],
        threshold: int,
        unpublished: Collection[CountKey],
        totals: Collection[CountKey],
    ) -> None:
        self.counts, self.threshold = counts, threshold
        self.unpublished, self._totals = frozenset(unpublished), frozenset(totals)
        self.signs = [{each.whole: -1, **dict.fromkeys(each.parts, 1)} for each in sums]
        """The counts of each sum with their signs: together they come to 0. Sums go by their place in this list."""
        self.sums_with: dict[CountKey, list[int]] = {key: [] for key in counts}
        """The sums in which each count stands."""
        for number, signs in enumerate(self.signs):
            for key in signs:
                self.sums_with[key].append(number)
        self.ranges: dict[CountKey, Range] = dict.fromkeys(unpublished, (0, inf))
        """The hidden counts, in the order in which they were hidden, and what each can be for all that its mark says."""
        self._hidden_in: dict[int, list[CountKey]] = {}
        self._smallest_in: dict[int, tuple[CountKey | None, CountKey | None]] = {}
        self._hide_what_is_small(rows)

    def _hide_what_is_small(self, rows: Sequence[CountRow]) -> None:
        """Hides every small count, and in a row with few cases every count."""
        for key, count in self.counts.items():
            if key not in self.ranges and small(count, self.threshold):
                self.ranges[key] = (1, self.threshold - 1)
        for row in rows:
            if small(self.counts[row.whole], self.threshold):
                self.ranges.update(dict.fromkeys(row.parts, (0, self.threshold - 1)))

    @property
    def small(self) -> list[CountKey]:
        """The small counts that would be published."""
        return [key for key in self.counts if key not in self.unpublished and small(self.counts[key], self.threshold)]

    def hide(self, key: CountKey) -> None:
        """Hides a count that is not small."""
        self.ranges[key] = (self.threshold, inf)
        self._forget_sums_with(key)

    def show_all_but(self, first: int) -> None:
        """Shows again all hidden counts after the first so many."""
        for key in list(self.ranges)[first:]:
            del self.ranges[key]
            self._forget_sums_with(key)

    def take_mark_from(self, key: CountKey) -> None:
        """Gives a small count the mark of any other: a reader is not even told that it is small."""
        self.ranges[key] = (0, inf)

    def marked_small(self, key: CountKey) -> bool:
        """Whether the mark of a hidden count says that it is small."""
        return self.ranges[key][1] < inf

    def mark(self, key: CountKey) -> Hidden:
        """What is published in place of a hidden count."""
        return Hidden(f"<{self.threshold}" if self.marked_small(key) else WITHHELD)

    def hidden_in(self, number: int) -> list[CountKey]:
        """The hidden counts of a sum; remembered, because a search asks for them at every step."""
        if number not in self._hidden_in:
            self._hidden_in[number] = [key for key in self.signs[number] if key in self.ranges]
        return self._hidden_in[number]

    def smallest_in(self, number: int) -> tuple[CountKey | None, CountKey | None]:
        """What to hide next of a sum: its smallest part, and its smallest total; never a 0, which leaves no room for another count."""
        if number not in self._smallest_in:
            shown = [key for key in self.signs[number] if key not in self.ranges and self.counts[key]]
            parts, totals = (
                [key for key in shown if (key in self._totals) is of_totals] for of_totals in (False, True)
            )
            count = self.counts.__getitem__
            self._smallest_in[number] = min(parts, key=count, default=None), min(totals, key=count, default=None)
        return self._smallest_in[number]

    def around(self, key: CountKey) -> Iterator[list[int]]:
        """The sums with a count, then those with the hidden counts of these, and so on."""
        reached: set[int] = set()
        keys: Iterable[CountKey] = [key]
        while nearest := sorted({number for each in keys for number in self.sums_with[each]} - reached):
            yield nearest
            reached.update(nearest)
            keys = [each for number in nearest for each in self.signs[number] if each in self.ranges]

    def _forget_sums_with(self, key: CountKey) -> None:
        """Forgets what was remembered of the sums with a count that is hidden now, or shown again."""
        for number in self.sums_with[key]:
            self._hidden_in.pop(number, None)
            self._smallest_in.pop(number, None)


class _Search:
    """Hides more and more of a page, until no small count and nothing hidden for its sake is certain."""

    def __init__(self, page: _Page) -> None:
        self._page = page
        self._random = Random(0)  # noqa: S311  (chooses between ways that are as good; and the same report always gets the same)
        self._can_be: dict[CountKey, set[int]] = {key: {count} for key, count in page.counts.items()}
        """The values of each count: what it is, and what it is in the witnesses found."""

    def marks(self) -> dict[CountKey, Hidden]:
        """The counts to hide, and their marks."""
        self._let_each_be_any_small_number()
        if not self._let_each_be_another():  # it never came to that: nothing is shown where nothing else helps
            return {key: Hidden(WITHHELD) for key in self._page.counts if key not in self._page.unpublished}
        return {key: self._page.mark(key) for key in self._page.ranges if self._must_be_hidden(key)}

    def _let_each_be_any_small_number(self) -> None:
        """Hides parts of sums until every small count could be any other small number, where that is enough."""
        for key in self._page.small:
            for value in range(1, self._page.threshold):
                if value not in self._can_be[key]:
                    self._make_possible(key, [value], totals=False)

    def _let_each_be_another(self) -> bool:
        """Hides more until every small count could be at least one other number, and says whether that could be done."""
        for key in self._page.small:
            others = [value for value in range(2 * self._page.threshold) if value != self._page.counts[key]]
            while len(self._can_be[key]) == 1 and not self._make_possible(key, others, totals=True):
                if not self._take_a_mark_near(key):
                    return False
        return True

    def _must_be_hidden(self, key: CountKey) -> bool:
        """Whether a count is small, or differs in some witness; any other can be shown without losing a witness."""
        if key in self._page.unpublished:
            return False
        return self._page.ranges[key][0] < self._page.threshold or len(self._can_be[key]) > 1

    def _make_possible(self, key: CountKey, values: Sequence[int], *, totals: bool) -> bool:
        """Hides as much as it takes for a count to be one of these values, or nothing if that does not help."""
        hidden_before = len(self._page.ranges)
        while not any(self._can(key, value) for value in values):
            if not self._hide_more(key, totals):
                self._page.show_all_but(hidden_before)
                return False
        return True

    def _hide_more(self, key: CountKey, totals: bool) -> bool:
        """Hides one more count, as near as possible: the smallest in the sum with the fewest hidden, totals last."""
        page = self._page
        for of_totals in (False, True) if totals else (False,):
            for reached in page.around(key):
                smallest = [(number, page.smallest_in(number)[of_totals]) for number in reached]
                choices = [
                    (len(page.hidden_in(number)), page.counts[each], each)
                    for number, each in smallest
                    if each is not None
                ]
                if choices:
                    page.hide(min(choices, key=lambda choice: choice[:2])[2])
                    return True
        return False

    def _take_a_mark_near(self, key: CountKey) -> bool:
        """Takes the mark from one small count, if any has one: four rows with some cases come to no fewer than four.

        First from the whole of the sum with the most parts, then from what is near.
        """
        page = self._page
        marked = [
            (len(page.signs[number]) if page.signs[number][each] < 0 else 0, each)
            for reached in page.around(key)
            for number in reached
            for each in page.hidden_in(number)
            if page.marked_small(each)
        ]
        if marked:
            page.take_mark_from(max(marked, key=lambda each: each[0])[1])
        return bool(marked)

    def _can(self, key: CountKey, value: int) -> bool:
        """Whether a witness is found in which a count has this value; what else it shows possible is remembered.

        A witness that takes long is given up for another: there are many, and most are found soon.
        """
        low, high = self._page.ranges[key]
        for _ in range(_TRIES if low <= value <= high else 0):
            witness = _Witness(self._page, self._random)
            witness.change(key, value)
            if witness.completed():
                for other, instead in witness.values.items():
                    self._can_be[other].add(instead)
                return True
        return False


class _Witness:
    """Other values for some hidden counts of a page; once it is complete, every sum is right with them."""

    def __init__(self, page: _Page, random: Random) -> None:
        self._page, self._random = page, random
        self.values: dict[CountKey, int] = {}
        """The counts that differ, and their values here."""
        self._errors: dict[int, int] = {}
        """By how much each sum is wrong; a sum that is right is not in here."""
        self._changed_in = [0] * len(page.signs)
        """How many counts of each sum differ."""
        self._steps_left = _STEPS

    def completed(self) -> bool:
        """Changes more counts until no sum is wrong, and says whether that could be done; if not, changes none."""
        self._steps_left -= 1
        if not self._errors or self._steps_left < 0:
            return not self._errors
        repairs = sorted(self._repairs(self._hardest()), key=lambda repair: repair[0])
        for _, key, value in repairs:
            self.change(key, value)
            if self.completed():
                return True
            self._take_back(key)
            if self._steps_left < 0:
                break
        return False

    def change(self, key: CountKey, value: int) -> None:
        """Gives one hidden count another value."""
        self.values[key] = value
        for number in self._page.sums_with[key]:
            self._changed_in[number] += 1
        self._shift(key, value - self._page.counts[key])

    def _take_back(self, key: CountKey) -> None:
        """Gives a count its own value again."""
        for number in self._page.sums_with[key]:
            self._changed_in[number] -= 1
        self._shift(key, self._page.counts[key] - self.values.pop(key))

    def _shift(self, key: CountKey, by: int) -> None:
        """Brings the errors of all sums with a count up to date."""
        for number in self._page.sums_with[key]:
            error = self._errors.pop(number, 0) + self._page.signs[number][key] * by
            if error:
                self._errors[number] = error

    def _hardest(self) -> int:
        """Of the sums that are wrong, the one with the fewest counts that can still be changed."""
        return min(self._errors, key=lambda number: len(self._page.hidden_in(number)) - self._changed_in[number])

    def _repairs(self, number: int) -> Iterator[tuple[tuple[int, float], CountKey, int]]:
        """Each hidden count of a sum that could move to make it right, and to what; best those that put most sums right."""
        page, errors = self._page, self._errors
        for key in page.hidden_in(number):
            if key in self.values:
                continue
            low, high = page.ranges[key]
            count, signs = page.counts[key], page.signs
            value = int(min(max(count - errors[number] * signs[number][key], low), high))
            if value != count:
                after = [errors.get(each, 0) + signs[each][key] * (value - count) for each in page.sums_with[key]]
                more_wrong = sum(map(bool, after)) - sum(each in errors for each in page.sums_with[key])
                yield (more_wrong, self._random.random()), key, value
