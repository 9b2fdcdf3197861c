"""What escalate lives on is never written over by what is made for others, not even with --force."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.driver import unit
from tests.promises.cases import LATER, NOW, make_cases
from tests.sizes import later, sampled

pytestmark = pytest.mark.file_only("is about the file and its backups")

COMMANDS = {
    "export json": ("export", "json", "{}", "--force"),
    "export ics": ("export", "ics", "{}", "--force"),
    "report": ("report", "--quarter", "2026/27 Q3", "--format", "markdown", "--output", "{}", "--force"),
    "report xlsx": ("report", "--quarter", "2026/27 Q3", "--format", "xlsx", "--output", "{}", "--force"),
    "form": ("form", "1", "appendix-2", "--format", "text", "--output", "{}", "--force"),
    "protocol new": ("protocol", "new", "fresh", "--like", "lincolnshire", "--to", "{}", "--force"),
}
"""Every command that writes a file which somebody names."""

KEPT: dict[str, tuple[Callable[[Path], Path], str]] = {
    "the file": (lambda home: home / "cases.db", "where the cases are kept"),
    "its journal": (lambda home: home / "cases.db-journal", "where the cases are kept"),
    # on macOS and Windows these are the same names
    "its journal in other letters": (lambda home: home / "CASES.DB-Journal", "where the cases are kept"),
    "what another file has beside it in other letters": (
        lambda home: home / "other.db-WAL",
        "kept beside a file of cases",
    ),
    "a new protocol in other letters": (
        lambda home: home / "protocols" / "new.TOML",
        "in the folder of your protocols",
    ),
    "what another file has beside it": (lambda home: home / "other.db-wal", "kept beside a file of cases"),
    "another file": (lambda home: home / "other.db", "a backup, or another file of cases"),
    "a backup": (lambda home: next((home / "backups").glob("cases-2*.db")), "a backup, or another file of cases"),
    "a backup under another name": (lambda home: home / "backups" / "mine", "a backup, or another file of cases"),
    "the name of a backup": (
        lambda home: home / "backups" / "cases-20261201T000000Z.db",
        "a backup, or another file of cases",
    ),
    "the settings": (lambda home: home / "settings.toml", "the settings file"),
    "the settings by another way": (lambda home: home / "backups" / ".." / "settings.toml", "the settings file"),
    "a protocol": (lambda home: home / "protocols" / "mine.toml", "in the folder of your protocols"),
    "a new protocol": (lambda home: home / "protocols" / "new.toml", "in the folder of your protocols"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("office")
    make_cases(home / "cases.db")
    unit.did(home / "cases.db", "backup", now=LATER)
    shutil.copyfile(home / "cases.db", home / "backups" / "mine")
    shutil.copyfile(home / "cases.db", home / "other.db")
    (home / "settings.toml").write_text('at_risk = "2 working days"\n', encoding="utf-8")
    (home / "protocols").mkdir()
    unit.did(
        home / "cases.db", "protocol", "new", "mine", "--like", "lincolnshire", "--to", str(home / "protocols" / "mine.toml"), now=NOW
    )  # fmt: skip
    return home


PAIRS = [(command, kept) for command in COMMANDS for kept in KEPT if command != "protocol new" or "settings" in kept]
"""A new protocol goes into a file that ends in .toml, and protocols are what it is there to write."""


OFTEN = {next(pair for pair in PAIRS if name in pair) for name in (*COMMANDS, *KEPT)}
"""Each command once, and each thing that is kept, for make test."""


@pytest.mark.parametrize(("command", "kept"), sampled([pair if pair in OFTEN else later(pair) for pair in PAIRS], 3))
def test_it_is_refused_in_a_sentence_and_stays(office: Path, command: str, kept: str) -> None:
    find, says = KEPT[kept]
    path = find(office)
    before = {each: each.read_bytes() for each in office.rglob("*") if each.is_file()}
    line = [part.format(path) for part in COMMANDS[command]]
    more = {"ESCALATE_CONFIG": str(office / "settings.toml"), "ESCALATE_PROTOCOLS": str(office / "protocols")}
    ran = unit(office / "cases.db", *line, now=NOW, **more)
    assert (ran.status, ran.stdout, ran.stderr) == (1, "", f"{path} is {says}: name another file.\n")
    assert {each: each.read_bytes() for each in office.rglob("*") if each.is_file()} == before


def test_a_protocol_of_ones_own_can_be_written_anew(office: Path) -> None:
    line = [part.format(office / "protocols" / "mine.toml") for part in COMMANDS["protocol new"]]
    assert unit(office / "cases.db", *line, now=NOW).status == 0


@pytest.mark.parametrize("kept", ["its journal", "the name of a backup", "the settings"])
def test_a_move_spares_it_too(office: Path, kept: str) -> None:
    find, says = KEPT[kept]
    more = {"ESCALATE_CONFIG": str(office / "settings.toml")}
    ran = unit(office / "cases.db", "move", "postgresql:///none", str(find(office)), now=NOW, **more)
    assert (ran.status, ran.stderr) == (1, f"{find(office)} is {says}: name another file.\n")


@pytest.mark.parametrize("end", ["-journal", "-wal", "-shm", "-Journal"])
def test_no_new_file_of_cases_has_the_name_of_what_is_kept_beside_one(office: Path, end: str) -> None:
    path = office / f"cases.db{end}"
    ran = unit(path, "open", "lincolnshire", "--about", "Thresholds", now=NOW)
    assert (ran.status, "what SQLite keeps beside a file" in ran.stderr, path.exists()) == (1, True, False)
