"""Erased means erased: no byte of it is left where escalate keeps anything, and the history still holds."""

import gzip
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from escalate import checker
from tests import sealed
from tests.command_line import command
from tests.connections import connect, read
from tests.driver import unit
from tests.promises.cases import CANARIES, LATER, NOW, make_cases, sound
from tests.promises.conftest import Show
from tests.promises.soundness import content_of
from tests.promises.test_tampering import past_the_guards
from tests.sizes import size

pytestmark = pytest.mark.promise(9)

REPORT = ("report", "--from", "1 Nov 2026", "--to", "30 Nov 2026", "--json")


@pytest.fixture
def cases(made: Path, tmp_path: Path) -> Path:
    path = tmp_path / "office" / "cases.db"
    path.parent.mkdir(mode=0o700)
    shutil.copyfile(made, path)
    path.chmod(0o600)
    return path


def left_in(folder: Path) -> dict[str, list[str]]:
    """Every file with the canaries whose bytes are in it, in whatever letters, whole or a word of them."""
    marks = [*CANARIES, "canary", "keepercanary"]
    found = {}
    for path in (each for each in folder.rglob("*") if each.is_file()):
        content = read(path).lower()
        here = [
            mark
            for mark in marks
            if any(mark.lower().encode(code) in content for code in ("utf-8", "utf-16-le", "utf-16-be"))
        ]
        if here:
            found[path.name] = here
    return found


def test_no_byte_is_left_in_the_file_or_its_backups(cases: Path, shown: Show) -> None:
    for day in (24, 25, 26):
        unit.did(cases, "backup", now=f"2026-11-{day}T09:00")
    unit.did(cases, "restore", "latest", "--yes", now="2026-11-26T10:00")
    assert len(left_in(cases.parent)) == 5
    assert len(left_in(cases.parent)["cases.db"]) == len(CANARIES) + 2
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert left_in(cases.parent) == {}
    assert sound(cases)
    for backup in sorted((cases.parent / "backups").glob("*.db")):
        place = cases.parent.parent / "look" / "cases.db"
        unit.did(place, "restore", str(backup), "--yes", now=NOW)
        assert unit(place, "verify", now=NOW).status == 0
    shown(f"0 of {len(CANARIES)} canaries left in the file and 4 backups")


def test_the_chain_holds_with_every_head_from_before(cases: Path) -> None:
    heads = [json.loads(unit.did(cases, "verify", "--json", now=LATER))["head"]]
    unit.did(cases, "note", "1", "canary remark", now=LATER)
    heads.append(json.loads(unit.did(cases, "verify", "--json", now=LATER))["head"])
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert sound(cases, *heads)


def test_statistics_stay_as_they_were(cases: Path) -> None:
    before = figures(json.loads(unit.did(cases, *REPORT, now=NOW)))
    dates = without_words(json.loads(unit.did(cases, "show", "1", "--json", now=NOW)))
    assert before
    assert dates["deadlines"]
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert figures(json.loads(unit.did(cases, *REPORT, now=NOW))) == before
    assert without_words(json.loads(unit.did(cases, "show", "1", "--json", now=NOW))) == dates


def figures(report: Any) -> Any:
    """A report without what was written in cases."""
    return json.loads(
        json.dumps({key: value for key, value in report.items() if key != "lessons"}).replace('"CANARY-4711"', "null")
    )


def without_words(case: dict[str, Any]) -> dict[str, Any]:
    """What `show` says of a case but for words and the entries that follow."""
    kept = (
        "case",
        "protocol",
        "edition",
        "status",
        "stage",
        "entered_at",
        "concern_at",
        "raised_at",
        "themes",
        "raising_agency",
    )
    deadlines = [
        {key: value for key, value in each.items() if key not in ("subject", "holders")} for each in case["deadlines"]
    ]
    return {key: case[key] for key in kept} | {"deadlines": deadlines}


def test_the_erasure_is_an_entry_and_cannot_be_undone(cases: Path) -> None:
    unit.did(cases, "erase", "1", "--yes", "--reason", "Retention period over", now=NOW)
    log = json.loads(unit.did(cases, "log", "1", "--identify", "--json", now=NOW))
    last = log[-1]
    assert (last["kind"], last["text"], last["at"]) == ("erased", "Retention period over", "2026-12-01T09:00:00+00:00")
    assert last["data"] == {"erased": {"identities": 5, "subjects": 1, "words": 9}}
    assert [value for each in log[:-1] for value in each["words"].values()] == [None] * 15
    refused = unit(cases, "undo", "1", "--entry", str(last["entry"]), now=NOW)
    assert "gone for good" in refused.stderr
    page = unit.did(cases, "log", "1", now=NOW)
    assert "subject, about: erased" in page
    assert "--identify" not in page


REFUSED = [
    (("erase", "2", "--yes"), 1, "E0002 is open, and what was said in it is still needed: close it first"),
    (("erase", "9", "--yes"), 1, 'There is no case "9"'),
    (("erase", "--yes"), 2, "Say what to erase: a case, or --closed-for"),
    (("erase", "1", "--closed-for", "6 years", "--yes"), 2, "Say what to erase: a case, or --closed-for"),
    (("erase", "--closed-for", "long", "--yes"), 2, "is not an allowance"),
    (("erase", "1"), 1, "Nobody is at a terminal to answer: add --yes"),
    (("erase", "1", "--json"), 1, "add --yes to erase, or --dry-run"),
]


@pytest.mark.parametrize(
    ("line", "status", "says"), REFUSED, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_what_may_not_be_erased_is_refused(cases: Path, line: tuple[str, ...], status: int, says: str) -> None:
    before = cases.read_bytes()
    ran = unit(cases, *line, now=NOW)
    assert (ran.status, says in ran.stderr, ran.stderr.count("\n")) == (status, True, 1), ran
    assert cases.read_bytes() == before


def test_a_case_that_was_erased_has_nothing_more_to_erase(cases: Path) -> None:
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert "nothing left to erase in E0001" in unit(cases, "erase", "1", "--yes", now=NOW).stderr
    unit.did(cases, "note", "1", "canary after all", now=NOW)
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert left_in(cases.parent) == {}
    assert sound(cases)


def test_a_legal_hold_keeps_everything_until_it_is_lifted(cases: Path, shown: Show) -> None:
    unit.did(cases, "set", "1", "legal-hold=Inquest, letter of 26 Nov", now=NOW)
    assert "Inquest, letter of 26 Nov" in unit.did(cases, "show", "1", now=NOW)
    assert json.loads(unit.did(cases, "show", "1", "--json", now=NOW))["legal_hold"] is True
    refused = unit(cases, "erase", "1", "--yes", now=NOW)
    assert (refused.status, "under a legal hold" in refused.stderr) == (1, True)
    page = unit.did(cases, "erase", "--closed-for", "1 week", "--yes", now=NOW)
    assert "nothing: it is under a legal hold" in page
    assert "canary how" in unit.did(cases, "show", "1", now=NOW)
    unit.did(cases, "set", "1", "legal-hold=none", now=NOW)
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert left_in(cases.parent) == {}
    shown("a legal hold refused by case and by retention period")


def test_undoing_the_hold_lifts_it_and_a_case_can_be_opened_with_one(cases: Path) -> None:
    unit.did(cases, "set", "4", "legal-hold=Inquest", now=NOW)
    unit.did(cases, "undo", "4", now=NOW)
    assert json.loads(unit.did(cases, "show", "4", "--json", now=NOW))["legal_hold"] is False
    unit.did(cases, "open", "lincolnshire", "--about", "Thresholds", "--fact", "legal-hold=Inquest", now=NOW)
    assert json.loads(unit.did(cases, "show", "5", "--json", now=NOW))["legal_hold"] is True


def test_by_retention_period_what_is_over_is_shown_first_and_nothing_else_goes(cases: Path) -> None:
    """Cases 1 and 4 were closed on 23 November; six years later they are over, a day before they are not."""
    before = cases.read_bytes()
    early = unit.did(cases, "erase", "--closed-for", "6 years", "--yes", now="2032-11-23T12:00")
    assert "No such case is closed and has anything to erase." in early
    preview = unit.did(cases, "erase", "--closed-for", "6 years", "--dry-run", now="2032-11-24T00:01")
    assert [line.split()[0] for line in preview.splitlines()[1:3]] == ["E0001", "E0004"]
    assert "nothing was erased" in preview
    assert cases.read_bytes() == before
    document = json.loads(
        unit.did(cases, "erase", "--closed-for", "6 years", "--yes", "--json", now="2032-11-24T00:01")
    )
    assert [each["case"] for each in document["erased"]] == ["E0001", "E0004"]
    assert left_in(cases.parent) == {}
    assert "H-2" in unit.did(cases, "show", "2", now=NOW)


def test_a_dry_run_writes_nothing(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    before = {path: path.read_bytes() for path in cases.parent.rglob("*") if path.is_file()}
    assert "5 names, dates and addresses, 1 subject, 9 texts" in unit.did(cases, "erase", "1", "--dry-run", now=NOW)
    assert {path: path.read_bytes() for path in cases.parent.rglob("*") if path.is_file()} == before


def test_a_backup_that_cannot_be_erased_is_named(cases: Path) -> None:
    unit.did(cases, "backup", now=LATER)
    [backup] = (cases.parent / "backups").glob("*.db")
    backup.write_bytes(backup.read_bytes()[:5000])
    ran = unit(cases, "erase", "1", "--yes", now=NOW)
    assert ran.status == 1
    assert f"{backup} may still have what was erased" in ran.stderr
    assert left_in(cases.parent).keys() <= {backup.name}


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("prlimit"), reason="no prlimit to bound files with: apt-get install util-linux")
def test_on_a_full_disk_it_is_recorded_or_not_and_finished_later(cases: Path, shown: Show) -> None:
    """No file may grow beyond so many bytes: too few for the journal of the erasing, or only for the making anew."""
    environment = {
        "ESCALATE_DB": str(cases),
        "ESCALATE_NOW": NOW,
        "HOME": str(cases.parent),
        "PATH": os.environ["PATH"],
        "PYTHONDONTWRITEBYTECODE": "1",  # or what Python keeps of its modules would be cut short as well
    }
    before, said, seen = cases.read_bytes(), content_of(cases, ()), []
    whole = len(before)
    for limit in (0, 4096, whole // 4, whole // 2, whole - 1, *range(whole, whole + 16_385, 4096), 2 * whole):
        cases.write_bytes(before)
        ran = subprocess.run(
            command("erase", "1", "--yes", through=("prlimit", f"--fsize={limit}")),
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ran.returncode, ran.stderr.count("\n")) in ((0, 0), (1, 1)), ran
        was_recorded = erased(cases)
        assert was_recorded == (ran.returncode == 0 or "may still lie in unused parts" in ran.stderr), (limit, ran)
        seen.append((was_recorded, ran.returncode))
        unit.did(cases, "list", now=NOW)
        assert not was_recorded or left_in(cases.parent) == {}
        assert was_recorded or content_of(cases, ()) == said
        assert was_recorded or sealed.key_file or cases.read_bytes() == before  # a page put back is encrypted anew
        assert sound(cases)
    assert {(False, 1), (True, 0)} <= set(seen)
    shown(
        f"{len(seen)} full disks, {seen.count((False, 1))} refused, the others finished at once or by the next command"
    )


@pytest.mark.slow
def test_names_that_end_in_a_database_of_somebody_else_are_left_alone(cases: Path) -> None:
    folder = cases.parent / "backups"
    make_cases(cases.parent / "other.db")
    unit.did(cases.parent / "other.db", "backup", now=LATER)
    [other] = folder.glob("*.db")
    before = other.read_bytes()
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    assert other.read_bytes() == before, "E0001 of another file is another case"


@pytest.mark.slow
def test_killed_at_any_moment_it_is_finished_by_whoever_comes_next(made: Path, tmp_path: Path, shown: Show) -> None:
    whole = half = none = 0
    many = size(3, 12, 60)
    chance = random.Random(20261127)
    for number in range(5 * many):
        if number >= many and half:
            break
        path = tmp_path / f"office-{number}" / "cases.db"
        path.parent.mkdir()
        shutil.copyfile(made, path)
        environment = {
            "ESCALATE_DB": str(path),
            "ESCALATE_NOW": NOW,
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        process = subprocess.Popen(
            command("erase", "1", "--yes"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while process.poll() is None and not path.with_name("cases.db-journal").exists():
            time.sleep(0.0005)  # until it writes
        time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        was_left = to_wipe(path)
        unit.did(path, "list", now=NOW)  # whoever comes next
        if erased(path):
            assert left_in(path.parent) == {}
            half, whole = half + was_left, whole + (not was_left)
        else:
            none += 1
        assert sound(path)
        shutil.rmtree(path.parent)
    assert half, "no kill came between the erasing and the wiping: nothing was shown"
    shown(
        f"{none + half + whole} kills: {none} before it was recorded, {half} before it was wiped and {whole} after, 0 bytes left by the next command"
    )


def erased(path: Path) -> bool:
    """Whether the erasure has been committed."""
    with closing(connect(path, "rw", timeout=30)) as db:
        return bool(db.execute("SELECT 1 FROM entry WHERE kind = 'erased'").fetchone())


def to_wipe(path: Path) -> bool:
    """Whether the file says that something erased may still lie in it."""
    with closing(connect(path, "rw", timeout=30)) as db:
        return bool(db.execute("SELECT 1 FROM kept WHERE name = 'to wipe'").fetchone())


# -- what lies beside the file


def test_a_copy_under_a_name_of_its_own_in_the_folder_of_backups_is_erased_too(cases: Path) -> None:
    folder = cases.parent / "backups"
    folder.mkdir(mode=0o700)
    for name in ("before the inquest.db", "copy"):
        shutil.copyfile(cases, folder / name)
    assert "before the inquest.db" in left_in(folder)
    assert unit(cases, "erase", "1", "--yes", now=NOW).stderr == ""
    assert left_in(cases.parent) == {}


def test_of_several_copies_that_were_erased_the_newest_is_still_known(cases: Path) -> None:
    """Erasing adds a record to each copy by itself: that parts none of them."""
    for minute, kept in (("00", "one"), ("01", "two"), ("02", "three")):
        unit.did(cases, "note", "1", f"Kept in backup {kept}", now=f"2026-11-23T11:{minute}")
        unit.did(cases, "backup", now=f"2026-11-23T11:{minute}")
    unit.did(cases, "erase", "1", "--yes", now="2026-11-23T11:03")
    assert "hold records that parted" not in unit(cases, "doctor", now="2026-11-23T11:04").stdout
    said = unit.did(cases, "restore", "latest", "--yes", now="2026-11-23T11:05")
    assert "T110200Z" in said
    assert unit(cases, "verify", now="2026-11-23T11:06").status == 0


def test_what_a_killed_backup_left_half_made_is_removed(cases: Path) -> None:
    folder = cases.parent / "backups"
    folder.mkdir(mode=0o700)
    whole = cases.read_bytes()
    (folder / ".escalate-abc.part").write_bytes(whole)
    (folder / ".escalate-abd.part").write_bytes(bytes(4096) + whole[4096:])
    (folder / ".escalate-abd.part-journal").write_bytes(whole[4096:])
    (cases.parent / ".escalate-abe.part").write_bytes(whole)
    assert unit(cases, "erase", "1", "--yes", now=NOW).stderr == ""
    assert left_in(cases.parent) == {}
    assert [path.name for path in folder.iterdir()] == []


def test_what_is_not_reached_is_named(cases: Path) -> None:
    folder = cases.parent / "backups"
    (folder / "2025").mkdir(parents=True, mode=0o700)
    shutil.copyfile(cases, cases.parent / "mine.db")
    (folder / "cases.db.gz").write_bytes(gzip.compress(cases.read_bytes()))
    ran = unit(cases, "erase", "1", "--yes", now=NOW)
    assert (ran.status, ran.stdout.splitlines()[-1]) == (1, "Erased.")
    assert ran.stderr.splitlines() == [
        f"{cases.parent / 'mine.db'} is a copy of the file and may still have what was erased: remove it,"
        f" or put it into {folder} and run escalate doctor --repair.",
        f"Nobody looked into cases.db.gz and 2025 in {folder}: check for yourself whether what was erased is in there.",
    ]
    (cases.parent / "mine.db").rename(folder / "mine.db")
    assert "Erased in mine.db" in unit(cases, "doctor", "--repair", now=NOW).stdout
    assert left_in(cases.parent) == {}


def test_for_a_script_what_is_not_reached_stands_in_the_document(cases: Path) -> None:
    shutil.copyfile(cases, cases.parent / "mine.db")
    ran = unit(cases, "erase", "1", "--yes", "--json", now=NOW)
    assert ran.status == 1
    assert [str(cases.parent / "mine.db") in each for each in json.loads(ran.stdout)["not_reached"]] == [True]


def test_a_page_says_of_whom_it_was_erased_and_when(cases: Path) -> None:
    unit.did(cases, "erase", "1", "--yes", now=NOW)
    for line in (("show", "1"), ("show", "1", "--identify")):
        page = unit.did(cases, *line, now=NOW)
        assert "raising: erased Tuesday 1 December 2026" in page
        assert "see --identify" not in page


def test_the_digest_of_a_row_is_of_no_use_to_guess_it(tmp_path: Path) -> None:
    """The same row in two files has two digests, and is known again in both, as are those of earlier versions."""
    log = tmp_path / "log.csv"
    log.write_text("Date raised,Protocol,Notes\n1/10/2026,lincolnshire,Rang\n", encoding="utf-8")
    digests = []
    for name in ("one", "two"):
        place = tmp_path / name / "cases.db"
        unit.did(place, "import", str(log), "--write", now=NOW)
        digests.append(json.loads(unit.did(place, "log", "1", "--json", now=NOW))[0]["data"]["imported"]["digest"])
        again = json.loads(unit.did(place, "import", str(log), "--write", "--json", now=NOW))
        assert [row["outcome"] for row in again["rows"]] == ["already-there"]
    assert len(set(digests)) == 2
    said = "dateraised=1/10/2026\0notes=Rang\0protocol=lincolnshire"
    before = hashlib.sha256(said.encode()).hexdigest()[:32]
    assert before not in digests
    with past_the_guards(tmp_path / "one" / "cases.db") as db:
        db.execute("UPDATE entry SET data = replace(data, ?, ?)", [digests[0], before])
    again = json.loads(unit.did(tmp_path / "one" / "cases.db", "import", str(log), "--write", "--json", now=NOW))
    assert [row["outcome"] for row in again["rows"]] == ["already-there"]


CLOSED = ("calendar", "add", "30 Nov 2026", "--yes", "--reason")


def test_a_name_in_the_reason_of_a_closure_goes_with_the_case(cases: Path, shown: Show) -> None:
    unit.did(cases, *CLOSED, "Tea for  ada canary", "--calendar", "england-and-wales", now=LATER)
    unit.did(cases, *CLOSED, "Adas Canaryhouse closed", "--calendar", "northern-ireland", now=LATER)
    head = json.loads(unit.did(cases, "verify", "--json", now=LATER))["head"]
    unit.did(cases, "backup", now=LATER)
    assert "non-working day: Monday 30 November 2026 (closed" not in unit.did(cases, "explain", "2", now=LATER)
    ran = unit(cases, "erase", "1", "--yes", now=NOW)
    said = "Why the england-and-wales calendar was changed on Monday 23 November 2026 10:00 goes as well: it names somebody who is erased."
    assert (ran.status, ran.stderr) == (0, "")
    assert " ".join(said.split()) in " ".join(ran.stdout.split())
    for path in (cases, *(cases.parent / "backups").glob("*.db")):
        content = read(path).lower()
        assert (b"tea for" in content, b"canaryhouse closed" in content) == (False, True), path
    assert sound(cases, head)
    log = json.loads(unit.did(cases, "log", "2", "--json", now=NOW))
    assert [each["why"] for each in log if each["kind"] == "recounted"] == ["the reason was erased"] * any(
        each["kind"] == "recounted" for each in log
    )
    assert "closed (why was erased)" in unit.did(cases, "calc", "27 Nov 2026", "2 working days", now=NOW)
    erased = [each for each in json.loads(unit.did(cases, "access", "--json", now=NOW)) if each["erased_reasons"]]
    assert [each["erased_reasons"] for each in erased] == [["england-and-wales@3"]]
    shown("the reason of a closure that named her gone from the file and its backup, and the chain holds")


def test_a_reason_goes_by_a_name_alone(cases: Path) -> None:
    unit.did(cases, *CLOSED, "Leaving do for Wilma Stone", now=LATER)
    paper = json.loads(unit.did(cases, "erase", "--name", "wilma stone", "--yes", "--json", now=NOW))
    assert (paper["erased"], len(paper["reasons"])) == ([], 2)  # in Scotland it is a bank holiday
    assert b"Wilma" not in read(cases)
    assert sound(cases)
    assert unit(cases, "erase", "--name", "wilma stone", "--yes", now=NOW).status == 1


def test_a_backup_of_before_is_erased_of_reasons_as_it_is_restored(cases: Path, tmp_path: Path) -> None:
    unit.did(cases, *CLOSED, "Leaving do for Wilma Stone", now=LATER)
    kept = tmp_path / "kept.db"
    shutil.copyfile(cases, kept)
    unit.did(cases, "erase", "--name", "Wilma Stone", "--yes", now=NOW)
    unit.did(cases, "restore", str(kept), "--yes", now=NOW)
    assert b"Wilma" not in read(cases)
    assert sound(cases)


def test_a_reason_of_an_older_file_goes_and_what_is_left_of_the_version_is_proved(tmp_path: Path) -> None:
    """Its version had a hash over the words themselves, and so had the one that ended its closure."""
    cases = tmp_path / "cases.db"
    cases.write_bytes(gzip.decompress((Path(__file__).parents[1] / "data" / "schema-8-turns.db.gz").read_bytes()))
    cases.chmod(0o600)
    after = "2027-01-10T10:00"
    head = json.loads(unit.did(cases, "verify", "--json", now=after))["head"]
    paper = json.loads(unit.did(cases, "erase", "--name", "Council closed", "--yes", "--json", now=after))
    assert {"england-and-wales@2"} <= set(paper["reasons"])
    assert sound(cases, head)
    assert "Open after all" in str(rows(cases, "SELECT content FROM calendar_words"))
    paper = unit.did(cases, "explain", "3", "--certificate", "-", now=after)
    assert checker.check(json.loads(paper), head).faults == []
    for change in (
        "UPDATE day_off SET day = '2026-12-07' WHERE kind = 'closure'",
        "UPDATE calendar_version SET by = 'somebody' WHERE version = 3",
        "UPDATE calendar_words SET content = 'Shut' WHERE content = 'Open after all'",
        "DELETE FROM calendar_words WHERE content = 'Open after all'",
    ):
        other = tmp_path / "other.db"
        shutil.copyfile(cases, other)
        with past_the_guards(other) as db:
            assert db.execute(change).rowcount > 0
        assert unit(other, "verify", now=after).status == 1, change


def rows(path: Path, statement: str) -> list[Any]:
    with closing(connect(path)) as db:
        return db.execute(statement).fetchall()
