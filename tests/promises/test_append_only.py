"""History is append-only: a connection of any other program is refused whatever it tries, by the file itself."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.connections import connect, dump
from tests.promises.cases import make_cases, sound
from tests.promises.conftest import Show

pytestmark = pytest.mark.promise(7)

ENTRY = 'id, case_ref, seq, kind, at, recorded_at, "by", data, commitments'
LAST = "(SELECT max(id) FROM entry)"
BYPASSES = {
    "change an entry": "UPDATE entry SET at = '2026-01-01T00:00:00Z' WHERE id = 1",
    "change which entry it is": "UPDATE entry SET id = id + 100",
    "change an entry to what it is, and more": "UPDATE OR REPLACE entry SET id = 2 WHERE id = 1",
    "remove an entry": f"DELETE FROM entry WHERE id = {LAST}",
    "remove them all": "DELETE FROM entry",
    "replace an entry": f"REPLACE INTO entry SELECT {ENTRY} FROM entry WHERE id = 1",
    "replace one, spelt out": f"INSERT OR REPLACE INTO entry SELECT {ENTRY} FROM entry WHERE id = {LAST}",
    "upsert an entry": f"INSERT INTO entry SELECT {ENTRY} FROM entry WHERE id = 1 ON CONFLICT (id) DO UPDATE SET at = ''",
    "use an id again": f'INSERT INTO entry SELECT 1, case_ref, 99, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = {LAST}',
    "leave a gap": f"INSERT INTO entry SELECT {LAST} + 2, 'E0009', 1, kind, at, recorded_at, \"by\", data, commitments FROM entry WHERE id = 1",
    "use a number of a case again": f'INSERT INTO entry SELECT {LAST} + 1, case_ref, 1, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
    "leave a gap in a case": f'INSERT INTO entry SELECT {LAST} + 1, case_ref, 99, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
    "put one before the first": 'INSERT INTO entry SELECT 0, case_ref, 0, kind, at, recorded_at, "by", data, commitments FROM entry WHERE id = 1',
    "change a link of the chain": "UPDATE link SET hash = '' WHERE n = 1",
    "remove the last link": "DELETE FROM link WHERE n = (SELECT max(n) FROM link)",
    "replace a link": "REPLACE INTO link SELECT n, what, ref, digest, '' FROM link WHERE n = 1",
    "change the text of a protocol": "UPDATE edition SET text = 'x'",
    "remove a protocol": "DELETE FROM edition WHERE id = 1",
    "replace a protocol": "REPLACE INTO edition SELECT * FROM edition WHERE id = 1",
    "change what a calendar was": "UPDATE calendar_version SET published_to = '2099-12-31'",
    "replace a version of a calendar": "REPLACE INTO calendar_version SELECT * FROM calendar_version WHERE version = 1",
    "change what was said": "UPDATE words SET content = 'x'",
    "change who looked": "UPDATE look SET \"by\" = 'x'",
    "remove the last look": "DELETE FROM look WHERE id = (SELECT max(id) FROM look)",
    "replace a look": "REPLACE INTO look SELECT * FROM look WHERE id = 1",
    "add a look out of turn": 'INSERT INTO look SELECT agency, id + 7, at, "by", login, command, cases, data, commitments FROM look',
    "change why somebody looked": "UPDATE look_words SET content = 'x'",
}  # fmt: skip


def test_every_way_round_it_is_refused_and_changes_nothing(tmp_path: Path, shown: Show) -> None:
    path = tmp_path / "cases.db"
    make_cases(path)
    refused = []
    with closing(connect(path, isolation_level=None)) as db:
        before = dump(db)
        for bypass, statement in BYPASSES.items():
            with pytest.raises(db.IntegrityError, match=r"is never|are never|is only added at the end"):
                db.execute(statement)
            assert dump(db) == before, bypass
            refused.append(bypass)
    assert sound(path)
    shown(f"{len(refused)} of {len(BYPASSES)} bypasses refused")
