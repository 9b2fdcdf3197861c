"""How much is done for one count and for one deadline: in calls and not in seconds, so that no busy machine fails it.

tests/bench/engine.py measures how long it takes.
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

import pytest

from escalate.domain.case.model import Case
from escalate.domain.case.replay import followed
from escalate.domain.deadlines.engine import cache_key, deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.ladder import Ladders
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, OtherReading, Stage, Timescale
from escalate.domain.recording.closing import resolve, withdraw
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.calendar import Calendar
from escalate.errors import BeyondCalendar
from escalate.storage import history
from escalate.storage.backups.making import look_through
from escalate.storage.files.protocols import FileText, located, shipped
from escalate.storage.lists import open_lists
from escalate.storage.rows import deadline_values
from escalate.storage.statements import Statements
from tests.bench import data
from tests.bench.engine import cases_under
from tests.calendars import ENGLAND, a_calendar
from tests.driver import unit

DAY = date(2026, 11, 20)
FIGURES = (1, 10, 100, 1000)


def calls(run: Callable[[], object]) -> int:
    """How many functions are called, whether they are written in Python or in C."""
    seen = 0

    def see(_: FrameType, event: str, __: object) -> None:
        nonlocal seen
        seen += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        run()
    finally:
        sys.setprofile(before)
    return seen - 1  # but for the call that ends the count


def as_new() -> Calendar:
    """England's days on a calendar that nobody has asked yet."""
    return Calendar("new", ENGLAND.days_off, first=ENGLAND.first, last=ENGLAND.last, published_to=ENGLAND.published_to)


def test_a_count_from_a_day_known_to_another_is_one_call_however_far_it_goes() -> None:
    calendar = as_new()
    for n in FIGURES:
        calendar.add_working_days(DAY, n)
    assert {n: calls(partial(calendar.add_working_days, DAY, n)) for n in FIGURES} == dict.fromkeys(FIGURES, 1)


def test_the_first_count_on_a_calendar_takes_the_same_however_far_it_goes() -> None:
    far = [calls(partial(as_new().add_working_days, DAY, n)) for n in (30, 100, 1000, 10_000)]
    assert len(set(far)) == 1
    assert far[0] < 1000


def test_a_calendar_is_made_without_working_out_anything_for_each_day_it_covers() -> None:
    days = (ENGLAND.last - ENGLAND.first).days
    assert calls(as_new) < days / 5


def test_a_count_comes_to_the_same_the_second_time_up_to_the_ends_of_the_calendar() -> None:
    first, last = date(2026, 1, 9), date(2026, 4, 17)
    closed = {date(2026, 2, 2): "closed", date(2026, 4, 17): "closed"}
    calendar = a_calendar(closed, first=first, last=last)
    working = [day for day in (first + timedelta(days=n) for n in range((last - first).days + 1)) if day.weekday() < 5]
    working = [day for day in working if day not in closed]
    for day in (first + timedelta(days=n) for n in range(-3, (last - first).days + 4)):
        for n in (1, 2, 5, 30):
            after = [each for each in working if each > day][n - 1 : n] if first <= day <= last else []
            for _ in range(2):
                if after:
                    assert calendar.add_working_days(day, n) == after[0]
                else:
                    with pytest.raises(BeyondCalendar):
                        calendar.add_working_days(day, n)


@pytest.mark.parametrize("protocol", shipped(), ids=lambda protocol: str(protocol.id))
def test_a_deadline_takes_a_few_hundred_calls(protocol: Protocol) -> None:
    for case in cases_under(protocol, 4):
        found = deadlines(protocol, case, ENGLAND)
        assert len(found) >= 4
        of_each = calls(partial(deadlines, protocol, case, ENGLAND)) / len(found)
        assert of_each < 210  # those that are read otherwise too are counted once for each reader


@pytest.mark.slow
def test_a_row_of_a_log_that_is_opened_takes_less_than_a_thousand_calls(tmp_path: Path) -> None:
    def opening(rows: int) -> int:
        log = tmp_path / f"log-{rows}.csv"
        words = ("--map", "Raised by=from", "--map", "Reason=about", "--write", "--json")
        data.log(log, rows, today=DAY)
        return calls(partial(unit.did, tmp_path / f"{rows}.db", "import", str(log), *words, now="2026-11-24T10:00"))

    opening(10)  # what is loaded and kept for good is not asked for again
    few, many = opening(500), opening(1000)
    assert (many - few) / 500 < 800


@pytest.mark.file_only("counts what a file is given")
def test_cases_opened_from_a_log_are_not_read_back_and_rows_of_the_same_deadlines_are_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log.csv"
    data.log(log, 60, today=DAY)
    deadlines_of: list[int] = []

    def noted(deadline: Deadline) -> tuple[object, ...]:
        deadlines_of.append(id(deadline))
        return deadline_values(deadline)

    monkeypatch.setattr("escalate.storage.derived.deadline_values", noted)
    monkeypatch.setattr(history, "_read_back", None)  # nobody calls it
    words = ("--map", "Raised by=from", "--map", "Reason=about", "--write", "--json")
    unit.did(tmp_path / "cases.db", "import", str(log), *words, now="2026-11-24T10:00")
    with open_lists(tmp_path / "cases.db") as lists:
        assert len(deadlines_of) == len(set(deadlines_of)) < len(lists.due()) / 2


@pytest.mark.file_only("checks a file")
def test_a_case_more_in_a_backup_takes_few_calls_to_check_and_no_statement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def backup(rows: int) -> Path:
        log, path = tmp_path / f"log-{rows}.csv", tmp_path / f"{rows}.db"
        data.log(log, rows, today=DAY)
        words = ("--map", "Raised by=from", "--map", "Reason=about", "--write", "--json")
        unit.did(path, "import", str(log), *words, now="2026-11-24T10:00")
        return path

    few, many = backup(310), backup(390)  # as many batches of links and of cases in both
    assert len(asked(few, monkeypatch)) == len(asked(many, monkeypatch)) < 60
    look_through(few)  # what is loaded and kept for good is not asked for again
    of_few, of_many = (calls(partial(look_through, path)) for path in (few, many))
    assert (of_many - of_few) / 80 < 75


def asked(backup: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that are asked while a backup is looked through."""
    found: list[str] = []
    whole = Statements.__getitem__

    def noted(statements: Statements, name: str) -> str:
        found.append(name)
        return whole(statements, name)

    with monkeypatch.context() as patched:
        patched.setattr(Statements, "__getitem__", noted)
        look_through(backup)
    return found


OF_A_LINE = [
    # a list, and how many calls it makes at most for each line more
    ("due --overdue --json", 84),
    ("due --overdue", 292),
    ("due --json", 86),
]


@pytest.fixture(scope="module")
def many_due(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of sixty cases, each with something overdue."""
    folder = tmp_path_factory.mktemp("due")
    log = folder / "log.csv"
    data.log(log, 60, today=DAY)
    words = ("--map", "Raised by=from", "--map", "Reason=about", "--write", "--json")
    unit.did(folder / "cases.db", "import", str(log), *words, now="2026-11-24T10:00")
    return folder / "cases.db"


@pytest.mark.file_only("counts the calls of this process")
@pytest.mark.parametrize(("line", "most"), OF_A_LINE)
def test_a_line_more_of_a_list_takes_few_calls(many_due: Path, line: str, most: int) -> None:
    def listing(limit: int) -> int:
        words = (*line.split(), "--limit", str(limit))
        return calls(partial(unit.did, many_due, *words, now="2027-01-29T10:00"))

    listing(10)  # what is loaded and kept for good is not asked for again
    few, many = listing(10), listing(50)
    assert (many - few) / 40 < most


@pytest.mark.parametrize("protocol", shipped(), ids=lambda protocol: str(protocol.id))
def test_what_may_run_out_further_up_is_worked_out_for_the_first_case_at_a_stage(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Stage] = []
    reachable = Ladders.reachable

    def noted(of: Ladders, stage: Stage) -> Any:
        asked.append(stage)
        return reachable(of, stage)

    cases = cases_under(protocol, 10)
    for case in cases[:2]:
        deadlines(protocol, case, ENGLAND)
    monkeypatch.setattr(Ladders, "reachable", noted)
    for case in cases:
        deadlines(protocol, case, ENGLAND)
    assert asked == []


@pytest.mark.parametrize("protocol", shipped(), ids=lambda protocol: str(protocol.id))
def test_what_bears_on_an_action_in_every_case_is_found_out_for_the_first(
    protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    read = Timescale.as_read

    def noted(of: Timescale, other: OtherReading) -> Timescale:
        asked.append(other.read_by)
        return read(of, other)

    first, *others = cases_under(protocol, 10)
    monkeypatch.setattr(Timescale, "as_read", noted)
    deadlines(protocol, first, ENGLAND)
    asked.clear()
    monkeypatch.setattr(Action, "repeats", property(lambda action: asked.append(action.key)))
    for case in others:
        deadlines(protocol, case, ENGLAND)
    assert asked == []


class Watched(Case):
    """A case of which it is noted what is looked at."""

    __slots__ = ()
    read: ClassVar[set[str]] = set()

    def __getattribute__(self, name: str) -> Any:
        Watched.read.add(name)
        return super().__getattribute__(name)


def looked_at(run: Callable[[Case], object], case: Case) -> set[str]:
    """The fields of a case that something looks at."""
    names = set(Case._fields)
    watched = Watched(**{name: getattr(case, name) for name in names})
    Watched.read.clear()
    run(watched)
    return Watched.read & names


@pytest.mark.parametrize("protocol", shipped(), ids=lambda protocol: str(protocol.id))
def test_deadlines_look_at_nothing_of_a_case_but_what_tells_it_from_those_with_other_deadlines(
    protocol: Protocol,
) -> None:
    for opened in cases_under(protocol, 4):
        at = Recording("bench", opened.stay.entered_at, opened.stay.entered_at)
        for case in (opened, *(followed(opened, end(opened, at)) for end in (resolve, withdraw))):
            assert looked_at(lambda each: deadlines(protocol, each, ENGLAND), case) <= looked_at(cache_key, case)
            history = tuple(entry._replace(kind="noted", data={}, words={"text": "x"}) for entry in case.history)
            other = case._replace(ref="E0002", subject=None, themes=("x",), said_in={}, history=history)
            before = as_new().with_earlier([(opened.raised_at + timedelta(hours=30), ENGLAND)])
            for calendar in (ENGLAND, before):
                assert cache_key(other) == cache_key(case)
                assert deadlines(protocol, other, calendar) == deadlines(protocol, case, calendar)


def test_a_file_is_read_once_however_many_mistakes_and_lines_it_has() -> None:
    def took(mistakes: int, lines: int) -> int:
        text = "\n".join(("facts = [", *(f'  {{key = "fact-{n}", asks = "Is it {n}?"}},' for n in range(lines)), "]"))
        problems = [(f"facts[{n}].asks", "is not clear", None) for n in range(mistakes)]
        return calls(lambda: located([FileText("my.toml", text)], problems))

    alone, more = took(1, 1000), took(101, 1000)
    assert more - alone < 100 * alone / 10
    assert took(1, 2001) < 2.2 * alone
