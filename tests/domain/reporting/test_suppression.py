"""Nobody can work out a small number that a report for publication hides, whatever sums they know."""

import random
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from math import inf
from time import process_time
from typing import Any

import pytest

from escalate.domain.reporting.model import (
    ByName,
    ByPlace,
    Cases,
    Count,
    Ended,
    Hidden,
    LadderPlace,
    Report,
    Spread,
    Timeliness,
    Timetable,
    TimeTaken,
    Undated,
)
from escalate.domain.reporting.publication import publishable
from escalate.domain.reporting.suppression import CountRow, Sum, left_out
from escalate.domain.worktime.periods import parse_quarter
from tests.calendars import at
from tests.sceptic import Equation, Ranges, Sceptic
from tests.sizes import size

Table = tuple[dict[Hashable, int], list[Sum], list[CountRow]]


def table(lines: list[list[int]]) -> Table:
    """Counts in lines and columns, with what they come to at the end of each and below, as people publish them."""
    counts: dict[Hashable, int] = {}
    columns = range(len(lines[0]))
    for n, line in enumerate(lines):
        counts |= {(n, column): line[column] for column in columns} | {(n, "all"): sum(line)}
    for column in (*columns, "all"):
        counts["all", column] = sum(counts[n, column] for n in range(len(lines)))
    rows = [CountRow((n, "all"), tuple((n, column) for column in columns)) for n in (*range(len(lines)), "all")]
    sums = [Sum(row.whole, row.parts) for row in rows]
    sums += [Sum(("all", column), tuple((n, column) for n in range(len(lines)))) for column in (*columns, "all")]
    return counts, sums, rows


def published(lines: list[list[int]], threshold: int = 5) -> list[list[str]]:
    counts, sums, rows = table(lines)
    hidden = left_out(counts, sums, rows, threshold)
    names = [*range(len(lines)), "all"]
    columns = [*range(len(lines[0])), "all"]
    return [[hidden[n, c].text if (n, c) in hidden else str(counts[n, c]) for c in columns] for n in names]


TABLES: list[tuple[str, list[list[int]], list[str]]] = [
    ("nothing is small", [[5, 6], [7, 8]], ["5 6 11", "7 8 15", "12 14 26"]),
    ("a 0 is shown", [[0, 6], [7, 0]], ["0 6 6", "7 0 7", "7 6 13"]),
    ("a few are hidden, and as many more as it takes", [[2, 8], [9, 7]], ["<5 * 10", "* * 16", "11 15 26"]),
    ("in a row with few nothing else is told", [[2, 0], [9, 7]], ["<5 <5 <5", "* * *", "11 7 18"]),
    ("a row alone", [[2, 8]], ["<5 * 10", "<5 * 10"]),
    ("all is few", [[1], [1], [1], [1]], ["<5 <5", "<5 <5", "<5 <5", "<5 <5", "* *"]),
]


@pytest.mark.parametrize(("why", "lines", "expected"), TABLES, ids=[each[0] for each in TABLES])
def test_small_counts_and_those_that_give_them_away_are_hidden(
    why: str, lines: list[list[int]], expected: list[str]
) -> None:
    assert [" ".join(line) for line in published(lines)] == expected


def known_to_all(
    counts: Mapping[Hashable, int], hidden: Mapping[Hashable, Hidden], rows: list[CountRow], threshold: int
) -> Ranges:
    """What a reader knows of each count from the page, and from the rules that are printed on it."""
    few = {cell for row in rows if 0 < counts[row.whole] < threshold for cell in row.parts}
    ranges: Ranges = {}
    for cell, count in counts.items():
        if cell not in hidden:
            assert not 0 < count < threshold, f"{cell} is small and shown"
            ranges[cell] = (count, count)
        elif hidden[cell].text == f"<{threshold}":
            ranges[cell] = (0 if cell in few else 1, threshold - 1)
        else:  # the reader may even know which of these were small themselves
            ranges[cell] = (threshold, inf) if count >= threshold else (0, inf)
    return ranges


def nothing_recovered(
    ranges: Ranges, equations: list[Equation], hidden: Mapping[Hashable, Hidden], counts: Mapping[Hashable, int]
) -> None:
    told = Sceptic(ranges, equations).recovered([cell for cell in hidden if counts[cell]], counts)
    assert not told, f"{told[0]} is {counts[told[0]]}, and that can be told"


@pytest.mark.parametrize("seed", [*range(30), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(30, 150))])
def test_a_sceptic_recovers_nothing_from_a_table(seed: int) -> None:
    rng = random.Random(seed)
    threshold, most = rng.choice([3, 5, 5, 10]), rng.choice([3, 6, 12])
    columns = rng.randint(1, 3)
    lines = [[rng.choice([0, rng.randint(0, most)]) for _ in range(columns)] for _ in range(rng.randint(1, 4))]
    counts, sums, rows = table(lines)
    hidden = left_out(counts, sums, rows, threshold)
    equations: list[Equation] = [{each.whole: -1, **dict.fromkeys(each.parts, 1)} for each in sums]
    nothing_recovered(known_to_all(counts, hidden, rows, threshold), equations, hidden, counts)


def test_the_sceptic_finds_what_is_only_blanked() -> None:
    """The sceptic can do it: without the further counts that are hidden, a difference is enough."""
    counts, sums, rows = table([[2, 8], [9, 7]])
    hidden: dict[Hashable, Hidden] = {(0, 0): Hidden("<5")}
    equations: list[Equation] = [{each.whole: -1, **dict.fromkeys(each.parts, 1)} for each in sums]
    assert Sceptic(known_to_all(counts, hidden, rows, 5), equations).span((0, 0)) == (2, 2)
    counts, sums, rows = table([[1], [1], [1], [1]])
    hidden = {cell: Hidden("<5") for cell in counts}
    equations = [{each.whole: -1, **dict.fromkeys(each.parts, 1)} for each in sums]
    assert Sceptic(known_to_all(counts, hidden, rows, 5), equations).span((0, 0)) == (1, 1)


# -- a whole report

STATUSES = ("open", "resolved", "withdrawn")
TIMELY = ("due", "in_time", "late", "not_met", "missed", "taken_over")


def a_report(rng: random.Random, how_many: Sequence[int] = (3, 9, 20)) -> Report:
    """A report of so many made-up cases, each with a protocol, a stage, agencies, themes and a status."""
    stages = [("a", "1"), ("a", "2"), ("b", "1")]
    most = rng.choice([1, 2])  # themes of a case: where each has one, the lines come to the total
    many = [
        (
            rng.choice(stages),
            (rng.choice(["x", "y"]), rng.choice(["z", "z", "v"])),
            frozenset(rng.sample(["t", "u"], rng.randint(1, most))),
            rng.choice(STATUSES),
            rng.random() < 0.7,
            rng.choice(["Level 2", "Level 3", "not recorded"]),
        )
        for _ in range(rng.choice(how_many))
    ]

    def cases(wanted: list[Any]) -> Cases:
        stood = [each[3] for each in wanted]
        return Cases(len(wanted), sum(each[4] for each in wanted), *(stood.count(status) for status in STATUSES))

    def of(test: Any) -> list[Any]:
        return [each for each in many if test(each)]

    def by_name(names_of: Any) -> tuple[ByName, ...]:
        names = sorted({name for each in many for name in names_of(each)})
        return tuple(ByName(name, cases(of(lambda each, name=name: name in names_of(each)))) for name in names)

    def timeliness(place: LadderPlace) -> Timeliness:
        in_time, late, not_met = (rng.choice([0, rng.randint(0, 9)]) for _ in range(3))
        missed = rng.randint(0, not_met)
        due = in_time + late + not_met
        return Timeliness(place, due, in_time, late, not_met, missed, Spread(2.5, 1, 9), (), rng.randint(0, due))

    def timetable(action: str) -> Timetable:
        lines = tuple(timeliness(LadderPlace("a", "", str(n), str(n), action)) for n in range(rng.randint(1, 3)))
        lines = tuple(each for each in lines if each.due)
        due, in_time, late, not_met, missed, log = (sum(getattr(each, name) for each in lines) for name in TIMELY)
        total = Timeliness(LadderPlace(""), due, in_time, late, not_met, missed, Spread(2.5, 1, 9), (), log)
        return Timetable(lines, total)

    def ended(line: Timeliness) -> Ended:
        missed, ceased = int(str(line.missed)) + rng.choice([0, rng.randint(0, 9)]), rng.choice([0, rng.randint(0, 9)])
        not_known = rng.choice([0, rng.randint(0, 9)])
        return Ended(line.place, missed + ceased + not_known, missed, ceased, not_known)

    protocols = sorted({each[0][0] for each in many})
    reached, actions = timetable(""), timetable("tell")
    earlier = sum(not each[4] for each in many)
    again = rng.randint(0, earlier)
    taken = [(p, len(of(lambda each, p=p: each[0][0] == p and each[3] == "resolved"))) for p in protocols]
    both = (reached, actions)
    still_owed = sum(int(str(table.total.not_met)) - int(str(table.total.missed)) for table in both)
    return Report(
        period=parse_quarter("2026/27 Q3"),
        until=at("2026-12-31 23:59:59"),
        running=False,
        known_at=at("2027-01-10 10:00"),
        total=cases(many),
        open_at_start=earlier - again,
        taken_up_again=again,
        reopened=rng.randint(again, len(many)),
        taken_over=rng.randint(0, len(many)),
        void=len(many) % 9,
        by_protocol=tuple(ByPlace(LadderPlace(p), cases(of(lambda each, p=p: each[0][0] == p))) for p in protocols),
        by_stage=tuple(
            ByPlace(LadderPlace(p, "", s, s), cases(of(lambda each, p=p, s=s: each[0] == (p, s))))
            for p, s in stages
            if of(lambda each, p=p, s=s: each[0] == (p, s))
        ),
        by_agencies=by_name(lambda each: [each[1]]),
        by_raising=by_name(lambda each: [each[1][:1]]),
        by_receiving=by_name(lambda each: [each[1][1:]]),
        none_raised=(),
        by_level=by_name(lambda each: [(each[5],)]),
        by_theme=by_name(lambda each: [(name,) for name in each[2]]),
        stages=reached,
        actions=actions,
        undated=(Undated(LadderPlace("a"), 8, 3, 4, 1), Undated(LadderPlace("b"), 2, 2, 0, 0)),
        ended=tuple(line for table in both for each in table.lines if (line := ended(each)).all),
        overdue_count=still_owed + rng.randint(0, 3),
        overdue=(),
        time_taken=tuple(TimeTaken(LadderPlace(p), n, Spread(3, 1, 5), Spread(3, 1, 5)) for p, n in taken if n),
        time_taken_total=TimeTaken(LadderPlace(""), sum(n for _, n in taken), Spread(3, 1, 5), Spread(3, 1, 5)),
        lessons=(),
        open_cases=(),
    )


def count_cells(found: Report) -> dict[Hashable, Count]:
    """Every count that a report shows, by a name of the test's own."""
    cells: dict[Hashable, Count] = {
        "start": found.open_at_start,
        "again": found.taken_up_again,
        "reopened": found.reopened,
        "log": found.taken_over,
        "void": found.void,
        "overdue": found.overdue_count,
    }

    def put(name: Hashable, each: Any) -> None:
        for field in fields(each):
            value = getattr(each, field.name)
            if isinstance(value, int | Hidden):
                cells[name, field.name] = value
            elif is_dataclass(value) and isinstance(value, Cases):
                put(name, value)

    put("total", found.total)
    for each in found.by_protocol:
        put(("protocol", each.place.protocol), each)
    for each in found.by_stage:
        put(("stage", each.place.protocol, each.place.stage), each)
    for pair in found.by_agencies:
        put(("agencies", pair.names), pair)
    for theme in found.by_theme:
        put(("theme", theme.names), theme)
    for raising in found.by_raising:
        put(("raising", raising.names), raising)
    for receiving in found.by_receiving:
        put(("receiving", receiving.names), receiving)
    for level in found.by_level:
        put(("level", level.names), level)
    for name, timetable in (("stages", found.stages), ("actions", found.actions)):
        for n, line in enumerate(timetable.lines):
            put((name, n), line)
        put((name, "total"), timetable.total)
    for n, undated in enumerate(found.undated):
        put(("undated", n), undated)
    for ended in found.ended:
        put(("ended", ended.place.key), ended)
    return cells


def what_adds_up(found: Report) -> Iterator[tuple[Equation, tuple[Hashable, ...]]]:
    """Every sum a reader of a report knows, and which of it is not on the page but is 0 or more."""
    columns = ("all", "opened", *STATUSES)
    protocols: list[Any] = [("protocol", each.place.protocol) for each in found.by_protocol]
    stages: list[Any] = [("stage", each.place.protocol, each.place.stage) for each in found.by_stage]
    pairs: list[Any] = [("agencies", each.names) for each in found.by_agencies]
    themes: list[Any] = [("theme", each.names) for each in found.by_theme]
    raising: list[Any] = [("raising", each.names) for each in found.by_raising]
    receiving: list[Any] = [("receiving", each.names) for each in found.by_receiving]
    levels: list[Any] = [("level", each.names) for each in found.by_level]
    yield {("total", "all"): -1, "start": 1, "again": 1, ("total", "opened"): 1}, ()
    yield {"reopened": -1, "again": 1, "reopened, not closed at the start": 1}, ("reopened, not closed at the start",)
    for part in ("reopened", "log"):
        yield {("total", "all"): -1, part: 1, f"not {part}": 1}, (f"not {part}",)
    for line in ["total", *protocols, *stages, *pairs, *themes, *raising, *receiving, *levels]:
        yield {(line, "all"): -1, **{(line, status): 1 for status in STATUSES}}, ()
        yield {(line, "all"): -1, (line, "opened"): 1, ("not opened", line): 1}, (("not opened", line),)
    for column in columns:
        for agency in (*raising, *receiving):
            side = 0 if agency[0] == "raising" else 1
            between: dict[Hashable, int] = {(pair, column): 1 for pair in pairs if pair[1][side] == agency[1][0]}
            yield {(agency, column): -1, **between}, ()
        for lines in (protocols, pairs, raising, receiving, levels):
            yield {("total", column): -1, **{(line, column): 1 for line in lines}}, ()
        for protocol in protocols:
            within: dict[Hashable, int] = {(line, column): 1 for line in stages if line[1] == protocol[1]}
            yield {(protocol, column): -1, **within}, ()
        for theme in themes:
            yield (
                {("total", column): -1, (theme, column): 1, ("others", theme, column): 1},
                (("others", theme, column),),
            )
        yield (
            {("total", column): 1, ("twice", column): 1, **{(theme, column): -1 for theme in themes}},
            (("twice", column),),
        )
    yield from what_adds_up_in_timetables(found)


def what_adds_up_in_timetables(found: Report) -> Iterator[tuple[Equation, tuple[Hashable, ...]]]:
    """The same of deadlines, of what has no date, and of what ended."""
    for name, table in (("stages", found.stages), ("actions", found.actions)):
        timed: list[Any] = [(name, n) for n in range(len(table.lines))]
        for line in [*timed, (name, "total")]:
            yield {(line, "due"): -1, **{(line, outcome): 1 for outcome in ("in_time", "late", "not_met")}}, ()
            yield {(line, "not_met"): -1, (line, "missed"): 1, (line, "owed"): 1}, ((line, "owed"),)
            yield {(line, "due"): -1, (line, "taken_over"): 1, (line, "live"): 1}, ((line, "live"),)
        for column in TIMELY:
            yield {((name, "total"), column): -1, **{(line, column): 1 for line in timed}}, ()
        for n, each in enumerate(table.lines):
            ended = ("ended", each.place.key)
            if each.place.key in (other.place.key for other in found.ended):
                yield {(ended, "missed"): -1, ((name, n), "missed"): 1, ("before", ended): 1}, (("before", ended),)
    for n in range(len(found.undated)):
        yield (
            {(("undated", n), "all"): -1, **{(("undated", n), part): 1 for part in ("done", "to_do", "undecided")}},
            (),
        )
    for other in found.ended:
        ended = ("ended", other.place.key)
        yield {(ended, "all"): -1, (ended, "missed"): 1, (ended, "ceased"): 1, (ended, "not_known"): 1}, ()
    owed: dict[Hashable, int] = {((name, "total"), "owed"): 1 for name in ("stages", "actions")}
    yield {"overdue": -1, "besides": 1, **owed}, ("besides",)


def what_a_reader_has(
    shown: Report, counts: Mapping[Hashable, int], hidden: Mapping[Hashable, Hidden]
) -> tuple[Ranges, list[Equation]]:
    """What every reader of a report knows of its counts, and what adds up to 0."""
    whole = {
        "all": (*STATUSES, "opened", "done", "to_do", "undecided", "missed", "ceased", "not_known"),
        "due": ("in_time", "late", "not_met", "missed", "taken_over"),
    }
    rows = [
        CountRow(cell, tuple((cell[0], part) for part in whole[cell[1]] if (cell[0], part) in counts))
        for cell in counts
        if isinstance(cell, tuple) and cell[-1] in whole
    ]
    ranges = known_to_all(counts, hidden, rows, 5)
    equations: list[Equation] = []
    for equation, unpublished in what_adds_up(shown):
        known = {cell: sign for cell, sign in equation.items() if cell in ranges or cell in unpublished}
        if len(set(known.values())) > 1:  # a table without lines says nothing of its total
            equations.append(known)
            ranges |= dict.fromkeys(unpublished, (0, inf))
    return ranges, equations


@pytest.mark.parametrize("seed", [*range(2), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 40))])
def test_a_sceptic_recovers_nothing_from_a_report(seed: int) -> None:
    found = a_report(random.Random(seed))
    shown = publishable(found, 5)
    truth, page = count_cells(found), count_cells(shown)
    counts = {cell: count for cell, count in truth.items() if isinstance(count, int)}
    hidden = {cell: count for cell, count in page.items() if isinstance(count, Hidden)}
    ranges, equations = what_a_reader_has(shown, counts, hidden)
    nothing_recovered(ranges, equations, hidden, counts)
    assert [each for each in page if page[each] != truth[each] and each not in hidden] == []


def test_what_tells_of_single_cases_is_left_out_of_a_report_for_publication() -> None:
    found = publishable(a_report(random.Random(2)), 5)
    assert (found.lessons, found.open_cases, found.overdue, found.suppressed_under) == (None, None, None, 5)
    for line in (*found.stages.lines, found.stages.total, *found.actions.lines, found.actions.total):
        assert (line.how_late.least, line.how_late.most) == (None, None)
        assert line.how_late.median is None or (isinstance(line.late, int) and line.late >= 5)
    for taken in (*found.time_taken, found.time_taken_total):
        assert (taken.days.least, taken.days.most, taken.working_days.least, taken.working_days.most) == (None,) * 4
        assert taken.days.median is None or (isinstance(taken.resolved, int) and taken.resolved >= 5)


def test_what_time_to_resolution_counts_is_hidden_as_it_is_elsewhere() -> None:
    for seed in range(size(3, 8)):
        found = publishable(a_report(random.Random(seed)), 5)
        resolved = {each.place.protocol: each.cases.resolved for each in found.by_protocol}
        assert {each.place.protocol: each.resolved for each in found.time_taken}.items() <= resolved.items()
        assert found.time_taken_total.resolved == found.total.resolved


def test_lines_do_not_stand_in_the_order_of_hidden_counts() -> None:
    found = publishable(a_report(random.Random(3)), 5)
    assert [each.names for each in found.by_theme] == sorted(each.names for each in found.by_theme)


def test_what_a_reader_could_believe_is_told_from_many_sums_in_little_time() -> None:
    """A report on 228 protocols has some 4,000 lines, most with few cases: as long a search for each as for one would take minutes."""
    rng = random.Random(228)
    lines = [[rng.choice([0, 0, 1, 2, 3, 9]) for _ in range(4)] for _ in range(228)]
    counts, sums, rows = table([line for line in lines if sum(line)])
    began = process_time()
    hidden = left_out(counts, sums, rows, 5)
    assert process_time() - began < 10
    assert [cell for cell, count in counts.items() if 0 < count < 5 and cell not in hidden] == []
