"""A file that is open keeps its name on Windows: everything that puts one in the place of another, or removes one, does so all the same."""

import sys
from pathlib import Path

import pytest

from escalate import durable
from tests import command_line
from tests.command_line import Ran
from tests.driver import CopyOf, Office, begin

if sys.platform == "win32":
    pytest.skip("Windows itself is as strict", allow_module_level=True)

from tests.windows.as_on_windows import as_on_windows

pytestmark = pytest.mark.file_only("it is about files")

run = Office(now="2026-11-23T10:00", driver=begin)


def _fill(folder: Path) -> None:
    """Two cases, one of them closed, with a backup of each state."""
    run.did(
        folder, "open", "hull-east-riding", "--subject", "S-1", "--about", "Thresholds", "--at", "20 Nov 2026 10:00"
    )
    run.did(folder, "backup", now="2026-11-23T10:01")
    run.did(folder, "resolve", "1", "--how", "Agreed", now="2026-11-23T10:02")
    run.did(folder, "open", "herefordshire", "--subject", "S-2", "--about", "Drift", now="2026-11-23T10:02")
    run.did(folder, "backup", now="2026-11-23T10:03")


@pytest.fixture
def folder(tmp_path: Path, copy_of: CopyOf) -> Path:
    return copy_of(_fill, tmp_path)


def did(folder: Path, *lines: tuple[str, ...]) -> list[Ran]:
    """How each line ended where nothing that is open can be replaced; none may fail, or leave anything half made."""
    ended = []
    with as_on_windows():
        for number, line in enumerate(lines):
            ran = run(folder, *line, now=f"2026-11-23T11:{number:02}", ESCALATE_KEY_FILE=str(folder / "keys" / "key"))
            assert ran.status == 0, (line, ran.stderr)
            ended.append(ran)
    assert [path.name for path in folder.rglob("*") if ".part" in path.name] == []
    return ended


def plain(folder: Path, *line: str) -> str:
    return run.did(folder, *line, now="2026-11-23T12:00")


LINES = {
    "backups": [("backup",), ("backup", "--keep", "1")],
    "a backup is restored": [("restore", "latest", "--yes"), ("verify",)],
    "a backup elsewhere": [("backup", "elsewhere"), ("restore", "latest", "--dry-run")],
    "erasing, in the backups too": [("erase", "1", "--yes", "--certificate", "gone.html"), ("doctor", "--repair")],
    "exports": [("export", "json", "out.json"), ("export", "json", "out.json", "--force")],
    "a report": [("report", "--output", "report.html"), ("report", "--output", "report.xlsx")],
    "encrypting": [("encrypt", "--yes"), ("note", "1", "x"), ("rekey", "--yes"), ("decrypt", "--yes"), ("verify",)],
    "an encrypted file is restored": [("encrypt", "--yes"), ("backup",), ("restore", "latest", "--yes"), ("verify",)],
    "a digest keeps a head": [("digest",), ("verify",)],
}


@pytest.mark.parametrize("lines", LINES.values(), ids=LINES)
def test_nothing_is_refused_because_we_have_it_open_ourselves(folder: Path, lines: list[tuple[str, ...]]) -> None:
    did(folder, *lines)


def test_what_a_backup_replaces_is_kept_whole(folder: Path) -> None:
    before = plain(folder, "log", "2")
    first = min((folder / "backups").glob("cases-*.db"))
    did(folder, ("restore", first.name, "--yes"))
    assert run(folder, "log", "2").status == 1
    (kept,) = (folder / "backups").glob("*replaced*.db")
    kept.rename(folder / "kept.db")
    assert run.did(folder / "kept.db", "log", "2", now="2026-11-23T12:00") == before


def test_what_somebody_else_has_open_is_not_replaced_and_stays_what_it_was(folder: Path) -> None:
    before = (folder / "cases.db").read_bytes()
    with as_on_windows(), (folder / "cases.db").open("rb"):
        ran = run(folder, "restore", "latest", "--yes")
    assert ran.status == 1
    assert ran.stderr == f"{folder} cannot be written (Access is denied): nothing was left there.\n"
    assert (folder / "cases.db").read_bytes() == before
    assert list((folder / "backups").glob("*replaced*")) == []
    assert (folder / "backups" / "heads.txt").exists()


TAKES_ITS_PLACE = [("restore", "latest", "--yes"), ("encrypt", "--yes")]


@pytest.mark.parametrize("line", TAKES_ITS_PLACE, ids=" ".join)
def test_what_is_recorded_once_the_file_is_let_go_of_is_not_lost(
    folder: Path, line: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_another_process, put = Office(now="2026-11-23T10:30", driver=command_line.escalate), durable.put

    def put_after_another(part: Path, path: Path, *, replace: bool) -> bool:
        if path == folder / "cases.db":
            monkeypatch.setattr(durable, "put", put)
            in_another_process.did(folder, "note", "2", "The school rang")
        return put(part, path, replace=replace)

    monkeypatch.setattr(durable, "put", put_after_another)
    key = str(folder / "keys" / "key")
    with as_on_windows():
        ran = run(folder, *line, now="2026-11-23T11:00", ESCALATE_KEY_FILE=key)
    assert (ran.status, ran.stderr.splitlines()[-1]) == (
        1,
        f"{folder / 'cases.db'} has been written to in the meantime: look again. Nothing was replaced.",
    )
    assert "The school rang" in plain(folder, "log", "2")
    assert [path.name for path in folder.rglob("*") if ".part" in path.name or "replaced" in path.name] == []
    did(folder, line, ("verify",))
