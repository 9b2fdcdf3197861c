"""The doctor: every line says what to do, what can be worked out anew is put right, and what is well is left alone."""

import json
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.driver import unit
from tests.promises.cases import NOW, sound
from tests.promises.test_tampering import past_the_guards


@pytest.fixture(scope="module")
def backed_up(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("doctor") / "escalate" / "cases.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(made, path)
    path.chmod(0o600)
    path.chmod(0o600)
    unit.did(path, "backup", now=NOW)
    return path.parent


@pytest.fixture
def cases(backed_up: Path, tmp_path: Path) -> Path:
    return shutil.copytree(backed_up, tmp_path / "escalate") / "cases.db"


def findings(path: Path, *options: str, now: str = NOW, **more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(unit(path, "doctor", "--json", *options, now=now, **more).stdout)[
        "findings"
    ]
    return found


def wrong(path: Path, *options: str, now: str = NOW, **more: str) -> list[tuple[str, str, bool]]:
    found = findings(path, *options, now=now, **more)
    assert all(each["advice"] for each in found if each["state"] != "well"), "every line says what to do"
    return [(each["about"], each["says"], each["repairable"]) for each in found if each["state"] == "wrong"]


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in statements:
            db.execute(statement)


def test_where_all_is_well_everything_is_said_to_have_been_looked_at(cases: Path) -> None:
    found = findings(cases)
    assert {each["about"] for each in found} == {
        "Version", "Settings", "Clock", "Protocols", "File", "History", "Witness", "Lists", "Calendars", "Private", "Backups",
    }  # fmt: skip
    assert {each["state"] for each in found} == {"well"}
    assert unit(cases, "doctor", now=NOW).status == 0
    page = unit(cases, "doctor", now=NOW).stdout.splitlines()
    assert {line.split()[0] for line in page if line[:1].strip()} <= {"OK", "note"}


def test_settings_are_said_to_be_read_from_a_file_only_where_there_is_one(cases: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"

    def said() -> str:
        found = {each["about"]: each["says"] for each in findings(cases, ESCALATE_CONFIG=str(path))}
        return str(found["Settings"])

    assert said() == f"none are kept: there is no {path}"
    path.write_text('at_risk = "2 working days"\n', encoding="utf-8")
    assert said() == f"read from {path}"


LISTS = (
    "DELETE FROM deadline",
    "UPDATE cases SET stage = '4', status = 'open' WHERE number = 1",
    "UPDATE deadline SET due_at = '2030-01-01T00:00:00Z' WHERE case_ref = 'E0002'",
    "DELETE FROM holder",
    "DELETE FROM told",
    "DELETE FROM search_index",
    "UPDATE search_index SET content = 'something else' WHERE case_ref = 'E0002'",
    "INSERT INTO search_index (content, case_ref, seq, field, kind) VALUES ('x', 'E0002', 1, 'about', 'text')",
    "DELETE FROM search_index_data WHERE id > 10",
)


@pytest.mark.slow
@pytest.mark.parametrize("statement", LISTS)
def test_lists_that_are_not_what_the_history_comes_to_are_worked_out_anew(cases: Path, statement: str) -> None:
    before = unit.did(cases, "due", "--json", now=NOW), unit.did(cases, "list", "--json", now=NOW)
    changed(cases, "PRAGMA foreign_keys = OFF", statement)
    found = wrong(cases)
    assert {(about, repairable) for about, _, repairable in found} == {("Lists", True)}, found
    assert not sound(cases)
    assert unit(cases, "doctor", now=NOW).status == 1
    says = unit.did(cases, "doctor", "--repair", now=NOW)
    assert "Rebuilt the lists of cases and deadlines, and the index, from the history" in says
    assert wrong(cases) == []
    assert sound(cases)
    assert (unit.did(cases, "due", "--json", now=NOW), unit.did(cases, "list", "--json", now=NOW)) == before


def test_a_changed_history_is_not_something_that_can_be_repaired(cases: Path) -> None:
    with past_the_guards(cases) as db:
        db.execute("UPDATE entry SET \"by\" = 'somebody else' WHERE id = 2")
    assert [(about, repairable) for about, _, repairable in wrong(cases, "--repair")] == [("History", False)]


OTHERS: list[tuple[Callable[[Path], object], str]] = [
    (lambda path: path.chmod(0o644), "others who use this computer can read {path}"),
    (lambda path: path.parent.chmod(0o755), "others who use this computer can read {path.parent}"),
    (lambda path: (path.parent / "backups").chmod(0o777), "others who use this computer can read {path.parent}/backups"),
    (lambda path: next((path.parent / "backups").glob("*.db")).chmod(0o640), "can read {path.parent}/backups/cases-2026"),
    (lambda path: left(path.parent / ".escalate-abc.part"), "{path.parent}/.escalate-abc.part was left half made"),
    (lambda path: left(path.parent / "backups" / ".escalate-x.part"), ".escalate-x.part was left half made"),
    (lambda path: changed(path, "INSERT INTO kept (name, value) VALUES ('to wipe', '1')"), ""),
]  # fmt: skip


def left(path: Path) -> None:
    path.write_text("x")
    path.chmod(0o600)
    long_ago = time.time() - 5 * 366 * 24 * 3600
    os.utime(path, (long_ago, long_ago))


@pytest.mark.slow
@pytest.mark.parametrize(("harm", "says"), OTHERS, ids=lambda value: value if isinstance(value, str) else "")
def test_what_stands_open_or_was_left_is_put_right(cases: Path, harm: Callable[[Path], object], says: str) -> None:
    harm(cases)
    found = wrong(cases)
    if says:  # what was to be wiped is wiped by whoever opens the file
        assert [repairable for _, _, repairable in found] == [True]
        assert says.format(path=cases) in found[0][1]
        assert unit(cases, "doctor", "--repair", now=NOW).status == 0
    assert wrong(cases) == []
    assert stat.S_IMODE(cases.stat().st_mode) == 0o600
    assert not list(cases.parent.rglob("*.part"))


def test_what_was_erased_and_is_still_in_a_backup_is_found_and_erased(cases: Path, tmp_path: Path) -> None:
    [backup] = (cases.parent / "backups").glob("*.db")
    shutil.copyfile(backup, tmp_path / "kept.db")
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    shutil.copyfile(tmp_path / "kept.db", backup)
    [found] = wrong(cases)
    assert (found[0], found[2], "still has words that were erased" in found[1]) == ("Erased", True, True)
    assert f"Erased in {backup.name} what was erased since" in unit.did(cases, "doctor", "--repair", now=NOW)
    assert b"canary" not in backup.read_bytes().lower()


def test_a_clock_that_is_wrong_and_settings_that_cannot_be_read_are_told(cases: Path) -> None:
    [(about, says, _)] = wrong(cases, ESCALATE_CALENDAR="wales")
    assert (about, 'ESCALATE_CALENDAR: "wales" is not a calendar' in says) == ("Settings", True)
    assert (
        "Clock",
        "the clock says Thursday 1 January 1970 01:00 in London, before escalate was made",
        False,
    ) in wrong(cases, now="1970-01-01T00:00Z")
    assert wrong(cases, ESCALATE_AT_RISK="soon")[0][0] == "Settings"
    early = wrong(cases, now="2026-11-20T09:30")
    assert [(about, says) for about, says, _ in early] == [
        ("Clock", "the last entry was recorded Monday 23 November 2026 10:00, which is in the future")
    ]


def test_calendars_that_end_soon_and_backups_that_are_old_are_worth_knowing(cases: Path) -> None:
    notes = [each for each in findings(cases, now="2028-06-01T10:00") if each["state"] == "note"]
    assert {each["about"] for each in notes} == {"Calendars", "Backups"}
    assert any("published to Sunday 31 December 2028" in each["says"] for each in notes)
    assert unit(cases, "doctor", now="2028-06-01T10:00").status == 0


def test_protocol_files_with_mistakes_are_told(cases: Path) -> None:
    folder = cases.parent / "no-protocols"
    folder.mkdir()
    (folder / "mine.toml").write_text("id = 3")
    found = wrong(cases)
    assert {about for about, _, _ in found} == {"Protocols"}
    assert any("mine.toml" in says for _, says, _ in found)


@pytest.mark.parametrize("harm", ["cut", "foreign", "newer", "none"])
def test_a_file_that_cannot_be_opened_is_one_finding_among_the_others(cases: Path, harm: str) -> None:
    match harm:
        case "cut":
            cases.write_bytes(cases.read_bytes()[:9000])
        case "foreign":
            cases.unlink()
            changed(cases, "CREATE TABLE x (y)")
            cases.chmod(0o600)
        case "newer":
            changed(cases, "PRAGMA user_version = 99")
        case _:
            cases.unlink()
    before = cases.read_bytes() if cases.exists() else None
    found = findings(cases, "--repair")
    about = [each for each in found if each["state"] != "well"]
    assert [each["about"] for each in about] == ["Cases"]
    assert about[0]["state"] == "wrong"
    assert (cases.read_bytes() if cases.exists() else None) == before
