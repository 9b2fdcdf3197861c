"""Lists are read as far as they are shown, from indexes, and say what reading everything would say."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from escalate.domain.deadlines.model import DueLine
from escalate.domain.deadlines.standing import RankedLine, Standing, ranked_lines
from escalate.domain.worktime.clock import written
from escalate.domain.worktime.counting import at_risk_horizon
from escalate.output.case.duties import due_page
from escalate.storage import lists
from escalate.storage.lists import Lists, Number, open_lists
from escalate.storage.sqlite.database import STATEMENTS
from tests.connections import connection_of
from tests.driver import unit
from tests.sizes import sampled
from tests.storage.test_speed import calls

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
WIDTH = 4_000  # so that nothing is broken, as in a pipe


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases of three protocols at several stages, with standing actions, windows and limits further up."""
    path = tmp_path_factory.mktemp("lists") / "cases.db"
    for line in (
        ("open", "herefordshire", "--subject", "M-1", "--at", "2026-11-10 10:00"),
        (
            "open",
            "hull-east-riding",
            "--about",
            "Thresholds",
            "--fact",
            "severity=high",
            "--fact",
            "immediate-risk=yes",
            "--fact",
            "at-risk=yes",
            "--at",
            "2026-11-12 10:00",
        ),
        ("open", "lincolnshire", "--about", "Thresholds", "--concern", "2026-11-02", "--at", "2026-11-16 10:00"),
        (
            "open",
            "herefordshire",
            "--about",
            "Thresholds",
            "--stage",
            "1",
            "--fact",
            "protection-plan=yes",
            "--at",
            "2026-11-20 10:00",
        ),
        ("assign", "2", "raising", "Jo Bell", "--email", "jo.bell@trust.example"),
    ):
        unit.did(path, *line, now="2026-11-24T09:00")
    return path


def multiplied(seed: Path, path: Path, times: int, chance: Random) -> None:
    """A file with so many cases, made of the first few with other moments in their deadlines."""
    path.write_bytes(seed.read_bytes())
    path.chmod(0o600)
    with closing(sqlite3.connect(path)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(deadline)") if row[1] != "case_ref"]
        names = ", ".join(f'"{name}"' for name in columns)
        others = [row[1] for row in db.execute("PRAGMA table_info(cases)") if row[1] not in ("ref", "number")]
        rest = ", ".join(others)
        first = db.execute("SELECT max(number) FROM cases").fetchone()[0]
        for n in range(times):
            source, number = n % first + 1, 9_950 + n  # across the first reference that is longer
            ref, origin = f"E{number:04d}", f"E{source:04d}"
            db.execute(
                f"INSERT INTO cases (ref, number, {rest}) SELECT ?, ?, {rest} FROM cases WHERE ref = ?",
                [ref, number, origin],
            )
            db.execute(
                f"INSERT INTO deadline (case_ref, {names}) SELECT ?, {names} FROM deadline WHERE case_ref = ?",
                [ref, origin],
            )
            if chance.random() < 0.8:
                db.execute("DELETE FROM deadline WHERE case_ref = ? AND is_standing = 1", [ref])
            for rowid in [row[0] for row in db.execute("SELECT rowid FROM deadline WHERE case_ref = ?", [ref])]:
                db.execute(
                    "UPDATE deadline SET due_at = ?, act_by = ?, ahead_at = ?, is_window = ?, occurrence = ? WHERE rowid = ?",
                    [*(moment(chance) for _ in range(3)), chance.random() < 0.2, chance.randint(0, 1), rowid],
                )


def moment(chance: Random) -> str | None:
    """One of a few, so that many fall together, or none."""
    days = chance.choice((-21, -14, -7, 0, 0, 7, 14, 28, None, None))
    return None if days is None else written(NOW + timedelta(days=days, hours=chance.randint(0, 1)))


def stands(read: Lists, lines: list[DueLine], now: datetime) -> list[RankedLine]:
    calendar = read.calendar("england-and-wales")
    assert calendar
    return ranked_lines(lines, {"england-and-wales": at_risk_horizon(now, calendar)}, now)


@pytest.mark.parametrize("days", sampled([-30, -7, 0, 3, 14, 60], 3))
def test_what_is_late_is_what_reading_everything_says(
    seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    monkeypatch.setattr(lists, "FEW", 20)  # so that both ways of looking up holders are gone
    path = tmp_path / "cases.db"
    multiplied(seed, path, 150, Random(3))
    now = NOW + timedelta(days=days)
    with open_lists(path) as read:
        everything = stands(read, read.due(identify=True), now)
        wanted = [each for each in everything if each.shown_under is Standing.OVERDUE or each.deadline.at_any_stage]
        always = sum(each.deadline.at_any_stage for each in wanted)
        assert 3 < always < 40, always
        for most in (None, *range(1, len(wanted) + 8, 7)):
            found = read.late(now, most, identify=True)
            late = stands(read, found.lines, now)
            assert found.of == Number(len(wanted))
            shown = None if most is None else max(most, always)
            assert late[:shown] == wanted[:shown], most


def test_what_is_overtaken_comes_after_what_is_overdue(seed: Path, tmp_path: Path) -> None:
    """Otherwise the test above would not have looked at the second of the two questions."""
    path = tmp_path / "cases.db"
    multiplied(seed, path, 150, Random(3))
    with open_lists(path) as read:
        late = stands(read, read.late(NOW).lines, NOW)
    kinds = [each.overtaken for each in late if not each.deadline.at_any_stage]
    assert kinds == sorted(kinds)
    assert set(kinds) == {False, True}


def steps(path: Path, most: int | None) -> int:
    """How many thousand steps SQLite takes to read what is late."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    with open_lists(path) as read:
        connection_of(read).set_progress_handler(step, 100)
        read.late(NOW, most)
        connection_of(read).set_progress_handler(None, 0)
    return taken


def test_what_is_not_late_is_not_read(seed: Path, tmp_path: Path) -> None:
    few, many = tmp_path / "few.db", tmp_path / "many.db"
    multiplied(seed, few, 200, Random(3))
    multiplied(seed, many, 200, Random(3))
    with closing(sqlite3.connect(many)) as db, db:
        columns = [
            row[1]
            for row in db.execute("PRAGMA table_info(deadline)")
            if row[1] not in ("n", "due_at", "ahead_at", "is_standing")
        ]
        names = ", ".join(f'"{name}"' for name in columns)
        db.execute(
            f"INSERT INTO deadline (n, due_at, ahead_at, is_standing, {names}) WITH RECURSIVE more(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM more WHERE k < 150)"
            f" SELECT 1000 * k + n, '2027-06-01T10:00:00Z', NULL, 0, {names} FROM deadline, more WHERE met_at IS NULL"
        )
        assert db.execute("SELECT count(*) FROM deadline").fetchone()[0] > 40_000
    assert steps(many, 50) <= 1.2 * steps(few, 50) + 2


def test_of_more_than_are_shown_no_more_are_counted_than_anybody_asks_for(
    seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = tmp_path / "few.db", tmp_path / "many.db"
    for path, times in ((few, 300), (many, 3_000)):
        multiplied(seed, path, times, Random(3))
        with closing(sqlite3.connect(path)) as db, db:  # standing actions are always shown, and so always counted
            db.execute("DELETE FROM deadline WHERE is_standing = 1")
    with open_lists(many) as read:
        exact, whole = read.late(NOW, 50), read.late(NOW)
        assert exact.of == whole.of == Number(len(whole.lines))
        monkeypatch.setattr(lists, "MANY", 60)
        cut, cut_whole = read.late(NOW, 50), read.late(NOW)
        assert (cut.lines, cut.of) == (exact.lines, Number(60, is_all=False))
        assert cut_whole == whole
        assert (read.late(NOW, 70).of, str(read.number_due(50))) == (Number(70, is_all=False), "more than 60")
    assert steps(many, 50) <= 2 * steps(few, 50)  # more is due at the same moment, and put in order


def test_where_they_are_not_counted_it_says_so(seed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cases.db"
    multiplied(seed, path, 60, Random(5))
    monkeypatch.setattr(lists, "MANY", 20)
    for line in (("due", "--overdue"), ("due",)):
        for most, told in ((5, "more than 20"), (30, "more than 30")):
            said = unit.did(path, *line, "--limit", str(most), now="2027-01-24T10:00").splitlines()
            assert any(each.endswith(f" of {told}.") for each in said[-2:]), said  # below it, what was not asked for


def test_a_line_is_read_and_laid_out_in_few_calls(seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    multiplied(seed, path, 600, Random(3))
    with open_lists(path) as read:
        calendar = read.calendar("england-and-wales")
        assert calendar
        found: list[RankedLine] = []
        reading = calls(lambda: found.extend(stands(read, read.late(NOW).lines, NOW)))
        showing = calls(lambda: list(due_page(found, lambda _: calendar, NOW, WIDTH).text(WIDTH)))
    assert len(found) > 300
    assert reading / len(found) < 46
    assert showing / len(found) < 330


def plans(path: Path, most: int | None) -> Iterator[str]:
    """How SQLite goes about each question that reading what is late asks."""
    asked: list[str] = []
    with open_lists(path) as read:
        connection_of(read).set_trace_callback(asked.append)
        read.late(NOW, most)
        connection_of(read).set_trace_callback(None)
        for query in asked:
            for row in connection_of(read).execute(f"EXPLAIN QUERY PLAN {query}"):
                yield row["detail"]


def test_what_has_ended_is_not_read_and_not_listed(seed: Path, tmp_path: Path) -> None:
    """However many calls were missed or ceased: no list of what is owed has any of them, nor looks at them to leave them out."""
    few, many = tmp_path / "few.db", tmp_path / "many.db"
    for path in (few, many):
        multiplied(seed, path, 200, Random(3))
    with closing(sqlite3.connect(many)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(deadline)") if row[1] not in ("n", "ended_at")]
        names = ", ".join(f'"{name}"' for name in columns)
        db.execute(
            f"INSERT INTO deadline (n, ended_at, {names}) WITH RECURSIVE more(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM more WHERE k < 150)"
            f" SELECT 1000 * k + n, '2026-11-20T10:00:00Z', {names} FROM deadline, more"
        )
        assert db.execute("SELECT count(*) FROM deadline").fetchone()[0] > 40_000
    with open_lists(few) as without, open_lists(many) as with_ended:
        for read in (
            Lists.due,
            lambda lists: list(lists.due_in_turn()),
            lambda lists: lists.late(NOW),
            Lists.beyond_published,
        ):
            assert read(with_ended) == read(without)
        assert with_ended.number_due(50) == without.number_due(50)
        assert with_ended.counted_on == without.counted_on
        places = [line.place for line in without.due()]
        assert list(with_ended.due_at(places)) == list(without.due_at(places))
    for most in (None, 50):
        assert steps(many, most) <= 1.2 * steps(few, most) + 2


def test_what_is_missed_can_be_read_with_other_programs(seed: Path, tmp_path: Path) -> None:
    """The two views share out what is not done: what is owed still, and what had run out when it ended."""
    path = tmp_path / "cases.db"
    path.write_bytes(seed.read_bytes())
    with closing(sqlite3.connect(path)) as db, db:
        first, exactly, in_time, window, undated, *owed = [
            row[0] for row in db.execute("SELECT rowid FROM deadline WHERE met_at IS NULL ORDER BY rowid")
        ]
        day = "2026-11-20T10:00:00Z"
        for rowid, due, is_window in ((first, "2026-11-20T09:59:59Z", 0), (exactly, day, 0), (in_time, "2026-11-20T10:00:01Z", 0),
                                      (window, "2026-11-19T10:00:00Z", 1), (undated, None, 0)):  # fmt: skip
            db.execute(
                "UPDATE deadline SET due_at = ?, ended_at = ?, ended_entry = 1, is_window = ? WHERE rowid = ?",
                [due, day, is_window, rowid],
            )
        place = db.execute("SELECT case_ref, action, due_at FROM deadline WHERE rowid = ?", [first]).fetchone()
        assert db.execute("SELECT case_ref, action, due_at FROM missed_deadline").fetchall() == [place]
        assert db.execute("SELECT count(*) FROM open_deadline").fetchone()[0] == len(owed) > 3


@pytest.mark.parametrize("query", sorted(name for name in STATEMENTS if "due" in name))
def test_what_is_owed_is_never_looked_for_in_the_whole_table(seed: Path, query: str) -> None:
    """What is met or ended soon is most of the table of deadlines: only what belongs to a case is looked up in it."""
    values = {"these": "[]", "now": written(NOW), "at": written(NOW), "late": 1, "overtaken": 1, "after": 1, "last": 9}
    with open_lists(seed) as read:
        steps = connection_of(read).execute(f"EXPLAIN QUERY PLAN {STATEMENTS[query]}", values)
        plan = [row["detail"] for row in steps]
    whole = [step for step in plan if step.startswith(("SCAN d", "SCAN deadline")) and "INDEX deadline_" not in step]
    assert whole == [], plan


@pytest.mark.parametrize(("query", "index"), [("open_about", "cases_subject"), ("open_raised", "cases_raised")])
def test_open_cases_that_may_be_about_the_same_are_found_in_an_index(seed: Path, query: str, index: str) -> None:
    """Among however many cases: so many rows are looked at as are found."""
    values = {"these": '["M-1", "m-1"]', "since": written(NOW), "until": written(NOW), "most": 200}
    with open_lists(seed) as read:
        steps = connection_of(read).execute(f"EXPLAIN QUERY PLAN {STATEMENTS[query]}", values)
        plan = [row["detail"] for row in steps]
    assert [step for step in plan if step.startswith("SCAN") and not step.startswith("SCAN json_each")] == [], plan
    assert [step for step in plan if step.startswith(f"SEARCH cases USING INDEX {index} ")] != [], plan


@pytest.mark.parametrize("most", [None, 50])
def test_what_is_late_is_found_in_indexes_alone(seed: Path, most: int | None) -> None:
    steps = list(plans(seed, most))
    tables = {
        step
        for step in steps
        if step.startswith(("SCAN deadline", "SCAN cases", "SCAN d ", "SCAN c ", "SCAN h ", "SCAN w "))
    }
    assert tables == {"SCAN deadline USING COVERING INDEX deadline_standing"}
    assert "SEARCH deadline USING COVERING INDEX deadline_open (due_at<?)" in steps
    assert "SEARCH deadline USING COVERING INDEX deadline_overtaken (ahead_at<?)" in steps


def test_the_newest_cases_are_read_and_no_others(seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    multiplied(seed, path, 60, Random(3))
    with open_lists(path) as read:
        everything = read.cases(identify=True)
        assert [line.ref for line in everything[:2]] == ["E10009", "E10008"]
        assert read.number_of_cases == len(everything)
        for most in (1, 7, 500):
            assert read.cases(most, identify=True) == everything[:most]
    said = unit.did(path, "list", "--limit", "3", now="2026-11-24T10:00")
    begun = [line.split(" ")[0] for line in said.splitlines()[1:] if line.startswith("E")]
    assert begun == ["E10009", "E10008", "E10007"]
    assert said.endswith("Showing 3 of 64.\n")


@pytest.mark.parametrize("now", ["2026-11-01T10:00", "2026-11-24T10:00", "2027-01-24T10:00"])
def test_the_beginning_of_the_list_is_the_beginning_of_the_whole_list(seed: Path, tmp_path: Path, now: str) -> None:
    path = tmp_path / "cases.db"
    multiplied(seed, path, 60, Random(5))
    whole = json.loads(unit.did(path, "due", "--json", now=now))
    always = sum(each["standing_action"] for each in whole)
    for most in (1, 5, always, 30, 90, 500):
        room = iter([True] * (most - always))
        shown_of_whole = [each for each in whole if each["standing_action"] or next(room, False)]
        assert json.loads(unit.did(path, "due", "--limit", str(most), "--json", now=now)) == shown_of_whole, most
    late = [each for each in whole if each["standing"] == "overdue"]
    assert json.loads(unit.did(path, "due", "--overdue", "--json", now=now))[: len(late)] == whole[: len(late)]
    shown = unit.did(path, "due", "--limit", "3", now=now)
    assert shown.splitlines()[-1] == f"Showing {max(3, always)} of {len(whole)}."
