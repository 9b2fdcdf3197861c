"""Files made for others: whole or not at all, private, and never in the place of another unless that was asked for."""

import errno
import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from escalate.errors import Refused
from escalate.output.files import make, making
from tests.driver import Office

NOW = "2026-11-23T10:00"


run = Office(now=NOW)


def test_a_file_is_there_when_all_is_in_it_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    old = os.umask(0)
    try:
        with making(file) as made:
            made.write(b"half ")
            assert not file.exists()
            made.write(b"and half")
    finally:
        os.umask(old)
    assert file.read_bytes() == b"half and half"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.stat().st_nlink == 1
    assert list(tmp_path.iterdir()) == [file]


def test_all_of_it_is_on_the_disk_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, seen = tmp_path / "out.csv", []
    fsync = os.fsync

    def noted(number: int) -> None:
        seen.append((os.fstat(number).st_size if stat.S_ISREG(os.fstat(number).st_mode) else "folder", file.exists()))
        fsync(number)

    monkeypatch.setattr(os, "fsync", noted)
    make(file, b"all of it")
    assert seen == [(9, False), ("folder", True)]


@pytest.mark.parametrize("knows", [True, False])
def test_on_a_mac_the_cache_of_the_disk_is_emptied_too_where_the_file_system_knows_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, knows: bool
) -> None:
    """Only what macOS calls is played: a Mac was not at hand."""
    fcntl = pytest.importorskip("fcntl")  # Windows has none
    file, seen = tmp_path / "out.csv", []

    def asked(number: int, what: int) -> int:
        if not knows:  # a network drive
            raise OSError(errno.ENOTSUP, "Operation not supported")
        seen.append(("F_FULLFSYNC", what, stat.S_ISREG(os.fstat(number).st_mode)))
        return 0

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", asked)
    monkeypatch.setattr(os, "fsync", lambda number: seen.append(("fsync", 0, stat.S_ISREG(os.fstat(number).st_mode))))
    make(file, b"all of it")
    how = ("F_FULLFSYNC", 51) if knows else ("fsync", 0)
    assert seen == [(*how, True), (*how, False)]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, ValueError, OSError])
@pytest.mark.parametrize("force", [False, True])
def test_nothing_is_left_of_what_fails(tmp_path: Path, failure: type[BaseException], force: bool) -> None:
    file = tmp_path / "out.csv"
    if force:
        file.write_bytes(b"before")
    with pytest.raises(Refused if failure is OSError else failure), making(file, force=force) as made:
        made.write(b"half")
        raise failure
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([b"before"] if force else [])


def test_another_file_is_replaced_only_when_asked_to(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_bytes(b"before")
    file.chmod(0o644)
    with pytest.raises(Refused, match="is there already"):
        make(file, b"after")
    assert file.read_bytes() == b"before"
    make(file, b"after", force=True)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"after", 0o600)


def test_a_file_made_meanwhile_by_somebody_else_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    with pytest.raises(Refused, match="is there already"), making(file) as made:
        made.write(b"ours")
        file.write_bytes(b"theirs")
    assert [each.read_bytes() for each in tmp_path.iterdir()] == [b"theirs"]


def test_where_there_are_no_links_it_is_made_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    make(tmp_path / "out.csv", b"all")
    with pytest.raises(Refused, match="is there already"), making(tmp_path / "other.csv"):
        (tmp_path / "other.csv").write_bytes(b"theirs")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"out.csv": b"all", "other.csv": b"theirs"}


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("target"))
    path.with_name("target").write_bytes(b"before")


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(path))


PATHS: list[tuple[str, Callable[[Path], object], str]] = [
    ("out.csv", _link, "is a link to another file: name the file itself."),
    ("out.csv", _dangling, "is a link to another file: name the file itself."),
    ("out.csv", Path.mkdir, "is a folder: name a file in it."),
    ("out.csv", os.mkfifo, "is not an ordinary file"),
    ("out.csv", _socket, "is not an ordinary file"),
    ("none/out.csv", str, "cannot be written (No such file or directory): nothing was left there."),
    ("x" * 300, str, "cannot be written (File name too long): nothing was left there."),
    ("cases.db", str, "is where the cases are kept: name another file."),
    ("cases.db-journal", str, "is where the cases are kept: name another file."),
    ("./none/../cases.db", str, "is where the cases are kept: name another file."),
    ("linked.db", lambda path: path.hardlink_to(path.with_name("cases.db")), "is where the cases are kept"),
    ("", str, "is a folder: name a file in it."),
    ("cases.db/out.csv", str, "cannot be written (Not a directory): nothing was left there."),
    ("a\x1b[31mb\n/c", str, "a\\x1b[31mb /c cannot be written"),
]


@pytest.mark.slow
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(("name", "prepare", "says"), PATHS, ids=[f"{row[0][:12]!r} {row[2][:20]}" for row in PATHS])
def test_what_must_not_be_written_to_is_refused_in_a_sentence(
    tmp_path: Path, name: str, prepare: Callable[[Path], object], says: str, force: bool
) -> None:
    database = tmp_path / "cases.db"
    assert run(database, "open", "lincolnshire", "--about", "Thresholds").status == 0
    prepare(tmp_path / name)
    before = {each: each.lstat().st_mode for each in tmp_path.iterdir()}
    content = database.read_bytes()
    ran = run(database, "export", "csv", name, "--what", "cases", *(["--force"] if force else []))
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert says in ran.stderr
    assert {each: each.lstat().st_mode for each in tmp_path.iterdir()} == before
    assert database.read_bytes() == content


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("format_", ["csv", "json", "xlsx"])
@pytest.mark.parametrize("there", [False, True])
def test_a_full_disk_leaves_what_was_there(tmp_path: Path, format_: str, there: bool) -> None:
    database, file = tmp_path / "cases.db", tmp_path / "out"
    assert run(database, "open", "lincolnshire", "--about", "x" * 5000).status == 0
    if there:
        file.write_bytes(b"before")
    what = ["--what", "cases"] if format_ == "csv" else []
    full = (
        "env",
        "PYTHONDONTWRITEBYTECODE=1",
        "prlimit",
        "--fsize=1000",
    )  # what is cut short of compiled code would be read again
    ran = run(database, "export", format_, "out", *what, *(["--force"] if there else []), through=full)
    assert (ran.status, ran.stdout) == (1, "")
    assert ran.stderr == "out cannot be written (File too large): nothing was left there.\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cases.db", *(["out"] if there else [])]
    assert not there or file.read_bytes() == b"before"
    on_screen = run(database, "export", format_, *what, through=full)
    if format_ == "xlsx":  # never to a screen, and openpyxl wants the disk
        assert (on_screen.status, on_screen.stdout, on_screen.stderr.count("\n")) == (1, "", 1)
    else:  # what is short waits in memory, and asks nothing of the disk
        assert (on_screen.status, "x" * 5000 in on_screen.stdout, on_screen.stderr) == (0, True, "")


def test_a_folder_nobody_may_write_to_is_said_to_be_one(tmp_path: Path) -> None:
    database = tmp_path / "cases.db"
    assert run(database, "open", "lincolnshire", "--about", "Thresholds").status == 0
    ran = run(database, "export", "csv", "/proc/out.csv", "--what", "cases")
    assert (ran.status, ran.stdout) == (1, "")
    assert "/proc/out.csv cannot be written (" in ran.stderr


def test_a_line_names_standard_output(tmp_path: Path) -> None:
    database = tmp_path / "cases.db"
    assert run(database, "open", "lincolnshire", "--about", "Thresholds").status == 0
    assert run(database, "export", "csv", "-", "--what", "cases") == run(database, "export", "csv", "--what", "cases")
    assert [each.name for each in tmp_path.iterdir()] == ["cases.db"]
