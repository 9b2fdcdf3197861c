"""Whatever is named is looked at before it is read: pipes, devices, sockets and folders are no files, and nothing too long or too deep is read."""

import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.driver import unit
from tests.promises.cases import NOW
from tests.promises.test_tampering import past_the_guards
from tests.sizes import sampled

pytestmark = pytest.mark.file_only("files of all kinds")


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of one is short
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


def _link_to_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("p"))
    path.symlink_to(path.with_name("p"))


NO_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "pipe": (os.mkfifo, "is not a plain file"),
    "link to a pipe": (_link_to_a_pipe, "is not a plain file"),
    "socket": (_socket, "is not a plain file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is not a plain file"),
    "terminal": (lambda path: path.symlink_to("/dev/tty"), ""),
    "folder": (Path.mkdir, "is a folder"),
}  # fmt: skip

NAMED: dict[str, tuple[str, tuple[str, ...]]] = {
    "protocol check": ("x.toml", ("protocol", "check", "{path}")),
    "protocol show": ("x.toml", ("protocol", "show", "{path}")),
    "plan": ("x.toml", ("plan", "{path}", "--at", "today")),
    "open": ("x.toml", ("open", "{path}", "--about", "x")),
    "import": ("x.csv", ("import", "{path}")),
    "calendar check": ("x.json", ("calendar", "check", "--from", "{path}")),
    "calendar refresh": ("x.json", ("calendar", "refresh", "--from", "{path}")),
    "restore": ("x.db", ("restore", "{path}", "--yes")),
    "settings": ("settings.toml", ("due",)),
    "settings of config": ("settings.toml", ("config",)),
}
"""What the file is called, and who names it."""


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "escalate" / "cases.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(made, path)
    path.chmod(0o600)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("kind", sampled(NO_FILES, 3))
@pytest.mark.parametrize("what", NAMED)
def test_what_is_no_plain_file_is_refused_at_once(cases: Path, what: str, kind: str) -> None:
    name, words = NAMED[what]
    path = cases.parent / name
    make, says = NO_FILES[kind]
    make(path)
    line = [word.format(path=path) for word in words]
    ran = unit(cases, *line, now=NOW, ESCALATE_CONFIG=str(cases.parent / "settings.toml"))
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran
    assert says in ran.stderr or "is not a file" in ran.stderr or "is a link" in ran.stderr, ran.stderr


@pytest.mark.parametrize("kind", sampled(NO_FILES, 3))
def test_one_in_the_folder_of_protocols_hinders_nothing_but_itself(cases: Path, kind: str) -> None:
    folder = cases.parent / "no-protocols"
    folder.mkdir()
    NO_FILES[kind][0](folder / "mine.toml")
    for line in (("due",), ("list",), ("show", "2"), ("plan", "herefordshire", "--at", "today")):
        ran = unit(cases, *line, now=NOW)
        assert ran.status == 0, ran
    ran = unit(cases, "protocol", "list", now=NOW)
    assert (ran.status, "mine.toml" in ran.stderr, "herefordshire" in ran.stdout) == (1, True, True)
    ran = unit(cases, "plan", "mine", "--at", "today", now=NOW)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran


@pytest.mark.parametrize("kind", [kind for kind in NO_FILES if kind != "folder"])
def test_one_in_the_place_of_the_cases_is_refused(cases: Path, kind: str) -> None:
    cases.unlink()
    NO_FILES[kind][0](cases)
    for line in (("due",), ("verify",), ("note", "1", "x"), ("open", "herefordshire", "--about", "x"), ("backup",)):
        ran = unit(cases, *line, now=NOW)
        assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1), ran


DEEP = "[" * 5000 + "]" * 5000
TOO_MUCH = {
    "deep data": 'UPDATE entry SET data = \'{"x":' + DEEP + "}' WHERE case_ref = 'E0002' AND seq = 1",
    "less deep data": 'UPDATE entry SET data = \'{"x":'
    + "[" * 200
    + "]" * 200
    + "}' WHERE case_ref = 'E0002' AND seq = 1",
    "deep commitments": f"UPDATE entry SET commitments = '{DEEP}' WHERE case_ref = 'E0002' AND seq = 1",
    "deep facts": 'UPDATE cases SET facts = \'{"x":' + DEEP + "}' WHERE ref = 'E0002'",
    "deep lists": f"UPDATE cases SET themes = '{DEEP}' WHERE ref = 'E0002'",
    "deep contacts": f"UPDATE deadline SET contacts = '{DEEP}', unanswered = '{DEEP}' WHERE case_ref = 'E0002'",
    "deep bases": f"UPDATE edition SET bases = '{DEEP}'",
    "deep protocol": f"UPDATE edition SET text = 'x = {DEEP}'",
    "deep calendar": f"UPDATE calendar SET own = '{DEEP}'",
    "a long text": "UPDATE words SET content = hex(zeroblob(30000000)) WHERE case_ref = 'E0002' AND kind = 'text'",
    "a long protocol": "UPDATE edition SET text = hex(zeroblob(20000000))",
    "a long fact": "UPDATE kept SET value = hex(zeroblob(30000000)) WHERE name = 'file'",
    "a long deadline": "UPDATE deadline SET contacts = hex(zeroblob(30000000))",
}
LINES = (("verify",), ("show", "2"), ("log", "2"), ("explain", "2"), ("due",), ("list",), ("note", "2", "x"), ("export", "json"), ("doctor",), ("backup",), ("report",), ("digest",))  # fmt: skip


# Two kinds of damage for make test; the others are like them.
FIRST = ("deep data", "a long text")


@pytest.mark.parametrize(
    "what", sampled([each if each in FIRST else pytest.param(each, marks=pytest.mark.slow) for each in TOO_MUCH], 2)
)
def test_what_nobody_ever_wrote_into_a_row_is_damage_and_no_crash(cases: Path, what: str) -> None:
    with past_the_guards(cases) as db:
        db.execute(TOO_MUCH[what])
    ended = {}
    for line in LINES:
        ran = unit(cases, *line, now=NOW)
        assert ran.status in (0, 1), (line, ran.stderr[-600:])
        assert "nobody foresaw" not in ran.stderr, (line, ran.stderr[-600:])
        ended[line] = ran.status
    assert ended["verify",] == 1, ended


def test_an_answer_on_standard_input_has_an_end(cases: Path) -> None:
    ran = unit(cases, "set", "2", "name=-", now=NOW, stdin="x" * 1_000_000)
    assert (ran.status, "is too long" in ran.stderr) == (2, True), ran.stderr


def test_a_protocol_file_is_not_read_beyond_what_one_can_be(cases: Path) -> None:
    big = cases.parent / "big.toml"
    with big.open("wb") as file:
        file.truncate(600_000_000)
    for line in (("protocol", "check", str(big)), ("plan", str(big), "--at", "today")):
        assert "is larger than" in unit(cases, *line, now=NOW).stderr
    big.rename(big.with_suffix(".csv"))
    assert "is larger than" in unit(cases, "import", str(big.with_suffix(".csv")), now=NOW).stderr


@pytest.mark.parametrize("text", ["x = " + DEEP, "x = " + "{a=" * 2000 + "1" + "}" * 2000, "[" + "a." * 499 + "b]\nx = 1", "a." * 499 + "b = 1"], ids=["lists", "tables", "names", "keys"])  # fmt: skip
@pytest.mark.parametrize("where", ["protocol", "extends", "settings"])
def test_what_is_nested_deeply_is_refused(cases: Path, where: str, text: str) -> None:
    path = cases.parent / "x.toml"
    path.write_text(text)
    if where == "extends":
        path = cases.parent / "y.toml"
        path.write_text(f'extends = "./x.toml"\n{text}')
    more = {"ESCALATE_CONFIG": str(path)} if where == "settings" else {}
    ran = unit(cases, *(("due",) if more else ("protocol", "check", str(path))), now=NOW, **more)
    assert ran.status in (0, 1, 2), ran.stderr[-500:]
    assert "nobody foresaw" not in ran.stderr, ran.stderr[-500:]
