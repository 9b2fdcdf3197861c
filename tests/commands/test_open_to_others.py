"""A file that others who use the computer can read, or replace, is told by every command that writes, with the line that closes it."""

import shlex
import stat
import subprocess
from pathlib import Path

import pytest

from tests.driver import CopyOf, Office
from tests.promises.cases import NOW, OPENED
from tests.sizes import sampled

pytestmark = pytest.mark.file_only("modes of files")

office = Office(now=NOW)
WRITING = (
    "note 1 x", "note 1 x --json", "set 1 theme=drift", "undo 1", "backup", "open hull-east-riding --about x", "calendar add 2026-12-24 --reason Closed --yes",
    "digest", "withdraw 1", "show 1 --identify", "disclose S-1", "encrypt --key-file ../key --dry-run", "restore latest --dry-run", "restore latest --yes",
)  # fmt: skip
READING = ("due", "list", "show 1", "log 1", "explain 1", "report", "export json", "calendar show")


@pytest.fixture
def cases(copy_of: CopyOf, tmp_path: Path) -> Path:
    return copy_of(_opened, tmp_path / "the office") / "cases.db"


def _opened(folder: Path) -> None:
    office.did(folder, "open", "hull-east-riding", "--about", "x", now=OPENED)
    office.did(folder, "note", "1", "x", now=OPENED)


def pasted(stderr: str) -> None:
    """Runs the line that a warning ends with."""
    subprocess.run(shlex.split(stderr.rpartition(": ")[2]), check=True)


@pytest.mark.parametrize("line", sampled(WRITING, 3))
def test_what_writes_says_once_that_others_can_read_the_file(cases: Path, line: str) -> None:
    if line.startswith("restore"):
        office.did(cases, "backup")
    cases.chmod(0o644)
    ran = office(cases, *shlex.split(line))
    if line == "restore latest --yes":  # which puts a file of its owner's alone there
        assert (ran.status, "Others" in ran.stderr, stat.S_IMODE(cases.stat().st_mode)) == (0, False, 0o600)
        return
    says = [each for each in ran.stderr.splitlines() if "Others who use this computer" in each]
    assert (ran.status, says) == (
        0,
        [f"Others who use this computer can read {cases}. This keeps it to yourself: chmod 600 '{cases}'"],
    )


@pytest.mark.parametrize("line", READING)
def test_what_only_reads_says_nothing(cases: Path, line: str) -> None:
    cases.chmod(0o644)
    assert "Others" not in office(cases, *shlex.split(line)).stderr


def test_the_line_closes_it(cases: Path) -> None:
    cases.chmod(0o644)
    pasted(office(cases, "note", "1", "x").stderr)
    assert stat.S_IMODE(cases.stat().st_mode) == 0o600
    assert office(cases, "note", "1", "x").stderr == ""


def test_a_folder_that_others_may_write_to_is_told_as_well(cases: Path) -> None:
    cases.parent.chmod(0o777)
    ran = office(cases, "note", "1", "x")
    assert ran.stderr.startswith(
        f"Others who use this computer can replace what is in {cases.parent}. This stops them: "
    )
    pasted(ran.stderr)
    assert stat.S_IMODE(cases.parent.stat().st_mode) == 0o755
    assert office(cases, "note", "1", "x").stderr == ""


def test_in_a_folder_where_each_reaches_only_their_own_files_nothing_is_said(cases: Path) -> None:
    cases.parent.chmod(0o1777)
    assert office(cases, "note", "1", "x").stderr == ""


def test_what_is_refused_says_why_and_no_more(cases: Path) -> None:
    cases.chmod(0o644)
    assert "Others" not in office(cases, "note", "99", "x").stderr
