"""Backups restore: made while others write, each is whole, and comes back; a damaged one never takes the place of anything."""

import errno
import gzip
import json
import os
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from escalate.storage.interface import SCHEMA_VERSION
from escalate.storage.store import open_store
from tests.command_line import Ran, command, escalate
from tests.connections import connect, read
from tests.driver import unit
from tests.promises.cases import LATER, NOW, make_cases, sound
from tests.promises.conftest import Show
from tests.promises.test_tampering import past_the_guards
from tests.sizes import sampled, size

pytestmark = pytest.mark.promise(6)


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "office" / "cases.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(made, path)
    path.chmod(0o600)
    path.chmod(0o600)
    return path


def environment(path: Path) -> dict[str, str]:
    return {
        "ESCALATE_DB": str(path),
        "ESCALATE_BY": "unit",
        "HOME": str(path.parent),
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def asked(path: Path, *arguments: str) -> Ran:
    return escalate(*arguments, environment=environment(path))


def backups(path: Path) -> list[Path]:
    return sorted((path.parent / "backups").glob("cases-2*.db"))


@contextmanager
def writing_all_the_time(path: Path, writers: int) -> Iterator[list[Ran]]:
    """Processes that note something in a case, one command after another, until they are stopped; how each ended."""
    ran: list[Ran] = []
    stop = threading.Event()

    def write(number: int) -> None:
        while not stop.is_set():
            ran.append(asked(path, "note", "2", f"from {number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    try:
        yield ran
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def entries(path: Path) -> list[tuple[object, ...]]:
    with closing(connect(path, "ro")) as db:
        return db.execute("SELECT * FROM entry ORDER BY id").fetchall()


def test_a_backup_made_while_others_write_is_whole_and_comes_back(cases: Path, tmp_path: Path, shown: Show) -> None:
    many = size(2, 4, 20)
    with writing_all_the_time(cases, writers=2) as ran:
        documents = [asked(cases, "backup", "--json") for _ in range(many)]
    assert {each.status for each in (*ran, *documents)} == {0}, [
        each.stderr for each in (*ran, *documents) if each.status
    ]
    after = entries(cases)
    assert len(after) > len(ran)
    found = [json.loads(each.stdout) for each in documents]
    assert len({each["file"] for each in found}) == many == len(backups(cases))
    for each in found:
        place = tmp_path / "elsewhere" / "cases.db"
        shutil.rmtree(place.parent, ignore_errors=True)
        assert asked(place, "restore", each["file"], "--yes").status == 0
        assert entries(place) == after[: each["entries"]]
        assert sound(place, each["head"])
    assert sound(cases, *(each["head"] for each in found))
    shown(f"{many} of {many} made while 2 others wrote {len(ran)} entries, each restored and verified")


def test_a_backup_is_private_and_dated(cases: Path) -> None:
    before = os.umask(0)
    try:
        first = json.loads(unit.did(cases, "backup", "--json", now=LATER))
    finally:
        os.umask(before)
    folder = cases.parent / "backups"
    assert Path(first["file"]) == folder / "cases-20261123T100000Z.db"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.db")] == [0o600]
    again = json.loads(unit.did(cases, "backup", "--json", now=LATER))
    assert Path(again["file"]).name == "cases-20261123T100000Z-2.db"


def test_keep_removes_the_oldest_and_nothing_else(cases: Path) -> None:
    folder = cases.parent / "backups"
    for day in range(1, 13):
        unit.did(cases, "backup", now=f"2026-11-{day:02}T09:00")
    (folder / "notes.txt").write_text("mine")
    (folder / "other-2020-01-01-090000.db").write_text("another file's")
    (folder / "cases-replaced-2020-01-01-090000.db").write_text("what a restored one replaced")
    says = unit.did(cases, "backup", "--keep", "3", now="2026-11-13T09:00")
    assert [path.name for path in backups(cases)] == [f"cases-202611{day}T090000Z.db" for day in (11, 12, 13)]
    assert "Removed  cases-20261101T090000Z.db\n" in says
    assert {path.name for path in folder.iterdir()} >= {
        "notes.txt",
        "other-2020-01-01-090000.db",
        "cases-replaced-2020-01-01-090000.db",
    }


@pytest.mark.slow
def test_in_a_folder_that_others_use_as_well_only_its_own_are_removed_and_the_latest_of_its_own_is_meant(
    cases: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    theirs = tmp_path / "theirs" / "cases.db"
    make_cases(theirs)
    more = {"ESCALATE_BACKUPS": str(shared)}
    for day in (1, 2):
        assert unit(theirs, "backup", now=f"2026-11-0{day}T09:00", **more).status == 0
        assert unit(cases, "backup", "--keep", "1", now=f"2026-11-0{day}T10:00", **more).status == 0
    assert unit(theirs, "backup", now="2026-11-03T09:00", **more).status == 0
    assert sorted(path.name[6:] for path in shared.glob("*.db")) == [
        "20261101T090000Z.db", "20261102T090000Z.db", "20261102T100000Z.db", "20261103T090000Z.db",
    ]  # fmt: skip
    latest = unit(cases, "restore", "latest", "--dry-run", "--json", now=NOW, **more)
    assert json.loads(latest.stdout)["file"].endswith("cases-20261102T100000Z.db")
    other = unit(cases, "restore", "cases-20261103T090000Z.db", "--dry-run", now=NOW, **more)
    assert "of another file than the one it would take the place of" in other.stdout


def test_restoring_keeps_the_file_that_was_there(cases: Path, shown: Show) -> None:
    unit.did(cases, "backup", now=LATER)
    unit.did(cases, "open", "north-yorkshire", "--subject", "since", now=NOW)
    before = cases.read_bytes()
    says = unit.did(cases, "restore", "latest", "--yes", now=NOW)
    kept = cases.parent / "backups" / "cases-replaced-20261201T090000Z.db"
    assert "1 entry more is in the file now than in the backup" in says
    assert str(kept) in says
    assert kept.read_bytes() == before
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IMODE(cases.stat().st_mode) == 0o600
    assert "E0005" not in unit.did(cases, "list", now=NOW)
    assert (
        json.loads(unit.did(cases, "open", "north-yorkshire", "--about", "Thresholds", "--json", now=NOW))["case"]
        == "E0006"
    ), "no reference is used twice"
    unit.did(cases, "restore", kept.name, "--yes", now=NOW)
    assert "since" in unit.did(cases, "show", "5", now=NOW)
    shown("the replaced file kept to the byte")


def test_a_dry_run_and_a_no_replace_nothing(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    unit.did(cases, "note", "2", "since", now=NOW)
    before = {path: path.read_bytes() for path in cases.parent.rglob("*") if path.is_file()}
    assert "nothing was replaced" in unit.did(cases, "restore", "latest", "--dry-run", now=NOW)
    refused = unit(cases, "restore", "latest", now=NOW)
    assert (refused.status, "add --yes" in refused.stderr) == (1, True)
    assert {path: path.read_bytes() for path in cases.parent.rglob("*") if path.is_file()} == before


def damage(path: Path, how: str) -> None:
    content = bytearray(path.read_bytes())
    match how:
        case "cut short":
            content = content[: len(content) // 2]
        case "empty":
            content = bytearray()
        case "no database":
            content[:100] = b"x" * 100
        case "a page of zeros":
            start = len(content) // 2 // 4096 * 4096
            content[start : start + 4096] = bytes(4096)
        case "another program's":
            path.unlink()
            with closing(connect(path)) as db:
                db.execute("CREATE TABLE x (y)")
            return
        case "a newer version's":
            with closing(connect(path)) as db:
                db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
            return
        case "an entry changed":
            with closing(connect(path, isolation_level=None)) as db:
                db.execute("DROP TRIGGER entry_is_never_changed")
                db.execute("UPDATE entry SET at = '2026-01-01T00:00:00Z' WHERE id = 3")
            return
        case "words gone":
            with closing(connect(path, isolation_level=None)) as db:
                db.execute("DELETE FROM words WHERE entry_id = 2")
            return
        case "half written":
            path.with_name(f"{path.name}-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(504))
            return
    path.write_bytes(bytes(content))


DAMAGES = (
    "cut short", "empty", "no database", "a page of zeros", "another program's", "a newer version's", "an entry changed", "words gone",
    "half written",
)  # fmt: skip


def test_a_damaged_backup_is_refused_before_anything_is_replaced(cases: Path, shown: Show) -> None:
    refused = []
    for how in DAMAGES:
        path = Path(json.loads(unit.did(cases, "backup", "--json", now=LATER))["file"])
        damage(path, how)
        before = {each: each.read_bytes() for each in cases.parent.rglob("*") if each.is_file()}
        ran = unit(cases, "restore", str(path), "--yes", now=NOW)
        assert ran.status == 1, how
        assert ran.stderr.count("\n") == 1, ran.stderr
        assert "Traceback" not in ran.stderr
        assert {each: each.read_bytes() for each in cases.parent.rglob("*") if each.is_file()} == before, how
        refused.append(how)
        for each in path.parent.glob(f"{path.name}*"):
            each.unlink()
    shown(f"{len(refused)} of {len(DAMAGES)} damaged ones refused before anything was replaced")


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut short", "empty", "no database", "a page of zeros"])
def test_a_damaged_file_is_replaced_and_kept_as_it_is(cases: Path, how: str) -> None:
    unit.did(cases, "backup", now=LATER)
    damage(cases, how)
    before = cases.read_bytes()
    unit.did(cases, "restore", "latest", "--yes", now=NOW)
    assert sound(cases)
    kept = cases.parent / "backups" / "cases-replaced-20261201T090000Z.db"
    assert kept.read_bytes() == before or how == "empty"  # an empty file is a new one


def test_a_journal_left_by_a_damaged_file_is_never_applied_to_the_restored_one(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    damage(cases, "no database")
    journal = cases.with_name("cases.db-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + os.urandom(4096))
    unit.did(cases, "restore", "latest", "--yes", now=NOW)
    assert not journal.exists()
    assert sound(cases)


def test_what_was_waiting_to_write_while_a_backup_was_restored_is_refused_and_not_lost(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    with open_store(cases) as waiting:
        before = waiting.head
        unit.did(cases, "restore", "latest", "--yes", now=NOW)
        with pytest.raises(Exception, match="A backup has just been restored"), waiting.writing():
            pytest.fail("it was let in")
        assert waiting.head == before


@pytest.mark.slow
def test_a_file_somebody_is_writing_to_is_not_replaced(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    before = cases.read_bytes()
    with closing(connect(cases, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        with subprocess.Popen(
            command("restore", "latest", "--yes"),
            env=environment(cases),
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            _, said = process.communicate(timeout=60)
        db.execute("ROLLBACK")
    assert process.returncode == 1
    assert b"in use by another program" in said
    assert cases.read_bytes() == before


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("prlimit"), reason="no prlimit to bound files with: apt-get install util-linux")
def test_a_full_disk_leaves_the_file_and_the_backups_as_they_are(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    before = {path: path.read_bytes() for path in cases.parent.rglob("*") if path.is_file()}
    for line in (("backup",), ("restore", "latest", "--yes")):
        for limit in (0, 4096, len(cases.read_bytes()) // 4, len(cases.read_bytes()) // 2):
            ran = escalate(*line, environment=environment(cases), through=("prlimit", f"--fsize={limit}"))
            assert (ran.status, ran.stdout.count("Restored"), ran.stderr.count("\n")) == (1, 0, 1), ran
            assert {path: path.read_bytes() for path in cases.parent.rglob("*") if path.is_file()} == before, ran


def test_a_backup_of_an_older_version_is_brought_up_to_date_in_its_copy(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    content = gzip.decompress((Path(__file__).parent.parent / "data" / "schema-3.db.gz").read_bytes())
    old.write_bytes(content)
    place = tmp_path / "office" / "cases.db"
    unit.did(place, "restore", str(old), "--yes", now="2027-01-06T10:00")
    assert old.read_bytes() == content
    assert unit(place, "verify", now="2027-01-06T10:00").status == 0


def test_what_was_erased_does_not_come_back_with_an_older_backup(cases: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "stick"
    unit.did(cases, "backup", str(elsewhere), now=LATER)
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    [old] = elsewhere.iterdir()
    assert b"canary" in read(old).lower()
    unit.did(cases, "restore", str(old), "--yes", now=NOW)
    assert b"canary" not in read(cases).lower()
    assert sound(cases)


# -- which is the newest: by what it holds, whatever the clock said


def names(path: Path) -> list[str]:
    return [each.name for each in backups(path)]


def test_a_backup_dated_ahead_never_displaces_a_newer_one(cases: Path) -> None:
    """The clock was wrong once, in 2030."""
    unit.did(cases, "backup", now="2030-01-01T09:00")
    unit.did(cases, "note", "2", "since", now=LATER)
    made = json.loads(unit.did(cases, "backup", "--keep", "1", "--json", now=NOW))
    assert names(cases) == ["cases-20261201T090000Z.db"]
    assert [Path(each).name for each in made["removed"]] == ["cases-20300101T090000Z.db"]


def test_the_latest_is_the_one_that_holds_most_and_doctor_names_what_is_dated_ahead(cases: Path) -> None:
    unit.did(cases, "backup", now="2030-01-01T09:00")
    unit.did(cases, "note", "2", "since", now=LATER)
    unit.did(cases, "backup", now=LATER)
    found = json.loads(unit.did(cases, "restore", "latest", "--dry-run", "--json", now=NOW))
    assert Path(found["file"]).name == "cases-20261123T100000Z.db"
    assert names_listed(cases) == ["cases-20261123T100000Z.db", "cases-20300101T090000Z.db"]
    notes = [each for each in doctored(cases) if each["about"] == "Backups" and each["state"] == "note"]
    assert "cases-20300101T090000Z.db is dated Tuesday 1 January 2030 09:00, which is in the future" in [
        each["says"] for each in notes
    ]
    unit.did(cases, "backup", "--keep", "2", now="2026-11-24T09:00")
    assert names(cases) == ["cases-20261123T100000Z.db", "cases-20261124T090000Z.db"]


def names_listed(path: Path) -> list[str]:
    return [Path(each).name for each in json.loads(unit.did(path, "restore", "--json", now=NOW))]


def doctored(path: Path, **more: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(unit(path, "doctor", "--json", now=NOW, **more).stdout)["findings"]
    return found


def test_when_the_clocks_go_back_the_later_one_is_the_newest(cases: Path) -> None:
    """On 25 October 2026, 01:10 came after 01:30."""
    unit.did(cases, "backup", now="2026-10-25T00:30:00+00:00")
    unit.did(cases, "backup", "--keep", "1", now="2026-10-25T01:10:00+00:00")
    assert names(cases) == ["cases-20261025T011000Z.db"]


def test_a_backup_named_as_before_is_understood(cases: Path) -> None:
    made = json.loads(unit.did(cases, "backup", "--json", now=LATER))
    Path(made["file"]).rename(cases.parent / "backups" / "cases-2026-11-23-100000.db")
    unit.did(cases, "note", "2", "since", now=LATER)
    assert Path(json.loads(unit.did(cases, "restore", "latest", "--dry-run", "--json", now=NOW))["file"]).name == (
        "cases-2026-11-23-100000.db"
    )
    unit.did(cases, "backup", "--keep", "1", now=NOW)
    assert names(cases) == ["cases-20261201T090000Z.db"]


def test_what_only_a_backup_holds_is_never_removed_and_the_latest_goes_on_with_the_file(cases: Path) -> None:
    """An older backup was restored: what was recorded in between is in the backup after it alone."""
    first = json.loads(unit.did(cases, "backup", "--json", now="2026-11-24T09:00"))
    for said in "abc":
        unit.did(cases, "note", "2", said, now="2026-11-25T09:00")
    unit.did(cases, "backup", now="2026-11-25T10:00")
    unit.did(cases, "restore", first["file"], "--yes", now="2026-11-26T09:00")
    unit.did(cases, "note", "2", "other", now="2026-11-27T09:00")
    unit.did(cases, "backup", "--keep", "1", now="2026-11-27T10:00")
    assert names(cases) == ["cases-20261125T100000Z.db", "cases-20261127T100000Z.db"]
    latest = json.loads(unit.did(cases, "restore", "latest", "--dry-run", "--json", now=NOW))
    assert Path(latest["file"]).name == "cases-20261127T100000Z.db"
    cases.write_bytes(b"nothing that can be read")
    refused = unit(cases, "restore", "latest", "--dry-run", now=NOW)
    assert (refused.status, "hold records that parted" in refused.stderr) == (1, True)


def test_an_older_copy_in_the_place_of_the_file_does_not_hide_the_newer_backup(cases: Path) -> None:
    older = cases.read_bytes()
    unit.did(cases, "note", "2", "since", now=LATER)
    unit.did(cases, "backup", now=LATER)
    cases.write_bytes(older)
    unit.did(cases, "backup", "--keep", "1", now=NOW)
    assert names(cases) == ["cases-20261123T100000Z.db", "cases-20261201T090000Z.db"]
    latest = json.loads(unit.did(cases, "restore", "latest", "--dry-run", "--json", now=NOW))
    assert Path(latest["file"]).name == "cases-20261123T100000Z.db"


RUBBISH = (b"", b"rubbish" * 1000, b"SQLite format 3\0" + b"x" * 5000)


@pytest.mark.parametrize("content", sampled(RUBBISH, 3), ids=["empty", "text", "a header"])
def test_rubbish_is_no_backup(cases: Path, content: bytes) -> None:
    unit.did(cases, "backup", now=LATER)
    rubbish = cases.parent / "backups" / "cases-20261130T090000Z.db"
    rubbish.write_bytes(content)
    rubbish.chmod(0o600)
    found = {(each["state"], each["says"]) for each in doctored(cases) if each["about"] == "Backups"}
    assert ("wrong", f"{rubbish.name} is not a backup: it cannot be read") in found
    assert any("cases-20261123T100000Z.db" in says and "can be restored" in says for _, says in found)
    assert f"{rubbish.name} (cannot be read: not a backup)" in unit.did(cases, "restore", now=NOW)
    latest = unit(cases, "restore", "latest", "--dry-run", "--json", now=NOW)
    assert Path(json.loads(latest.stdout)["file"]).name == "cases-20261123T100000Z.db"
    assert f"{rubbish.name} is passed over" in latest.stderr


def test_doctor_verifies_the_newest_backup(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    [backup] = backups(cases)
    with past_the_guards(backup) as db:
        db.execute("UPDATE words SET content = 'other' WHERE content = 'thresholds'")
    says = [each["says"] for each in doctored(cases) if each["state"] == "wrong"]
    assert [f"{backup} cannot be relied on" in each for each in says] == [True], says
    with closing(connect(backup)) as db:
        db.execute("DROP TRIGGER words_are_never_changed")
    says = [each["says"] for each in doctored(cases) if each["state"] == "wrong"]
    assert says == [f"{backup.name} is not a backup: it cannot be read"]


# -- a restore that fails at its last step


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without links"])
def test_a_restore_that_fails_at_its_last_step_leaves_nothing(
    cases: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    unit.did(cases, "backup", now=LATER)
    before, there = cases.read_bytes(), sorted(path.name for path in cases.parent.rglob("*"))
    replace = Path.replace

    def refusing(self: Path, target: Path) -> Path:
        if target == cases:
            raise OSError(errno.EIO, "Input/output error")
        return replace(self, target)

    def no_links(self: Path, target: Path) -> None:  # as the system's
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "replace", refusing)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    refused = unit(cases, "restore", "latest", "--yes", now=NOW)
    assert (refused.status, "nothing was left there" in refused.stderr) == (1, True)
    assert cases.read_bytes() == before
    assert cases.stat().st_nlink == 1
    assert sorted(path.name for path in cases.parent.rglob("*")) == there


def test_another_name_of_the_file_itself_is_found_and_taken_away(cases: Path) -> None:
    """A restore that is killed just before its last step leaves one."""
    unit.did(cases, "backup", now=LATER)
    (cases.parent / "backups" / "cases-replaced-20261123T100000Z.db").hardlink_to(cases)
    assert [
        "is not a copy but the file itself" in each["says"] for each in doctored(cases) if each["state"] == "wrong"
    ] == [True]
    unit.did(cases, "doctor", "--repair", now=NOW)
    assert cases.stat().st_nlink == 1
    assert sound(cases)
