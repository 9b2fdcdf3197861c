"""The database file: private, append-only, made once however many try, and its derived tables equal to a rebuild."""

import json
import os
import re
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.redated import Redated
from escalate.domain.recording import advancing, opening
from escalate.domain.recording.acts import note
from escalate.domain.recording.details import Details
from escalate.domain.recording.request import Recording
from escalate.errors import Ambiguous, Refused, UnknownName
from escalate.storage import history, redating
from escalate.storage.entries import commitment
from escalate.storage.files.protocols import find_protocol, shipped_folder
from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.sqlite import schema
from escalate.storage.store import Store, open_store
from tests import new_files
from tests.calendars import ENGLAND, at
from tests.connections import connection_of

HULL = find_protocol("hull-east-riding", shipped_folder())


def recording(happened: str, recorded: str | None = None) -> Recording:
    return Recording("tests", at(recorded or happened), at(happened))


def open_case(
    file: Store, raised: str = "2026-11-20 10:00", about: str | None = None, recorded: str | None = None
) -> CaseFile:
    entry = opening.open_case(
        "",
        HULL.protocol,
        HULL.digest,
        recording(raised, recorded),
        Details("S-1", "A", "B", words={"about": about} if about else {}),
    )
    with file.writing():
        file.keep_calendars(HULL.protocol, lambda _: ENGLAND, "tests", at(raised))
        file.keep_edition(HULL, at(raised))
        return file.append(entry._replace(case=file.next_ref()))


def advance(file: Store, ref: str, happened: str) -> CaseFile:
    with file.writing():
        case = file.case(ref)
        return file.append(advancing.advance(case.protocol, case.case, recording(happened)))


def test_an_entry_costs_the_same_however_many_there_are(tmp_path: Path) -> None:
    """Counted in statements, so that no clock is needed."""

    def asked(file: Store, ref: str) -> list[str]:
        done: list[str] = []
        connection_of(file).set_trace_callback(done.append)
        with file.writing():
            file.append(note(file.case(ref).case, recording("2026-11-21 10:00"), "Rang them"))
        connection_of(file).set_trace_callback(None)
        return [each.split("(")[0].strip() for each in done if not each.startswith("--")]

    with open_store(tmp_path / "cases.db") as file:
        ref = open_case(file).case.ref
        first = asked(file, ref)
        for _ in range(20):
            open_case(file)
            asked(file, ref)
        assert asked(file, ref) == first
    assert len(first) <= FEW_STATEMENTS


FEW_STATEMENTS = 24
"""Reading the case, adding the entry, and deriving all of its rows anew; where a table has triggers, each counts as a statement."""


def raw(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def test_the_version_store_knows_is_the_schemas() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        migrations = len(schema.migrations.pending(Database(connection)))
    assert migrations == SCHEMA_VERSION


def test_a_new_file_of_the_tests_is_what_the_migrations_leave() -> None:
    """Its name and the days of the migrations apart."""

    def content(migrate: Callable[[sqlite3.Connection, int], None]) -> list[str]:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            migrate(connection, SCHEMA_VERSION)
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            lines = [re.sub(r"'file','\w{32}'|'20[^']+\+00:00'", "", line) for line in connection.iterdump()]
            return [str(version), *lines]

    assert content(new_files.migrate) == content(new_files.WALKED)


def test_the_file_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with open_store(tmp_path / "new" / "cases.db") as file:
            open_case(file)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "cases.db").stat().st_mode) == 0o600


def test_the_pragmas_are_those_of_the_design(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        db = connection_of(file)
        found = {name: db.execute(f"PRAGMA {name}").fetchone()[0] for name in EXPECTED_PRAGMAS}
    assert found == EXPECTED_PRAGMAS


EXPECTED_PRAGMAS = {
    "journal_mode": "delete",
    "synchronous": 3,
    "fullfsync": 1,
    "foreign_keys": 1,
    "secure_delete": 1,
    "trusted_schema": 0,
    "busy_timeout": 10_000,
}


def test_tables_are_strict(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        tables = (
            connection_of(file)
            .execute("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0")
            .fetchall()
        )
    assert [row[0] for row in tables if not row[0].startswith(("sqlite_", "_sqlite_"))] == []


BYPASSES = [
    "UPDATE entry SET at = '2026-01-01T00:00:00Z'",
    "UPDATE entry SET id = 9 WHERE id = 1",
    "DELETE FROM entry",
    "REPLACE INTO entry SELECT * FROM entry WHERE id = 1",
    "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE id = 1",
    "INSERT INTO entry SELECT * FROM entry WHERE id = 1 ON CONFLICT (id) DO UPDATE SET at = ''",
    'INSERT INTO entry SELECT 9, case_ref, 3, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
    'INSERT INTO entry SELECT 3, case_ref, 9, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
    'INSERT INTO entry SELECT 3, case_ref, 1, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
    'INSERT INTO entry SELECT 0, case_ref, 0, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
]


@pytest.mark.parametrize("bypass", BYPASSES)
def test_history_is_append_only_even_for_a_raw_connection(tmp_path: Path, bypass: str) -> None:
    with open_store(tmp_path / "cases.db") as file:
        advance(file, open_case(file).case.ref, "2026-11-20 11:00")
    with closing(raw(tmp_path / "cases.db")) as db:
        before = db.execute("SELECT * FROM entry").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="an entry is"):
            db.execute(bypass)
        assert db.execute("SELECT * FROM entry").fetchall() == before


def test_derived_tables_equal_a_rebuild(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        for day in (18, 19, 20):
            advance(file, open_case(file, f"2026-11-{day} 10:00").case.ref, f"2026-11-{day} 12:00")
        before = file.derived.rows()
        with file.writing():
            connection_of(file).execute("DELETE FROM deadline")
            connection_of(file).execute("UPDATE cases SET stage = '7'")
            file.derived.rebuild()
        assert file.derived.rows() == before
        assert len(before) > 3


def test_a_dry_run_or_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        ref = open_case(file).case.ref
        before = file.derived.rows()
        with file.writing(dry_run=True):
            file.append(note(file.case(ref).case, recording("2026-11-20 11:00"), "x"))
        with pytest.raises(RuntimeError), file.writing():
            file.append(note(file.case(ref).case, recording("2026-11-20 11:00"), "x"))
            raise RuntimeError
        assert file.derived.rows() == before
        assert [entry.kind for entry in file.case(ref).case.history] == ["opened"]


def test_what_was_just_recorded_is_known_as_it_is_read_and_what_others_record_is_read(tmp_path: Path) -> None:
    """While the lock is held a case is read once; before and after that others may have recorded in it."""
    with open_store(tmp_path / "escalate.db") as one, open_store(tmp_path / "escalate.db") as other:
        ref = open_case(one, about="Refused a referral").case.ref
        for file in (one, other, one):
            with file.writing():
                before = file.case(ref)
                added = file.append(note(before.case, recording("2026-11-21 10:00"), "Said \u2028 it"))
                assert added == file.case(ref)
                assert list(added.case.history) == next(file.history.of_each([ref]))  # which reads it
            assert one.case(ref).case == other.case(ref).case == added.case
        assert [entry.seq for entry in one.case(ref).case.history] == [1, 2, 3, 4]


def test_words_live_apart_and_the_entry_keeps_a_commitment(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        open_case(file, about="CANARY")
    with closing(raw(tmp_path / "cases.db")) as db:
        data, commitments = db.execute("SELECT data, commitments FROM entry").fetchone()
        words = {
            field: (kind, salt, content)
            for field, kind, salt, content in db.execute("SELECT field, kind, salt, content FROM words")
        }
    assert "CANARY" not in data + commitments
    assert "S-1" not in data + commitments
    assert {field: (kind, content) for field, (kind, _, content) in words.items()} == {
        "about": ("text", "CANARY"),
        "subject": ("subject", "S-1"),
    }
    assert json.loads(commitments) == {field: commitment(salt, content) for field, (_, salt, content) in words.items()}


def test_the_edition_and_the_calendar_are_kept_in_the_file(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        open_case(file)
        open_case(file)
        editions = connection_of(file).execute("SELECT protocol, text FROM edition").fetchall()
        kept = file.calendar("england-and-wales")
    assert [tuple(row) for row in editions] == [("hull-east-riding", HULL.text)]
    assert kept is not None
    assert (kept.days_off, kept.published_to, kept.first, kept.last) == (
        ENGLAND.days_off,
        ENGLAND.published_to,
        ENGLAND.first,
        ENGLAND.last,
    )


@pytest.mark.slow
def test_many_first_openings_at_once_make_one_file(tmp_path: Path) -> None:
    def first(_: int) -> str:
        with open_store(tmp_path / "cases.db") as file:
            return open_case(file).case.ref

    with ThreadPoolExecutor(20) as pool:
        refs = sorted(pool.map(first, range(20)))
    assert refs == [f"E{number:04}" for number in range(1, 21)]


FINDS = [
    ("E0007", "E0007"),
    ("e7", "E0007"),
    ("7", "E0007"),
    ("0007", "E0007"),
    ("12", "E0012"),
    ("1", "E0001"),
    ("011", "E0011"),
]


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("twenty") / "cases.db"
    with open_store(path) as file:
        for _ in range(20):
            open_case(file)
    return path


@pytest.mark.parametrize(("text", "ref"), FINDS)
def test_a_case_is_named_by_its_reference_its_number_or_a_unique_ending(twenty: Path, text: str, ref: str) -> None:
    with open_store(twenty) as file:
        assert file.find(text) == ref


def test_an_ending_of_several_cases_is_refused_with_them(twenty: Path) -> None:
    with open_store(twenty) as file:
        with pytest.raises(Ambiguous, match="E0010 or E0020"):
            file.find("0")
        for text in ("", "99", "%", "_", "E", "x7", "e-7", "NHS-0007"):
            with pytest.raises((UnknownName, Ambiguous)):
                file.find(text)


def test_as_known_leaves_out_what_was_recorded_later(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        ref = open_case(file).case.ref
        with file.writing():
            case = file.case(ref)
            late = recording("2026-11-20 11:00", recorded="2026-11-25 10:00")
            file.append(advancing.advance(case.protocol, case.case, late))
        assert [line.deadline.stage for line in file.lists_as_known(at("2026-11-24 10:00")).due()] == ["1", "1"]
        assert [line.deadline.stage for line in file.lists_as_known(at("2026-11-25 10:00")).due()] == ["1", "2", "2"]
        assert file.lists_as_known(at("2026-11-19 10:00")).due() == []
        with pytest.raises(Refused, match="Nothing was recorded of E0001 by"):
            file.case(ref, at("2026-11-19 10:00"))


def test_what_was_recorded_while_the_clock_ran_ahead_is_known_once_more_follows(tmp_path: Path) -> None:
    """Otherwise a case that was opened under a wrong clock would be known to nobody who looks back, until that day comes."""
    with open_store(tmp_path / "cases.db") as file:
        ref = open_case(file, recorded="2030-01-01 10:00").case.ref
        assert list(file.files(at("2026-11-26 10:00"))) == []
        with file.writing():
            file.append(note(file.case(ref).case, recording("2026-11-25 10:00"), "x"))
        when = ("2026-11-25 09:59", "2026-11-25 10:00")
        assert [[len(each.case.history) for each in file.files(at(moment))] for moment in when] == [[], [2]]
        assert file.history.protocols(at(when[1])) == ["hull-east-riding"]
        changed = list(file.changes(at(when[1]), at("2030-01-01 10:00")))
        assert [each.before and len(each.before.case.history) for each in changed] == [2]


def test_a_file_worked_out_by_other_rules_is_worked_out_anew(tmp_path: Path) -> None:
    with open_store(tmp_path / "cases.db") as file:
        open_case(file)
        right = file.derived.rows()
    with closing(raw(tmp_path / "cases.db")) as db:
        db.execute("UPDATE deadline SET due_at = '2030-01-01T00:00:00Z'")
        db.execute("UPDATE kept SET value = '0' WHERE name = 'rules'")
    with open_store(tmp_path / "cases.db") as file:
        assert file.derived.rows() == right


def test_of_a_file_that_is_worked_out_anew_the_dates_of_a_few_cases_are_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(tmp_path / "cases.db") as file:
        refs = [open_case(file).case.ref for _ in range(5)]
    with closing(raw(tmp_path / "cases.db")) as db:
        db.execute("UPDATE deadline SET due_at = '2030-01-01T00:00:00Z'")
        db.execute("UPDATE kept SET value = '0' WHERE name = 'rules'")
    held: list[set[str]] = []
    compared = redating._redated

    def noted(before: redating.OpenDates, after: redating.OpenDates) -> list[Redated]:
        held.append({case for case, *_ in (*before, *after)})
        return compared(before, after)

    monkeypatch.setattr(history, "AT_ONCE", 2)
    monkeypatch.setattr(redating, "_redated", noted)
    with open_store(tmp_path / "cases.db") as file:
        moved = file.database.redated
        assert redating.kept(file.database) == moved
    assert held == [set(refs[:2]), set(refs[2:4]), set(refs[4:])]
    assert list(dict.fromkeys(each.case for each in moved)) == refs
