"""Saying less: nothing, `help`, `new`, the beginning of an action, several at once."""

import json
from pathlib import Path

import pytest

from tests.driver import Escalate, Office

run = Office()
NOW = "2026-11-23T10:00"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "cases.db"
    run.did(
        found,
        "new",
        "hull-east-riding",
        "--subject",
        "M-1",
        "--from",
        "A",
        "--to",
        "B",
        "--stage",
        "1",
        now="2026-11-19T10:00",
    )
    run.did(found, "open", "herefordshire", "--subject", "M-2", "--from", "A", "--to", "B", now="2026-11-19T10:00")
    return found


def test_nothing_says_today_in_at_most_ten_lines_and_what_to_type_next(path: Path) -> None:
    for number in range(8):
        run.did(
            path,
            "open",
            "hull-east-riding",
            "--subject",
            f"M-1{number}",
            "--from",
            "A",
            "--to",
            "B",
            now="2026-11-19T10:00",
        )
    lines = run.did(path, now=NOW, COLUMNS="80").splitlines()
    assert len(lines) <= 10
    assert all(len(line) <= 80 for line in lines)
    assert lines[0].startswith("Monday 23 November 2026 10:00: ")
    assert "E0001 (M-1)  discussion: due Fri 20 Nov 10:00, 3 days late" in lines
    assert lines[-2].startswith("Type next: escalate due")


def test_nothing_says_today_one_line_for_each_case_and_how_many_more_there_are(tmp_path: Path) -> None:
    found = tmp_path / "cases.db"
    for number in range(6):
        run.did(found, "open", "lincolnshire", "--subject", f"N-{number}", now="2026-11-19T10:00")
    lines = run.did(found, now=NOW).splitlines()
    shown = [line for line in lines if line.startswith("E000")]
    assert len({line.split()[0] for line in shown}) == len(shown)
    assert f"and {6 - len(shown)} more cases." in lines


def test_a_limit_further_up_that_makes_it_urgent_is_said(tmp_path: Path) -> None:
    found = tmp_path / "cases.db"
    run.did(found, "open", "herefordshire", "--subject", "M-1", "--from", "A", "--to", "B", now="2026-11-26T16:00")
    shown = run.did(found, now="2026-11-30T08:00")
    assert "E0001 (M-1)  resolve: no date, limit of stage 1: Tue 1 Dec" in shown.splitlines()


def test_nothing_where_there_is_nothing(escalate: Escalate, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "ESCALATE_NOW": NOW}
    shown = escalate(environment=home).stdout
    assert shown.startswith("There are no cases yet: ")
    assert "escalate demo" in shown
    assert not any(tmp_path.iterdir())
    missing = run(tmp_path / "gone" / "cases.db", now=NOW)
    assert (missing.status, missing.stdout, "is not there" in missing.stderr) == (1, "", True)


@pytest.mark.parametrize("words", [("note",), ("protocol", "show"), ()])
def test_help_is_a_word_as_well(path: Path, words: tuple[str, ...]) -> None:
    assert run.did(path, "help", *words, now=NOW) == run.did(path, *words, "--help", now=NOW)


def test_an_action_is_named_by_its_beginning(path: Path) -> None:
    run.did(path, "done", "M-1", "dis", now=NOW)
    assert {
        each["action"] for each in json.loads(run.did(path, "due", "--json", now=NOW)) if each["case"] == "E0001"
    } == {"resolve"}
    ran = run(path, "done", "1", "nothing-such", now=NOW)
    assert (ran.status, ran.stdout) == (1, "")


def test_several_are_recorded_together_or_not_at_all(path: Path) -> None:
    run.did(path, "set", "1", "immediate-risk=yes", now="2026-11-23T09:00")
    before = run.did(path, "log", "1", now=NOW)
    ran = run(path, "done", "1", "lead-told", "no-such", now=NOW)
    assert (ran.status, run.did(path, "log", "1", now=NOW)) == (1, before)
    ran = run(path, "done", "1", "lead-told", "lead-told", now=NOW)
    assert (ran.status, run.did(path, "log", "1", now=NOW)) == (1, before)
    assert run(path, "done", "1", "lead-told", "police", "--call", "1", now=NOW).status == 2
    run.did(path, "done", "1", "lead-told", "police", "discussion", "--at", "9:30", "--note", "By telephone", now=NOW)
    still = {each["action"] for each in json.loads(run.did(path, "due", "--json", now=NOW)) if each["case"] == "E0001"}
    assert still == {"resolve"}
    assert run.did(path, "log", "1", now=NOW).count("By telephone") == 3
    run.did(path, "verify", now=NOW)
