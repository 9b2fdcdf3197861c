"""Heads are kept elsewhere at each digest and backup, and the record is held against them."""

import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.driver import CopyOf, unit
from tests.promises.conftest import Show
from tests.sizes import sampled, size

pytestmark = pytest.mark.promise(18)

DAYS = [f"2026-11-{day}T09:00" for day in range(16, 28)]


@pytest.fixture
def cases(copy_of: CopyOf, tmp_path: Path) -> Path:
    """A case with an entry and a digest on each of three days."""
    return copy_of(_three_days, tmp_path) / "office" / "cases.db"


def _three_days(folder: Path) -> None:
    path = folder / "office" / "cases.db"
    unit.did(path, "open", "lincolnshire", "--about", "Thresholds", now=DAYS[0])
    unit.did(path, "digest", now=DAYS[0])
    for day in DAYS[1:3]:
        unit.did(path, "note", "1", "said", now=day)
        unit.did(path, "digest", now=day)


def kept(folder: Path) -> list[str]:
    path = folder / "heads.txt"
    return path.read_text().splitlines() if path.exists() else []


def verified(path: Path, now: str = DAYS[-1], **more: str) -> tuple[int, list[str], dict[str, Any]]:
    ran = unit(path, "verify", "--json", now=now, **more)
    document: dict[str, Any] = json.loads(ran.stdout)
    return ran.status, ran.stderr.splitlines(), document


def witness_of(path: Path, **more: str) -> list[tuple[str, str]]:
    found = json.loads(unit(path, "doctor", "--json", now=DAYS[-1], **more).stdout)["findings"]
    return [(each["state"], each["says"]) for each in found if each["about"] == "Witness"]


@pytest.mark.file_only("looks beside the file")
def test_each_digest_and_backup_keeps_a_line_of_its_own(cases: Path) -> None:
    unit.did(cases, "backup", now=DAYS[3])
    unit.did(cases, "digest", "--dry-run", now=DAYS[4])
    lines = [line.split() for line in kept(cases.parent / "backups")]
    head = json.loads(unit.did(cases, "verify", "--json", now=DAYS[4]))["head"]
    assert [(at, what) for at, what, *_ in lines] == [
        ("2026-11-16T09:00:00Z", "digest"),
        ("2026-11-17T09:00:00Z", "digest"),
        ("2026-11-18T09:00:00Z", "digest"),
        ("2026-11-18T09:00:00Z".replace("18", "19"), "backup"),
    ]
    assert [line[4] for line in lines] == ["1", "2", "3", "3"]
    assert lines[-1][3] == head
    assert len({line[2] for line in lines}) == 1
    assert stat.S_IMODE((cases.parent / "backups" / "heads.txt").stat().st_mode) == 0o600


@pytest.mark.file_only("looks beside the file")
def test_where_all_is_there_verify_says_against_how_many_it_held_it(cases: Path) -> None:
    assert verified(cases)[0] == 0
    assert verified(cases)[2]["witnessed"] == 3
    assert "Held against 3 heads kept elsewhere, the last of Wednesday 18 November 2026 09:00." in unit.did(
        cases, "verify", now=DAYS[-1]
    )
    [(state, says)] = witness_of(cases)
    assert (state, says.endswith("all in the record")) == ("well", True)


def last_entry_and_link_deleted(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM words WHERE entry_id = (SELECT max(id) FROM entry)")
        db.execute("DELETE FROM entry WHERE id = (SELECT max(id) FROM entry)")
        db.execute("DELETE FROM link WHERE n = (SELECT max(n) FROM link)")
        for _, statement in triggers:
            db.execute(statement)


def and_something_else_recorded(path: Path) -> None:
    last_entry_and_link_deleted(path)
    unit(path, "doctor", "--repair", now=DAYS[4])
    unit.did(path, "note", "1", "otherwise", now=DAYS[5])


LOST: dict[str, tuple[Callable[[Path], object], str]] = {
    "the last entry and its link": (
        last_entry_and_link_deleted,
        "1 entry recorded since Tuesday 17 November 2026 09:00 is gone, or this is an older copy.",
    ),
    "an entry in the place of another": (
        and_something_else_recorded,
        "something recorded since Tuesday 17 November 2026 09:00 and up to then was changed or is gone.",
    ),
    "an older file copied over": (
        lambda path: shutil.copyfile(path.with_name("older.db"), path),
        "2 entries recorded since Monday 16 November 2026 09:00 are gone, or this is an older copy.",
    ),
}


@pytest.mark.file_only("changes the file by itself")
@pytest.mark.plain_only("changes the file by itself")
@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("repaired", sampled([False, True], 2), ids=["", "repaired"])
def test_what_is_gone_is_said_with_since_when(tmp_path: Path, how: str, repaired: bool) -> None:
    path = tmp_path / "office" / "cases.db"
    unit.did(path, "open", "lincolnshire", "--about", "Thresholds", now=DAYS[0])
    unit.did(path, "digest", now=DAYS[0])
    shutil.copyfile(path, path.with_name("older.db"))
    for day in DAYS[1:3]:
        unit.did(path, "note", "1", "said", now=day)
        unit.did(path, "digest", now=day)
    harm, says = LOST[how]
    harm(path)
    if repaired:
        unit(path, "doctor", "--repair", now=DAYS[-1])
    status, errors, document = verified(path)
    assert (status, document["sound"]) == (1, False)
    [said] = [each for each in errors if "The head of " in each]
    assert "The head of Wednesday 18 November 2026 09:00 (" in said
    assert said.endswith(says)
    assert [state for state, _ in witness_of(path)] == ["wrong"]


@pytest.mark.file_only("looks beside the file")
def test_another_file_in_its_place_is_told(cases: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "cases.db"
    unit.did(other, "open", "lincolnshire", "--about", "Others", now=DAYS[0])
    shutil.copyfile(other, cases)
    assert any("are of other records, and none is of this one" in each for each in verified(cases)[1])
    assert "note" in {state for state, _ in witness_of(cases)}


@pytest.mark.slow
@pytest.mark.file_only("changes the file by itself")
@pytest.mark.plain_only("changes the file by itself")
def test_whatever_is_taken_away_at_the_end_shows(tmp_path: Path, shown: Show) -> None:
    """An older copy, or so many of the last entries with their links, after any digest of some, repaired or gone on from."""
    path, chance, copies = tmp_path / "office" / "cases.db", random.Random(20261130), []
    unit.did(path, "open", "lincolnshire", "--about", "Thresholds", now=DAYS[0])
    for day in DAYS[:8]:
        unit.did(path, "digest", now=day)
        copies.append(path.read_bytes())
        unit.did(path, "note", "1", f"said on {day}", now=day)
    unit.did(path, "digest", now=DAYS[8])
    whole, many, told = path.read_bytes(), size(4, 30, 200), 0
    for _ in range(many):
        path.write_bytes(chance.choice(copies))
        if chance.random() < 0.5:
            path.write_bytes(whole)
            for _ in range(chance.randint(1, 8)):
                last_entry_and_link_deleted(path)
        if chance.random() < 0.5:
            unit(path, "doctor", "--repair", now=DAYS[9])
        if chance.random() < 0.5:
            unit(path, "note", "1", "as if nothing had been", now=DAYS[9])
        status, errors, _ = verified(path)
        told += status == 1 and any("is missing: " in each for each in errors)
    path.write_bytes(whole)
    assert verified(path)[0] == 0, "no false alarm"
    assert told == many
    shown(f"{told} of {many} ends of a record taken away found, with since when; no false alarm")


# -- in a folder elsewhere


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "drive"
    folder.mkdir()
    return folder


@pytest.mark.file_only("looks beside the file")
def test_a_drive_that_is_away_stops_nothing_and_is_made_up_for(cases: Path, drive: Path) -> None:
    more = {"ESCALATE_WITNESS": str(drive)}
    first = unit(cases, "digest", now=DAYS[3], **more)
    assert first.stderr == (
        f"{drive} had not 3 heads of Monday 16 November 2026 09:00 to Wednesday 18 November 2026 09:00: kept there now as well.\n"
    )
    drive.rename(drive.with_name("away"))
    for line in ("digest", "backup"):
        ran = unit(cases, line, now=DAYS[4], **more)
        assert (ran.status, ran.stderr) == (
            0, f"The head was not kept: {drive} is not there: check that its drive is connected, or make it.\n",
        )  # fmt: skip
    assert not drive.exists(), "a folder in its place would hide that it is away"
    status, errors, _ = verified(cases, **more)
    assert (status, len(errors), str(drive) in errors[0]) == (0, 1, True)
    assert "note" in {state for state, _ in witness_of(cases, **more)}
    drive.with_name("away").rename(drive)
    again = unit(cases, "digest", now=DAYS[5], **more)
    assert again.stderr == f"{drive} had not 2 heads of Friday 20 November 2026 09:00 to Friday 20 November 2026 09:00: kept there now as well.\n"  # fmt: skip
    assert kept(drive) == kept(cases.parent / "backups")
    assert unit(cases, "digest", now=DAYS[6], **more).stderr == ""


@pytest.mark.file_only("changes the file by itself")
@pytest.mark.plain_only("changes the file by itself")
def test_what_was_taken_out_beside_the_backups_still_stands_elsewhere(cases: Path, drive: Path) -> None:
    more = {"ESCALATE_WITNESS": str(drive)}
    unit.did(cases, "note", "1", "said", now=DAYS[3])
    unit.did(cases, "digest", now=DAYS[3], **more)
    last_entry_and_link_deleted(cases)
    (cases.parent / "backups" / "heads.txt").unlink()
    unit(cases, "doctor", "--repair", now=DAYS[4])
    assert verified(cases)[0] == 0, "without the drive nobody knows"
    status, errors, _ = verified(cases, **more)
    assert (status, f"kept in {drive / 'heads.txt'}, is missing: 1 entry" in errors[-1]) == (1, True)


@pytest.mark.file_only("restores a file")
def test_what_a_restored_backup_had_not_is_said_and_is_no_fault(cases: Path) -> None:
    unit.did(cases, "backup", now=DAYS[3])
    unit.did(cases, "note", "1", "since", now=DAYS[4])
    unit.did(cases, "digest", now=DAYS[4])
    unit.did(cases, "restore", "latest", "--yes", now=DAYS[5])
    unit.did(cases, "note", "1", "otherwise", now=DAYS[6])
    unit.did(cases, "digest", now=DAYS[6])
    status, errors, _ = verified(cases)
    assert (status, errors) == (
        0, ["A backup was restored on Saturday 21 November 2026 09:00: 1 entry recorded before that is not in it."],
    )  # fmt: skip
    shutil.copyfile(next((cases.parent / "backups").glob("cases-2*.db")), cases)
    assert verified(cases)[0] == 1, "copied over without restore"


# -- a file that bears no witness


@pytest.mark.file_only("looks beside the file")
@pytest.mark.parametrize("what", ["a link", "a pipe", "a folder", "unwritable"])
def test_what_cannot_be_written_is_said_in_a_sentence_and_stops_nothing(cases: Path, what: str) -> None:
    path = cases.parent / "backups" / "heads.txt"
    path.unlink()
    match what:
        case "a link":
            path.symlink_to(cases.with_name("elsewhere"))
        case "a pipe":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()
        case _:
            shutil.rmtree(path.parent)
            path.parent.write_text("no folder")
    ran = unit(cases, "digest", "--always", now=DAYS[4])
    assert (ran.status, ran.stderr.count("\n"), ran.stderr.startswith("The head was not kept: ")) == (0, 1, True)
    assert "Thresholds" not in ran.stderr
    assert not cases.with_name("elsewhere").exists()
    assert verified(cases)[0] == 0


@pytest.mark.file_only("looks beside the file")
def test_lines_that_are_not_whole_are_said_and_the_next_begins_anew(cases: Path) -> None:
    path = cases.parent / "backups" / "heads.txt"
    whole = path.read_text()
    path.write_text(whole + whole.splitlines()[0][:70])
    unit.did(cases, "digest", now=DAYS[3])
    lines = kept(path.parent)
    assert (len(lines), lines[3]) == (5, whole.splitlines()[0][:70])
    status, errors, _ = verified(cases)
    assert (status, errors) == (0, [f"1 line of {path} is not whole, and passed over."])


@pytest.mark.file_only("looks beside the file")
def test_it_is_closed_to_others_again(cases: Path) -> None:
    path = cases.parent / "backups" / "heads.txt"
    path.chmod(0o644)
    unit.did(cases, "digest", now=DAYS[3])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# -- signed


@pytest.fixture
def key(tmp_path: Path) -> Path:
    if not shutil.which("ssh-keygen"):
        pytest.skip("no ssh-keygen: apt-get install openssh-client")
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "unit", "-f", str(path)], check=True)
    return path


@pytest.mark.file_only("looks beside the file")
def test_a_signed_head_cannot_be_changed(cases: Path, key: Path, tmp_path: Path) -> None:
    signers = tmp_path / "signers"
    signers.write_text(f"unit@example.org {key.with_suffix('.pub').read_text()}")
    more = {"ESCALATE_WITNESS_KEY": str(key)}
    for day in DAYS[3:6]:
        unit.did(cases, "digest", now=day, **more)
    for checking in ({}, {"ESCALATE_WITNESS_SIGNERS": str(signers)}):
        assert verified(cases, **checking)[0] == 0, "heads from before the first that was signed need no signature"
        assert [state for state, _ in witness_of(cases, **checking)] == ["well"]
    path = cases.parent / "backups" / "heads.txt"
    whole = path.read_text()
    path.write_text(whole.replace("2026-11-21T09:00:00Z digest", "2026-11-21T10:00:00Z digest"))
    for checking in ({}, {"ESCALATE_WITNESS_SIGNERS": str(signers)}):
        status, errors, _ = verified(cases, **checking)
        assert (status, "has a signature that does not fit" in errors[0]) == (1, True)
        assert [state for state, _ in witness_of(cases, **checking)] == ["wrong"]
    path.write_text(
        "\n".join(" ".join(line.split()[:5]) if n == 4 else line for n, line in enumerate(whole.splitlines())) + "\n"
    )
    status, errors, _ = verified(cases, ESCALATE_WITNESS_SIGNERS=str(signers))
    assert (status, "has no signature, although heads were signed before it" in errors[0]) == (1, True)


@pytest.mark.file_only("looks beside the file")
def test_somebody_elses_signature_does_not_count(cases: Path, key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    signers = tmp_path / "signers"
    signers.write_text(f"unit@example.org {key.with_suffix('.pub').read_text()}")
    unit.did(cases, "digest", now=DAYS[3], ESCALATE_WITNESS_KEY=str(other))
    assert verified(cases)[0] == 0
    status, errors, _ = verified(cases, ESCALATE_WITNESS_SIGNERS=str(signers))
    assert (status, "is not by a signer in" in errors[0]) == (1, True)


@pytest.mark.file_only("looks beside the file")
@pytest.mark.parametrize("kind", ["missing", "with a passphrase", "no key"])
def test_a_key_that_does_not_sign_is_said_and_the_head_kept_without(cases: Path, key: Path, kind: str) -> None:
    match kind:
        case "missing":
            key.unlink()
        case "with a passphrase":
            subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", str(key)], check=True)
        case _:
            key.write_text("nothing")
    ran = unit(cases, "digest", now=DAYS[3], ESCALATE_WITNESS_KEY=str(key))
    assert (ran.status, ran.stderr.count("\n"), "The head was kept without a signature: " in ran.stderr) == (0, 1, True)
    assert len(kept(cases.parent / "backups")[-1].split()) == 5


# -- on either engine


def test_what_was_kept_holds_on_either_engine(tmp_path: Path, drive: Path) -> None:
    path, more = tmp_path / "cases.db", {"ESCALATE_WITNESS": str(drive)}
    unit.did(path, "open", "lincolnshire", "--about", "Thresholds", now=DAYS[0], **more)
    unit.did(path, "digest", now=DAYS[0], **more)
    unit.did(path, "note", "1", "said", now=DAYS[1], **more)
    unit.did(path, "digest", now=DAYS[1], **more)
    status, _, document = verified(path, **more)
    assert (status, document["witnessed"], len(kept(drive))) == (0, 2, 2)
    lines = kept(drive)
    number, _, stated = lines[-1].split()[3].partition(":")
    lines[-1] = lines[-1].replace(f" {number}:{stated} 2", f" {int(number) + 1}:{stated} 3")
    (drive / "heads.txt").write_text("\n".join(lines) + "\n")
    status, errors, _ = verified(path, **more)
    assert status == 1
    assert "is missing: 1 entry recorded since Monday 16 November 2026 09:00 is gone" in errors[-1]
