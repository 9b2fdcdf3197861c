"""An office's first days at a prompt of Windows, in the words of the README: under Wine, with a real mail server. `make test-windows` runs it."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Ran
from tests.mail_server import Box, mail_server
from tests.windows import wine

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not wine.READY.exists(), reason="there is no Python of Windows here: make test-windows"),
]

MAIL = """[mail]
server = "localhost"
port = {port}
security = "none"
from = "escalate@partnership.example"
[[mail.recipients]]
to = "unit@partnership.example"
"""


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """Where escalate keeps the files of whoever is logged in, with nothing in it."""
    (local,) = (wine.FOLDER / "prefix" / "drive_c" / "users").glob("*/AppData/Local")
    folder = local / "escalate"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def typed(line: str) -> Ran:
    """How a line ended that somebody typed."""
    _, *words = shlex.split(line)
    return _ended(str(wine.PYTHON / "Scripts" / "escalate.exe"), *words)


def at_prompt(line: str, folder: Path) -> Ran:
    """How a line ended that means something to the Command Prompt itself, which has it from a file: Wine quotes what it is given otherwise."""
    file = folder / "line.cmd"
    file.write_text(f"@{line}\n", encoding="ascii")
    return _ended("cmd", "/c", wine.windows_path(file))


def _ended(*words: str) -> Ran:
    done = wine.wine(*words)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def did(line: str) -> str:
    ran = typed(line)
    assert ran.status == 0, f"{line}: {ran}"
    return ran.stdout


def test_the_first_days_of_an_office(own_folder: Path, tmp_path: Path) -> None:
    assert "These cases were made up, and nothing was kept." in did("escalate demo")
    opened = did(
        'escalate open hull-east-riding --subject M-1 --from "Wye Valley NHS Trust" --to Council --at yesterday'
    )
    assert "E0001" in opened
    assert r"escalate.db" in typed("escalate doctor").stdout
    assert "M-1" in did("escalate due")
    board = wine.windows_path(tmp_path / "board.html")
    did(f"escalate board --output '{board}'")
    assert "E0001" in (tmp_path / "board.html").read_text(encoding="utf-8")
    box = Box()
    with mail_server(box) as port:
        (own_folder / "config.toml").write_text(MAIL.format(port=port), encoding="utf-8")
        did("escalate digest --mail --always")
    assert box.readers == ["unit@partnership.example"]
    assert "E0001" in box.letters[0][1].get_body().get_content()  # type: ignore[union-attr]
    (own_folder / "config.toml").unlink()
    did("escalate backup")
    did('escalate note 1 "→ ✓ £"')
    assert "→ ✓ £" in did("escalate log 1")
    assert "Restored." in did("escalate restore latest --yes")
    assert "→ ✓ £" not in did("escalate log 1")
    did('escalate resolve 1 --how "Agreed a joint visit"')
    did("escalate erase 1 --yes")
    well = typed("escalate doctor")
    assert (well.status, re.findall("^problem.*", well.stdout, re.MULTILINE)) == (0, [])
    assert "nobody else who uses this computer can read the file" in well.stdout


def test_nothing_is_asked_of_nul_and_a_reader_that_leaves_is_no_failure(own_folder: Path, tmp_path: Path) -> None:
    did("escalate open hull-east-riding --subject M-1")
    did('escalate resolve 1 --how "Agreed"')
    asked = at_prompt("escalate erase 1 <NUL", tmp_path)
    assert (asked.status, "Nobody is at a terminal to answer" in asked.stderr) == (1, True), asked
    read = at_prompt('escalate protocol show hull-east-riding --json | python -c "print(input()[:1])"', tmp_path)
    assert (read.stdout.strip(), read.stderr) == ("{", "")
    assert own_folder.exists()
