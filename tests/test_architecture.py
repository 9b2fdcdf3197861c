"""Imports go one way, the domain needs nothing but the standard library, and a command loads only what it uses.

The floors are contracts in pyproject.toml, which `make lint` holds the package to; here it is shown that they find what they must.
"""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.sizes import later

PACKAGE = Path(__file__).parent.parent / "escalate"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def layer(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def named(path: Path) -> str:
    """A module as it is called here."""
    return path.relative_to(PACKAGE).as_posix()


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of a module's syntax."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imports(path: Path) -> Iterator[str]:
    for node in nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


DOMAIN = sorted((PACKAGE / "domain").rglob("*.py"))


def test_the_domain_needs_only_the_standard_library() -> None:
    assert len(DOMAIN) > 100
    foreign = {(named(path), name.split(".")[0]) for path in DOMAIN for name in imports(path)}
    assert [each for each in foreign if each[1] not in {"escalate", *sys.stdlib_module_names}] == []


WRONG_IMPORTS = [
    # file, what is planted at its end, what is said of it
    ("domain/worktime/clock.py", "from escalate.domain.protocol.anchors import Anchor", "escalate.domain.worktime is not allowed to import escalate.domain.protocol"),
    ("domain/case/details.py", "from ..deadlines.model import Deadline", "escalate.domain.case is not allowed to import escalate.domain.deadlines"),
    ("domain/deadlines/model.py", "def later():\n    from escalate.storage.rows import deadline_of", "escalate.domain is not allowed to import escalate.storage"),
    ("output/case/page.py", "from escalate.storage.files import paths", "escalate.output is not allowed to import escalate.storage"),
    ("domain/worktime/due.py", "from .counting import add", "No cycles are allowed in escalate.domain.worktime"),
    ("storage/lists.py", "def later():\n    from escalate.storage.sqlite.database import OpenFile", "escalate.storage.lists -> escalate.storage.sqlite.database"),
    ("output/sending/mail.py", "if TYPE_CHECKING:\n    from escalate.commands.shared.session import Session", "escalate.output is not allowed to import escalate.commands"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "planted", "said"),
    [WRONG_IMPORTS[0], *(pytest.param(*each, marks=pytest.mark.slow) for each in WRONG_IMPORTS[1:])],
    ids=lambda value: value.split("\n")[0],
)
def test_a_wrong_import_is_found_wherever_it_stands(tmp_path: Path, file: str, planted: str, said: str) -> None:
    shutil.copytree(PACKAGE, tmp_path / "escalate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PACKAGE.parent / "pyproject.toml", tmp_path)
    assert contracts(tmp_path).returncode == 0
    with (tmp_path / "escalate" / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{planted}\n")
    broken = contracts(tmp_path)
    assert (broken.returncode, said in broken.stdout) == (1, True), broken.stdout


def contracts(folder: Path) -> "subprocess.CompletedProcess[str]":
    """What is said of the imports of the package in a folder."""
    lint = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [lint, "--no-cache"], cwd=folder, env={"PYTHONPATH": str(folder)}, capture_output=True, text=True, check=False
    )


FORBIDDEN_IN_THE_DOMAIN = ("open(", "print(", "datetime.now", "date.today", "time.time", "os.environ", "Path(")


def test_the_domain_has_no_clock_no_files_and_no_printing() -> None:
    calls = [
        (named(path), ast.unparse(node.func) + "(")
        for path in DOMAIN
        for node in nodes(path)
        if isinstance(node, ast.Call)
    ]
    assert len(calls) > 1000
    assert [call for call in calls if call[1].startswith(FORBIDDEN_IN_THE_DOMAIN)] == []


def test_the_clock_is_read_in_one_place() -> None:
    readers = [path.name for path in MODULES if "datetime.now(" in path.read_text(encoding="utf-8")]
    assert readers == ["session.py"]


def test_the_libraries_for_files_stay_in_storage() -> None:
    users = {
        layer(path)
        for path in MODULES
        if path.name != "checker.py"  # it stands alone, and reads the text of a protocol itself
        for name in imports(path)
        if name.split(".")[0] in ("sqlite3", "sqlite_utils", "holidays", "tomllib")
    }
    assert users == {"storage"}


def test_files_of_cases_are_opened_in_one_place() -> None:
    openers = [
        path.name
        for path in MODULES
        if re.search(r"sqlite3\.connect\((?!\":memory:)", path.read_text(encoding="utf-8"))
    ]
    assert openers == ["driver.py"]
    catchers = [
        path.name for path in MODULES if re.search(r"except .*sqlite3\.\w*Error\b", path.read_text(encoding="utf-8"))
    ]
    assert catchers == ["driver.py"]  # the driver of an encrypted file has errors of its own


ENGINES = ("storage/sqlite/", "storage/postgresql/")
DRIVERS = ("sqlite3", "sqlcipher3", "sqlite_utils", "psycopg2", "psycopg")
SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|DROP|ALTER|PRAGMA|VACUUM|BEGIN|COMMIT|ROLLBACK|WITH|FROM|WHERE|ORDER BY)\b"
)


def test_only_an_engine_knows_a_driver_or_sql() -> None:
    others = [path for path in MODULES if not named(path).startswith(ENGINES)]
    assert 300 < len(others) < len(MODULES)
    assert [(named(path), name) for path in others for name in imports(path) if name.split(".")[0] in DRIVERS] == []
    texts = [(named(path), node.value) for path in others for node in nodes(path) if isinstance(node, ast.Constant)]
    assert [each for each in texts if isinstance(each[1], str) and SQL.match(each[1])] == []


def test_rich_stays_in_output() -> None:
    users = {layer(path) for path in MODULES for name in imports(path) if name.split(".")[0] == "rich"}
    assert users == {"output"}


HEAVY = (
    "rich",
    "sqlite_utils",
    "holidays",
    "dateutil",
    "tomllib",
    "tomlkit",
    "platformdirs",
    "pydantic",
    "pip",
    "hashlib",
    "jinja2",
    "openpyxl",
    "docx",
    "icalendar",
    "dataclasses",
    "tempfile",
    # what the libraries import and few commands use
    "bz2",
    "calendar",
    "getpass",
    "ipaddress",
    "linecache",
    "locale",
    "lzma",
    "random",
    "subprocess",
    "textwrap",
    "tokenize",
)
LOADS = [
    # arguments, the heavy modules it may load
    (["--version"], set()),
    (["--help"], {"textwrap", "locale"}),
    (["due", "--help"], {"textwrap", "locale"}),
    (["due", "--overdue", "--json"], set()),
    (["due", "--overdue"], set()),
    (["due", "--json"], {"dataclasses"}),
    (["due"], {"dataclasses"}),
    (["list"], set()),
    (["show", "1"], {"tomllib", "dataclasses"}),
    (["log", "1"], {"tomllib", "dataclasses"}),
    (["report", "--json"], {"tomllib", "dataclasses"}),
    (["report", "--format", "html"], {"tomllib", "hashlib", "jinja2", "dataclasses", "random", "tempfile", "textwrap"}),
    (["note", "1", "x"], {"tomllib", "dataclasses"}),
]
LOADED_FOR_WHAT_IS_OVERDUE = {
    "escalate", "__main__", "errors", "wording", "cli", "on_demand", "durable", "settings",
    "commands", "commands.shared", "commands.shared.session", "commands.shared.filters", "commands.shared.looking", "commands.due", "commands.shared.options", "commands.shared.when",
    "domain", "domain.case", "domain.deadlines", "domain.protocol", "domain.worktime", "domain.worktime.calendar", "domain.deadlines.lateness", "domain.deadlines.model", "domain.worktime.clock", "domain.case.details", "domain.case.look", "domain.deadlines.standing",
    "domain.case.occasion", "domain.case.people", "domain.case.status", "domain.protocol.anchors", "domain.worktime.allowance", "domain.worktime.due", "domain.worktime.working_hours",
    "output", "output.case", "output.columns", "output.documents", "output.case.calls", "output.case.deadline", "output.case.lists", "output.case.rows", "output.terminal", "output.words",
    "storage", "storage.files", "storage.calendars", "storage.lists", "storage.engines", "storage.interface", "storage.places", "storage.sqlite", "storage.sqlite.database", "storage.sqlite.distrust", "storage.sqlite.driver", "storage.sqlite.opening", "storage.statements", "storage.files.paths", "storage.rows",
}  # fmt: skip
"""Whoever adds to this makes every morning slower."""


@pytest.fixture(scope="module")
def one_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loads") / "cases.db"
    subprocess.run(
        [sys.executable, "-c", RUN, "open", "hull-east-riding", "--about", "Thresholds"],
        env={"ESCALATE_DB": str(path)},
        check=True,
        capture_output=True,
    )
    return path


RUN = "import sys; sys.argv[0] = 'escalate'\nfrom escalate.cli import run\nrun()"

EACH_IN_A_FORK = """
import os, sys
from escalate.__main__ import SELDOM_USED
from escalate.on_demand import PutOff, put_off
put_off(SELDOM_USED)
from escalate.cli import run
for line in sys.stdin.read().splitlines():
    child = os.fork()
    if child == 0:
        sys.argv = ['escalate', *line.split('\\t')]
        told = os.dup(2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = 1
        try:
            run()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        finally:
            sys.stdout.flush()
            loaded = [name for name, module in sys.modules.items() if type(module) is not PutOff]
            os.write(told, ('\\t'.join([str(status), line.replace('\\t', ' '), *loaded]) + '\\n').encode())
            os._exit(0)
    os.waitpid(child, 0)
"""
"""Runs lines in processes forked from one that has loaded no more than each of them does first, and says how each ended and what it loaded.

It is run from a file, as the installed command is: for code in `python -c`, Python 3.13 loads linecache before anything else.
"""


@pytest.fixture(scope="module")
def loaded(one_case: Path, request: pytest.FixtureRequest) -> Mapping[str, set[str]]:
    """The modules that are loaded when a command has ended, for every line below that is looked at."""
    ours = [item for item in request.session.items if item.path == Path(__file__)]
    every = any(item.get_closest_marker("slow") for item in ours)
    lines = [arguments for arguments, _ in LOADS]
    lines += [line.split() for line in (ON_A_FILE if every else [*dict(MODULES_LOADED), *PLAIN])]
    return loaded_by(one_case, lines)


def loaded_by(path: Path, lines: Sequence[Sequence[str]], **more: str) -> dict[str, set[str]]:
    """The modules that are loaded when each of these lines has ended, on a file."""
    environment = {
        "ESCALATE_DB": str(path),
        "ESCALATE_CONFIG": str(path.parent / "none.toml"),
        "ESCALATE_BY": "tests",
        **more,
    }
    script = path.parent / "each_in_a_fork.py"
    script.write_text(EACH_IN_A_FORK, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, script],
        input="\n".join("\t".join(word.replace("~", " ") for word in line) for line in lines),
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, set[str]] = {}
    for told in (each.split("\t") for each in ran.stderr.splitlines() if "\tescalate.cli\t" in each):
        assert told[0] == "0", told[:2]
        found[told[1]] = set(told[2:])
    assert found.keys() == {" ".join(line).replace("~", " ") for line in lines}
    return found


@pytest.mark.parametrize(
    ("arguments", "allowed"), LOADS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_command_loads_only_what_it_uses(
    loaded: Mapping[str, set[str]], arguments: list[str], allowed: set[str]
) -> None:
    assert set(HEAVY) & loaded[" ".join(arguments)] <= allowed


def test_what_is_overdue_is_listed_with_these_modules_of_ours_and_no_others(
    loaded: Mapping[str, set[str]],
) -> None:
    modules = {name for name in loaded["due --overdue --json"] if name.split(".")[0] == "escalate"}
    assert {name.removeprefix("escalate.") for name in modules} <= LOADED_FOR_WHAT_IS_OVERDUE


MODULES_LOADED = [
    ("--help", 18),
    ("due", 62),
    ("due --overdue --json", 60),
    ("list", 60),
    ("show 1", 118),
    ("log 1", 107),
    ("note 1 x", 125),
    ("advance 1", 125),
    ("open lincolnshire --about x", 134),  # 133, and whether the person has an open case
    ("verify", 109),
    ("report --json", 124),  # 121, and the agencies, levels of need and periods beside that annual reports print
    ("digest --always", 125),
]
"""How many modules of ours a command loads: each takes a tenth of a millisecond and more, every time. Whoever raises a figure says why."""


@pytest.mark.parametrize(("line", "most"), MODULES_LOADED, ids=lambda value: value if isinstance(value, str) else "")
def test_a_command_loads_no_more_modules_of_ours_than_it_did(
    loaded: Mapping[str, set[str]], line: str, most: int
) -> None:
    ours = [name for name in loaded[line] if name.split(".")[0] == "escalate"]
    assert len(ours) <= most


OF_ENCRYPTION = ("sqlcipher3", "keyring", "escalate.storage.encryption", "escalate.storage.sqlite.sqlcipher")


PLAIN = ["due --overdue", "note 1 x", "open lincolnshire --about x", "backup", "doctor", "verify", "show 1"]


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_file_loads_nothing_of_encryption(loaded: Mapping[str, set[str]], line: str) -> None:
    assert {name for name in loaded[line] if name.startswith(OF_ENCRYPTION)} == set()


def test_an_encrypted_file_loads_little_more(one_case: Path, loaded: Mapping[str, set[str]], tmp_path: Path) -> None:
    path, key = tmp_path / "cases.db", {"ESCALATE_KEY_FILE": str(tmp_path / "keys" / "key")}
    path.write_bytes(one_case.read_bytes())
    path.chmod(0o600)
    loaded_by(path, [["encrypt", "--yes"]], **key)
    more = loaded_by(path, [["due", "--overdue"]], **key)["due --overdue"] - loaded["due --overdue"]
    assert {each for each in more if not each.startswith("escalate.")} == {
        "_blake2",
        "sqlcipher3",
        "sqlcipher3._sqlite3",
        "sqlcipher3.dbapi2",
    }


OF_A_SERVER = ("psycopg2", "escalate.storage.server_address", "escalate.storage.postgresql")
ON_A_FILE = [
    "--help", "due", "due --overdue --json", "due --as-of now", "list", "show 1", "log 1", "explain 1", "search Thresholds", "note 1 x", "set 1 severity=high", "verify", "doctor", "doctor --repair",
    "backup", "restore", "config", "report", "export json", "digest --always", "digest --install cron", "calendar check", "calc today 1~day", "plan herefordshire", "protocol list", "demo", "open lincolnshire --about x", "advance 1",
]  # fmt: skip


@pytest.mark.parametrize(
    "line", [line if line in PLAIN or line in dict(MODULES_LOADED) else later(line) for line in ON_A_FILE]
)
def test_a_command_on_a_file_loads_nothing_of_a_server(loaded: Mapping[str, set[str]], line: str) -> None:
    assert {name for name in loaded[line.replace("~", " ")] if name.startswith(OF_A_SERVER)} == set()


def test_the_driver_of_a_server_stays_in_one_folder() -> None:
    users = {
        str(path.relative_to(PACKAGE).parent)
        for path in MODULES
        for name in imports(path)
        if name.split(".")[0] == "psycopg2"
    }
    assert users == {"storage/postgresql"}


AS_STARTED = """
import gc, sys
sys.argv[0] = 'escalate'
from escalate.__main__ import main
looks = []
gc.callbacks.append(lambda phase, _: looks.append(phase))
try:
    main()
finally:
    ours = [module for name, module in sys.modules.items() if name.split('.')[0] == 'escalate']
    classes = {each for module in ours for each in vars(module).values() if hasattr(each, '__dataclass_fields__')}
    print(len(looks), gc.get_freeze_count(), len(gc.get_objects()), len(classes), file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("arguments", "dataclasses"),
    [(["due", "--overdue"], 0), (["open", "hull-east-riding", "--subject", "S-1"], 2), (["note", "1", "x"], 2)],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_is_over_before_anything_is_garbage_and_makes_few_classes_that_take_long(
    one_case: Path, arguments: list[str], dataclasses: int
) -> None:
    environment = {"ESCALATE_DB": str(one_case), "ESCALATE_BY": "tests"}
    found = subprocess.run(
        [sys.executable, "-c", AS_STARTED, *arguments], env=environment, check=True, capture_output=True, text=True
    )
    looks, frozen, left, classes = map(int, found.stderr.splitlines()[-1].split())
    assert looks == 0
    assert frozen > 10_000 > left  # what is left is not looked through once more as Python ends
    assert classes <= dataclasses
