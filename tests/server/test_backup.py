"""A server's administrator dumps it: the dump is restored into a database that does not last, and verified there."""

import stat
from pathlib import Path

import pytest

from tests.server.cluster import ADMINISTRATOR, Database
from tests.server.county import rows
from tests.server.offices import Offices

pytestmark = pytest.mark.server


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
    (made,) = (tmp_path / "dumps").iterdir()
    assert made.name == f"{database.name}-20261130T100000Z.dump"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert rows(database.administrator, "SELECT datname FROM pg_database ORDER BY 1") == before


def test_only_an_administrator_dumps(database: Database, tmp_path: Path) -> None:
    offices = Offices(database, tmp_path)
    assert "Only whoever administers the server" in offices.refused("una", f"server backup {tmp_path}/dumps")
