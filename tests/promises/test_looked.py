"""Who looked is recorded: whatever shows a name says first, in the chain, who saw whose, when and why; and it cannot be had without."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from escalate import cli
from tests import engine
from tests.commands.test_bad_input import assert_refused
from tests.driver import Office
from tests.promises.conftest import Show
from tests.sizes import sampled

pytestmark = pytest.mark.promise(15)

NOW = "2026-11-24T10:00"
run = Office(now=NOW, by="pat", environment={"ESCALATE_CONFIG": "{home}/config.toml"})

LOOKS: list[tuple[tuple[str, ...], str, list[str], dict[str, str]]] = [
    # what shows names, what is recorded as the command, of which cases, and with which filters
    (("show", "1"), "show", ["E0001"], {}),
    (("show", "2", "--as-of", "24 Nov 2026 09:30"), "show", ["E0002"], {"as-of": "24 Nov 2026 09:30"}),
    (("log", "1"), "log", ["E0001"], {}),
    (("due",), "due", ["E0001", "E0002"], {}),
    (("due", "--limit", "1"), "due", ["E0001"], {"limit": "1"}),
    (("due", "--agency", "Trust", "--owner", "bell"), "due", ["E0001"], {"agency": "Trust"}),
    (("board", "--output", "b.html", "--force"), "board", ["E0001", "E0002"], {}),
    (("board", "--output", "b.html", "--force", "--agency", "Council"), "board", ["E0001"], {"agency": "Council"}),
    (("list",), "list", ["E0002", "E0001"], {}),
    (("list", "--agency", "Council", "--status", "open"), "list", ["E0001"], {"agency": "Council", "status": "open"}),
    (("list", "--theme", "nothing"), "list", [], {"theme": "nothing"}),
    (("search", "bell"), "search", ["E0001"], {}),
    (("search", "nobody"), "search", [], {}),
    (("form", "2", "appendix-1"), "form", ["E0002"], {"form": "appendix-1"}),
    (("form", "2", "appendix-1", "--output", "f.docx", "--force"), "form", ["E0002"], {"form": "appendix-1"}),
    (("export", "json"), "export json", ["E0002", "E0001"], {}),
    (("export", "xlsx", "c.xlsx", "--force"), "export xlsx", ["E0002", "E0001"], {}),
    (("export", "csv", "--what", "cases", "--protocol", "herefordshire"), "export csv", ["E0002"], {"what": "cases", "protocol": "herefordshire"}),
    (("access", "1"), "access", ["E0001"], {}),
]  # fmt: skip

TO_FILE = ("--output", "b.html", "--force")
"""What is left out where a document is to be printed."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("looked") / "cases.db"
    for line in (
        ("open", "hull-east-riding", "--subject", "H-1", "--from", "Trust", "--to", "Council", "--fact", "name=Di Bell"),
        ("open", "herefordshire", "--stage", "1", "--subject", "M-1", "--from", "Trust", "--about", "Step-down", "--fact", "name=Ed Roe"),
        ("assign", "1", "raising", "Jo Bell", "--email", "jo@trust.example"),
        ("show", "1", "--identify", "--reason", "Strategy meeting"),
    ):  # fmt: skip
        run.did(path, *line, now="2026-11-24T09:00")
    return path


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    shutil.copy(made, tmp_path / "cases.db")
    return tmp_path / "cases.db"


def looks(path: Path, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run.did(path, "access", *words, "--json"))
    return found


@pytest.mark.parametrize(
    ("line", "command", "refs", "options"),
    sampled(LOOKS, 3),
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_whatever_shows_names_is_recorded_and_the_same_without_names_is_not(
    cases: Path, line: tuple[str, ...], command: str, refs: list[str], options: dict[str, str], as_json: bool
) -> None:
    if as_json and line[0] == "export":
        pytest.skip("an export has formats of its own")
    words = (*(each for each in line if line[0] != "board" or each not in TO_FILE), "--json") if as_json else line
    before = looks(cases)
    run.did(cases, *words)
    assert looks(cases) == before
    run.did(cases, *words, "--identify", "--reason", "Child protection  conference")
    newest, *others = looks(cases)
    assert others == before
    asked = line[-1] if line[0] == "search" or "--owner" in line else None
    assert newest == {
        "look": f"*@{len(before) + 1}", "at": "2026-11-24T10:00:00+00:00", "clock_set_by_hand": True, "by": "pat", "login": engine.UNIT if engine.chosen else None, "command": command,
        "cases": refs, "options": options, "reason": "Child protection conference", "asked": None,
        "withheld": ["asked"] if asked else [], "gone": [], "erased": [], "erased_reasons": [], "taken_over": None,
    }  # fmt: skip
    assert looks(cases, "--identify")[0]["asked"] == asked
    assert run(cases, "verify").status == 0


def test_no_command_that_can_show_names_is_forgotten(shown: Show) -> None:
    can = {name for name, command in _commands() if any("--identify" in option.opts for option in command.params)}
    assert can == {line[0] for line, *_ in LOOKS}
    shown(f"{len(can)} commands can show names, and {len(LOOKS)} lines of theirs recorded it in two ways each")


def _commands() -> list[tuple[str, Any]]:
    group = typer.main.get_command(cli.app)
    assert isinstance(group, TyperGroup)
    return [*group.commands.items()]


LISTED: list[tuple[tuple[str, ...], list[str]]] = [
    # what is asked for of the looks below, and the commands that are listed, the newest first
    ((), ["search", "list", "show", "show"]),
    (("1",), ["search", "list", "show"]),
    (("2",), ["list", "show"]),
    (("E0002", "--by", "SAM"), ["list"]),
    (("--by", "pat"), ["show", "show"]),
    (("--since", "25 Nov 2026"), ["search", "list"]),
    (("--since", "25 Nov 2026", "--until", "25 Nov 2026"), ["list"]),
    (("--until", "24 Nov 2026 09:30"), ["show"]),
    (("--until", "24 Nov 2026"), ["show", "show"]),
    (("--limit", "1"), ["search"]),
]


def test_looks_are_listed_by_case_by_person_and_by_day(tmp_path: Path, made: Path) -> None:
    path = tmp_path / "cases.db"
    shutil.copy(made, path)
    path.chmod(0o600)
    run.did(path, "show", "2", "--identify")
    run.did(path, "list", "--identify", now="2026-11-25T15:00", ESCALATE_BY="Sam")
    run.did(path, "search", "Bell", "--identify", now="2026-11-26T15:00", ESCALATE_BY="Sam")
    for words, commands in LISTED:
        ran = json.loads(run.did(path, "access", *words, "--json", now="2026-11-27T10:00"))
        assert [each["command"] for each in ran] == commands, words
    page = run.did(path, "access", now="2026-11-27T10:00")
    assert "Strategy meeting" in page
    assert "what was asked for: shown with --identify" in page
    assert "Bell" not in page
    assert "asked for: Bell" in run.did(path, "access", "--identify", now="2026-11-27T10:00")
    assert "No such looks." in run.did(path, "access", "--by", "nobody", now="2026-11-27T10:00")


@pytest.mark.parametrize("line", sampled(map(pytest.param, dict.fromkeys(line for line, *_ in LOOKS)), 4), ids=" ".join)
def test_where_a_reason_is_required_nothing_is_shown_without(cases: Path, line: tuple[str, ...]) -> None:
    cases.with_name("config.toml").write_text('access_reason = "required"\n', encoding="utf-8")
    before = cases.read_bytes()
    assert_refused(run(cases, *line, "--identify"), 1, "Say why with --reason: the settings require a reason")
    assert cases.read_bytes() == before
    assert run(cases, *line).status == 0
    assert run(cases, *line, "--identify", "--reason", "Panel").status == 0


REFUSED = [
    (("show", "1", "--reason", "x"), "", 2, "--reason says why names are looked at: say --identify as well"),
    (("show", "1", "--identify", "--reason", " "), "", 2, "--reason is empty"),
    (("show", "1", "--identify"), 'access_reason = "always"', 2, '"always" is neither: say "required" or "optional"'),
    (("show", "1", "--identify"), "access_reason = true", 2, 'access_reason should be text in quotes, such as access_reason = "True"'),
    (("access", "9"), "", 1, 'There is no case "9"'),
    (("access", "--since", "24 Nov 2026", "--until", "23 Nov 2026"), "", 2, "--until lies before --since"),
    (("access", "--since", "soon"), "", 2, '"soon" cannot be read as a date and time'),
]  # fmt: skip


@pytest.mark.parametrize(("line", "settings", "status", "says"), REFUSED, ids=str)
def test_what_cannot_be_is_refused_and_nothing_written(
    cases: Path, line: tuple[str, ...], settings: str, status: int, says: str
) -> None:
    cases.with_name("config.toml").write_text(f"{settings}\n", encoding="utf-8")
    before = cases.read_bytes()
    assert_refused(run(cases, *line), status, says)
    assert cases.read_bytes() == before


NOTHING_SHOWN = [
    (("form", "2", "appendix-1", "--identify", "--output", "there.txt"), "there.txt is there already"),
    (("form", "2", "appendix-9", "--identify"), 'There is no form "appendix-9"'),
    (("form", "1", "--identify", "--done"), "leave --done out"),
    (("export", "json", "there.txt", "--identify"), "there.txt is there already"),
    (("disclose", "M-1", "--output", "there.html"), "there.html is there already"),
    (("disclose", "M-1", "--output", "nowhere/page.html"), "nowhere/page.html cannot be written"),
    (("show", "9", "--identify"), 'There is no case "9"'),
]


@pytest.mark.parametrize(("line", "says"), NOTHING_SHOWN, ids=str)
def test_what_is_refused_showed_nothing_and_is_no_look(cases: Path, line: tuple[str, ...], says: str) -> None:
    for name in ("there.txt", "there.html"):
        cases.with_name(name).touch()
    before = run.json(cases, "access")
    assert_refused(run(cases, *line), 1, says)
    assert run.json(cases, "access") == before


@pytest.mark.script
@pytest.mark.skipif(not shutil.which("prlimit"), reason="no prlimit to bound files with: apt-get install util-linux")
def test_where_it_cannot_be_recorded_that_is_said_or_nothing_is_shown(cases: Path) -> None:
    """No file may grow: the journal of the record cannot be written, and what is there can be read."""
    before = cases.read_bytes()
    full = ("prlimit", "--fsize=0")
    ran = run(cases, "show", "1", "--identify", through=full)
    assert (ran.status, "Di Bell" in ran.stdout, ran.stderr.count("\n")) == (0, True, 1), ran
    assert ran.stderr.startswith("This look at names could not be recorded: write down who looked, when and why.")
    cases.with_name("config.toml").write_text('unrecorded_access = "refused"\n', encoding="utf-8")
    refused = run(cases, "show", "1", "--identify", through=full)
    assert_refused(refused, 1, "Names are not shown, because the look cannot be recorded")
    assert run(cases, "show", "1", through=full).status == 0
    assert cases.read_bytes() == before


def test_erasing_a_case_leaves_who_looked_at_it_without_a_word(tmp_path: Path, made: Path, shown: Show) -> None:
    path = tmp_path / "cases.db"
    shutil.copy(made, path)
    path.chmod(0o600)
    run.did(path, "search", "Bell", "--identify", "--reason", "Di Bell is missing")
    run.did(path, "show", "2", "--identify", "--reason", "Panel on Ed Roe")
    run.backs_up(path)
    head = run.json(path, "verify")["head"]
    run.did(path, "resolve", "1", "--how", "Agreed")
    run.did(path, "erase", "1", "--yes")
    newest, of_2, search, first = looks(path, "--identify")
    assert (newest["command"], newest["cases"], newest["erased"]) == ("erase", ["E0001"], ["*@1", "*@2"])
    assert [(each["by"], each["cases"], each["reason"], each["asked"], each["gone"]) for each in (search, first)] == [
        ("pat", ["E0001"], None, None, ["asked", "reason"]),
        ("pat", ["E0001"], None, None, ["reason"]),
    ]
    assert of_2["reason"] == "Panel on Ed Roe"
    for each in (path, *(path.parent / "backups").glob("*.db")):
        assert b"Di Bell" not in each.read_bytes()
    assert run(path, "verify", "--head", head).status == 0
    shown("erasing leaves who looked, without a word")


@pytest.mark.file_only("changes the file past escalate; tests/server/test_looked.py does so on a server")
def test_a_change_of_who_looked_is_found(tmp_path: Path, made: Path) -> None:
    from tests.promises.test_tampering import past_the_guards

    for statement, says in (
        ("UPDATE look SET \"by\" = 'sam'", "Look *@1 is not what was recorded"),
        ("DELETE FROM look_words; DELETE FROM look", "Look *@1 is not what was recorded"),
        ("DELETE FROM look_words", "The reason of look *@1 is gone, and nothing says that it was erased"),
        ("UPDATE look_words SET content = 'x'", "The reason of look *@1 is not what was recorded"),
        ("UPDATE look SET cases = '['", "damaged in the looks at names"),
        ("UPDATE look_words SET look = 7", "There are words of look *@7, and no such look"),
        ('INSERT INTO look SELECT agency, 2, at, "by", login, command, cases, data, commitments FROM look', "Look *@2 was added past the chain"),
    ):  # fmt: skip
        path = tmp_path / "cases.db"
        shutil.copy(made, path)
        with past_the_guards(path) as db:
            db.execute("PRAGMA foreign_keys = OFF")
            for each in statement.split("; "):
                db.execute(each)
        ran = run(path, "verify")
        assert (ran.status, says in ran.stderr) == (1, True), (statement, ran)
