"""A server's administrator dumps it: the dump is restored into a database that does not last, and verified there. And restores it."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.server.cluster import ADMINISTRATOR, Cluster, Database
from tests.server.county import rows
from tests.server.offices import NORA, UNIT, Offices

pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def _its_own_programs(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dumps with what came with the server: pg_dump takes no server that is newer than itself."""
    if not (cluster.programs / "pg_dump").exists():
        pytest.skip("this PostgreSQL came without pg_dump")
    monkeypatch.setenv("PATH", f"{cluster.programs}:{os.environ['PATH']}")


def heads(folder: Path) -> Path:
    """Where the administrator's heads are kept."""
    return folder / UNIT / ".local/share/escalate/backups/heads.txt"


def test_a_dump_is_verified_private_and_leaves_no_other_database(database: Database, tmp_path: Path) -> None:
    offices = Offices(database, tmp_path)
    offices.does(
        "nora", 'open herefordshire --from "Wye Valley NHS Trust" --to "County Council" --fact allegation=yes --about x'
    )
    head = offices.answer("una", "verify")["head"]
    before = rows(database.administrator, "SELECT datname FROM pg_database ORDER BY 1")
    place = f"postgresql:///{database.name}?host={database.folder}&user={ADMINISTRATOR}"
    ran = offices.run("una", f"server backup {tmp_path}/dumps", ESCALATE_DB=place)
    assert (ran.status, ran.stderr) == (0, "")
    assert head in ran.stdout
    assert f"backup {'a' * 32} {head}" in heads(tmp_path).read_text()
    (made,) = (tmp_path / "dumps").iterdir()
    assert made.name == f"{database.name}-20261130T100000Z.dump"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert rows(database.administrator, "SELECT datname FROM pg_database ORDER BY 1") == before


def test_only_an_administrator_dumps(database: Database, tmp_path: Path) -> None:
    offices = Offices(database, tmp_path)
    assert "Only whoever administers the server" in offices.refused("una", f"server backup {tmp_path}/dumps")


class Dumped(NamedTuple):
    """A server that was dumped, and what there is on it."""

    cluster: Cluster
    offices: Offices
    path: Path
    head: str

    def address(self, name: str) -> str:
        """The address of a database, as the administrator names it."""
        return f"postgresql:///{name}?host={self.cluster.folder}&user={ADMINISTRATOR}"

    def line(self, name: str = "again", dump: Path | None = None, more: str = "") -> str:
        """The command that restores a dump under a name."""
        return f"server restore '{dump or self.path}' '{self.address(name)}' {more}"

    def there(self) -> list[tuple[Any, ...]]:
        """Every database and every role of the server."""
        administrator = self.offices.database.administrator
        return rows(administrator, "SELECT datname FROM pg_database UNION ALL SELECT rolname FROM pg_roles ORDER BY 1")


@pytest.fixture
def dumped(cluster: Cluster, database: Database, tmp_path: Path) -> Iterator[Dumped]:
    """A server with a case, dumped; a database of the name `again` goes afterwards."""
    offices = Offices(database, tmp_path)
    offices.does(NORA, "open herefordshire --from 'Wye Valley NHS Trust' --to 'County Council' --about Unsafe")
    place = f"postgresql:///{database.name}?host={database.folder}&user={ADMINISTRATOR}"
    made = offices.run(UNIT, f"server backup {tmp_path}/dumps", ESCALATE_DB=place)
    assert (made.status, made.stderr) == (0, "")
    (path,) = (tmp_path / "dumps").iterdir()
    yield Dumped(cluster, offices, path, offices.answer(UNIT, "verify")["head"])
    rows(database.administrator, "DROP DATABASE IF EXISTS again WITH (FORCE)")


@pytest.mark.parametrize("is_there", [False, True])
def test_a_dump_is_restored_into_a_new_database_and_verified_before_it_has_its_name(
    dumped: Dumped, is_there: bool
) -> None:
    offices, administrator = dumped.offices, dumped.offices.database.administrator
    if is_there:
        rows(administrator, "CREATE DATABASE again")
    rows(administrator, "DROP ROLE nora")  # another server does not know its members
    before = dumped.there()
    ran = offices.run(UNIT, dumped.line(more="--dry-run"))
    assert (ran.status, ran.stderr) == (0, "")
    assert "Dry run: it can be restored, and nothing was left on the server." in ran.stdout
    assert dumped.there() == before

    ran = offices.run(UNIT, dumped.line())
    assert (ran.status, ran.stderr) == (0, "")
    assert dumped.head in ran.stdout
    for said in ("1 login was made without a password: nora.", "What was erased after", "once their service file"):
        assert said in " ".join(ran.stdout.split()), ran.stdout
    assert f"restored {'a' * 32} {dumped.head}" in heads(offices.folder).read_text()
    offices.database = Database(dumped.cluster.folder, "again")
    for login in (UNIT, NORA):
        assert "NHS-0001" in offices.does(login, "list")
        offices.does(login, "note NHS-0001 'All is well'")
    offices.does(UNIT, "server status", ESCALATE_DB=dumped.address("again"))
    offices.database.close()


def test_for_a_script(dumped: Dumped) -> None:
    found = dumped.offices.answer(UNIT, dumped.line())
    assert found == {
        "file": str(dumped.path), "cases": 1, "entries": 1, "recorded_at": "2026-11-30T10:00:00+00:00", "head": dumped.head,
        "place": dumped.address("again"), "logins_made": [], "dry_run": False,
    }  # fmt: skip


def refused(dumped: Dumped, line: str) -> str:
    """What is said of a dump that is not restored, after which everything is as it was."""
    before = dumped.there()
    sentence = dumped.offices.refused(UNIT, line)
    assert dumped.there() == before
    return sentence


def test_what_cannot_be_restored_leaves_nothing(dumped: Dumped, tmp_path: Path) -> None:
    own = dumped.offices.database.name
    assert "There is something at" in refused(dumped, dumped.line(own))
    assert "There is no dump at" in refused(dumped, dumped.line(dump=tmp_path / "none.dump"))
    text = tmp_path / "text.dump"
    text.write_text("no dump")
    assert "pg_restore could not do this" in refused(dumped, dumped.line(dump=text))
    half = tmp_path / "half.dump"
    half.write_bytes(dumped.path.read_bytes()[:-20_000])
    assert "pg_restore could not do this" in refused(dumped, dumped.line(dump=half))
    other = tmp_path / "other.dump"
    program = shutil.which("pg_dump")
    assert program
    subprocess.run(
        [program, "--format=custom", f"--file={other}", f"--dbname={dumped.address('postgres')}"], check=True
    )
    assert "there are no cases of escalate in it" in refused(dumped, dumped.line(dump=other))
    member = dumped.address("again").replace(ADMINISTRATOR, NORA)
    assert "Only whoever administers" in refused(dumped, f"server restore {dumped.path} '{member}'")


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "ALTER TABLE escalate.entry DISABLE TRIGGER USER; UPDATE escalate.entry SET by = 'somebody else'",
            "is not what was recorded",
        ),
        ("UPDATE escalate.kept SET value = '99' WHERE name = 'schema'", "A newer escalate made these tables"),
        (
            "CREATE FUNCTION escalate.mine() RETURNS text LANGUAGE sql AS 'SELECT now()::text'",
            "is not one of escalate's",
        ),
        ("DELETE FROM escalate.membership WHERE agency = '*'", "as the business unit"),
    ],
    ids=["changed", "newer", "touched", "nobody to verify it"],
)
def test_a_dump_that_is_not_as_it_was_recorded_is_refused(
    dumped: Dumped, tmp_path: Path, statement: str, says: str
) -> None:
    rows(dumped.offices.database.administrator, f"SET session_replication_role = replica; {statement}")
    path, program = tmp_path / "touched.dump", shutil.which("pg_dump")
    assert program
    at = dumped.address(dumped.offices.database.name)
    subprocess.run([program, "--format=custom", f"--file={path}", f"--dbname={at}"], check=True)
    sentence = refused(dumped, dumped.line(dump=path))
    assert "cannot be relied on" in sentence
    assert says in sentence


def test_a_dump_that_has_not_a_head_that_was_kept_is_refused(dumped: Dumped) -> None:
    number = dumped.head.partition(":")[0]
    with heads(dumped.offices.folder).open("a") as file:
        file.write(f"2026-11-30T11:00:00Z digest {'a' * 32} {number}:{'0' * 64} 1\n")
    assert "it has not the head that was kept on Monday 30 November 2026 11:00" in refused(dumped, dumped.line())
