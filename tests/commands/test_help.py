"""Every command has help with an example that works, and the README shows what help says."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from escalate import cli
from tests import engine
from tests.driver import Escalate, Office
from tests.sizes import sampled

ROOT = Path(__file__).parents[2]


COMMANDS = {
    "Cases": [
        "open",
        "note",
        "done",
        "agree",
        "advance",
        "resolve",
        "withdraw",
        "reopen",
        "assign",
        "set",
        "undo",
        "void",
    ],
    "Looking": ["due", "board", "list", "show", "log", "explain", "search"],
    "Dates": [
        "plan",
        "calc",
        "calendar show",
        "calendar add",
        "calendar remove",
        "calendar refresh",
        "calendar check",
    ],
    "Protocols": [
        "protocol list",
        "protocol show",
        "protocol check",
        "protocol compare",
        "protocol new",
        "protocol adopt",
    ],
    "Telling others": ["digest", "report", "form", "export", "import"],
    "Keeping": [
        "backup",
        "restore",
        "move",
        "merge",
        "verify",
        "doctor",
        "agency list",
        "agency join",
        "access",
        "disclose",
        "encrypt",
        "decrypt",
        "rekey",
        "erase",
        "config",
        "demo",
    ],
    "For several offices": [
        "server init",
        "server status",
        "server backup",
        "server restore",
        "server member add",
        "server member remove",
        "server member list",
    ],
}
"""The commands and their order in the help, as they were agreed: kept by hand, so that one that is dropped shows."""


def helps() -> Iterator[tuple[str, str]]:
    """Every command and its help."""
    group = typer.main.get_command(cli.app)
    assert isinstance(group, TyperGroup)
    yield from helps_in(group)


def helps_in(group: TyperGroup, before: str = "") -> Iterator[tuple[str, str]]:
    """Every command of a group, and of the groups in it, and its help."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from helps_in(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", str(command.help)


HELPS = dict(helps())


def test_help_lists_the_commands_in_their_groups_and_order(escalate: Escalate, tmp_path: Path) -> None:
    text = escalate("--help", environment={"HOME": str(tmp_path)}).stdout
    listed: dict[str, list[str]] = {}
    for line in text.split("Commands" if "Commands:" in text else "exit.")[-1].splitlines():
        if heading := re.fullmatch(r"(\w[\w ]*):", line):
            listed[heading[1]] = []
        elif command := re.match(r"  ((?:(?:agency|protocol|calendar|server|server member) )?[a-z]+)  +\S", line):
            listed[list(listed)[-1]].append(command[1])
    assert listed == COMMANDS
    assert list(listed) == list(COMMANDS)


def test_what_help_lists_is_what_the_help_of_each_command_begins_with() -> None:
    listed = {name: says for lines in cli.listed_in("").values() for name, says in lines.items()}
    assert listed.keys() == HELPS.keys()
    for name, says in listed.items():
        assert re.match(rf"{re.escape(says)}\.(\s|$)", HELPS[name]), name


def test_both_spellings_of_help_work_everywhere(escalate: Escalate, tmp_path: Path) -> None:
    for name in ("", "due", "protocol", "protocol show", "server", "server member", "server member add"):
        short, long = (
            escalate(*name.split(), option, environment={"HOME": str(tmp_path)}) for option in ("-h", "--help")
        )
        assert short == long
        assert short.status == 0
        assert "Usage: escalate" in short.stdout


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven cases, the seventh under Herefordshire's protocol on a protection plan, at stage 1; the sixth resolved."""
    path = tmp_path_factory.mktemp("help") / "cases.db"
    for _ in range(6):
        assert run(path, "open", "lincolnshire", "--about", "Thresholds").status == 0
    assert (
        run(
            path, "open", "herefordshire", "--about", "Thresholds", "--stage", "1", "--fact", "protection-plan=yes"
        ).status
        == 0
    )
    assert run(path, "resolve", "6", "--how", "Both managers agreed").status == 0
    assert run(path, "note", "7", "to be taken back", now="2026-11-20T12:00").status == 0
    return path


run = Office(now="2026-11-19T09:00", by=None, folder=ROOT)


NEED_A_SERVER = ("move", "server ")  # those have a test of their own
NEED_A_KEY = ("decrypt", "rekey")  # and an encrypted file


@pytest.mark.parametrize("name", sampled([name for name in HELPS if not name.startswith(NEED_A_SERVER)], 3))
def test_the_example_in_the_help_of_a_command_works(cases: Path, tmp_path: Path, name: str) -> None:
    example = re.search(r"Example: (escalate .*)", HELPS[name])
    assert example, f"the help of {name} has no example"
    copy = tmp_path / "cases.db"
    copy.write_bytes(cases.read_bytes())
    copy.chmod(0o600)
    if engine.chosen is None:
        assert run(copy, "backup", now="2026-11-21T15:00").status == 0
    words = shlex.split(example[1])
    assert " ".join(words[1:]).startswith(name)
    key: dict[str, str] = {}
    if name in NEED_A_KEY and engine.chosen is None:
        key = {"ESCALATE_KEY_FILE": str(tmp_path / "keys" / "key")}
        assert run(copy, "encrypt", "--yes", now="2026-11-21T15:00", **key).status == 0
    (tmp_path / "log.csv").write_bytes((ROOT / "tests" / "data" / "log.csv").read_bytes())
    if name == "merge":
        (tmp_path / "north-office.db").write_bytes(cases.read_bytes())
        (tmp_path / "north-office.db").chmod(0o600)
    if name == "agency join":
        assert run(copy, "set", "7", "to=CSC").status == 0
    (tmp_path / "protocols").symlink_to(ROOT / "protocols")
    newer = tmp_path / ".config" / "escalate" / "protocols" / "herefordshire.toml"
    newer.parent.mkdir(parents=True)
    shipped = (ROOT / "protocols" / "herefordshire.toml").read_text(encoding="utf-8")
    newer.write_text(shipped.replace('dated = "undated"', 'dated = "2026-06"'), encoding="utf-8")
    ran = run(copy, *words[1:], now="2026-11-21T16:00", folder=tmp_path, **key)
    if engine.chosen and name in engine.FILE_COMMANDS:
        assert (ran.status, "works on a file, and these cases are on a server" in ran.stderr) == (1, True)
    else:
        written = " was written to " in ran.stderr and "--output" in words
        assert (ran.status, ran.stdout != "" or written) == (0, True), ran.stderr


def readme_examples() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for elsewhere in (
        "For several offices",
        "Move in",
    ):  # tests/server/test_readme.py has a server, test_move_in.py a log
        text = re.sub(rf"## {elsewhere}\n.*?\n(?=## )", "", text, flags=re.DOTALL)
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("escalate ")]


@pytest.mark.file_only("the README begins with a file, and makes backups of it")
def test_the_examples_of_the_readme_work_one_after_another(tmp_path: Path) -> None:
    examples = readme_examples()
    assert len(examples) >= 8
    (tmp_path / "log.csv").write_bytes((ROOT / "tests" / "data" / "log.csv").read_bytes())
    for example in examples:
        ran = run(tmp_path / "cases.db", *shlex.split(example)[1:], now="2026-11-20T16:00", folder=tmp_path)
        assert ran.status == 0, f"{example}: {ran.stderr}"
