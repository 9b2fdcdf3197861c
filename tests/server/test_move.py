"""`escalate move`: everything arrives, heads stay the same, and a move that is cut at any moment leaves nothing or all of it."""

import gzip
import hashlib
import json
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from escalate import checker
from escalate.domain.deadlines.model import RULES
from escalate.storage.places import ServerPlace
from escalate.storage.postgresql import administering
from escalate.storage.postgresql.database import connected
from tests import scratch_server
from tests.command_line import command, not_compiled
from tests.driver import Office, unit
from tests.promises.cases import NOW, SHAPES
from tests.server.cluster import Cluster, Database

pytestmark = pytest.mark.server

TABLES = (
    "edition", "calendar", "calendar_version", "calendar_words", "day_off", "entry", "words", "link", "look", "look_words", "digest", "setting_used", "cases", "deadline", "holder",
    "told", "search_index",
)  # fmt: skip
office = Office(
    now="2026-12-02T09:00",
    by="unit",
    environment={"ESCALATE_CONFIG": "{home}/no-settings.toml", "ESCALATE_PROTOCOLS": "{home}/no-protocols"},
)


@pytest.fixture
def source(made: Path, tmp_path: Path) -> Path:
    """A file with something of everything in it: cases erased, void and undone, an own calendar, digests that were sent."""
    path = tmp_path / "cases.db"
    shutil.copy(made, path)
    unit.did(path, "erase", "1", "--yes", now="2026-12-01T10:00")
    unit.did(path, "digest", now="2026-12-01T11:00")
    with closing(sqlite3.connect(path)) as file:  # a digest that was sent, as with --mail
        file.execute(
            "INSERT INTO digest VALUES (2, '2026-11-30', 1, 'reader', 'message', '2026-11-30T09:00:00Z', '2026-12-01T11:00:00Z', NULL,"
            " '2026-12-01T11:00:00Z', '2026-12-01T11:00:05Z')"
        )
        file.commit()
    return path


def address(database: Database, login: str) -> str:
    return f"postgresql:///{database.name}?host={database.folder}&user={login}"


@pytest.fixture
def unit_at(database: Database) -> str:
    """The address of an empty server for a login of the unit."""
    administering.add_member(database.administrator, "una", None)
    return address(database, "una")


def content(path: Path) -> dict[str, list[str]]:
    """Every row of a file, by table."""
    with closing(sqlite3.connect(path)) as file:
        return {table: sorted(map(str, file.execute(f"SELECT * FROM {table}"))) for table in TABLES}


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def at(home: Path, place: str, *arguments: str) -> object:
    """The document that a line about a place answers with."""
    return json.loads(office.did(home, *arguments, "--json", ESCALATE_DB=place))


def head(home: Path, place: str) -> str:
    found = at(home, place, "verify")
    assert isinstance(found, dict)
    assert found["sound"], found["faults"]
    return str(found["head"])


# -- everything arrives


@pytest.mark.parametrize("agencies_first", [True, False])
def test_everything_arrives_and_comes_back(
    source: Path, database: Database, unit_at: str, tmp_path: Path, agencies_first: bool
) -> None:
    before, bytes_before = content(source), digest_of(source)
    assert all(before[table] for table in TABLES)
    assert len(before["words"]) < sum(len(json.loads(commits)) for commits in commitments(source))  # some were erased
    if agencies_first:
        add_agencies(database)
    there = office.json(tmp_path, "move", str(source), unit_at)
    assert digest_of(source) == bytes_before
    assert list(tmp_path.glob("cases.db-*")) == []
    if not agencies_first:
        add_agencies(database)
    assert head(tmp_path, unit_at) == there["head_before"] == there["head_after"] == head(tmp_path, str(source))
    assert (there["cases"], there["entries"]) == (len(before["cases"]), len(before["entry"]))
    said = office.did(tmp_path, "move", unit_at, "back.db")
    assert content(tmp_path / "back.db") == before
    assert (tmp_path / "back.db").stat().st_mode & 0o777 == 0o600
    assert (
        f"{there['cases']} cases and {there['entries']} entries were moved from {unit_at} to {tmp_path}/back.db" in said
    )
    assert re.findall("^Head .*: +(.*)$", said, re.MULTILINE) == [there["head_before"]] * 2
    assert head(tmp_path, str(tmp_path / "back.db")) == there["head_before"]
    assert not list(tmp_path.glob(".escalate*"))
    for line in (("due",), ("list", "--status", "void"), ("report",), ("search", "canary")):
        assert at(tmp_path, unit_at, *line) == at(tmp_path, str(source), *line)


def test_an_older_file_of_which_a_reason_was_erased_is_proved_on_the_server_as_well(
    unit_at: str, tmp_path: Path
) -> None:
    """Its version commits to no words, and so has a record that says what is left of it."""
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress((Path(__file__).parents[1] / "data" / "schema-8-turns.db.gz").read_bytes()))
    path.chmod(0o600)
    after = "2027-01-10T10:00"
    unit.did(path, "erase", "--name", "Council closed", "--yes", now=after)
    before = content(path)
    said = json.loads(office.did(tmp_path, "move", str(path), unit_at, "--json", now=after))
    assert said["head_after"] == said["head_before"] == head(tmp_path, unit_at)
    certificate = office.did(tmp_path, "explain", "3", "--certificate", "-", ESCALATE_DB=unit_at, now=after)
    assert checker.check(json.loads(certificate), said["head_after"]).faults == []
    erased = json.loads(
        office.did(tmp_path, "erase", "--name", "Open after all", "--yes", "--json", ESCALATE_DB=unit_at, now=after)
    )
    assert "england-and-wales@3" in erased["reasons"]
    assert head(tmp_path, unit_at) != said["head_after"]
    office.did(tmp_path, "move", unit_at, "back.db", now=after)
    back = content(tmp_path / "back.db")
    assert head(tmp_path, str(tmp_path / "back.db")) == head(tmp_path, unit_at)
    assert back["calendar_version"] == before["calendar_version"]
    assert "Open after all" not in str(back["calendar_words"])
    assert "first needed" in str(back["calendar_words"])


def commitments(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as file:
        return [row[0] for row in file.execute("SELECT commitments FROM entry")]


def add_agencies(database: Database) -> None:
    administering.add_member(database.administrator, "tess", "trust", "TR")
    administering.add_member(database.administrator, "pia", "Police", "POL")


@pytest.mark.parametrize("agencies_first", [True, False])
def test_an_agency_sees_the_cases_that_name_it_whenever_it_is_added(
    source: Path, database: Database, unit_at: str, tmp_path: Path, agencies_first: bool
) -> None:
    if agencies_first:
        add_agencies(database)
    office.did(tmp_path, "move", str(source), unit_at)
    if not agencies_first:
        add_agencies(database)
    everything = at(tmp_path, unit_at, "list")
    assert isinstance(everything, list)
    for login, agency in (("tess", "Trust"), ("pia", "Police")):
        place = address(database, login)
        named = [case for case in everything if agency in (case["raising_agency"], case["receiving_agency"])]
        assert at(tmp_path, place, "list") == named != []
        for case in named:
            line = ("log", case["case"])
            assert at(tmp_path, place, *line) == at(tmp_path, unit_at, *line)
            line = ("show", case["case"])
            assert at(tmp_path, place, *line) == at(tmp_path, unit_at, *line)
        entries = sum(len(entries_of(tmp_path, place, case["case"])) for case in named)
        assert head(tmp_path, place).startswith(f"{entries}:")
        assert office.json(tmp_path, "doctor", ESCALATE_DB=place)["findings"]
        office.did(tmp_path, "note", named[0]["case"], "said on the server", ESCALATE_DB=place)
        assert head(tmp_path, place).startswith(f"{entries + 1}:")
    assert at(tmp_path, address(database, "pia"), "search", "thresholds") == []  # of Trust and Council
    head(tmp_path, unit_at)


def entries_of(home: Path, place: str, ref: str) -> list[object]:
    found = at(home, place, "log", ref)
    entries = found["entries"] if isinstance(found, dict) else found
    assert isinstance(entries, list)
    return entries


def test_references_that_were_given_are_never_given_again(
    source: Path, cluster: Cluster, database: Database, unit_at: str, tmp_path: Path
) -> None:
    office.did(tmp_path, "move", str(source), unit_at)
    add_agencies(database)
    tess = address(database, "tess")
    opened = [
        office.json(tmp_path, "open", "herefordshire", "--subject", f"N-{n}", "--from", "Trust", "--to", "Council", ESCALATE_DB=place)["case"]
        for n, place in enumerate((tess, unit_at, tess))
    ]  # fmt: skip
    with closing(sqlite3.connect(source)) as file:
        last = file.execute("SELECT max(number) FROM cases").fetchone()[0]
    assert opened == ["TR-0001", "TR-0002", "TR-0003"]
    by_unit = office.json(
        tmp_path, "open", "herefordshire", "--subject", "N-4", "--from", "A school", ESCALATE_DB=unit_at
    )
    assert by_unit["case"] == f"E{last + 1:04d}"
    back = tmp_path / "back.db"
    office.did(tmp_path, "move", unit_at, str(back))
    listed = [case["case"] for case in office.json(back, "list")]
    assert listed[:4] == [by_unit["case"], "TR-0003", "TR-0002", "TR-0001"]
    assert office.json(back, "open", "herefordshire", "--subject", "N-5")["case"] == f"E{last + 2:04d}"
    office.did(back, "note", "tr-2", "said in the file")
    assert office.json(back, "show", "TR-0002")["case"] == "TR-0002"
    assert "could be" in office(back, "show", "1").stderr  # E0001 or TR-0001
    assert [case["case"] for case in office.json(back, "list")][:2] == [f"E{last + 2:04d}", by_unit["case"]]
    office.did(back, "doctor", "--repair")
    known = head(tmp_path, str(back))
    with cluster.database() as other:
        administering.add_member(other.administrator, "una", None)
        place = address(other, "una")
        office.did(tmp_path, "move", str(back), place)
        add_agencies(other)
        assert head(tmp_path, place) == known
        new = office.json(
            tmp_path, "open", "herefordshire", "--subject", "N-6", "--from", "Trust", ESCALATE_DB=address(other, "tess")
        )
        assert new["case"] == "TR-0004"
        new = office.json(
            tmp_path, "open", "herefordshire", "--subject", "N-7", "--from", "A school", ESCALATE_DB=place
        )
        assert new["case"] == f"E{last + 3:04d}"


def test_the_last_reference_of_a_file_whose_newest_cases_are_gone_is_not_given_again(
    source: Path, unit_at: str, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(source)) as file:
        file.execute("INSERT INTO kept VALUES ('last reference', '41')")
        file.commit()
    office.did(tmp_path, "move", str(source), unit_at)
    office.did(tmp_path, "move", unit_at, "back.db")
    for place in (unit_at, str(tmp_path / "back.db")):
        opened = office.json(tmp_path, "open", "herefordshire", "--subject", "N-1", ESCALATE_DB=place)
        assert opened["case"] == "E0042"


def test_how_logs_are_read_goes_with_the_cases_and_is_the_units_affair(
    source: Path, database: Database, unit_at: str, tmp_path: Path
) -> None:
    kept = {"agencies joined": '{"csc": "County council"}', "log 1": '{"log": "Ours"}'}
    with closing(sqlite3.connect(source)) as file:
        file.executemany("INSERT INTO kept VALUES (?, ?)", kept.items())
        file.commit()
    office.did(tmp_path, "move", str(source), unit_at)
    administering.add_member(database.administrator, "nora", "NHS trust", "NHS")
    with connected(ServerPlace(unit_at, 30)) as there, connected(ServerPlace(address(database, "nora"), 30)) as theirs:
        assert kept.items() <= there.facts().items()
        assert theirs.facts().keys() <= {"file", "schema", "rules"}
    office.did(tmp_path, "move", unit_at, "back.db")
    with closing(sqlite3.connect(tmp_path / "back.db")) as file:
        assert kept.items() <= dict(file.execute("SELECT name, value FROM kept")).items()


def test_a_move_that_was_done_is_recognised(source: Path, unit_at: str, tmp_path: Path) -> None:
    first = office.json(tmp_path, "move", str(source), unit_at)
    again = office.json(tmp_path, "move", str(source), unit_at)
    assert (first["was_there"], again["was_there"]) == (False, True)
    assert {**again, "was_there": False, "moved": True} == first
    assert "nothing was left to do" in office.did(tmp_path, "move", unit_at, str(source))


def test_a_dry_run_moves_nothing(source: Path, unit_at: str, tmp_path: Path) -> None:
    assert "nothing was moved" in office.did(tmp_path, "move", str(source), unit_at, "--dry-run")
    assert office.json(tmp_path, "move", str(source), unit_at, "--dry-run")["dry_run"] is True
    assert at(tmp_path, unit_at, "list") == []
    office.did(tmp_path, "move", str(source), unit_at)
    office.did(tmp_path, "move", unit_at, "back.db", "--dry-run")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backups", "cases.db"]


# -- what is refused


def refused(home: Path, source: str, target: str) -> str:
    """The sentence with which a move is refused."""
    ran = office(home, "move", source, target)
    assert ran.status in (1, 2)
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    return ran.stderr


def test_the_example_in_its_help_works(source: Path, unit_at: str, tmp_path: Path) -> None:
    found = re.search(r"Example: escalate (.*)", office.did(tmp_path, "move", "--help"))
    assert found
    words = [unit_at if word.startswith("postgresql:") else word for word in found[1].split()]
    assert "were moved" in office.did(tmp_path, *words, folder=source.parent)


def test_what_cannot_be_moved_is_said(source: Path, database: Database, unit_at: str, tmp_path: Path) -> None:
    add_agencies(database)
    tess = address(database, "tess")
    assert "One of the two has to be a file" in refused(tmp_path, str(source), "other.db")
    assert "One of the two has to be a file" in refused(tmp_path, unit_at, tess)
    assert "is not there" in refused(tmp_path, "none.db", unit_at)
    assert "Only the business unit" in refused(tmp_path, str(source), tess)
    assert "Only the business unit" in refused(tmp_path, tess, "other.db")
    other = tmp_path / "other.db"
    unit.did(other, "open", "herefordshire", "--subject", "S-1", now=NOW)
    office.did(tmp_path, "move", str(source), unit_at)
    assert "There are other cases at" in refused(tmp_path, unit_at, str(other))
    assert "There are other cases" in refused(tmp_path, str(other), unit_at)
    office.did(source, "note", "2", "said since")
    assert "since then something was recorded" in refused(tmp_path, str(source), unit_at)
    assert "since then something was recorded" in refused(tmp_path, unit_at, str(source))
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("DROP TRIGGER entry_is_never_changed; UPDATE entry SET by = 'another' WHERE id = 3", "entry 3 is not what was recorded"),
        ("DROP TRIGGER words_are_never_changed; UPDATE words SET content = 'x' WHERE rowid = (SELECT max(rowid) FROM words)", "is not what was recorded"),
        ("DELETE FROM words WHERE rowid = (SELECT max(rowid) FROM words)", "and no entry says that it was erased"),
        ("UPDATE deadline SET owner = 'another' WHERE n = 1", "the table deadline does not have"),
        ("UPDATE cases SET status = 'resolved' WHERE ref = 'E0002'", "the table cases does not have"),
        ("DELETE FROM told", "the table told does not have"),
        ("DELETE FROM holder", "the table holder does not have"),
        ("DELETE FROM search_index WHERE rowid = (SELECT max(rowid) FROM search_index)", "the full-text index does not have"),
        ("DROP TRIGGER link_is_never_removed; DELETE FROM link WHERE n = (SELECT max(n) FROM link)", "was added past the chain"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_in_order_is_not_moved(
    source: Path, unit_at: str, tmp_path: Path, change: str, said: str
) -> None:
    with closing(sqlite3.connect(source)) as file:
        guards = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        file.executescript(change)
        left = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")}
        for name, guard in guards:  # without them nothing in the file would be read
            if name not in left:
                file.execute(guard)
        file.commit()
    assert said in refused(tmp_path, str(source), unit_at)
    assert at(tmp_path, unit_at, "list") == []


def test_a_server_that_is_not_in_order_is_not_moved(
    source: Path, database: Database, unit_at: str, tmp_path: Path
) -> None:
    office.did(tmp_path, "move", str(source), unit_at)
    with database.administrator.cursor() as cursor:
        cursor.execute("UPDATE escalate.cases SET status = 'resolved' WHERE ref = 'E0002'")
    assert "the table cases does not have" in refused(tmp_path, unit_at, "back.db")
    with database.administrator.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE escalate.entry DISABLE TRIGGER ALL; UPDATE escalate.entry SET by = 'another' WHERE n = 3"
        )
    assert "entry 3 is not what was recorded" in refused(tmp_path, unit_at, "back.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backups", "cases.db"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (f"UPDATE kept SET value = '{RULES - 1}' WHERE name = 'rules'", "bring it up to date first"),
        ("PRAGMA user_version = 6", "is not made as escalate makes it"),
    ],
)
def test_a_file_of_an_earlier_version_is_not_changed_by_moving(
    source: Path, unit_at: str, tmp_path: Path, change: str, said: str
) -> None:
    with closing(sqlite3.connect(source)) as file:
        file.execute(change)
        file.commit()
    before = digest_of(source)
    assert said in refused(tmp_path, str(source), unit_at)
    assert digest_of(source) == before


def test_nobody_uses_a_server_that_is_half_taken_over(unit_at: str, database: Database, tmp_path: Path) -> None:
    """Our own move never leaves one, but another program may."""
    with database.connect("una").cursor() as cursor:
        cursor.execute("SELECT escalate.take_over('{}')")
    for line in (("list",), ("due",), ("verify",), ("open", "herefordshire", "--subject", "S-1")):
        ran = office(tmp_path, *line, ESCALATE_DB=unit_at)
        assert (ran.status, "not all of it is there yet" in ran.stderr) == (1, True), ran


# -- a move that is cut

CUTS = [pytest.param(10, id="10"), pytest.param(100, id="100", marks=pytest.mark.slow)]
MANY = 60
"""How many cases the file has: as many as make a move last half a second."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with so many cases."""
    path = tmp_path_factory.mktemp("many") / "cases.db"
    for n in range(MANY):
        unit.did(
            path, "open", "herefordshire", "--subject", f"S-{n}", "--from", "Trust", "--about", "Thresholds", now=NOW
        )
    unit.did(path, "open", str(SHAPES / "own-days.toml"), "--subject", "O-1", now=NOW)
    return path


def started(home: Path, source: str, target: str, *through: str) -> "subprocess.Popen[str]":
    """A move that has begun."""
    return subprocess.Popen(
        command("move", source, target, through=through), env=not_compiled(office.surroundings(home) | {"PATH": os.environ["PATH"]}),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def seconds(home: Path, source: str, target: str) -> float:
    """How long a move takes that nobody cuts."""
    began = time.monotonic()
    moving = started(home, source, target)
    said, wrong = moving.communicate(timeout=60)
    assert moving.returncode == 0, wrong
    assert "were moved" in said
    return time.monotonic() - began


def made_anew(cluster: Cluster) -> Generator[Database]:
    """One empty server after the other, each with a login of the unit and an agency."""
    while True:
        with cluster.database() as database:
            administering.add_member(database.administrator, "una", None)
            administering.add_member(database.administrator, "tess", "Trust", "TR")
            yield database


@pytest.mark.parametrize("cuts", CUTS)
@pytest.mark.parametrize("how", ["process", "connection"])
def test_a_move_to_a_server_that_is_cut_leaves_nothing_or_all_and_run_again_it_finishes(
    many: Path, cluster: Cluster, tmp_path: Path, cuts: int, how: str, record_property: Callable[[str, object], None]
) -> None:
    source = tmp_path / "cases.db"
    shutil.copy(many, source)
    before, known = digest_of(source), head(tmp_path, str(source))
    servers, chance = made_anew(cluster), Random(7)
    whole = seconds(tmp_path, str(source), address(next(servers), "una"))
    seen: list[int] = []
    for _ in range(cuts):
        database = next(servers)
        place = address(database, "una")
        moving = started(tmp_path, str(source), place)
        time.sleep(chance.uniform(0.1, 1.05) * whole)
        if how == "process":
            moving.kill()
        else:
            with database.administrator.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'una'")
        _, wrong = moving.communicate(timeout=60)
        if how == "connection" and moving.returncode:
            assert "run the" in wrong
            assert wrong.count("\n") == 1
        assert digest_of(source) == before
        there = len(list(at(tmp_path, place, "list")))  # type: ignore[call-overload]
        assert there in (0, MANY + 1)
        seen.append(there)
        again = office.json(tmp_path, "move", str(source), place)
        assert again["was_there"] is (there > 0)
        assert again["head_after"] == known
        assert head(tmp_path, address(database, "tess")).startswith(f"{MANY}:")
    figure = f"{cuts} cuts ({how}): {seen.count(0)} left nothing, {cuts - seen.count(0)} all of it; each finished when it was run again"
    record_property("figure", figure)
    assert seen.count(0) > 0
    servers.close()


@pytest.mark.parametrize("cuts", CUTS)
def test_a_move_to_a_file_that_is_cut_leaves_nothing_or_all_and_run_again_it_finishes(
    many: Path, cluster: Cluster, tmp_path: Path, cuts: int, record_property: Callable[[str, object], None]
) -> None:
    servers, chance = made_anew(cluster), Random(8)
    place = address(next(servers), "una")
    office.did(tmp_path, "move", str(many), place)
    known, rows = head(tmp_path, place), content(many)
    target = tmp_path / "new" / "cases.db"
    whole = seconds(tmp_path, place, str(target))
    target.unlink()
    seen: list[bool] = []
    for _ in range(cuts):
        moving = started(tmp_path, place, str(target))
        time.sleep(chance.uniform(0.1, 1.05) * whole)
        moving.kill()
        moving.communicate(timeout=60)
        seen.append(target.exists())
        assert head(tmp_path, place) == known
        again = office.json(tmp_path, "move", place, str(target))
        assert again["was_there"] is seen[-1]
        assert content(target) == rows
        assert [path.name for path in target.parent.iterdir()] == ["cases.db"]
        target.unlink()
    record_property("figure", f"{cuts} cuts: {seen.count(False)} left nothing, {seen.count(True)} the whole file")
    assert seen.count(False) > 0
    servers.close()


@pytest.fixture
def own_server() -> Iterator[scratch_server.Server]:
    """A server that can be killed."""
    if scratch_server.programs() is None:
        pytest.skip("there is no PostgreSQL server to kill: apt-get install postgresql")
    with scratch_server.server() as server:
        yield server


@pytest.mark.parametrize("kills", [pytest.param(3, id="3"), pytest.param(20, id="20", marks=pytest.mark.slow)])
def test_a_server_that_is_killed_meanwhile_has_nothing_or_all(
    many: Path,
    own_server: scratch_server.Server,
    tmp_path: Path,
    kills: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance, known = Random(9), head(tmp_path, str(many))
    seen = []
    for n in range(kills):
        name = f"killed{n}"
        own_server.run(f"CREATE DATABASE {name}")
        with closing(own_server.connect(database=name)) as administrator:
            administering.make(administrator, secrets.token_hex(16))
            administering.add_member(administrator, f"una{n}", None)
        place = own_server.uri(f"una{n}", name)
        moving = started(tmp_path, str(many), place)
        time.sleep(chance.uniform(0.2, 0.9))
        own_server.stop()
        _, wrong = moving.communicate(timeout=60)
        assert moving.returncode == 0 or "Traceback" not in wrong, (
            wrong
        )  # libpq may say something of its own before our sentence
        own_server.start()
        there = len(list(at(tmp_path, place, "list")))  # type: ignore[call-overload]
        assert there in (0, MANY + 1)
        seen.append(there)
        assert office.json(tmp_path, "move", str(many), place)["head_after"] == known
    record_property(
        "figure", f"{kills} kills of the server: {seen.count(0)} left nothing, {kills - seen.count(0)} all of it"
    )


def test_a_full_disk_leaves_no_file(many: Path, unit_at: str, tmp_path: Path) -> None:
    office.did(tmp_path, "move", str(many), unit_at)
    known = head(tmp_path, unit_at)
    seen = []
    for room in range(20_000, 2_000_000, 60_000):
        moving = started(tmp_path, unit_at, str(tmp_path / "cases.db"), "prlimit", f"--fsize={room}")
        _, wrong = moving.communicate(timeout=60)
        seen.append(moving.returncode)
        if moving.returncode == 0:
            break
        assert wrong.count("\n") == 1
        assert list(tmp_path.iterdir()) == []
    assert seen[-1] == 0
    assert len(seen) > 3
    assert head(tmp_path, str(tmp_path / "cases.db")) == known == head(tmp_path, unit_at)


def test_a_full_disk_of_the_server_leaves_nothing_there(
    many: Path, own_server: scratch_server.Server, tmp_path: Path
) -> None:
    small = own_server.folder / "small"
    small.mkdir()
    shutil.chown(small, own_server.data.stat().st_uid)
    mounted = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size=12m,uid={own_server.data.stat().st_uid},mode=0700",
        "small",
        str(small),
    ]
    if subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("a small disk of its own can be mounted by root alone")
    filler = small / "filler"
    try:
        (small / "tables").mkdir(mode=0o700)
        shutil.chown(small / "tables", own_server.data.stat().st_uid)
        own_server.run(
            f"CREATE TABLESPACE small LOCATION '{small / 'tables'}'", "CREATE DATABASE small TABLESPACE small"
        )
        with closing(own_server.connect(database="small")) as administrator:
            administering.make(administrator, secrets.token_hex(16))
            administering.add_member(administrator, "una", None)
        place = own_server.uri("una", "small")
        assert at(tmp_path, place, "list") == []
        with suppress(OSError), filler.open("wb") as file:
            while file.write(b"\0" * 4096):
                file.flush()
        assert "is full" in refused(tmp_path, str(many), place)
        filler.unlink()
        assert at(tmp_path, place, "list") == []
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_nobody_sees_part_of_a_move(many: Path, database: Database, unit_at: str, tmp_path: Path) -> None:
    """While a file arrives, others see no case of it; whoever records then goes on after what arrived."""
    moving = started(tmp_path, str(many), unit_at)
    seen: list[int] = []
    watching = database.connect("una")
    while moving.poll() is None:
        with watching.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM escalate.cases")
            seen.append(cursor.fetchone()[0])  # type: ignore[index]
    assert set(seen) <= {0, MANY + 1}
    assert len(seen) > 10
    assert moving.communicate()[1] == ""
    opened = office.json(tmp_path, "open", "herefordshire", "--subject", "N-1", ESCALATE_DB=unit_at)
    assert opened["case"] == f"E{MANY + 2:04d}"
