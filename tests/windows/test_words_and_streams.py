"""What Windows calls otherwise: terminals that are none, pipes that nobody reads, paths on a share, and lines to be copied."""

import errno
import io
import re
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest

from escalate import wording
from escalate.output import terminal
from escalate.storage.files.paths import uri_of

PACKAGE = Path(__file__).parents[2] / "escalate"

PATHS = [
    (PureWindowsPath(r"C:\Users\Jo Bell\cases.db"), "file:///C:/Users/Jo%20Bell/cases.db"),
    (PureWindowsPath(r"\\server\cases\a b.db"), "file:////server/cases/a%20b.db"),
    (PureWindowsPath(r"\\10.0.0.5\share$\what?.db"), "file:////10.0.0.5/share%24/what%3F.db"),
    (PurePosixPath("/home/jo/a b#.db"), "file:///home/jo/a%20b%23.db"),
]


@pytest.mark.parametrize(("path", "uri"), PATHS, ids=str)
def test_sqlite_finds_a_file_on_a_share_too(path: PureWindowsPath, uri: str) -> None:
    assert uri_of(path) == uri


TYPED = [
    (r"C:\cases\escalate.db", r"C:\cases\escalate.db"),
    (r"C:\Users\Jo Bell\escalate.db", r'"C:\Users\Jo Bell\escalate.db"'),
    (r"\\server\cases\escalate.db", r"\\server\cases\escalate.db"),
    (r"\\server\share$\x.db", r"'\\server\share$\x.db'"),
    (r"C:\R&D (new)\x.db", r'"C:\R&D (new)\x.db"'),
    ("Children's Services", '"Children\'s Services"'),
    ("It's `$5`", "'It''s `$5`'"),
    ("--unit", "--unit"),
    ("@home", '"@home"'),
    ("", '""'),
]


@pytest.mark.parametrize(("word", "typed"), TYPED)
def test_a_line_to_be_copied_is_one_for_the_shells_of_windows(
    monkeypatch: pytest.MonkeyPatch, word: str, typed: str
) -> None:
    monkeypatch.setattr(wording, "IS_WINDOWS", True)
    assert wording.as_typed("escalate", word) == f"escalate {typed}"


def test_everything_that_is_to_be_copied_is_quoted_in_one_place() -> None:
    """But for what is written for the shell of a system that has another: a crontab, launchd, completion."""
    allowed = {"wording.py", "cron.py", "launchd.py", "completion.py", "terminal.py", "permissions.py"}
    found = {path.name for path in PACKAGE.rglob("*.py") if "shlex" in path.read_text(encoding="utf-8")}
    assert found - allowed == set()


def test_whether_somebody_is_at_a_terminal_is_asked_in_one_place() -> None:
    """Windows says of NUL that it is one."""
    found = {path.name for path in PACKAGE.rglob("*.py") if re.search(r"\.isatty\(", path.read_text(encoding="utf-8"))}
    assert found == {"terminal.py"}


def test_no_date_is_written_in_a_way_that_windows_does_not_know() -> None:
    """There `%-d` is no day without a nought, but an error."""
    found = [path.name for path in PACKAGE.rglob("*.py") if re.search("%-[a-zA-Z]", path.read_text(encoding="utf-8"))]
    assert found == []


class Claims(io.StringIO):
    """A stream that says of itself that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_nobody_is_at_a_terminal_that_windows_knows_no_mode_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal, "_is_console", lambda _: False)
    monkeypatch.setattr("sys.platform", "win32")
    assert not terminal.is_terminal(Claims())
    monkeypatch.setattr(terminal, "_is_console", lambda _: True)
    assert terminal.is_terminal(Claims())
    assert not terminal.is_terminal(io.StringIO())
    assert not terminal.is_terminal(None)


def test_a_pipe_that_nobody_reads_is_known_by_what_windows_says(monkeypatch: pytest.MonkeyPatch) -> None:
    no_good = OSError(errno.EINVAL, "Invalid argument")
    monkeypatch.setattr(terminal, "IS_WINDOWS", False)
    assert terminal.is_gone(BrokenPipeError())
    assert not terminal.is_gone(no_good)
    monkeypatch.setattr(terminal, "IS_WINDOWS", True)
    assert terminal.is_gone(no_good)
    assert not terminal.is_gone(OSError(errno.ENOSPC, "No space left on device"))
