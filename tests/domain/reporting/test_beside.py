"""Nobody can work out a small number that a report for publication hides from the periods that stand side by side in it."""

import random
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf
from typing import Any

import pytest

from escalate.domain.reporting import beside_sums
from escalate.domain.reporting.model import (
    EVERYWHERE,
    Cases,
    Count,
    Headline,
    Hidden,
    Report,
    Spread,
    Timeliness,
    Timetable,
    counts_in,
)
from escalate.domain.reporting.publication import publishable
from escalate.domain.reporting.suppression import CountRow
from escalate.domain.worktime.periods import parse_year, quarters_of, year_before
from escalate.output.report.sections import BESIDE_OTHERS
from tests.domain.reporting.test_suppression import (
    STATUSES,
    TIMELY,
    a_report,
    count_cells,
    known_to_all,
    nothing_recovered,
    what_a_reader_has,
)
from tests.sceptic import Equation, Ranges

YEAR = parse_year("2026/27")
QUARTERS = quarters_of(YEAR)
START, END = "start", ("total", "open")
"""What is open when a period begins, and when it ends."""


def a_year(rng: random.Random, how_many: Sequence[int] = (3, 9, 20, 60, 150)) -> Report:
    """A made-up report on a year, in which each case begins and ends in some quarter, with these and the year before beside."""
    found = replace(a_report(rng, how_many), period=YEAR)
    begun = _shuffled(rng, start=found.open_at_start, opened=found.total.opened, again=found.taken_up_again)
    stood = _shuffled(rng, **{status: getattr(found.total, status) for status in STATUSES})
    cases: list[tuple[str, int, str, int]] = []
    for how, status in zip(begun, stood, strict=True):
        first = 0 if how == "start" else rng.randrange(4)
        cases.append((how, first, status, 4 if status == "open" else rng.randrange(first, 4)))
    stages, actions = (_in_quarters(rng, table.total) for table in (found.stages, found.actions))
    beside = [_quarter(rng, n, cases, stages[n], actions[n]) for n in range(4)]
    return replace(found, beside=(*beside, _before(rng, found.open_at_start)))


def _shuffled(rng: random.Random, **many: object) -> list[str]:
    names = [name for name, count in many.items() for _ in range(int(str(count)))]
    return rng.sample(names, len(names))


def _in_quarters(rng: random.Random, total: Timeliness) -> list[Timeliness]:
    """What fell due in the year, each in one of its quarters."""
    how_it_went = [
        *(("in_time", False) for _ in range(int(str(total.in_time)))),
        *(("late", False) for _ in range(int(str(total.late)))),
        *(("not_met", n < int(str(total.missed))) for n in range(int(str(total.not_met)))),
    ]
    found = [(rng.randrange(4), *each) for each in how_it_went]
    from_a_log = rng.sample(found, int(str(total.taken_over)))
    quarters = []
    for n in range(4):
        here = [each for each in found if each[0] == n]
        how = [each[1] for each in here]
        in_time, late, not_met = (how.count(name) for name in ("in_time", "late", "not_met"))
        missed, taken = sum(each[2] for each in here), sum(each[0] == n for each in from_a_log)
        quarters.append(Timeliness(EVERYWHERE, len(here), in_time, late, not_met, missed, Spread(2.5, 1, 9), (), taken))
    return quarters


def _quarter(
    rng: random.Random, n: int, cases: Sequence[tuple[str, int, str, int]], stages: Timeliness, actions: Timeliness
) -> Headline:
    here = [each for each in cases if each[1] <= n <= each[3]]
    opened, again = (sum(each[:2] == (how, n) for each in here) for how in ("opened", "again"))
    stood = [each[2] if each[3] == n else "open" for each in here]
    total = Cases(len(here), opened, *(stood.count(status) for status in STATUSES))
    reopened = rng.randint(again, len(here))
    return Headline(
        period=QUARTERS[n],
        running=False,
        total=total,
        open_at_start=len(here) - opened - again,
        taken_up_again=again,
        reopened=reopened,
        stages=stages,
        actions=actions,
        working_days=Spread(3, 1, 5),
    )


def _before(rng: random.Random, still_open: object) -> Headline:
    still, resolved, withdrawn, start = int(str(still_open)), rng.randint(0, 9), rng.randint(0, 9), rng.randint(0, 3)
    many = still + resolved + withdrawn
    again = rng.randint(0, max(0, min(2, many - start)))
    start = min(start, many - again)
    timely = _in_quarters(rng, Timeliness(EVERYWHERE, 9, 4, 3, 2, 1, Spread(2.5, 1, 9), (), 1))[0]
    return Headline(
        period=year_before(YEAR),
        running=False,
        total=Cases(many, many - start - again, still, resolved, withdrawn),
        open_at_start=start,
        taken_up_again=again,
        reopened=again,
        stages=timely,
        actions=timely,
        working_days=Spread(3, 1, 5),
    )


def cells_of(each: Headline) -> dict[Hashable, Count]:
    """Every count of a period beside."""
    cells: dict[Hashable, Count] = {
        "start": each.open_at_start,
        "again": each.taken_up_again,
        "reopened": each.reopened,
    }
    cells |= {("total", name): count for name, count in counts_in(each.total).items()}
    for table, line in (("stages", each.stages), ("actions", each.actions)):
        cells |= {((table, "total"), name): count for name, count in counts_in(line).items()}
    return cells


def adds_up_beside() -> list[Equation]:
    """What adds up in a period beside; what is no name of a count is only known to be 0 or more."""
    found: list[Equation] = [
        {("total", "all"): -1, "start": 1, "again": 1, ("total", "opened"): 1},
        {("total", "all"): -1, **{("total", status): 1 for status in STATUSES}},
        {"reopened": -1, "again": 1, "reopened, not closed at the start": 1},
        {("total", "all"): -1, "reopened": 1, "not reopened": 1},
    ]
    for line in (("stages", "total"), ("actions", "total")):
        found.append({(line, "due"): -1, **{(line, outcome): 1 for outcome in ("in_time", "late", "not_met")}})
        found.append({(line, "not_met"): -1, (line, "missed"): 1, (line, "owed"): 1})
        found.append({(line, "due"): -1, (line, "taken_over"): 1, (line, "live"): 1})
    return found


def known_of_beside(counts: Mapping[Hashable, int], hidden: Mapping[Hashable, Hidden]) -> tuple[Ranges, list[Equation]]:
    rows = [CountRow(("total", "all"), tuple(("total", part) for part in ("opened", *STATUSES)))]
    timed = (("stages", "total"), ("actions", "total"))
    rows += [CountRow((line, "due"), tuple((line, part) for part in TIMELY[1:])) for line in timed]
    ranges, equations = known_to_all(counts, hidden, rows, 5), adds_up_beside()
    for equation in equations:
        ranges |= {cell: (0, inf) for cell in equation if cell not in counts}
    return ranges, equations


def all_that_is_known(
    found: Report, shown: Report
) -> tuple[Ranges, list[Equation], dict[Hashable, Hidden], dict[Hashable, int]]:
    """What a reader has of a year and of all periods beside it, and how they hang together."""
    ranges: Ranges = {}
    equations: list[Equation] = []
    hidden: dict[Hashable, Hidden] = {}
    counts: dict[Hashable, int] = {}
    periods = [(count_cells(found), count_cells(shown))]
    periods += [(cells_of(a), cells_of(b)) for a, b in zip(found.beside, shown.beside, strict=True)]
    for n, (truth, page) in enumerate(periods):
        own = {c: count for c, count in truth.items() if isinstance(count, int)}
        marks = {c: mark for c, mark in page.items() if isinstance(mark, Hidden)}
        known, sums = known_of_beside(own, marks) if n else what_a_reader_has(shown, own, marks)
        ranges |= {(n, c): span for c, span in known.items()}
        equations += [{(n, c): sign for c, sign in each.items()} for each in sums]
        hidden |= {(n, c): mark for c, mark in marks.items()}
        counts |= {(n, c): count for c, count in own.items()}
    equations += over_time(ranges)
    return ranges, equations, hidden, counts


def over_time(ranges: Ranges) -> list[Equation]:
    """What is open goes from quarter to quarter, and what happened in the year did so in one of them: 0 is the year, 5 the one before."""
    found: list[Equation] = [{(a, END): 1, (b, START): -1} for a, b in pairwise([5, 1, 2, 3, 4])]
    found += [{(0, START): 1, (1, START): -1}, {(0, END): 1, (4, END): -1}]
    for happened in ["again", ("total", "opened"), ("total", "resolved"), ("total", "withdrawn")]:
        found.append({(0, happened): -1, **{(n, happened): 1 for n in (1, 2, 3, 4)}})
    for table in ("stages", "actions"):
        for name in TIMELY:
            part = ((table, "total"), name)
            found.append({(0, part): -1, **{(n, part): 1 for n in (1, 2, 3, 4)}})
    for n in (1, 2, 3, 4):
        found.append({(0, ("total", "all")): -1, (n, ("total", "all")): 1, ("not in", n): 1})
        ranges["not in", n] = (0, inf)
    return found


def recovers_nothing(found: Report, shown: Report) -> None:
    nothing_recovered(*all_that_is_known(found, shown))


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 60))])
def test_a_sceptic_recovers_nothing_from_periods_side_by_side(seed: int) -> None:
    found = a_year(random.Random(seed))
    recovers_nothing(found, publishable(found, 5))


NOTHING = Timeliness(EVERYWHERE, 0, 0, 0, 0, 0, Spread())


def two_in_a_quarter() -> Report:
    """A year of 40 cases, of which 2 fell into its third quarter."""
    found = a_year(random.Random(0), (40,))
    opened = Cases(40, 40, 0, 40, 0)
    many = (20, 10, 2, 8)
    quarters = [
        replace(
            each,
            total=Cases(n, n, 0, n, 0),
            open_at_start=0,
            taken_up_again=0,
            reopened=0,
            stages=NOTHING,
            actions=NOTHING,
        )
        for each, n in zip(found.beside, many, strict=False)
    ]
    nobody = replace(
        found.beside[-1],
        total=Cases(0, 0, 0, 0, 0),
        open_at_start=0,
        taken_up_again=0,
        reopened=0,
        stages=NOTHING,
        actions=NOTHING,
    )
    nothing: dict[str, Any] = dict.fromkeys(("by_protocol", "by_stage", "by_agencies", "by_raising", "by_receiving", "by_theme", "by_level"), ())  # fmt: skip
    nothing |= dict.fromkeys(("stages", "actions"), Timetable((), NOTHING)) | dict.fromkeys(
        ("undated", "ended", "time_taken"), ()
    )
    nothing |= dict.fromkeys(("open_at_start", "taken_up_again", "reopened", "taken_over", "void", "overdue_count"), 0)
    return replace(found, total=opened, beside=(*quarters, nobody), **nothing)


def test_the_sceptic_subtracts_quarters_from_their_year(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the rule that a year is its quarters, what is hidden of one of them follows from the others."""
    found = two_in_a_quarter()
    recovers_nothing(found, publishable(found, 5))
    monkeypatch.setattr(beside_sums, "_tie", lambda *_: None)
    with pytest.raises(AssertionError, match="that can be told"):
        recovers_nothing(found, publishable(found, 5))


def test_two_reports_can_be_subtracted_as_each_of_them_says() -> None:
    """Half a year and its first quarter, each safe by itself: the rest follows, and nothing is promised of that."""
    year = two_in_a_quarter()
    shown = [publishable(replace(year, total=Cases(n, n, 0, n, 0), beside=()), 5).total.opened for n in (32, 30)]
    assert shown == [32, 30]
    assert "may tell what is hidden here" in BESIDE_OTHERS
