"""Upgrades are safe: however many open a file first, one of them makes it or migrates it; and a newer file stays as it is.

What a migrated file says is held against what it said before in tests/test_store.py.
"""

import gzip
import os
import shlex
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from typer.main import get_command

from escalate import cli
from escalate.storage.opening import SCHEMA_VERSION
from escalate.storage.store import open_store
from tests.command_line import Ran, escalate
from tests.promises.conftest import Show, size
from tests.promises.soundness import faults
from tests.test_bad_input import assert_sentence

pytestmark = pytest.mark.promise(4)

AT_ONCE = size(16, 60)
"""Processes that open one file before any of them has."""

KEPT = Path(__file__).parents[1] / "data"
HOLIDAYS = KEPT / "govuk-bank-holidays.json"
LOG = KEPT / "log.csv"
OLDER = range(1, SCHEMA_VERSION)


def run(folder: Path, database: Path, line: str) -> Ran:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "ESCALATE_DB": str(database), "ESCALATE_BY": "tests",
        "ESCALATE_NOW": "2027-01-05T10:00", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    return escalate(*shlex.split(line), environment=environment, folder=folder)


def at_once(folder: Path, database: Path, lines: list[str]) -> list[Ran]:
    """Every command in a process of its own, all started in the same moment."""
    start = Barrier(len(lines))

    def one(line: str) -> Ran:
        start.wait()
        return run(folder, database, line)

    with ThreadPoolExecutor(len(lines)) as pool:
        return list(pool.map(one, lines))


def kept(version: int, database: Path) -> int:
    """Puts a file of an older version there; how many entries it has."""
    database.write_bytes(gzip.decompress((KEPT / f"schema-{version}.db.gz").read_bytes()))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == version
        entries: int = connection.execute("SELECT count(*) FROM entry").fetchone()[0]
    return entries


@pytest.mark.parametrize("version", [0, *OLDER])
def test_however_many_open_a_file_first_each_gets_its_case(tmp_path: Path, version: int, shown: Show) -> None:
    """A file of version 0 is not there yet, nor is its folder."""
    database = tmp_path / "cases.db" if version else tmp_path / "unit" / "new" / "cases.db"
    before = kept(version, database) if version else 0
    number = size(AT_ONCE if version in (0, SCHEMA_VERSION - 1) else 4, AT_ONCE)
    ran = at_once(tmp_path, database, [f'open hull-east-riding --subject "first {n}"' for n in range(number)])
    assert [each for each in ran if each.status or each.stderr] == []
    with open_store(database) as file:
        assert faults(file) == []
        ours = sorted(str(line.subject) for line in file.lines() if str(line.subject).startswith("first "))
        entries = file._db.execute("SELECT count(*) FROM entry").fetchone()[0]
        assert file._db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert ours == sorted(f"first {n}" for n in range(number))
    assert entries == before + number
    shown(f"{number} of {number} at once {f'on a file of version {version}' if version else 'on none'}")


OPENS = (
    *("open herefordshire", "note 1 x", "done 1 discussion", "agree 1 2027-02-01", "advance 1", "resolve 1", "withdraw 1"),
    *("reopen 1", 'assign 1 raising "Jo Bell"', "set 1 theme=drift", "undo 1", "due", "list", "show 1", "log 1", "explain 1"),
    *("search safe", "calc today '2 days'", "plan herefordshire", "calendar show 2027", "calendar add 2027-02-01 --reason x --yes"),
    *("calendar remove 2027-01-01 --reason x --yes", f"calendar refresh --from {HOLIDAYS} --yes", "calendar check"),
    *("protocol adopt 1 --yes", "digest", "report", "form 1", "export csv --what cases", "export json out.json"),
    f"import {LOG} --protocol hull-east-riding --write", "backup", "restore cases.db --yes", "verify", "erase 1 --yes",
)  # fmt: skip
"""Every command that opens the file."""

OPEN_NONE = {
    "doctor",
    "config",
    "demo",
    "protocol check",
    "protocol compare",
    "protocol list",
    "protocol new",
    "protocol show",
}
"""Those that never do, and the doctor, who tells of it among all else (tests/test_doctor.py)."""


def test_every_command_that_opens_the_file_is_tried() -> None:
    """A new command belongs into one of the two lists above."""
    names = set()
    for name, command in get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        names |= {f"{name} {inner}" for inner in command.commands} if hasattr(command, "commands") else {name}
    tried = {name for name in names for line in OPENS if f"{line} ".startswith(f"{name} ")}
    assert (names - tried, tried & OPEN_NONE) == (OPEN_NONE, set())


@pytest.mark.parametrize("newer", [1, 1000])
def test_a_newer_file_is_refused_by_every_command_and_stays_as_it_is(tmp_path: Path, newer: int, shown: Show) -> None:
    database = tmp_path / "cases.db"
    kept(SCHEMA_VERSION - 1, database)
    with open_store(database):
        pass
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + newer}")
    before, stood = database.read_bytes(), database.stat()
    lines = OPENS if newer == 1 else OPENS[:: size(6, 1)]
    for line in lines:
        ran = run(tmp_path, database, line)
        assert_sentence(ran.stderr, "cases.db was written by a later version of escalate: update escalate to open it")
        assert (ran.status, ran.stdout) == (1, ""), line
        assert database.read_bytes() == before, line
        assert [each.name for each in tmp_path.iterdir()] == ["cases.db"], line
    assert database.stat().st_mtime_ns == stood.st_mtime_ns
    shown(f"a newer file refused by {len(lines)} of {len(lines)} commands, its bytes unchanged")
