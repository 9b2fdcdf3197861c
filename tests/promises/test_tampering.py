"""Tampering shows: whatever is changed in a file past escalate, `verify` finds it, and it never cries wolf.

Two kinds of people change files. One changes what is there and leaves it at that: the chain, the commitments and a rebuild do not
fit any more. The other knows how the file is made, and makes the chain and the lists anew after the change: what was recorded
before a head that somebody wrote down elsewhere is then not what that head stands for.
"""

import json
import random
import shutil
import sqlite3
import string
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from escalate.errors import EscalateError
from escalate.storage.sqlite.database import OpenFile
from escalate.storage.store import open_store
from tests.connections import connect, dump, rows_of
from tests.driver import unit
from tests.promises.cases import LATER, NOW, make_cases
from tests.promises.conftest import Show
from tests.sizes import size

pytestmark = pytest.mark.promise(8)

SEED = 20261127
TRUTH = ("entry", "words", "edition", "calendar", "calendar_version", "day_off", "look", "look_words", "calendar_words")
DERIVED = ("cases", "deadline", "holder", "told", "search_index")
CHAIN = ("link", "kept")
COVERED = (*TRUTH * 3, *DERIVED, *CHAIN)
"""The tables, the truth as often as all others together. `digest` and `setting_used` say how something was shown, and are no part of the history."""


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tampering") / "cases.db"
    make_cases(path)
    unit.did(path, "erase", "1", "--yes", now=NOW)
    return path


@pytest.mark.slow
def test_every_random_change_is_found(cases: Path, tmp_path: Path, shown: Show) -> None:
    head = json.loads(unit.did(cases, "verify", "--json", now=NOW))["head"]
    chance = random.Random(SEED)
    many = size(30, 150, 2000)
    missed = []
    for number in range(many):
        path = tmp_path / "changed.db"
        shutil.copyfile(cases, path)
        table = chance.choice(TRUTH if number % 2 else COVERED)
        what = changed_at_random(path, table, chance)
        if number % 2:
            chained_anew(path)
        if unit(path, "verify", "--head", head, now=NOW).status == 0:
            missed.append(f"{number}: {what}")
    assert missed == [], f"seed {SEED}"
    shown(f"{many - len(missed)} of {many} random changes found, half of them with the chain made anew")


def test_a_change_in_any_column_of_a_deadline_is_found(cases: Path, tmp_path: Path) -> None:
    """Whichever columns a migration adds: what is kept ready is compared with a rebuild in all of them."""
    with closing(connect(cases)) as db:
        columns = {row[1]: row[2] for row in db.execute("PRAGMA table_info(deadline)")}
        said = dict(zip(columns, db.execute(f"SELECT * FROM deadline WHERE {FIRST_OF_SECOND}").fetchone(), strict=True))
    assert set(ABOUT_CALLS) < set(columns)
    missed = []
    for column, kind in list(columns.items())[:: size(3, 1)]:
        path = tmp_path / "changed.db"
        shutil.copyfile(cases, path)
        with past_the_guards(path) as db:
            changes = {column: (said[column] or 0) + 70 if kind == "INTEGER" else f"{said[column] or ''} "}
            if column == "case_ref":
                changes = {"case_ref": "E0003", "n": 70}  # where there is room for it
            names = ", ".join(f'"{name}" = ?' for name in changes)
            db.execute(f"UPDATE deadline SET {names} WHERE {FIRST_OF_SECOND}", list(changes.values()))
        ran = unit(path, "verify", now=NOW)
        if ran.status == 0 or "the table deadline does not have what its history comes to" not in ran.stderr:
            missed.append(column)
    assert missed == []


FIRST_OF_SECOND = "case_ref = 'E0002' AND n = 1"
ABOUT_CALLS = ("call", "agreement", "ended_at", "ended_entry", "unanswered", "runs_from")
"""What a deadline has since each time that something is called for has one of its own."""


def test_a_chain_made_anew_shows_only_against_a_head_kept_elsewhere(cases: Path, tmp_path: Path) -> None:
    head = json.loads(unit.did(cases, "verify", "--json", now=NOW))["head"]
    path = tmp_path / "changed.db"
    shutil.copyfile(cases, path)
    with past_the_guards(path) as db:
        db.execute("UPDATE entry SET at = '2026-11-20T08:59:00Z' WHERE id = 1")
    chained_anew(path)
    assert unit(path, "verify", now=NOW).status == 0
    ran = unit(path, "verify", "--head", head, now=NOW)
    assert ran.status == 1
    assert "is not what was written down" in ran.stderr


def test_the_end_of_a_history_cut_off_shows_against_a_head(cases: Path, tmp_path: Path) -> None:
    head = json.loads(unit.did(cases, "verify", "--json", now=NOW))["head"]
    path = tmp_path / "cut.db"
    shutil.copyfile(cases, path)
    with past_the_guards(path) as db:
        db.execute("DELETE FROM words WHERE entry_id = (SELECT max(id) FROM entry)")
        db.execute("DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)")
        db.execute("DELETE FROM link WHERE n = (SELECT max(n) FROM link)")
    ran = unit(path, "verify", "--head", head, now=NOW)
    assert "the file ends before link" in ran.stderr.casefold()


def test_there_is_no_false_alarm(tmp_path: Path, shown: Show) -> None:
    path = tmp_path / "cases.db"
    make_cases(path)
    chance = random.Random(SEED)
    heads: list[str] = []
    alarms = []
    many = size(5, 25, 250)
    for number in range(many):
        line = chance.choice(LEGITIMATE)
        unit(path, *line, now=LATER)
        known = [] if line[0] == "restore" else heads
        ran = unit(path, "verify", "--json", *(word for head in known for word in ("--head", head)), now=LATER)
        if ran.status:
            alarms.append(f"{number} {line}: {ran.stderr}")
            break
        if line[0] == "restore":
            heads.clear()  # what was recorded since the backup is in the file that was kept, and no more in this one
        heads.append(json.loads(ran.stdout)["head"])
        heads = chance.sample(heads, min(len(heads), 20))
    assert alarms == [], f"seed {SEED}"
    shown(f"no false alarm after {many} commands")


LEGITIMATE: list[tuple[str, ...]] = [
    ("open", "hull-east-riding", "--subject", "H-9", "--about", "x"),
    ("open", "north-yorkshire", "--about", "Thresholds"),
    ("note", "2", "A remark"),
    ("advance", "2"),
    ("undo", "2"),
    ("set", "2", "name=Ed Other", "theme=drift"),
    ("assign", "2", "raising", "Fa Other"),
    ("resolve", "2"),
    ("reopen", "2"),
    ("show", "2", "--identify", "--reason", "The family rang"),
    ("search", "other", "--identify"),
    ("access", "--identify"),
    ("erase", "2", "--yes", "--reason", "asked for"),
    ("erase", "4", "--yes"),
    ("calendar", "add", "30 Nov 2026", "--reason", "Closed", "--yes"),
    ("calendar", "remove", "30 Nov 2026", "--reason", "Open after all", "--yes"),
    ("digest",),
    ("backup", "--keep", "2"),
    ("restore", "latest", "--yes"),
    ("doctor", "--repair"),
]  # fmt: skip


def changed_at_random(path: Path, table: str, chance: random.Random) -> str:
    """Changes, removes or adds something in a table past all that guards it; says what."""
    with past_the_guards(path) as db:
        before = dump(db)
        while True:
            columns = [row[1] for row in db.execute(f"PRAGMA table_xinfo({table})") if row[6] == 0]
            rows = db.execute(f"SELECT rowid, * FROM {table}").fetchall()
            row = chance.choice([each for each in rows if table != "kept" or each[1] == "file"])
            column = chance.randrange(len(columns))
            how = chance.choice(("change", "change", "change", "remove", "add"))
            with suppress(db.IntegrityError):  # what the table itself does not take is no change
                if how == "change":
                    value = another(row[column + 1], chance)
                    db.execute(f'UPDATE {table} SET "{columns[column]}" = ? WHERE rowid = ?', [value, row[0]])
                elif how == "remove":
                    db.execute(f"DELETE FROM {table} WHERE rowid = ?", [row[0]])
                elif table != "kept":
                    values = list(row[1:])
                    values[column] = another(values[column], chance)
                    marks = ", ".join("?" * len(values))
                    names = ", ".join(f'"{name}"' for name in columns)
                    db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
            if dump(db) != before:
                return f"{how} {columns[column]} of {table}, row {row[0]}"


def another(value: object, chance: random.Random) -> object:
    """A value like this one, and not it."""
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 7))
    if not value:
        return chance.choice(("x", "2026-11-20T10:00:00Z"))
    text, place = str(value), chance.randrange(len(str(value)))
    return chance.choice((
        text[:place] + chance.choice(string.ascii_letters + string.digits) + text[place + 1 :],
        text[:place] + text[place + 1 :],
        text + " ",
        text[:place] + chance.choice(string.digits) + text[place:],
    ))  # fmt: skip


@contextmanager
def past_the_guards(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that no trigger stops, as anybody can have who may write the file; afterwards they are there again."""
    with closing(connect(path, isolation_level=None)) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, sql in guards:
            with suppress(db.OperationalError):  # where the table itself is gone
                db.execute(sql)


def chained_anew(path: Path) -> None:
    """What somebody does who knows how the file is made: the chain and the lists are made anew after the change."""
    with past_the_guards(path) as db:
        db.row_factory = rows_of(db)
        db.execute("DELETE FROM link")
        with suppress(db.IntegrityError, AssertionError):  # where something does not fit any more, that is found
            OpenFile(db, path, None).seal_all()
    with suppress(EscalateError), open_store(path) as store, store.writing():
        store.derived.rebuild()
