"""The cases may be on a server: every command says there what it says of a file, or in one sentence why not and what to do instead.

Behind the address stands a file here, so that what is looked at is how commands come by the cases; tests/storage/postgresql has a server.
"""

import json
import re
import shlex
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from types import ModuleType

import pytest

from escalate.commands import digest_schedule
from escalate.storage import engines
from escalate.storage.interface import Database
from escalate.storage.places import ServerPlace
from tests import in_process
from tests.command_line import Ran
from tests.sizes import sampled

SERVER = "postgresql:///?service=escalate"
NOW = "2026-11-24T10:00"
OPENING = "escalate.storage.postgresql.database"


class Opened(list[ServerPlace]):
    """The places that were opened, instead of which a file is."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def connected(self, place: ServerPlace) -> AbstractContextManager[Database]:
        self.append(place)
        return engines.connected(self.path)


@pytest.fixture
def behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """What stands behind the address: a file that is not where anybody looks."""
    (tmp_path / "behind").mkdir()
    opened, opening = Opened(tmp_path / "behind" / "it.db"), ModuleType(OPENING)
    opening.connected = opened.connected  # type: ignore[attr-defined]
    opening.STATEMENTS = {}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, opening.__name__, opening)
    return opened


def run(folder: Path, *words: str, place: str | None = SERVER, **environment: str) -> Ran:
    home = {"HOME": str(folder / "home"), "ESCALATE_NOW": NOW, "ESCALATE_BY": "tests"}
    (folder / "home").mkdir(exist_ok=True)
    return in_process.escalate(
        *words, environment=home | ({"ESCALATE_DB": place} if place else {}) | environment, folder=folder
    )


BEGIN = (
    'open herefordshire --subject M-1 --from "Wye Valley NHS Trust" --to "Children\'s Services" --concern "18 Nov 2026" --fact protection-plan=yes',
    "open hull-east-riding --about Thresholds --fact severity=high",
    "note 1 'A word'",
    "resolve 2 --how Agreed",
)
LINES = (
    "due", "due --overdue", "due --overdue --json", "due --as-of yesterday", "due --as-of now", "list", "list --json", "list --as-of now", "show 1", "show 1 --json", "log 1", "explain 1", "search word",
    "report", "report --json", "report --output r.html", "export csv --what cases", "export json", "export json out.json", "export ics", "digest --always", "digest --json --always", "verify", "verify --json", "plan herefordshire", "calc today '1 day'",
    "calendar show", "calendar check", "calendar add '24 Dec 2026' --reason Closed --dry-run", "calendar add '24 Dec 2026' --reason Closed --yes", "calendar remove '25 Dec 2026' --reason Open --yes", "calendar refresh --dry-run",
    "note 1 Another", "note 1 Another --dry-run", "set 1 severity=high", "agree 1 tomorrow", "advance 1", "resolve 1 --how Agreed", "withdraw 1", "reopen 2", "undo 1", "void 2 --reason Twice --yes", "assign 1 raising 'A Person'", "erase 2 --yes", "form 1 appendix-1",
    "form 1 appendix-1 --output f.docx", "protocol list", "protocol show herefordshire", "protocol adopt 1 --dry-run", "protocol new north-town --like lincolnshire", "open lincolnshire --about Another", "open lincolnshire --about Another --dry-run", "import log.csv --protocol herefordshire", "import log.csv --protocol herefordshire --skip-bad --write", "demo",
    "show 9", "note 9 x", "list --protocol none",
)  # fmt: skip
"""What works on a file works on a server."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("begun")
    for line in BEGIN:
        assert run(folder, *shlex.split(line), place=str(folder / "cases.db")).status == 0
    return folder / "cases.db"


def copied(begun: Path, to: Path) -> Path:
    to.write_bytes(begun.read_bytes())
    to.chmod(0o600)
    return to


def _without_backup(said: str) -> str:
    """What a line says but for the backup of the file that an import makes first: a server's administrator makes its dumps."""
    return re.sub(r"A backup was made before: .*\n|No backup was made before: .*\n", "", said)


@pytest.mark.parametrize("line", sampled(LINES, 3))
def test_a_command_answers_on_a_server_as_on_a_file(tmp_path: Path, behind: Opened, begun: Path, line: str) -> None:
    copied(begun, behind.path)
    folders = (tmp_path / "on a file", tmp_path / "on a server")
    for folder in folders:
        folder.mkdir()
        (folder / "log.csv").write_bytes((Path(__file__).parents[1] / "data" / "log.csv").read_bytes())
    by_file = run(folders[0], *shlex.split(line), place=str(copied(begun, folders[0] / "cases.db")))
    by_server = Ran._make(
        _without_backup(said) if isinstance(said, str) else said for said in run(folders[1], *shlex.split(line))
    )
    said = (_without_backup(said).replace(str(folders[0]), str(folders[1])) for said in by_file[1:])
    assert by_server == Ran(by_file.status, *said)
    left = {path.relative_to(folders[1]) for path in folders[1].rglob("*")}
    assert not [path for path in left if "postgresql" in str(path) or path.suffix == ".db"]
    assert set(behind) <= {ServerPlace(SERVER, 30)}
    assert (behind == []) is line.startswith(("demo", "protocol list", "protocol show", "protocol new"))


WAYS: list[tuple[str, list[str], dict[str, str], str]] = [
    ("--db", ["--db", SERVER], {}, SERVER),
    ("ESCALATE_DB", [], {"ESCALATE_DB": f" {SERVER}\n"}, SERVER),
    ("settings", [], {"ESCALATE_CONFIG": "settings.toml"}, "postgres://localhost/cases"),
]


@pytest.mark.parametrize(("words", "environment", "wanted"), [row[1:] for row in WAYS], ids=[row[0] for row in WAYS])
def test_each_way_to_name_a_server(
    tmp_path: Path, behind: Opened, words: list[str], environment: dict[str, str], wanted: str
) -> None:
    (tmp_path / "settings.toml").write_text('database = "postgres://localhost/cases"\nserver_timeout = "2 minutes"\n', encoding="utf-8")  # fmt: skip
    ran = run(tmp_path, *words, "list", "--json", place=None, **environment)
    assert (ran.status, ran.stderr) == (0, "")
    assert behind == [ServerPlace(wanted, 120 if "ESCALATE_CONFIG" in environment else 30)]
    assert not (tmp_path / "postgresql:").exists()


NOT_THERE = (
    ("backup", ["escalate backup works on a file", "escalate server backup", f"escalate move '{SERVER}' FILE"]),
    *(
        (f"{command} --yes", [f"escalate {command} works on a file", "encrypt the disk"])
        for command in ("encrypt", "decrypt", "rekey")
    ),
    ("backup somewhere --keep 3", ["escalate backup works on a file"]),
    ("restore", ["escalate restore works on a file", "escalate server restore", "--db"]),
    ("restore latest --yes", ["escalate restore works on a file"]),
    ("doctor --repair", ["escalate doctor --repair works on a file", "its administrator"]),
)


@pytest.mark.parametrize(("line", "words"), NOT_THERE, ids=[row[0] for row in NOT_THERE])
@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["text", "json"])
def test_what_a_server_does_not_do_says_why_and_what_to_do_instead(
    tmp_path: Path, behind: Opened, line: str, words: list[str], as_json: list[str]
) -> None:
    ran = run(tmp_path, *line.split(), *as_json)
    assert (ran.status, ran.stdout, ran.stderr.count("\n"), behind) == (1, "", 1, [])
    assert [word for word in [*words, f"these cases are on a server ({SERVER})"] if word not in ran.stderr] == [], (
        ran.stderr
    )


PASSWORD = "hunter2"
REVEALING = f"postgresql://ann:{PASSWORD}@db.example/cases"
EVERY = ("config", "config --json", "doctor", "doctor --json", "due", "list --json", "open herefordshire --about x", "backup", "restore", "digest --install cron", "digest --install systemd", "verify", "calc today '1 day'", "export json x.json", "report --output r.html", "protocol new x --like lincolnshire", "--help", "due --help", "no-such-command", "due --no-such-option", "server status", "server member list", "server member add ann --unit")  # fmt: skip


@pytest.mark.parametrize("line", sampled(EVERY, 3))
def test_a_password_is_never_shown(tmp_path: Path, behind: Opened, line: str) -> None:
    (tmp_path / "settings.toml").write_text(f'database = "{REVEALING}"\n', encoding="utf-8")
    ways: list[tuple[str, list[str], dict[str, str]]] = [
        ("--db", ["--db", REVEALING], {}),
        ("ESCALATE_DB", [], {"ESCALATE_DB": REVEALING}),
        (str(tmp_path / "settings.toml"), [], {"ESCALATE_CONFIG": str(tmp_path / "settings.toml")}),
    ]
    for named_by, words, environment in ways:
        ran = run(tmp_path, *words, *shlex.split(line), place=None, **environment)
        assert PASSWORD not in ran.stdout + ran.stderr
        assert behind == []
        if not {"--help", "no-such-command", "--no-such-option"} & set(line.split()):
            assert f"{named_by}: The server's address has a password in it" in " ".join(
                (ran.stdout + ran.stderr).split()
            )
    for path in tmp_path.rglob("*"):
        assert path.name == "settings.toml" or path.is_dir() or PASSWORD not in path.read_text(encoding="utf-8")


MISPLACED = (
    (REVEALING,), ("due", REVEALING), ("show", REVEALING), ("note", "1", f"--at={REVEALING}"), ("server", "init", REVEALING), ("server", "init", f"host=x password={PASSWORD}"), ("--db", "cases.db", "show", REVEALING),
    ("server", "init", "mysql://u:" + PASSWORD + "@h"), ("protocol", "show", REVEALING), ("--db", f"postgresql://h:{PASSWORD}/x", "due"), ("due", f"--bd={REVEALING}"), ("restore", REVEALING), ("server", "init", f"postgresql:///x?pasword={PASSWORD}"),
)  # fmt: skip


@pytest.mark.parametrize("words", MISPLACED, ids=" ".join)
def test_a_password_is_not_shown_wherever_an_address_was_typed(
    tmp_path: Path, begun: Path, words: tuple[str, ...]
) -> None:
    ran = run(tmp_path, *words, place=str(copied(begun, tmp_path / "cases.db")))
    assert ran.status in {1, 2}
    assert ran.stderr
    assert PASSWORD not in ran.stdout + ran.stderr


def test_a_setting_that_is_no_text_shows_no_password(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f'database = ["{REVEALING}"]\n', encoding="utf-8")
    ran = run(tmp_path, "config", place=None, ESCALATE_CONFIG=str(tmp_path / "settings.toml"))
    assert (ran.status, PASSWORD in ran.stderr, "should be text in quotes" in ran.stderr) == (2, False, True)


def test_an_error_nobody_foresaw_is_reported_without_the_address_in_a_folder_of_this_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: Opened
) -> None:
    def broken(_: object, place: ServerPlace) -> None:
        raise RuntimeError(f"{place} and {PASSWORD}")

    monkeypatch.setattr(sys.modules[OPENING], "connected", lambda place: broken(behind, place))
    ran = run(tmp_path, "--db", SERVER, "list", place=None)
    (report,) = (tmp_path / "home" / ".local/share/escalate/errors").iterdir()
    said = report.read_text(encoding="utf-8")
    assert (ran.status, str(report) in ran.stderr) == (1, True)
    assert PASSWORD not in said + ran.stderr
    assert "postgresql://" not in said
    assert "Command: escalate --db … list" in said


def test_config_shows_where_the_cases_are_and_who_one_is_there(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".pg_service.conf").write_text("[escalate]\nuser=ann\n", encoding="utf-8")
    shown = run(tmp_path, "config")
    assert (shown.status, SERVER in shown.stdout, "The cases are on a server, where you are ann." in shown.stdout) == (
        0,
        True,
        True,
    )
    document = json.loads(run(tmp_path, "config", "--json").stdout)
    assert document["settings"]["database"] == {"value": SERVER, "source": "ESCALATE_DB"}
    assert document["settings"]["server_timeout"] == {"value": "30 seconds", "source": "default"}
    assert document["login"] == "ann"
    for address, login in (("postgresql://bo@localhost/x", "bo"), ("postgresql://localhost/x?user=cy", "cy")):
        assert json.loads(run(tmp_path, "config", "--json", place=address).stdout)["login"] == login
    assert json.loads(run(tmp_path, "config", "--json", place="postgresql:///x", PGUSER="di").stdout)["login"] == "di"
    assert "login" not in json.loads(run(tmp_path, "config", "--json", place=str(tmp_path / "cases.db")).stdout)


def test_doctor_looks_at_the_cases_on_a_server_and_at_no_files(tmp_path: Path, behind: Opened, begun: Path) -> None:
    copied(begun, behind.path)
    found = json.loads(run(tmp_path, "doctor", "--json").stdout)["findings"]
    assert [each["about"] for each in found if each["state"] == "wrong"] == []
    assert {"Private", "Left over", "Backups", "Erased"} & {each["about"] for each in found} == set()
    assert {"Server", "Cases", "History", "Lists", "Calendars"} <= {each["about"] for each in found}


TIMEOUTS = [("1 second", None), ("2 seconds", 2), ("90 Seconds", 90), ("5 minutes", 300), ("60 minutes", 3600), ("61 minutes", None), ("0 seconds", None), ("30", None), ("3 days", None), ("-5 seconds", None), ("²  seconds", None), ("1 " + "s" * 999, None)]  # fmt: skip


@pytest.mark.parametrize(("said", "seconds"), TIMEOUTS, ids=[row[0][:20] for row in TIMEOUTS])
def test_how_long_a_server_is_waited_for_can_be_set(
    tmp_path: Path, behind: Opened, said: str, seconds: int | None
) -> None:
    ran = run(tmp_path, "list", ESCALATE_SERVER_TIMEOUT=said)
    if seconds:
        assert (ran.status, behind) == (0, [ServerPlace(SERVER, seconds)])
    else:
        assert (ran.status, behind) == (2, [])
        assert "ESCALATE_SERVER_TIMEOUT: server_timeout: " in ran.stderr
        assert 'say "30 seconds"' in ran.stderr
    assert run(tmp_path, "list", place=str(tmp_path / "none.db"), ESCALATE_SERVER_TIMEOUT=said).stderr.startswith(str(tmp_path / "none.db"))  # fmt: skip


SCHEDULED = "postgresql://localhost/cases?user=ann&options=-c%20x"


@pytest.mark.parametrize("scheduler", ["cron", "systemd"])
def test_a_schedule_names_the_server_and_what_finds_it(
    tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_schedule, "_try", list)  # there is no such server here
    ran = run(
        tmp_path, "digest", "--install", scheduler, place=SCHEDULED, PGPASSFILE="/home/ann/pg pass", PGPASSWORD=PASSWORD
    )
    assert (ran.status, PASSWORD in ran.stdout + ran.stderr, "PGPASSWORD is left out" in ran.stderr) == (0, False, True)
    if scheduler == "cron":
        mark, line = ran.stdout.splitlines()
        assert mark == f"# escalate digest {SCHEDULED}"
        words = shlex.split(line.replace(r"\%", "%").partition("&& ")[2])
        assert words[0] == "/usr/bin/env"
        assert "PGPASSFILE=/home/ann/pg pass" in words
        assert words[-3:] == ["--db", SCHEDULED, "digest"]
    else:
        assert '"--db" "postgresql://localhost/cases?user=ann&options=-c%%20x" "digest"' in ran.stdout
        assert '"PGPASSFILE=/home/ann/pg pass"' in ran.stdout


REFUSED = [
    ("postgresql:/x", 2, "two slashes"), ("mysql://h/x", 2, "knows no server"), ("service=escalate", 2, "named by an address"), ("postgresql://h/x?sslmod=on", 2, "did you mean sslmode?"),
    ("postgresql://db.example/x", 1, "sslmode=verify-full"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "status", "words"), REFUSED, ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("line", ["due", "note 1 x", "server status"])
def test_an_address_that_cannot_be_used_is_refused_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: Opened, address: str, status: int, words: str, line: str
) -> None:
    from escalate.storage.postgresql.connecting import connect

    monkeypatch.setattr(sys.modules[OPENING], "connected", connect)
    ran = run(tmp_path, *line.split(), place=address)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert words in ran.stderr
    assert not list(tmp_path.rglob("*.db"))
