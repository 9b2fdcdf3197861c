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

_SEARCHES = 2
"""How often all of it is tried, each time by other ways that are as good, before everything is hidden."""

_NEAREST = 20
"""So many values of a count are tried, at most."""

_SOME = 24
"""Of a sum with more hidden counts than this so many are tried, save in the last try."""

_MOST_FOR_ONE = 12
"""How many more counts are hidden, at most, so that a small count could be one more small number: that it could be another at all takes what it takes."""


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
    for seed in range(_SEARCHES):
        marks = _Search(_Page(counts, sums, rows, threshold, unpublished, totals), Random(seed)).marks()  # noqa: S311  (the same report always gets the same)
        if marks is not None:
            return marks
    return {
        key: Hidden(WITHHELD) for key in counts.keys() - set(unpublished)
    }  # nothing is shown where nothing else helps


class _Page:
    """Counts about to be published: which of them are hidden so far, and what every reader knows about those.

    Counts and sums go by their numbers here, which are looked up faster than names.
    """

    def __init__(
        self,
        counts: Mapping[CountKey, int],
        sums: Sequence[Sum],
        rows: Sequence[CountRow],
        threshold: int,
        unpublished: Collection[CountKey],
        totals: Collection[CountKey],
    ) -> None:
        self.names, self.threshold = list(counts), threshold
        self.counts = list(counts.values())
        numbers = {name: number for number, name in enumerate(self.names)}
        self.unpublished = {numbers[name] for name in unpublished}
        self._totals = {numbers[name] for name in totals}
        self.signs = [
            {numbers[each.whole]: -1, **dict.fromkeys(map(numbers.__getitem__, each.parts), 1)} for each in sums
        ]
        """The counts of each sum with their signs: together they come to 0."""
        self.sums_with: list[list[int]] = [[] for _ in self.counts]
        """The sums in which each count stands."""
        self.terms: list[list[tuple[int, int]]] = [[] for _ in self.counts]
        """The same, each with the sign of the count there."""
        for number, signs in enumerate(self.signs):
            for key, sign in signs.items():
                self.sums_with[key].append(number)
                self.terms[key].append((number, sign))
        self.ranges: dict[int, Range] = dict.fromkeys(sorted(self.unpublished), (0, inf))
        """The hidden counts, in the order in which they were hidden, and what each can be for all that its mark says."""
        self.many_hidden = [0] * len(self.signs)
        """How many counts of each sum are hidden."""
        self._hidden_in: dict[int, list[int]] = {}
        self._smallest_in: dict[int, tuple[int | None, int | None]] = {}
        self._hide_what_is_small([(numbers[row.whole], [numbers[part] for part in row.parts]) for row in rows])
        for key in self.ranges:
            self._count_in_sums_with(key, 1)

    def _hide_what_is_small(self, rows: Sequence[tuple[int, Sequence[int]]]) -> None:
        """Hides every small count, and in a row with few cases every count."""
        for key, count in enumerate(self.counts):
            if key not in self.ranges and small(count, self.threshold):
                self.ranges[key] = (1, self.threshold - 1)
        for whole, parts in rows:
            if small(self.counts[whole], self.threshold):
                self.ranges.update(dict.fromkeys(parts, (0, self.threshold - 1)))

    @property
    def small(self) -> list[int]:
        """The small counts that would be published."""
        return [
            key for key, count in enumerate(self.counts) if small(count, self.threshold) and key not in self.unpublished
        ]

    def hide(self, key: int) -> None:
        """Hides a count that is not small."""
        self.ranges[key] = (self.threshold, inf)
        self._count_in_sums_with(key, 1)

    def show_all_but(self, first: int) -> None:
        """Shows again all hidden counts after the first so many."""
        for key in list(self.ranges)[first:]:
            del self.ranges[key]
            self._count_in_sums_with(key, -1)

    def take_mark_from(self, key: int) -> None:
        """Gives a small count the mark of any other: a reader is not even told that it is small."""
        self.ranges[key] = (0, inf)

    def marked_small(self, key: int) -> bool:
        """Whether the mark of a hidden count says that it is small."""
        return self.ranges[key][1] < inf

    def mark(self, key: int) -> Hidden:
        """What is published in place of a hidden count."""
        return Hidden(f"<{self.threshold}" if self.marked_small(key) else WITHHELD)

    def hidden_in(self, number: int) -> list[int]:
        """The hidden counts of a sum; remembered, because a search asks for them at every step."""
        if number not in self._hidden_in:
            self._hidden_in[number] = [key for key in self.signs[number] if key in self.ranges]
        return self._hidden_in[number]

    def smallest_in(self, number: int) -> tuple[int | None, int | None]:
        """What to hide next of a sum: its smallest part, and its smallest total; never a 0, which leaves no room for another count."""
        if number not in self._smallest_in:
            shown = [key for key in self.signs[number] if self._can_be_hidden(key)]
            parts, totals = (
                [key for key in shown if (key in self._totals) is of_totals] for of_totals in (False, True)
            )
            count = self.counts.__getitem__
            self._smallest_in[number] = min(parts, key=count, default=None), min(totals, key=count, default=None)
        return self._smallest_in[number]

    def _can_be_hidden(self, key: int) -> bool:
        return key not in self.ranges and self.counts[key] != 0

    def widest(self, key: int) -> Range:
        """What a reader could think of a count if as much as possible were hidden, save totals."""
        if key in self.ranges:
            return self.ranges[key]
        count = self.counts[key]
        return (self.threshold, inf) if self._can_be_hidden(key) and key not in self._totals else (count, count)

    def around(self, key: int) -> Iterator[list[int]]:
        """The sums with a count, then those with the hidden counts of these, and so on."""
        reached: set[int] = set()
        keys: Iterable[int] = [key]
        while nearest := sorted({number for each in keys for number in self.sums_with[each]} - reached):
            yield nearest
            reached.update(nearest)
            keys = [each for number in nearest for each in self.signs[number] if each in self.ranges]

    def _count_in_sums_with(self, key: int, one: int) -> None:
        """Brings the sums with a count up to date that is hidden now (1) or shown again (-1), and forgets what was remembered of them."""
        for number in self.sums_with[key]:
            self.many_hidden[number] += one
            self._hidden_in.pop(number, None)
            self._smallest_in.pop(number, None)


class _Search:
    """Hides more and more of a page, until no small count and nothing hidden for its sake is certain."""

    def __init__(self, page: _Page, random: Random) -> None:
        self._page, self._random = page, random
        self._can_be: list[set[int]] = [{count} for count in page.counts]
        """The values of each count: what it is, and what it is in the witnesses found."""

    def marks(self) -> dict[CountKey, Hidden] | None:
        """The counts to hide, and their marks; None where it was not proved that these are enough."""
        page = self._page
        self._let_each_be_any_small_number()
        if not self._let_each_be_another():
            return None
        return {page.names[key]: page.mark(key) for key in page.ranges if self._must_be_hidden(key)}

    def _let_each_be_any_small_number(self) -> None:
        """Hides parts of sums until every small count could be any other small number, where that is enough."""
        for key in self._page.small:
            count = self._page.counts[key]
            for value in _near(count, range(1, self._page.threshold)):
                if value not in self._can_be[key] and not _refuted(self._page, key, value):
                    self._make_possible(key, [value], totals=False, at_most=_MOST_FOR_ONE)

    def _let_each_be_another(self) -> bool:
        """Hides more until every small count could be at least one other number, and says whether that could be done."""
        page = self._page
        for key in page.small:
            if len(self._can_be[key]) > 1:
                continue
            others = [
                value for value in _near(page.counts[key], range(2 * page.threshold)) if value != page.counts[key]
            ]
            taken = 0
            while len(self._can_be[key]) == 1 and not self._make_possible(key, others, totals=True):
                more = sum(self._take_a_mark_near(key) for _ in range(max(1, taken)))
                if not more:
                    return False
                taken += more
        return True

    def _must_be_hidden(self, key: int) -> bool:
        """Whether a count is small, or differs in some witness; any other can be shown without losing a witness."""
        if key in self._page.unpublished:
            return False
        return self._page.ranges[key][0] < self._page.threshold or len(self._can_be[key]) > 1

    def _make_possible(self, key: int, values: Sequence[int], *, totals: bool, at_most: float = inf) -> bool:
        """Hides as much as it takes for a count to be one of these values, and no more than so many; or nothing if that does not help."""
        hidden_before = len(self._page.ranges)
        while not any(self._can(key, value) for value in values):
            in_vain = len(self._page.ranges) - hidden_before
            # The more was hidden in vain, the more is hidden at once: what was too much is shown again in the end.
            if in_vain >= at_most or not sum(self._hide_more(key, totals) for _ in range(1 + in_vain // 8)):
                self._page.show_all_but(hidden_before)
                return False
        return True

    def _hide_more(self, key: int, totals: bool) -> bool:
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

    def _take_a_mark_near(self, key: int) -> bool:
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

    def _can(self, key: int, value: int) -> bool:
        """Whether a witness is found in which a count has this value; what else it shows possible is remembered.

        A witness that takes long is given up for another: there are many, and most are found soon.
        """
        low, high = self._page.ranges[key]
        for attempt in range(_TRIES if low <= value <= high else 0):
            witness = _Witness(self._page, self._random, _SOME if attempt < _TRIES - 1 else None)
            witness.change(key, value)
            if witness.completed():
                self._remember(witness.values)
                return True
        return False

    def _remember(self, witness: Mapping[int, int]) -> None:
        """Keeps the values of a witness.

        A sum that is right with some changes is right with twice each of them too, and with each the other way round:
        these are witnesses as well, as far as no count leaves its range.
        """
        page = self._page
        changes = [(key, value - page.counts[key]) for key, value in witness.items()]
        for times in _near(0, range(1 - page.threshold, page.threshold)):
            many = [(key, page.counts[key] + times * by) for key, by in changes]
            if all(page.ranges[key][0] <= value <= page.ranges[key][1] for key, value in many):
                for key, value in many:
                    self._can_be[key].add(value)


def _near(count: int, values: range) -> list[int]:
    """The values nearest to a count, itself included: where many are small, it is enough that it could be one of these."""
    return sorted(values, key=lambda value: abs(value - count))[:_NEAREST]


def _refuted(page: _Page, key: int, value: int) -> bool:
    """Whether a count cannot have a value, however much else is hidden, save totals: told from bounds, so that nothing is searched for."""
    known: dict[int, Range] = {key: (value, value)}
    waiting = list(page.sums_with[key])
    for _ in range(_STEPS):
        if not waiting:
            return False
        signs = page.signs[waiting.pop()]
        if len(signs) > _SOME:  # there is nearly always room in a long sum
            continue
        ends = {each: known.get(each) or page.widest(each) for each in signs}
        terms = {each: (low, high) if signs[each] > 0 else (-high, -low) for each, (low, high) in ends.items()}
        least, most = sum(low for low, _ in terms.values()), sum(high for _, high in terms.values())
        if least > 0 or most < 0:
            return True
        for each, (low, high) in terms.items():
            # What all others come to at least and at most leaves this much for it.
            up_to = high if least == -inf else min(high, low - least)
            down_to = low if most == inf else max(low, high - most)
            if (down_to, up_to) != (low, high):
                known[each] = (down_to, up_to) if signs[each] > 0 else (-up_to, -down_to)
                waiting += page.sums_with[each]
    return False


class _Witness:
    """Other values for some hidden counts of a page; once it is complete, every sum is right with them."""

    def __init__(self, page: _Page, random: Random, of_long_sums: int | None) -> None:
        self._page, self._random = page, random
        self._of_long_sums = of_long_sums
        """How many counts of a long sum are tried; None for all."""
        self.values: dict[int, int] = {}
        """The counts that differ, and their values here."""
        self._errors: dict[int, int] = {}
        """By how much each sum is wrong; a sum that is right is not in here."""
        self._left_in = page.many_hidden.copy()
        """How many hidden counts of each sum can still be changed."""
        self._steps_left = _STEPS

    def completed(self) -> bool:
        """Changes more counts until no sum is wrong, and says whether that could be done; if not, changes none.

        A change that puts a sum right and no other wrong costs nothing: nothing else is tried in its place.
        """
        if not self._errors or self._steps_left < 0:
            return not self._errors
        repairs = sorted(self._repairs(self._hardest()), key=lambda repair: repair[0])
        for (more_wrong, _), key, value in repairs:
            self._steps_left -= more_wrong >= 0
            self.change(key, value)
            if self.completed():
                return True
            self._take_back(key)
            if self._steps_left < 0 or more_wrong < 0:
                break
        return False

    def change(self, key: int, value: int) -> None:
        """Gives one hidden count another value."""
        self.values[key] = value
        self._shift(key, value - self._page.counts[key], left=-1)

    def _take_back(self, key: int) -> None:
        """Gives a count its own value again."""
        self._shift(key, self._page.counts[key] - self.values.pop(key), left=1)

    def _shift(self, key: int, by: int, left: int) -> None:
        """Brings all sums with a count up to date: by how much each is wrong, and how many counts are left to change."""
        for number, sign in self._page.terms[key]:
            self._left_in[number] += left
            error = self._errors.pop(number, 0) + sign * by
            if error:
                self._errors[number] = error

    def _hardest(self) -> int:
        """Of the sums that are wrong, the one with the fewest counts that can still be changed."""
        return min(self._errors, key=self._left_in.__getitem__)

    def _repairs(self, number: int) -> Iterator[tuple[tuple[int, float], int, int]]:
        """Hidden counts of a sum that could move to make it right, and to what; best those that put most sums right."""
        page, errors = self._page, self._errors
        error, own_signs = errors[number], page.signs[number]
        for key in self._some_of(page.hidden_in(number)):
            if key in self.values:
                continue
            low, high = page.ranges[key]
            count = page.counts[key]
            value = int(min(max(count - error * own_signs[key], low), high))
            if value != count:
                more_wrong, by = 0, value - count
                for each, sign in page.terms[key]:
                    was = errors.get(each, 0)
                    more_wrong += (was + sign * by != 0) - (was != 0)
                yield (more_wrong, self._random.random()), key, value

    def _some_of(self, hidden: Sequence[int]) -> Sequence[int]:
        """The counts to try: of a long sum some, as one is as good as another there and looking at all of them takes long."""
        if self._of_long_sums is None or len(hidden) <= self._of_long_sums:
            return hidden
        return self._random.sample(hidden, self._of_long_sums)
