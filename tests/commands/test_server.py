"""The commands that set a server up, on a server of its own."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from escalate.storage.interface import SCHEMA_VERSION
from tests.command_line import Ran
from tests.commands.test_help import HELPS
from tests.driver import escalate
from tests.scratch_server import OWNER, Server, programs, server

pytest.importorskip("escalate.storage.postgresql.administering")
pytestmark = pytest.mark.skipif(programs() is None, reason="PostgreSQL is not installed here")


@pytest.fixture(scope="module")
def there() -> Iterator[Server]:
    with server() as made:
        yield made


@pytest.fixture
def cases(there: Server, request: pytest.FixtureRequest) -> str:
    """The address of a database that is not there yet, as the server's owner names it."""
    name = re.sub(r"\W+", "_", request.node.name)[-50:].lower()
    return there.uri(database=name)


def run(folder: Path, place: str, line: str, **environment: str) -> Ran:
    return escalate(
        *shlex.split(line), environment={"HOME": str(folder), "ESCALATE_DB": place, **environment}, folder=folder
    )


def answer(folder: Path, place: str, line: str) -> Any:
    ran = run(folder, place, f"{line} --json")
    assert (ran.status, ran.stderr) == (0, ""), ran
    return json.loads(ran.stdout)


def test_from_nothing_to_a_server_with_members(tmp_path: Path, cases: str) -> None:
    first = answer(tmp_path, cases, "server init")
    assert (first["place"], first["database_made"], first["schema"], first["members"]) == (
        cases,
        True,
        SCHEMA_VERSION,
        0,
    )
    again = answer(tmp_path, "none.db", f"server init '{cases}'")
    assert again == first | {"database_made": False}
    assert answer(tmp_path, cases, "server member list") == []

    ann = answer(tmp_path, cases, 'server member add ann --agency "Wye Valley NHS Trust" --prefix NHS')
    assert ann == {"login": "ann", "agency": "Wye Valley NHS Trust", "unit": False, "prefix": "NHS", "is_there": True}
    bo = answer(tmp_path, cases, "server member add bo --agency 'wye valley  nhs trust'")
    assert bo == ann | {"login": "bo"}
    cy = answer(tmp_path, cases, "server member add cy --unit")
    assert (cy["agency"], cy["unit"]) == (None, True)
    assert answer(tmp_path, cases, "server member list") == [cy, ann, bo]

    status = answer(tmp_path, cases, "server status")
    assert (status["agencies"], status["members"], status["entries"], status["faults"]) == (1, 3, 0, [])
    assert answer(tmp_path, cases, "server member remove bo") == {"removed": "bo"}
    assert answer(tmp_path, cases, "server member list") == [cy, ann]


def test_what_they_say_to_a_person(tmp_path: Path, cases: str) -> None:
    wanted = [
        (
            "server init",
            [f"The database was made, with everything that cases need at {cases}.", "server member add --help"],
        ),
        ("server init", ["Everything is there that cases need"]),
        ("server member list", ["Nobody belongs to it yet."]),
        (
            "server member add di --agency Council --prefix CC",
            ["di belongs to Council now, whose references begin with CC."],
        ),
        ("server member add ed --unit", ["ed belongs to the business unit now"]),
        ("server init", ["Everything is there"]),
        ("server member list", ["di", "Council", "CC", "(the business unit)"]),
        ("server status", ["1 agency, 2 logins, 0 entries.", "Head: 0:"]),
        ("server member remove di", ["di no longer sees any case."]),
    ]
    for line, words in wanted:
        ran = run(tmp_path, cases, line)
        assert (ran.status, ran.stderr) == (0, ""), ran
        assert [word for word in words if word not in ran.stdout] == [], ran.stdout


REFUSED = [
    ("server member add ann", 2, "Say whose cases they see"), ("server member add ann --unit --agency Council", 2, "Say whose cases they see"), ("server member add ann --unit --prefix NHS", 2, "--prefix is for"),
    ("server member add ann --agency Unheard", 1, "Unheard"), ("server member add ann --agency New --prefix 'n 7'", 1, "n 7"), ("server member remove nobody", 1, "nobody"), (f"server member add {OWNER} --unit", 1, OWNER),
]  # fmt: skip


@pytest.mark.parametrize(("line", "status", "words"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_cannot_be_done_is_refused_in_a_sentence(
    tmp_path: Path, there: Server, line: str, status: int, words: str
) -> None:
    place = there.uri(database="refusals")
    assert run(tmp_path, place, "server init").status == 0
    ran = run(tmp_path, place, line)
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (status, "", 1)
    assert words in ran.stderr
    assert answer(tmp_path, place, "server member list") == []


EVERY = ("init", "status", "member list", "member add ann --unit", "member remove ann")


@pytest.mark.file_only("what a file says to the commands of a server")
@pytest.mark.parametrize("command", EVERY)
def test_a_file_is_no_server(tmp_path: Path, command: str) -> None:
    ran = run(tmp_path, str(tmp_path / "cases.db"), f"server {command}")
    assert (ran.status, ran.stdout, ran.stderr) == (1, "", f"These cases are in a file ({tmp_path}/cases.db): name a server by its address with --db.\n")  # fmt: skip
    assert run(tmp_path, "none.db", "server init other.db").status == 2


@pytest.mark.parametrize("command", EVERY[1:])
def test_where_nothing_was_made_yet_that_is_said(tmp_path: Path, there: Server, command: str) -> None:
    ran = run(tmp_path, there.uri(), f"server {command}")
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert f"Nobody has made a place for cases at {there.uri()}" in ran.stderr
    assert f"escalate server init {shlex.quote(there.uri())}" in ran.stderr


@pytest.mark.parametrize("command", EVERY[1:])
def test_a_member_sets_nothing_up(tmp_path: Path, there: Server, command: str) -> None:
    place = there.uri(database="owned")
    assert run(tmp_path, place, "server init").status == 0
    run(tmp_path, place, "server member add member --agency Council --prefix CC")
    ran = run(tmp_path, there.uri("member", "owned"), f"server {command}")
    assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (1, "", 1)
    assert run(tmp_path, there.uri("member", "owned"), "server init").status == 1
    assert [each["login"] for each in answer(tmp_path, place, "server member list")] == ["member"]


EXAMPLES = {name: str(re.search(r"Example: escalate (.*)", says)[1]) for name, says in HELPS.items() if name.startswith("server ")}  # type: ignore[index]  # fmt: skip


@pytest.mark.slow
def test_the_examples_of_their_help_work_one_after_another(tmp_path: Path, there: Server) -> None:
    for name in ("server init", "server member add", "server member list", "server status", "server member remove"):
        line = EXAMPLES[name].replace("postgresql:///escalate?user=postgres", there.uri(database="escalate"))
        assert line != EXAMPLES[name]
        ran = run(tmp_path, "none.db", line)
        assert (ran.status, ran.stderr, ran.stdout != "") == (0, "", True), line
    assert len(EXAMPLES) == 7
