"""A file that somebody made into something else is refused before a row of it is read: every table, index, trigger and view is compared.

What was added could copy away what is written, keep erased words, hide a case from a list, or never come to an end.
"""

import gzip
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.sqlite import opening
from escalate.storage.sqlite.distrust import structure_text
from escalate.storage.sqlite.structure import made
from tests.connections import connect
from tests.driver import unit
from tests.promises.cases import NOW, sound
from tests.sizes import sampled

pytestmark = [pytest.mark.promise(8), pytest.mark.file_only("the file itself")]

GUARD = "CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry WHEN"
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
TOUCHED = {
    "copies words away": (
        'the trigger "keeps" is not one of escalate\'s',
        "CREATE TRIGGER keeps AFTER DELETE ON words BEGIN INSERT INTO kept VALUES (OLD.salt, OLD.content); END",
    ),
    "a guard that guards nothing": (
        'the trigger "entry_is_never_changed" is not as escalate makes it',
        "DROP TRIGGER entry_is_never_changed",
        f"{GUARD} 0 BEGIN SELECT RAISE(ABORT, 'an entry is never changed'); END",
    ),
    "a guard gone": ('the trigger "entry_is_never_changed" is gone', "DROP TRIGGER entry_is_never_changed"),
    "a guard of another letter": (
        'the trigger "entry_is_never_changed" is not as escalate makes it',
        "DROP TRIGGER entry_is_never_changed",
        f"{GUARD} 1 BEGIN SELECT RAISE(ABORT, 'An entry is never changed'); END",
    ),
    "hides a case in the morning": (
        'the table "real_deadline" is not one of escalate\'s',
        "ALTER TABLE deadline RENAME TO real_deadline",
        "CREATE VIEW deadline AS SELECT * FROM real_deadline WHERE case_ref <> 'E0002' OR strftime('%H', 'now') <> '08'",
    ),
    "an endless fact": (
        'the view "kept" is not as escalate makes it',
        "DROP TABLE kept",
        f"CREATE VIEW kept AS {ENDLESS} SELECT 'file' AS name, i AS value FROM n",
    ),
    "an endless deadline": (
        'the view "deadline" is not as escalate makes it',
        "DROP TABLE deadline",
        f"CREATE VIEW deadline AS {ENDLESS} SELECT i AS case_ref, i AS n FROM n",
    ),
    "an endless trigger": (
        'the trigger "on" is not one of escalate\'s',
        f'CREATE TRIGGER "on" AFTER INSERT ON entry BEGIN INSERT INTO told {ENDLESS} SELECT i, i, i FROM n; END',
    ),
    "in the place of what SQLite has": (
        'the view "pragma_user_version" is not one of escalate\'s',
        f"CREATE VIEW pragma_user_version AS {ENDLESS} SELECT i AS user_version FROM n",
    ),
    "in the place of a function": (
        'the view "json_each" is not one of escalate\'s',
        f"CREATE VIEW json_each AS {ENDLESS} SELECT i AS value FROM n",
    ),
    "one table more": ('the table "mine" is not one of escalate\'s', "CREATE TABLE mine (x)"),
    "one view more": ('the view "mine" is not one of escalate\'s', "CREATE VIEW mine AS SELECT 1"),
    "one index more": ('the index "mine" is not one of escalate\'s', "CREATE INDEX mine ON entry (at)"),
    "one index less": ('the index "entry_recorded" is gone', "DROP INDEX entry_recorded"),
    "one column more": ('the table "entry" is not as escalate makes it', "ALTER TABLE entry ADD COLUMN more TEXT"),
    "a column of another kind": (
        'the table "kept" is not as escalate makes it',
        "DROP TABLE kept",
        'CREATE TABLE "kept" ("name" TEXT PRIMARY KEY, "value" TEXT) STRICT',
    ),
    "a name with marks": (
        'the table "mine[bold]\\u202e" is not one of escalate\'s',
        'CREATE TABLE "mine[bold]\u202e" (x)',
    ),
}  # fmt: skip
"""What is said of it, and how it is done."""

LINES: tuple[tuple[str, ...], ...] = (
    ("verify",), ("backup",), ("due",), ("list",), ("show", "2"), ("log", "2"), ("explain", "2"), ("note", "2", "x"), ("search", "x"),
    ("erase", "1", "--yes"), ("digest",), ("report",), ("export", "json"), ("undo", "2"), ("open", "north-yorkshire", "--about", "x"),
    ("calendar", "show"), ("due", "--as-of", "now"), ("move", "cases.db", "postgresql:///nowhere"), ("merge", "cases.db"),
)  # fmt: skip


def touched(path: Path, *statements: str) -> None:
    with closing(connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA legacy_alter_table = ON")
        for statement in statements:
            db.execute(statement)


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "escalate" / "cases.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(made, path)
    path.chmod(0o600)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("how", sampled(TOUCHED, 6))
def test_it_is_refused_and_named_by_what_checks_copies_and_puts_back(cases: Path, how: str) -> None:
    says, *statements = TOUCHED[how]
    backup = Path(json.loads(unit.did(cases, "backup", "--json", now=NOW))["file"])
    touched(cases, *statements)
    before = cases.read_bytes()
    for line in (("verify",), ("backup",), ("due",), ("note", "2", "x")):
        ran = unit(cases, *line, now=NOW)
        assert (ran.status, ran.stdout) == (1, ""), line
        assert ran.stderr == (
            f"{cases} is not made as escalate makes it ({says}), so nothing in it was read:"
            " ask who could write the file, and restore a backup with escalate restore.\n"
        )
    found = json.loads(unit(cases, "doctor", "--repair", "--json", now=NOW).stdout)["findings"]
    [wrong] = [each for each in found if each["state"] == "wrong"]
    assert wrong["about"] == "Cases"
    assert cases.read_bytes() == before
    bad = cases.parent / "bad.db"
    shutil.copyfile(cases, bad)
    ran = unit(cases, "restore", str(bad), "--yes", now=NOW)
    assert (ran.status, "cannot be relied on (the" in ran.stderr) == (1, True), ran.stderr
    assert cases.read_bytes() == before
    unit.did(cases, "restore", str(backup), "--yes", now=NOW)
    assert sound(cases)
    assert [path.read_bytes() for path in backup.parent.glob("*replaced*")] == [before]


@pytest.mark.parametrize("line", sampled(map(pytest.param, LINES), 3), ids=" ".join)
def test_no_command_reads_it(cases: Path, line: tuple[str, ...]) -> None:
    touched(cases, *TOUCHED["an endless fact"][1:])
    before = cases.read_bytes()
    ran = unit(cases, *line, now=NOW)
    assert (ran.status, "is not made as escalate makes it" in ran.stderr) == (1, True), ran.stderr
    assert cases.read_bytes() == before


def test_an_older_file_is_compared_with_what_its_own_version_made(tmp_path: Path) -> None:
    path = tmp_path / "cases.db"
    path.write_bytes(gzip.decompress((Path(__file__).parents[1] / "data" / "schema-4.db.gz").read_bytes()))
    touched(path, "DROP TRIGGER entry_is_never_changed")
    before = path.read_bytes()
    ran = unit(path, "verify", now=NOW)
    assert (ran.status, 'the trigger "entry_is_never_changed" is gone' in ran.stderr) == (1, True)
    assert path.read_bytes() == before


def test_what_was_written_down_of_a_file_does_not_say_how_far_it_is(cases: Path) -> None:
    """A file that says it is older than it is would be brought up to date into something else."""
    touched(cases, "PRAGMA user_version = 5")
    before = cases.read_bytes()
    ran = unit(cases, "verify", now=NOW)
    assert (ran.status, "is not made as escalate makes it" in ran.stderr) == (1, True), ran.stderr
    assert cases.read_bytes() == before


@pytest.mark.plain_only(
    "ANALYZE by SQLCipher also keeps samples of what stands in the indexes, which would outlive erasing"
)
def test_a_file_that_other_programs_only_looked_at_is_no_other(cases: Path) -> None:
    touched(cases, "ANALYZE", "PRAGMA optimize", "VACUUM")
    assert sound(cases)


def test_the_same_in_other_spaces_capitals_and_marks_is_the_same(cases: Path) -> None:
    touched(
        cases,
        "DROP TRIGGER entry_is_never_changed",
        "create   trigger\nentry_is_never_changed before update on entry when 1 begin select raise(abort, 'an entry is never changed'); end",
        "DROP INDEX idx_words_case_ref",
        "CREATE INDEX [idx_words_case_ref] ON `words` ([case_ref])",
    )
    assert sound(cases)


def test_what_is_made_today_is_written_down() -> None:
    """Where it is not, every opening takes longer: make schema writes it anew."""
    assert (Path(opening.__file__).with_name("structure.txt")).read_text("utf-8") == structure_text(
        made(SCHEMA_VERSION)
    )
