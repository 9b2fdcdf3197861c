"""What a shell offers when somebody presses Tab: values of this office, as they are typed, and never the name of a person."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from escalate.storage.sqlite.database import STATEMENTS, OpenFile
from tests.driver import Office, completed
from tests.sizes import sampled, size
from tests.terminal import shell

run = Office(now="2026-11-20T10:00", by="unit")
WYE, CHILDREN = "Wye Valley NHS Trust", "Children's Services"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office with three cases; a person's name stands wherever one can."""
    found = tmp_path_factory.mktemp("office") / "cases.db"
    run.did(found, "open", "herefordshire", "--subject", "M-40213", "--from", WYE, "--to", CHILDREN, "--fact", "protection-plan=yes", "--fact", "theme=drift")  # fmt: skip
    run.did(found, "advance", "1")
    run.did(found, "open", "hull-east-riding", "--subject", "Ada Canary", "--is-reference", "--from", "Hull: Police")
    run.did(found, "open", "hull-east-riding", "--subject", "01.05.2014", "--is-reference", "--to", "A & E")
    run.did(found, "set", "1", "name=Ada Canary", "involved=Canary School")
    run.did(found, "assign", "1", "receiving", "Jo Canary", "--role", "Team manager", "--email", "jo.canary@x.example")
    run.did(found, "open", "lincolnshire", "--about", "Canary")
    run.did(found, "void", "4", "--yes")
    return found


def asked(path: Path, typed: str, **more: str) -> list[str] | None:
    """What is offered after a line that was typed so far, as zsh and fish ask; None where Typer answers."""
    environment = {
        **run.surroundings(path),
        "_ESCALATE_COMPLETE": "complete_fish",
        "_TYPER_COMPLETE_ARGS": f"escalate {typed}",
        **more,
    }
    answer = completed(environment)
    return None if answer is None else [line.partition("\t")[0] for line in answer.splitlines()]


LINES = [
    ("done ", ["E0003", "E0002", "E0001"]),
    ("done e0001", ["E0001"]),
    ("show M-", ["M-40213"]),
    ("show M-9", []),
    ("done 1 ", ["resolve", "iro-notified"]),
    ("done M-40213 --at now i", ["iro-notified"]),
    ("done 1 resolve i", ["iro-notified"]),
    ("explain 1 i", ["iro-notified"]),
    ("agree 1 tomorrow --action i", ["iro-notified"]),
    ("done 9 ", []),
    ("new h", ["herefordshire", "hull-east-riding"]),
    ("open herefordshire --stage ", ["0", "1", "2", "3", "4"]),
    ("open north-east-lincolnshire --route i", ["individual"]),
    ("advance 1 --to ", ["0", "1", "2", "3", "4"]),
    ("open x --from W", [WYE]),
    ("open x --to=child", [f"--to={CHILDREN}"]),
    ("due --agency ", ["A & E", "Hull: Police", WYE, CHILDREN, "Canary School"]),
    ("list --theme d", ["drift"]),
    ("list --protocol linc", ["lincolnshire"]),
    ("list --status w", ["withdrawn"]),
    ("set 1 looked", ["looked-after=yes", "looked-after=no"]),
    ("set 1 looked-after=n", ["looked-after=no"]),
    ("set 2 severity=", ["severity=high", "severity=medium", "severity=low"]),
    ("set 1 immediate-risk=yes from=w", [f"from={WYE}"]),
    ("set 1 theme=d", ["theme=drift"]),
    ("set 1 name=", []),
    ("set 1 rel", ["related=E0003", "related=E0002", "related=E0001"]),
    ("open hull-east-riding --fact sev", ["severity=high", "severity=medium", "severity=low"]),
    ("assign 1 r", ["raising", "receiving"]),
    ("protocol show north-y", ["north-yorkshire"]),
    ("agency join h", ["Hull: Police"]),
    ("do", None),  # commands and options are Typer's
    ("done --a", None),
    ("note 1 ", None),
    ("advance 1 --because ", None),
    ("assign 1 receiving ", None),
    ("due --owner The", ["The practitioner raising the issue"]),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "offered"), LINES, ids=[line for line, _ in LINES])
def test_what_can_come_next_is_offered(path: Path, typed: str, offered: list[str] | None) -> None:
    assert asked(path, typed) == offered


@pytest.mark.file_only("names the file")
def test_the_cases_are_those_of_a_file_that_is_named(path: Path, tmp_path: Path) -> None:
    assert asked(tmp_path / "none.db", f"--db {path} done 1 i") == ["iro-notified"]


@pytest.mark.file_only("a server's dumps are its administrator's")
def test_backups_of_a_file_are_offered(path: Path) -> None:
    assert asked(path, "restore l") == ["latest"]


def test_no_person_is_ever_named(path: Path) -> None:
    for typed, _ in LINES:
        for begun in ("", "A", "J", "C", "0", "T")[: size(3, 6)]:
            found = asked(path, f"{typed.rpartition(' ')[0]} {begun}") or []
            assert not {each for each in found if "Ada" in each or "Jo" in each or "2014" in each or "jo." in each}


@pytest.mark.file_only("what else may lie at the path")
def test_nothing_is_made_changed_or_said_where_there_is_nothing_to_read(path: Path, tmp_path: Path) -> None:
    assert asked(tmp_path / "none.db", "done ") == []
    assert list(tmp_path.iterdir()) == []
    older = tmp_path / "older.db"
    older.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(older)) as file, file:
        file.execute("PRAGMA user_version = 9")
    before = older.read_bytes()
    assert (asked(older, "done "), older.read_bytes()) == ([], before)
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\0" + b"\0" * 100)
    assert asked(tmp_path / "other.db", "done ") == []
    assert asked(path, "done ", ESCALATE_DB="postgresql://127.0.0.1:1/none") == []
    assert asked(path, "open herefordshire --fact ", ESCALATE_CONFIG=str(tmp_path / "other.db")) == []


# -- each shell


def bash(path: Path, *words: str) -> list[str]:
    """What bash is given: it divides words at = and : as well, and tells them a line each."""
    answer = completed({**run.surroundings(path), "_ESCALATE_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(len(words) - 1)})  # fmt: skip
    return (answer or "").splitlines()


def test_bash_has_blanks_marked_unless_quotes_are_open(path: Path) -> None:
    assert bash(path, "escalate", "open", "x", "--from", "W") == [r"Wye\ Valley\ NHS\ Trust"]
    assert bash(path, "escalate", "open", "x", "--from", '"W') == [WYE]
    assert bash(path, "escalate", "open", "x", "--to", "Ch") == [r"Children\'s\ Services"]
    assert bash(path, "escalate", "set", "2", "severity", "=", "h") == ["high"]
    assert bash(path, "escalate", "set", "2", "severity", "=") == ["high", "medium", "low"]
    assert bash(path, "escalate", "set", "1", "from", "=", "W") == [r"Wye\ Valley\ NHS\ Trust"]


def test_powershell_has_quotes_where_a_value_needs_them(path: Path) -> None:
    environment = {**run.surroundings(path), "_ESCALATE_COMPLETE": "complete_powershell", "_TYPER_COMPLETE_ARGS": "escalate open x --to Ch", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "Ch"}  # fmt: skip
    assert completed(environment) == "'Children''s Services':::  ".rstrip(" ") + " "
    environment |= {"_TYPER_COMPLETE_ARGS": "escalate done E", "_TYPER_COMPLETE_WORD_TO_COMPLETE": "E"}
    assert (completed(environment) or "").splitlines()[-1] == f"E0001:::M-40213, {WYE} to {CHILDREN}"


TYPED = [
    # what is typed before Tab, the words that stand there after it
    ("escalate done M-4", ["escalate", "done", "M-40213"]),
    ("escalate done 1 ir", ["escalate", "done", "1", "iro-notified"]),
    ("escalate open lincolnshire --from Wy", ["escalate", "open", "lincolnshire", "--from", WYE]),
    ("escalate open lincolnshire --to Ch", ["escalate", "open", "lincolnshire", "--to", CHILDREN]),
    ("escalate set 2 severity=h", ["escalate", "set", "2", "severity=high"]),
    ("escalate set 2 from=Wy", ["escalate", "set", "2", f"from={WYE}"]),
    ("escalate proto", ["escalate", "protocol"]),
]  # fmt: skip
SHELLS = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$(escalate --show-completion bash)"'),
    "zsh": (("zsh", "-f", "-i"), 'autoload -Uz compinit; compinit -u -D; eval "$(escalate --show-completion zsh)"'),
    "fish": (("fish", "--no-config", "-i"), "escalate --show-completion fish | source"),
}


@pytest.mark.system
@pytest.mark.script
@pytest.mark.parametrize("name", SHELLS)
def test_tab_in_a_real_shell(path: Path, tmp_path: Path, name: str) -> None:
    program, set_up = SHELLS[name]
    environment = {
        **run.surroundings(path), "HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }  # fmt: skip
    words = tmp_path / "words"
    with shell(environment, *program) as terminal:
        terminal.types_slowly(f"{set_up}\n")
        for typed, completed in TYPED:
            shown = terminal.types_slowly(f"{typed}\t")
            # to the beginning of the line, where what prints the words is put before them, and back to its end
            shown += terminal.types_slowly(f"\x01printf '%s\\n' \x05 > {words}\n")
            assert words.read_text(encoding="utf-8").splitlines() == completed, shown
            words.unlink()


# -- fast enough that nobody waits, at 10,000 cases


@pytest.fixture(scope="module")
def many(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same file with the rows of 10,000 more cases; their histories are not looked at."""
    found = tmp_path_factory.mktemp("many") / "cases.db"
    found.write_bytes(path.read_bytes())
    with closing(sqlite3.connect(found)) as file, file:
        columns = [row[1] for row in file.execute("PRAGMA table_info(cases)")]
        new = ["'E' || n", "n", *columns[2:]]
        new[columns.index("subject")] = "'M-' || n"
        numbers = "WITH RECURSIVE numbers(n) AS (SELECT 20000 UNION ALL SELECT n + 1 FROM numbers WHERE n < 29999)"
        file.execute(f"{numbers} INSERT INTO cases SELECT {', '.join(new)} FROM cases, numbers WHERE ref = 'E0001'")
        columns = [row[1] for row in file.execute("PRAGMA table_info(deadline)")]
        new = ["'E' || numbers.n", *(f"deadline.{name}" for name in columns[1:])]
        file.execute(
            f"{numbers} INSERT INTO deadline SELECT {', '.join(new)} FROM deadline, numbers WHERE case_ref = 'E0001'"
        )
    return found


QUICK = [
    "done ",
    "done E2",
    "done E29999",
    "done M-29",
    "done E29999 ",
    "set E29999 ",
    "open x --from ",
    "due --owner ",
    "new ",
]
LOADED = 56
"""So many modules of ours are loaded at most, and Typer is none of them; two of them that the name of a command does without."""


@pytest.mark.file_only("ten thousand rows are put into it")
@pytest.mark.parametrize("typed", sampled(QUICK, 3))
def test_little_is_read_of_many_cases(many: Path, typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    rows = OpenFile.rows

    def counted(self: OpenFile, name: str, **values: object) -> object:
        found = rows(self, name, **values)
        read.append(len(found))
        return found

    monkeypatch.setattr(OpenFile, "rows", counted)
    assert asked(many, typed)
    assert len(read) <= 4
    assert sum(read) <= 1000, read


@pytest.mark.file_only("ten thousand rows are put into it")
def test_the_newest_are_found_without_sorting_all(many: Path) -> None:
    with closing(sqlite3.connect(many)) as file, file:
        for name, values in (("cases_begun", {"pattern": "%", "most": 30}), ("sides_recent", {"most": 30})):
            plan = [row[3] for row in file.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[name]}", values)]
            assert plan == ["SCAN cases USING INDEX idx_cases_number"]


@pytest.mark.file_only("ten thousand rows are put into it")
@pytest.mark.parametrize("typed", sampled(QUICK, 3))
def test_little_is_loaded(many: Path, typed: str) -> None:
    answer, loaded = _loaded(many, typed)
    assert answer
    assert "typer" not in loaded
    assert len([name for name in loaded if name.split(".")[0] == "escalate"]) <= LOADED


def test_the_name_of_a_command_is_completed_without_what_finds_values(tmp_path: Path) -> None:
    answer, loaded = _loaded(tmp_path / "cases.db", "du")
    assert answer.split()[0] == "due"
    assert not loaded & {"escalate.commands.shared.offering", "escalate.storage.offered", "escalate.domain.case.people"}


def _loaded(file: Path, typed: str) -> tuple[str, set[str]]:
    """What a shell is answered, and the modules that are loaded by then."""
    ran = subprocess.run(
        [sys.executable, "-c", "import sys\nfrom escalate.__main__ import main\ntry:\n    main()\nfinally:\n    sys.stderr.write(' '.join(sys.modules))"],
        env={
            **run.surroundings(file), "_ESCALATE_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_ARGS": f"escalate {typed}", "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ran.stdout, set(ran.stderr.split())


@pytest.mark.script
@pytest.mark.parametrize(
    ("name", "variables"),
    [
        ("bash", ["COMP_WORDS", "COMP_CWORD", "_ESCALATE_COMPLETE=complete_bash"]),
        ("zsh", ["_TYPER_COMPLETE_ARGS", "_ESCALATE_COMPLETE=complete_zsh"]),
        ("fish", ["_TYPER_COMPLETE_ARGS", "_TYPER_COMPLETE_FISH_ACTION=is-args", "_ESCALATE_COMPLETE=complete_fish"]),
        ("powershell", ["_TYPER_COMPLETE_ARGS", "_TYPER_COMPLETE_WORD_TO_COMPLETE", '_ESCALATE_COMPLETE = "complete_powershell"', '-Split ":::"']),
    ],
)  # fmt: skip
def test_the_script_of_each_shell_asks_as_it_is_read(path: Path, name: str, variables: list[str]) -> None:
    script = run.did(path, "--show-completion", name, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert [each for each in variables if each not in script] == []
