"""An error that nobody foresaw: one sentence on standard error, and a private report in which nobody is named."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.driver import unit
from tests.promises.cases import CANARIES, LATER, make_cases
from tests.promises.conftest import Show

pytestmark = pytest.mark.promise(10)

BREAK = """
import sys
sys.argv = ["escalate", *sys.argv[1:]]
from {module} import {owner}

def broken(*values, **named):
    text = repr((values, named))
    try:
        raise {first}(text)
    except {first} as problem:
        raise {error}(text, "Ada Canary of 12 Canary Row") from problem

setattr({owner}, "{name}", broken)
from escalate.cli import run
run()
"""
"""escalate with one function that fails, and says all that it was given in its error: there is none that does so by itself."""

FAULTS = [
    ("escalate.domain.recording", "acts", "note", "KeyError", "ValueError", ("note", "1", "Ada Canary rang", "--at", "23 Nov 2026 09:30")),
    ("escalate.domain.recording", "details", "set_details", "TypeError", "UnicodeError", ("set", "1", "name=Ada Canary", "address=12 Canary Row")),
    ("escalate.domain.recording", "acts", "assign", "IndexError", "ZeroDivisionError", ("assign", "1", "raising", "Bo Keepercanary")),
    ("escalate.output.case", "page", "case_page", "ValueError", "MemoryError", ("show", "1", "--identify")),
    ("escalate.output.case", "history", "history_table", "ValueError", "RecursionError", ("log", "1", "--identify")),
    ("escalate.output.case", "documents", "case_document", "KeyError", "RuntimeError", ("show", "1", "--identify", "--json")),
    ("escalate.output.case", "desk", "desk_page", "KeyError", "AssertionError", ("due", "--identify", "--owner", "Bo Keepercanary")),
    ("escalate.storage", "store", "Store.search", "KeyError", "LookupError", ("search", "canary", "--identify")),
]  # fmt: skip
NOT_SHOWN = (*CANARIES, "canary", "Keeper")


@pytest.mark.slow
def test_the_report_of_an_unforeseen_error_names_nobody(tmp_path: Path, shown: Show) -> None:
    for number, fault in enumerate(FAULTS):
        assert_names_nobody(tmp_path / str(number), *fault)
    shown(f"{len(FAULTS)} reports of unforeseen errors, 0 of {len(NOT_SHOWN)} canaries in them")


def assert_names_nobody(
    tmp_path: Path, module: str, owner: str, name: str, first: str, error: str, line: tuple[str, ...]
) -> None:
    database = tmp_path / "canary" / "cases.db"  # a folder may be called after somebody, too
    make_cases(database)
    unit.did(database, "note", "2", "untouched", now=LATER)
    before = database.read_bytes()
    where, _, attribute = name.rpartition(".")
    program = BREAK.format(
        module=f"{module}.{owner}" if where else module, owner=where or owner, name=attribute, first=first, error=error
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, *line],
        env={"ESCALATE_DB": str(database), "HOME": str(tmp_path), "PATH": os.environ["PATH"], "ESCALATE_NOW": LATER},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    [report] = (database.parent / "errors").iterdir()
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"Something went wrong inside escalate ({error}). A report of it, without anything that was typed or recorded,"
        f" was saved as {report}: pass it on to whoever looks after escalate.\n"
    )
    said = report.read_text(encoding="utf-8")
    assert [mark for mark in NOT_SHOWN if mark.casefold() in said.casefold()] == []
    assert (
        f"Command: escalate {line[0]} …" in said
        or f"Command: escalate {line[0]} --identify" in said
        or line[0] in ("show", "log")
    )
    assert f"\n{first}\n" in said
    assert f"\n{error}\n" in said
    assert "escalate/cli.py, line " in said
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert stat.S_IMODE(report.parent.stat().st_mode) == 0o700
    # Names were about to be shown, and that was recorded first; nothing else was.
    assert database.read_bytes() == before or "--identify" in line


def test_where_no_report_can_be_saved_that_is_said(tmp_path: Path) -> None:
    database = tmp_path / "cases.db"
    make_cases(database)
    (tmp_path / "errors").write_text("a file in the way")
    module, owner, name, first, error, _ = FAULTS[0]
    program = BREAK.format(module=module, owner=owner, name=name, first=first, error=error)
    ran = subprocess.run(
        [sys.executable, "-c", program.replace("import sys", "import sys, tempfile; tempfile.tempdir = '/proc'", 1), "note", "1", "x"],
        env={"ESCALATE_DB": str(database), "HOME": str(tmp_path), "PATH": os.environ["PATH"], "ESCALATE_NOW": LATER},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr == (
        "Something went wrong inside escalate (ValueError), and no report of it could be saved. What was recorded before stands.\n"
    )
