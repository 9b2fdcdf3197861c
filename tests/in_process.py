"""escalate run in this process, the way the script runs it, where a process of its own for every run would take too long."""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from escalate import cli
from escalate.output import terminal
from tests.command_line import Ran


def run(database: Path, *arguments: str, now: str, stdin: str = "", more: Mapping[str, str] = {}) -> Ran:
    """Runs a command as the script does, with a database and a moment of its own."""
    environment = {
        "ESCALATE_DB": str(database),
        "ESCALATE_NOW": now,
        "ESCALATE_BY": "unit",
        "ESCALATE_CONFIG": str(database.parent / "no-settings.toml"),
        "ESCALATE_PROTOCOLS": str(database.parent / "no-protocols"),
        "COLUMNS": "",
        **more,
    }
    out, err = io.StringIO(), io.StringIO()
    with _instead(environment, ["escalate", *arguments], stdin), redirect_stdout(out), redirect_stderr(err):
        status = cli._status(terminal)
    return Ran(status, out.getvalue(), err.getvalue())


def did(database: Path, *arguments: str, now: str, stdin: str = "") -> str:
    """What a command that has to succeed said."""
    ran = run(database, *arguments, now=now, stdin=stdin)
    assert ran.status == 0, f"{arguments}: {ran.stderr}"
    return ran.stdout


@contextmanager
def _instead(environment: Mapping[str, str], words: list[str], stdin: str) -> Iterator[None]:
    before, argv, source = dict(os.environ), sys.argv, sys.stdin
    os.environ.update(environment)
    sys.argv, sys.stdin = words, io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        sys.argv, sys.stdin = argv, source
