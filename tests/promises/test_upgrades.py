"""Upgrades are safe: however many open a file first, one of them makes it or migrates it; and a newer file stays as it is.

And what a migrated file says is what it said before.
"""

import gzip
import json
import os
import shlex
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from typer.main import get_command

from escalate import cli
from escalate.storage.derived import DerivedTables
from escalate.storage.entries import set_apart
from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.store import open_store
from tests import sealed
from tests.command_line import Ran
from tests.commands.test_bad_input import assert_sentence
from tests.connections import connect, connection_of
from tests.driver import escalate, unit
from tests.promises.conftest import Show
from tests.promises.soundness import faults
from tests.sizes import later, sampled, size

pytestmark = pytest.mark.promise(4)

AT_ONCE = size(6, 16, 60)
"""Processes that open one file before any of them has."""

KEPT = Path(__file__).parents[1] / "data"
HOLIDAYS = KEPT / "govuk-bank-holidays.json"
LOG = KEPT / "log.csv"
OLDER = range(1, SCHEMA_VERSION)
SUBJECT_APART = 5
"""Since this version the reference of the person stands beside the history."""


def run(folder: Path, database: Path, line: str) -> Ran:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "ESCALATE_DB": str(database), "ESCALATE_BY": "tests",
        "ESCALATE_NOW": "2027-01-05T10:00", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    return escalate(*shlex.split(line), environment=environment, folder=folder)


def at_once(folder: Path, database: Path, lines: list[str]) -> list[Ran]:
    """Every command in a process of its own, all started in the same moment."""
    start = Barrier(len(lines))

    def one(line: str) -> Ran:
        start.wait()
        return run(folder, database, line)

    with ThreadPoolExecutor(len(lines)) as pool:
        return list(pool.map(one, lines))


def kept(version: int, database: Path) -> int:
    """Puts a file of an older version there; how many entries it has."""
    database.write_bytes(gzip.decompress((KEPT / f"schema-{version}.db.gz").read_bytes()))
    database.chmod(0o600)
    with closing(connect(sealed.seal(database))) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == version
        entries: int = connection.execute("SELECT count(*) FROM entry").fetchone()[0]
    return entries


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("version", [0, *OLDER])
def test_however_many_open_a_file_first_each_gets_its_case(tmp_path: Path, version: int, shown: Show) -> None:
    """A file of version 0 is not there yet, nor is its folder."""
    database = tmp_path / "cases.db" if version else tmp_path / "unit" / "new" / "cases.db"
    before = kept(version, database) if version else 0
    number = size(2, AT_ONCE if version in (0, SCHEMA_VERSION - 1) else 4, AT_ONCE)
    ran = at_once(tmp_path, database, [f'open hull-east-riding --subject "first {n}"' for n in range(number)])
    begins = f"A new file of cases begins here: {database}.\n"
    assert [each for each in ran if each.status or not (each.stderr in ("", begins) or is_of_newer_rules(each))] == []
    assert any(each.stderr == begins for each in ran) == (version == 0)
    with open_store(database) as file:
        assert faults(file) == []
        ours = sorted(str(line.subject) for line in file.lists.cases() if str(line.subject).startswith("first "))
        entries = connection_of(file).execute("SELECT count(*) FROM entry").fetchone()[0]
        assert connection_of(file).execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
    assert ours == sorted(f"first {n}" for n in range(number))
    assert entries == before + number
    shown(f"{number} of {number} at once {f'on a file of version {version}' if version else 'on none'}")


def is_of_newer_rules(ran: Ran) -> bool:
    """Whether all that a command complains of is what newer rules made of a file."""
    return ran.stderr.startswith("By the rules of this version ") and ran.stderr.count("\n") == 1


OPENS = (
    *("open herefordshire --about Thresholds", "note 1 x", "done 1 discussion", "agree 1 2027-02-01", "advance 1", "resolve 1", "withdraw 1", "void 1 --yes"),
    *("reopen 1", 'assign 1 raising "Jo Bell"', "set 1 theme=drift", "undo 1", "due", "list", "board --output board.html", "show 1", "log 1", "explain 1"),
    *("search safe", "calc today '2 days'", "plan herefordshire", "calendar show 2027", "calendar add 2027-02-01 --reason x --yes"),
    *("calendar remove 2027-01-01 --reason x --yes", f"calendar refresh --from {HOLIDAYS.as_posix()} --yes", "calendar check"),
    *("protocol adopt 1 --yes", "digest", "report", "form 1", "export csv --what cases", "export json out.json"),
    f"import {LOG.as_posix()} --protocol hull-east-riding --write", "agency list", "agency join Trust --into Council --yes", "backup", "restore cases.db --yes", "verify", "access", "disclose x", "erase 1 --yes",
)  # fmt: skip
"""Every command that opens the file."""

OPEN_NONE = {
    "encrypt",
    "decrypt",
    "rekey",
    "server backup",
    "server restore",
    "doctor",
    "config",
    "demo",
    "move",
    "merge",
    "protocol check",
    "protocol compare",
    "protocol list",
    "protocol new",
    "protocol show",
    "server init",
    "server member",
    "server status",
}
"""Those that never do, the doctor, who tells of it among all else (tests/commands/test_doctor.py), what leaves an older one as it is
(tests/server/test_move.py), what takes another file (tests/commands/test_taking_over.py), what backs a server up and restores it, and what encrypts (tests/commands/test_encrypt.py)."""


def test_every_command_that_opens_the_file_is_tried() -> None:
    """A new command belongs into one of the two lists above."""
    names = set()
    for name, command in get_command(cli.app).commands.items():  # type: ignore[attr-defined]
        names |= {f"{name} {inner}" for inner in command.commands} if hasattr(command, "commands") else {name}
    tried = {name for name in names for line in OPENS if f"{line} ".startswith(f"{name} ")}
    assert (names - tried, tried & OPEN_NONE) == (OPEN_NONE, set())


@pytest.mark.parametrize("newer", [1, 1000])
def test_a_newer_file_is_refused_by_every_command_and_stays_as_it_is(tmp_path: Path, newer: int, shown: Show) -> None:
    database = tmp_path / "cases.db"
    kept(SCHEMA_VERSION - 1, database)
    assert run(tmp_path, database, "list").status == 0  # it is brought up to date
    with closing(connect(database)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + newer}")
    before, stood = database.read_bytes(), database.stat()
    lines = OPENS if newer == 1 else OPENS[:: size(6, 6, 1)]
    for line in lines:
        ran = run(tmp_path, database, line)
        assert_sentence(ran.stderr, "cases.db was written by a later version of escalate: update escalate to open it")
        assert (ran.status, ran.stdout) == (1, ""), line
        assert database.read_bytes() == before, line
        assert [each.name for each in tmp_path.iterdir()] == ["cases.db"], line
    assert database.stat().st_mtime_ns == stood.st_mtime_ns
    shown(f"a newer file refused by {len(lines)} of {len(lines)} commands, its bytes unchanged")


@pytest.mark.parametrize("version", sampled(OLDER, 3))
def test_a_file_of_every_schema_there_was_is_brought_up_to_date(tmp_path: Path, version: int, shown: Show) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress((KEPT / f"schema-{version}.db.gz").read_bytes()))
    with closing(connect(path, isolation_level=None)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == version
        before = {
            table: [row for row in db.execute(f"SELECT {what} FROM {table}") if "subject" not in row]
            for table, what in TRUTH.items()
        }
        lines = db.execute("SELECT ref, status, stage, resolved_at FROM cases ORDER BY ref").fetchall()
        dues = db.execute("SELECT case_ref, action, due_at, met_at FROM deadline ORDER BY case_ref, n").fetchall()
        data = {(ref, seq): json.loads(said) for ref, seq, said in db.execute("SELECT case_ref, seq, data FROM entry")}
        why = db.execute(WHY if version >= VERSIONS_KEPT else WHY_AT_FIRST).fetchall() if version < APART else None
        closed = (
            db.execute(CLOSED.format(" AND until IS NULL" if version >= VERSIONS_KEPT else "")).fetchall()
            if version < APART
            else None
        )
    with open_store(path) as file:
        after = {
            table: [
                tuple(row)
                for row in connection_of(file).execute(f"SELECT {what} FROM {table}")
                if "subject" not in tuple(row)
            ]
            for table, what in TRUTH.items()
        }
        said = {
            (entry.case, entry.seq): dict(entry.data)
            for ref in file.history.refs()
            for entry in file.history.entries(ref, identify=True)
        }
        kept = file.derived.rows()
        if why is not None:
            assert [(each.calendar, each.version, each.words["why"]) for each in file.reasons.all()] == why
            off = {name: file.calendars.days_off(name, "closure") for name in file.calendars.names}
            assert [(name, f"{day}", title) for name in sorted(off) for day, title in off[name].items()] == closed
        assert file.checks.apart() == []
        assert [row[:1] for row in lines] == [(line.ref,) for line in reversed(file.lists.cases())]
        assert lines == [
            tuple(row)
            for row in connection_of(file).execute("SELECT ref, status, stage, resolved_at FROM cases ORDER BY ref")
        ]
        rows = (
            connection_of(file)
            .execute("SELECT case_ref, action, due_at, met_at, unanswered, ended_at FROM deadline ORDER BY case_ref, n")
            .fetchall()
        )
        assert Counter(dues) - Counter(tuple(row)[:4] for row in rows) == Counter()
        fresh = Counter(tuple(row)[:4] for row in rows if row["unanswered"] == "[]" and not row["ended_at"])
        assert fresh - Counter(dues) == Counter(MET_AND_REOPENED.get(version, ()))
        with file.writing():
            file.derived.rebuild()
        assert file.derived.rows() == kept
        assert [found.case.ref for found in file.search(["naive"])] == ["E0002"]
        assert file.case("E0001").case.said("about") == "Step-down to child in need is not safe"
        unit.did(path, "advance", "2", now="2027-01-06T10:00")
        assert file.checks.history() == (file.head, [])
        assert [
            fault for ref in file.history.refs() for fault in (*file.checks.said(ref), *file.checks.derived(ref))
        ] == []
    assert after == before
    if version >= SUBJECT_APART:
        said = {place: set_apart(each)[0] for place, each in said.items()}
    assert said == data
    with closing(connect(path, isolation_level=None)) as db:
        assert "M-40213" not in str(db.execute("SELECT data FROM entry").fetchall())
        assert db.execute("PRAGMA user_version").fetchone()[0] == SCHEMA_VERSION
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    shown(
        f"a file of version {version}: {len(before['entry'])} entries, {len(before['words'])} words and {len(dues)} deadlines as they were"
    )


MET_AND_REOPENED = {1: [("E0003", "plan", "2027-01-04T23:59:59Z", "2026-12-30T11:00:00Z")]}
"""What a closing met stays since the seventh version, beside the call that the reopening began. Otherwise new are only what depends on a question
and calls that ended."""

FILES = sorted(KEPT.glob("schema-*.db.gz"))
"""Every file that is kept: one of each schema, and since the sixth another in which what is owed changes again and again."""
WORKED_OUT_SINCE = 10
"""Since this version what is derived is worked out as today."""
CHAINED = 5
"""Since this version a file has a chain."""


TURNING = ("schema-1.", "schema-5.", "schema-7-turns.", "schema-8.", "schema-9.", "schema-10.", "schema-11-turns.")
"""The first, those with which something begins or ends that is looked at here, and the newest: for make test."""


@pytest.mark.parametrize(
    "file",
    sampled([file if file.name.startswith(TURNING) else later(file) for file in FILES], 3),
    ids=lambda file: file.name.partition(".")[0],
)
def test_an_older_file_is_worked_out_anew_once_and_its_head_stays(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: Show
) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress(file.read_bytes()))
    path.chmod(0o600)  # the doctor looks at that too
    with closing(connect(path)) as db:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        head = (
            db.execute("SELECT n || ':' || hash FROM link ORDER BY n DESC LIMIT 1").fetchone()
            if version >= CHAINED
            else ()
        )
    rebuilt: list[DerivedTables] = []
    clear_index = DerivedTables.clear_index  # with which it begins, and nothing else

    def counted(tables: DerivedTables) -> None:
        rebuilt.append(tables)
        clear_index(tables)

    monkeypatch.setattr(DerivedTables, "clear_index", counted)
    unit.did(path, "due", "--overdue", now=AFTER_ALL)
    assert len(rebuilt) == (version < WORKED_OUT_SINCE)
    before = path.read_bytes()
    unit.did(path, "due", "--overdue", now=AFTER_ALL)
    unit.did(path, "due", now=AFTER_ALL)
    unit.did(path, "list", "--as-of", "2026-12-01T10:00", now=AFTER_ALL)
    assert (len(rebuilt), path.read_bytes() == before) == (version < WORKED_OUT_SINCE, True)
    heads = [word for each in head for word in ("--head", each)]
    assert unit.json(path, "verify", *heads, now=AFTER_ALL)["head"] in head or version < CHAINED
    unit.did(path, "doctor", now=AFTER_ALL)
    shown(f"{file.name.partition('.')[0]} worked out anew once, and the head of its chain as it was")


AFTER_ALL = "2027-01-10T10:00"
"""After the last entry of every file that is kept."""

ENDED_OR_MET = """
E0001  0  resolve                 1                      met       2026-11-23T09:00
E0001  1  resolve                 1  2026-11-05T23:59    met-late  2026-11-23T15:00
E0001  0  lado-referral           1  2026-11-03T09:00    met       2026-11-02T14:30
E0001  0  lado-referral           2  2026-11-17T09:00    missed    2026-11-18T10:00  6
E0001  0  lado-referral           3  2026-11-20T09:00    missed    2026-12-14T09:00  10
E0002  1  resolve                 1  2026-11-10T16:00    missed    2026-11-24T09:00  5
E0002  1  lead-told               1  2026-11-06T23:59    missed    2026-11-09T09:00  2
E0002  1  police-and-social-care  1  2026-11-06T23:59    missed    2026-11-09T09:00  2
E0002  1  police-and-social-care  2  2026-11-09T23:59    met-late  2026-11-11T09:00
E0003  7  resolve                 1  2026-11-26T23:59    missed    2026-11-30T09:00  3
E0004  1  discussion              1  2026-11-25T09:30    met-late  2026-11-26T08:00
E0005  1  plan                    1  2026-12-03T23:59    met       2026-12-02T10:00
E0005  1  plan                    2  2026-12-03T23:59    met-late  2026-12-10T10:00
E0005  1  outcome-shared          1                      ceased    2026-12-09T10:00  3
E0006  1  resolve                 1  2026-11-05T23:59    met       2026-11-05T23:59
"""
"""Of the file of the sixth version in which what is owed changes again and again: case, stage, action, call, when it was due, what became of it, when,
and by which entry, worked out by hand from the lines that made it (many_turns.py) and the protocols.

Nothing of it that ended without being done stood in the file before. An agreed date of E0004 that ran out on 25 November had come after the protocol's
own limit, so no row is left of it; E0003 goes on as call 2 through another edition, whose limit for low severity is the same; E0002 was reopened."""


def test_what_had_been_asked_again_or_taken_back_in_an_older_file_has_its_verdict(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress((KEPT / "schema-6-turns.db.gz").read_bytes()))
    path.chmod(0o600)
    rows = [
        (case, row["stage"], row["action"], row["call"], row["due_at"], row["standing"], row["met_at"] or row["ended_at"], row["ended_entry"])
        for case in sorted(line["case"] for line in unit.json(path, "list", now=AFTER_ALL))
        for row in unit.json(path, "show", case, now=AFTER_ALL)["deadlines"]
        if row["met_at"] or row["ended_at"]
    ]  # fmt: skip
    told = [" ".join(str(each)[: 16 if "T" in str(each) else None] for each in row if each is not None) for row in rows]
    assert sorted(told) == sorted(" ".join(line.split()) for line in ENDED_OR_MET.splitlines() if line)
    again = {
        (case, row["action"], row["call"]): row["standing"]
        for case in ("E0002", "E0003", "E0004", "E0005", "E0006")
        for row in unit.json(path, "show", case, now=AFTER_ALL)["deadlines"]
        if row["due_at"] and not row["met_at"] and not row["ended_at"]
    }
    assert again == {
        ("E0002", "resolve", 2): "overdue",
        ("E0002", "lead-told", 2): "overdue",
        ("E0003", "resolve", 2): "overdue",
        ("E0004", "resolve", 1): "overdue",
        ("E0004", "lead-told", 1): "overdue",
        ("E0005", "discussion", 1): "overdue",
        ("E0006", "lado-referral", 1): "overdue",
    }
    unit.did(path, "verify", now=AFTER_ALL)


TRUTH = {
    "entry": 'id, case_ref, seq, kind, at, recorded_at, "by"',
    "words": "*",
    "edition": "id, protocol, dated, digest, text, recorded_at",
    "calendar": "name",
    "day_off": "calendar, day, kind, CASE WHEN kind <> 'closure' THEN name END",
}


APART, VERSIONS_KEPT = 9, 4
"""Since these versions the reasons of changes of calendars are apart, and there is one for each version."""
WHY = "SELECT calendar, version, why FROM calendar_version ORDER BY calendar, version"
WHY_AT_FIRST = "SELECT name, 1, 'first needed' FROM calendar ORDER BY name"
CLOSED = "SELECT calendar, day, name FROM day_off WHERE kind = 'closure'{} ORDER BY calendar, day"


def test_a_file_of_the_present_version_is_kept_for_the_next_and_opening_it_changes_nothing(tmp_path: Path) -> None:
    database = tmp_path / "cases.db"
    kept(SCHEMA_VERSION, database)
    before = database.read_bytes()
    assert run(tmp_path, database, "verify").status == 0
    assert database.read_bytes() == before


@pytest.mark.file_only
def test_what_newer_rules_make_of_open_deadlines_is_said_once_and_by_the_doctor_again(tmp_path: Path) -> None:
    database = tmp_path / "cases.db"
    kept(6, database)
    with closing(connect(database)) as connection:
        # As rules of before might have had it; by the present ones it is due at the end of Thursday 12 November.
        changed = connection.execute(
            "UPDATE deadline SET due_at = '2026-11-11T12:00:00Z' WHERE case_ref = 'E0006' AND action = 'resolve' AND met_at IS NULL"
        )
        assert changed.rowcount == 1
        connection.commit()
    said = (
        "3 open deadlines are not what they were: E0006 resolve (stage 2), was Wed 11 Nov 12:00, is Thu 12 Nov;"
        " E0005 iro-notified (stage 1), was not listed, has no date; E0006 service-director-told (stage 2), was not listed, has no date"
    )
    first = run(tmp_path, database, "due")
    assert (first.status, first.stderr) == (
        0,
        f"By the rules of this version {said}. escalate explain shows how each is counted, and escalate doctor names them again.\n",
    )
    assert run(tmp_path, database, "due").stderr == ""
    found = json.loads(run(tmp_path, database, "doctor --json").stdout)
    assert f"when they came, {said}" in json.dumps(found)
