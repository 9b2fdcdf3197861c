"""A file that was named has to be there: an absent network drive must never look like an empty list."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.command_line import Ran
from tests.driver import escalate
from tests.sizes import sampled

pytestmark = pytest.mark.file_only(
    "a file that is not there; a server that is not is in tests/storage/postgresql/test_connecting.py"
)

LINES = (
    "due", "due --overdue --exit-code", "due --json", "due --as-of yesterday", "list", "list --json", "search words", "report", "report --json",
    "report --suppress 5", "export csv --what cases", "export json", "export ics", "digest", "digest --json", "backup", "verify", "doctor", "show 1", "log 1", "explain 1",
    "note 1 x", "set 1 severity=high", "done 1 x", "agree 1 tomorrow", "advance 1", "resolve 1", "withdraw 1", "reopen 1", "undo 1", "assign 1 x",
    "erase 1", "form 1", "protocol adopt herefordshire", "calendar show", "calendar check", "calendar add tomorrow --reason x --dry-run",
    "calendar remove tomorrow --reason x --dry-run", "calendar refresh --dry-run",
)  # fmt: skip
"""Everything that reads or changes the file with the cases, but for what begins one."""


def run(folder: Path, line: str, *more: str, **environment: str) -> Ran:
    home = {"HOME": str(folder), "ESCALATE_NOW": "2026-11-20T10:00", "ESCALATE_BY": "tests"}
    return escalate(*line.split(), *more, environment={**home, **environment}, folder=folder)


def ways_to_name(folder: Path, path: Path) -> Mapping[str, dict[str, str]]:
    """Each way to name a file, by what the sentence calls it."""
    settings = folder / "settings.toml"
    settings.write_text(f"database = '{path}'\n", encoding="utf-8")
    return {"ESCALATE_DB": {"ESCALATE_DB": str(path)}, str(settings): {"ESCALATE_CONFIG": str(settings)}}


@pytest.mark.parametrize("line", sampled(LINES, 3))
def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path, line: str) -> None:
    path = tmp_path / "share" / "cases.db"
    ways = ways_to_name(tmp_path, path)
    for named_by, environment in ways.items():
        ran = run(tmp_path, line, **environment)
        said = ran.stdout if line == "doctor" else ran.stderr
        assert ran.status == 1, ran
        assert f"{path} is not there, and {named_by} names it: " in " ".join(said.split()), ran
        assert line == "doctor" or ran.stdout == ""
        assert line == "doctor" or ran.stderr.count("\n") == 1
    ran = run(tmp_path, f"--db {path} {line}")
    assert (ran.status, "and --db names it" in " ".join((ran.stdout + ran.stderr).split())) == (1, True)
    assert not path.parent.exists()


def test_nothing_named_and_nothing_there_is_an_empty_list(tmp_path: Path) -> None:
    ran = run(tmp_path, "due --overdue --exit-code")
    assert (ran.status, "Nothing is due." in ran.stdout) == (0, True)
    assert ran.stderr == f"There are no cases yet: {tmp_path}/.local/share/escalate/escalate.db will be made when the first one is opened.\n"  # fmt: skip
    assert json.loads(run(tmp_path, "list --json").stdout) == []


@pytest.mark.parametrize("named", [True, False])
def test_open_says_that_it_begins_a_new_file_and_where(tmp_path: Path, named: bool) -> None:
    path = tmp_path / ("cases.db" if named else ".local/share/escalate/escalate.db")
    environment = {"ESCALATE_DB": str(path)} if named else {}
    dry = run(tmp_path, "open herefordshire --about x --dry-run", **environment)
    assert (dry.status, dry.stderr, path.exists()) == (0, "", False)
    first = run(tmp_path, "open herefordshire --about x --json", **environment)
    assert (first.status, first.stderr) == (0, f"A new file of cases begins here: {path}.\n")
    assert json.loads(first.stdout)["case"] == "E0001"
    again = run(tmp_path, "open herefordshire --about x", **environment)
    assert (again.status, again.stderr) == (0, "")


def test_what_is_refused_begins_no_file_and_says_nothing_of_one(tmp_path: Path) -> None:
    ran = run(tmp_path, "open herefordshire --about x --at tomorrow", ESCALATE_DB=str(tmp_path / "cases.db"))
    assert ran.status == 1
    assert "begins here" not in ran.stderr
    assert not (tmp_path / "cases.db").exists()


def test_import_says_that_it_begins_a_new_file_only_when_it_writes(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("Date raised\n18 Nov 2026\n", encoding="utf-8")
    path, environment = tmp_path / "cases.db", {"ESCALATE_DB": str(tmp_path / "cases.db")}
    looked = run(tmp_path, "import log.csv --protocol herefordshire", **environment)
    assert (looked.status, looked.stderr, path.exists()) == (0, "", False)
    written = run(tmp_path, "import log.csv --protocol herefordshire --write", **environment)
    assert (written.status, written.stderr) == (0, f"A new file of cases begins here: {path}.\n")
    assert len(json.loads(run(tmp_path, "list --json", **environment).stdout)) == 1


def test_restore_and_demo_need_no_file(tmp_path: Path) -> None:
    environment = {"ESCALATE_DB": str(tmp_path / "cases.db")}
    assert run(tmp_path, "demo", **environment).status == 0
    run(tmp_path, "open herefordshire --about x", **environment)
    run(tmp_path, "backup", **environment)
    (backup,) = (tmp_path / "backups").glob("*.db")
    (tmp_path / "cases.db").unlink()
    assert "begins here" not in run(tmp_path, "restore", str(backup), "--dry-run", **environment).stderr
    restored = run(tmp_path, "restore", str(backup), "--yes", **environment)
    assert (restored.status, restored.stderr) == (0, f"A new file of cases begins here: {tmp_path / 'cases.db'}.\n")
    again = run(tmp_path, "restore", str(backup), "--yes", **environment)
    assert (again.status, "begins here" in again.stderr) == (0, False)
    assert len(json.loads(run(tmp_path, "list --json", **environment).stdout)) == 1


@pytest.mark.parametrize(
    ("line", "words"), [("calc", ["2026-12-23 10:00", "3 working days"]), ("plan herefordshire", []), ("calc -", [])]
)
def test_what_counts_without_cases_says_that_closures_may_be_missing(
    tmp_path: Path, line: str, words: list[str]
) -> None:
    path = tmp_path / "cases.db"
    ran = run(tmp_path, line, *words, ESCALATE_DB=str(path))
    wanted = f"{path} is not there: counted without the closures that it may hold.\n" if line != "calc -" else ""
    assert (ran.status, ran.stderr) == (0, wanted)
    assert run(tmp_path, line, *words).stderr == ""
