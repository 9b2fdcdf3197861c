"""An office's first days at a prompt of Windows, in the lines of the README: under Wine, with a real mail server. `make test-windows` runs it."""

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import Ran
from tests.commands.test_help import readme_examples
from tests.mail_server import Box, mail_server
from tests.windows import wine

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not wine.READY.exists(), reason="there is no Python of Windows here: make test-windows"),
]

README = (wine.ROOT / "README.md").read_text(encoding="utf-8")
NOW = "2026-11-20T16:00"
INSTALLED = "PYTHONUSERBASE"
"""Where pip puts what somebody installs for themselves: a folder of the test, so that it is installed anew."""


def block(language: str, words: str) -> str:
    """The first block of README in a language that has these words."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return next(each for each in blocks if words in each)


@pytest.fixture
def own_folder() -> Iterator[Path]:
    """Where escalate keeps the files of whoever is logged in, with nothing in it."""
    (local,) = (wine.FOLDER / "prefix" / "drive_c" / "users").glob("*/AppData/Local")
    folder = local / "escalate"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def office(tmp_path: Path, own_folder: Path) -> "Office":
    return Office(tmp_path, own_folder)


class Office:
    """Somebody who has installed escalate for themselves, or is about to, and has nothing else yet."""

    def __init__(self, folder: Path, settings: Path) -> None:
        self.folder, self.settings = folder, settings / "config.toml"

    def typed(self, line: str) -> Ran:
        """How a line ended."""
        name, *words = shlex.split(line, comments=True)
        if name == "py":
            return self._ended(wine.PYTHON / "python.exe", *words, folder=wine.ROOT)
        return self._ended(next((self.folder / INSTALLED).rglob(f"{name}.exe")), *words, folder=self.folder)

    def did(self, line: str) -> str:
        """What a line that has to succeed said."""
        ran = self.typed(line)
        assert ran.status == 0, f"{line}: {ran}"
        return ran.stdout

    def _ended(self, program: Path, *words: str, folder: Path) -> Ran:
        environment = wine.surroundings(
            ESCALATE_NOW=NOW,
            **{INSTALLED: wine.windows_path(self.folder / INSTALLED)},
            PIP_NO_INDEX="1",  # all that it stands on is there
            PIP_NO_BUILD_ISOLATION="0",  # which is how pip is told so
        )
        done = wine.wine(str(program), *words, folder=folder, environment=environment)
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def at_prompt(line: str, folder: Path) -> Ran:
    """How a line ended that means something to the Command Prompt itself, which has it from a file: Wine quotes what it is given otherwise."""
    file = folder / "line.cmd"
    file.write_text(f"@{line}\n", encoding="ascii")
    return _ended("cmd", "/c", wine.windows_path(file))


def typed(line: str) -> Ran:
    """How a line ended that somebody typed."""
    _, *words = shlex.split(line)
    return _ended(str(wine.PYTHON / "Scripts" / "escalate.exe"), *words)


def _ended(*words: str) -> Ran:
    done = wine.wine(*words)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def did(line: str) -> str:
    ran = typed(line)
    assert ran.status == 0, f"{line}: {ran}"
    return ran.stdout


def test_what_the_readme_says_works_at_a_prompt_of_windows(office: Office) -> None:
    for line in block("powershell", "py -m pip install").splitlines():
        office.did(line)
    assert wine.windows_path(office.folder / INSTALLED) in office.did("py -m pip show escalate")
    for line in readme_examples():
        office.did(line)
    office.did('escalate open herefordshire --subject M-2 --from Police --to "Wye Valley NHS Trust"')
    assert "escalate board --output board.html" in README
    office.did("escalate board --output board.html")
    assert "E0002" in (office.folder / "board.html").read_text(encoding="utf-8")
    box = Box()
    with mail_server(box) as port:
        settings = block("toml", "[mail]").replace("smtp.agency.example", "localhost")
        settings = re.sub("user = .*\npassword_file = .*", f'port = {port}\nsecurity = "none"', settings)
        office.settings.write_text(settings, encoding="utf-8")
        office.did("escalate digest --mail")
    assert box.readers == ["jo.bell@council.example", "unit@partnership.example", "safeguarding@trust.example"]
    assert "E0002" in box.letters[1][1].get_body().get_content()  # type: ignore[union-attr]
    office.settings.unlink()
    office.did("escalate backup --keep 14")
    office.did('escalate note 1 "→ ✓ £"')
    assert "→ ✓ £" in office.did("escalate log 1")
    assert "Restored." in office.did("escalate restore latest --yes")
    assert "→ ✓ £" not in office.did("escalate log 1")
    office.did("escalate erase 1 --yes")
    well = office.typed("escalate doctor")
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
