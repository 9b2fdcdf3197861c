"""Where a file can be read and not written, all that only reads works, and what cannot be checked there is said and no damage."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import command_line, forked
from tests.command_line import Ran
from tests.driver import Office, unit
from tests.promises.cases import NOW
from tests.sizes import SIZE, later

pytestmark = [pytest.mark.file_only("modes of files"), pytest.mark.script]

READING = (
    "due", "list", "show 2", "log 2", "explain 2", "search thresholds", "export json", "export csv --what history", "report", "verify", "doctor", "due --as-of now",
    "plan herefordshire --at today", "calendar show", "restore",
)  # fmt: skip
WRITING = ("note 2 x", "advance 2", "set 2 theme=x", "erase 1 --yes", "open herefordshire --about x", "digest")
CANNOT = "The inner order of the full-text index cannot be checked here"


@pytest.fixture(scope="module")
def through() -> tuple[str, ...]:
    """What to start escalate through so that modes of files count: nothing, unless we are root."""
    if os.geteuid() != 0:
        return ()
    humbled = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    if not shutil.which("setpriv") or subprocess.run([*humbled, "true"], capture_output=True, check=False).returncode:
        pytest.skip("file modes do not bind root, and there is no setpriv to change that")
    return humbled


@pytest.fixture(scope="module")
def run(through: tuple[str, ...]) -> Iterator[Office]:
    """Runs lines to which modes of files count: forked in `make test`, and through the installed script in `make check`."""
    office = Office(environment=unit.environment, now=NOW)
    if SIZE != "small":
        yield replace(office, driver=partial(command_line.escalate, through=through))
        return
    with forked.runs(through) as forks:

        def in_a_fork(*arguments: str, folder: Path, **given: Any) -> Ran:
            ran = forks(*arguments, folder=folder, **given)
            return Ran(ran.status, ran.text, ran.errors)

        yield replace(office, driver=in_a_fork)


# The last for make test, which has all that hinders in the others.
@pytest.fixture(params=[later("file"), later("folder"), later("both"), "both, and the write-ahead log"])
def cases(made: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    path = tmp_path / "escalate" / "cases.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(made, path)
    path.chmod(0o600)
    path.chmod(0o600)
    unit.did(path, "backup", now=NOW)
    if "log" in request.param:
        with closing(sqlite3.connect(path)) as db:
            db.execute("PRAGMA journal_mode = WAL")
    if request.param != "folder":
        path.chmod(0o400)
    if request.param != "file":
        path.parent.chmod(0o500)
    yield path
    path.parent.chmod(0o700)


def test_all_that_reads_works_and_what_writes_says_why_not(cases: Path, run: Office) -> None:
    before, is_written = (
        cases.read_bytes(),
        cases.stat().st_mode & 0o200 != 0,
    )  # that nothing can be made beside it hinders no check
    for line in READING:
        ran = run(cases, *line.split())
        assert (ran.status, bool(ran.stdout)) == (0, True), (line, ran.stderr)
        assert (CANNOT in ran.stderr) == (line == "verify" and not is_written), (line, ran.stderr)
    document = json.loads(run(cases, "verify", "--json").stdout)
    assert (document["sound"], document["faults"], bool(document["unchecked"])) == (True, [], not is_written)
    found = json.loads(run(cases, "doctor", "--json").stdout)["findings"]
    assert [each["state"] for each in found if each["about"] == "Lists"] == ["well" if is_written else "note"]
    for line in WRITING:
        ran = run(cases, *line.split())
        assert (ran.status, ran.stderr.count("\n")) == (1, 1), (line, ran)
        assert "cannot be written" in ran.stderr or "cannot be opened" in ran.stderr, (line, ran)
    assert cases.read_bytes() == before
