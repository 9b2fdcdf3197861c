"""Cases of another file: an export comes back as it was, and `escalate merge` takes a whole file over, each entry with its time and its author."""

import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.command_line import command
from tests.commands import random_office
from tests.driver import Office, unit
from tests.promises.cases import NOW, make_cases
from tests.sizes import sampled, size

pytestmark = pytest.mark.file_only

CASES = size(6, 40, 1000)
OPENED = "2026-11-23T10:00"
REPORT = ("report", "--from", "2026-11-01", "--to", "2026-12-31")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with something of everything in it."""
    path = tmp_path_factory.mktemp("office") / "cases.db"
    make_cases(path)
    return path


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A file with many cases to which things happened at random, and the moment after the last of it."""
    path = tmp_path_factory.mktemp("busy") / "cases.db"
    return path, f"{random_office.fill(path, CASES, seed=19):%Y-%m-%dT%H:%M}"


def refs_of(path: Path, now: str) -> list[str]:
    return [each["case"] for each in unit.json(path, "list", now=now)]


WHOLE: tuple[tuple[str, ...], ...] = (
    ("list",), ("due",), ("due", "--json"), REPORT, (*REPORT, "--json"), ("search", "not"), ("export", "csv", "--what", "deadlines"),
)  # fmt: skip
OF_EACH: tuple[tuple[str, ...], ...] = (
    ("show",),
    ("show", "--json"),
    ("show", "--identify", "--json"),
    ("log",),
    ("log", "--json"),
)


def everything(path: Path, now: str, refs: list[str] | None = None) -> Iterator[tuple[str, str]]:
    """What is said of all cases, by the line that says it."""
    for line in WHOLE:
        yield " ".join(line), unit.did(path, *line, now=now)
    for ref in refs_of(path, now) if refs is None else refs:
        for command_name, *options in OF_EACH:
            line = command_name, ref, *options
            yield " ".join(line), unit.did(path, *line, now=now)


def exported(path: Path, now: str, *more: str) -> Path:
    file = path.parent / f"export{len(more)}.json"
    unit.did(path, "export", "json", str(file), "--force", *more, now=now)
    return file


def test_an_export_comes_back_as_it_was(busy: tuple[Path, str], tmp_path: Path) -> None:
    path, now = busy
    assert unit.did(tmp_path / "cases.db", "import", str(exported(path, now, "--identify")), "--write", now=now)
    before, after = dict(everything(path, now)), dict(everything(tmp_path / "cases.db", now))
    assert len(before) == len(WHOLE) + len(OF_EACH) * len(refs_of(path, now)) > CASES / 2
    assert {line: said for line, said in after.items() if before[line] != said} == {}
    assert "are as they were recorded" in unit.did(tmp_path / "cases.db", "verify", now=now)


def test_with_every_kind_of_entry_and_without_names(office: Path, tmp_path: Path) -> None:
    ran = unit(tmp_path / "cases.db", "import", str(exported(office, NOW)), "--write", now=NOW)
    assert "Names, dates of birth and addresses are not in it: they are exported with --identify." in ran.stdout
    assert "4 cases were taken over from" in ran.stdout
    for line in (("list",), ("due",), ("log", "3"), ("log", "4")):
        assert unit.did(tmp_path / "cases.db", *line, now=NOW) == unit.did(office, *line, now=NOW)
    assert "are as they were recorded" in unit.did(tmp_path / "cases.db", "verify", now=NOW)


def test_nothing_is_written_without_write(office: Path, tmp_path: Path) -> None:
    said = unit.did(tmp_path / "cases.db", "import", str(exported(office, NOW)), now=NOW)
    assert "4 cases would be taken over" in said
    assert "Nothing was written: --write takes the cases over." in said
    assert not (tmp_path / "cases.db").exists()


def test_again_nothing_is_new_and_what_is_new_is_added(office: Path, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.db", tmp_path / "ours" / "cases.db"
    shutil.copyfile(office, theirs)
    unit.did(ours, "import", str(exported(office, NOW)), "--write", now=NOW)
    again = unit.json(ours, "import", str(exported(office, NOW)), "--write", now=NOW)
    assert (again["entries"], again["taken"], sorted(again["there"])) == (0, {}, ["E0001", "E0002", "E0003", "E0004"])
    assert Path(again["backup"]).is_file()
    unit.did(theirs, "note", "2", "Rang again", now="2026-12-02T09:00")
    unit.did(theirs, "note", "4", "There", now="2026-12-02T09:00")
    unit.did(ours, "note", "4", "Here", now="2026-12-02T09:10")
    more = unit.json(ours, "merge", str(theirs), now="2026-12-02T09:20")
    assert more["continued"] == {"E0002": {"case": "E0002", "entries": 1}}
    assert more["left_alone"] == {"E0004": "E0004"}
    assert sorted(more["there"]) == ["E0001", "E0003"]
    assert "Rang again" in unit.did(ours, "log", "2", now="2026-12-03T09:00")
    assert Path(more["backup"]).is_file()


def two_offices(folder: Path, cases: int) -> tuple[Path, Path, str]:
    """Two files with cases at random, whose calendars are closed on the same days."""
    one, two = folder / "one" / "cases.db", folder / "two" / "cases.db"
    ends = [random_office.fill(path, cases, seed) for seed, path in ((5, one), (6, two))]
    return one, two, f"{max(ends):%Y-%m-%dT%H:%M}"


@pytest.mark.slow
def test_two_files_of_many_cases_are_one_and_every_case_is_as_it_was(tmp_path: Path) -> None:
    one, two, now = two_offices(tmp_path, CASES)
    first = {path: dict(everything(path, now)) for path in (one, two)}
    ours, bytes_before = refs_of(one, now), two.read_bytes()
    done = unit.json(one, "merge", str(two), now=now)
    assert two.read_bytes() == bytes_before
    assert len(done["taken"]) == CASES
    assert done["judged_otherwise"] == [] or set(done["judged_otherwise"]) < set(done["taken"].values())
    for line, said in everything(one, now, ours):
        if line.startswith(("show", "log")):
            assert said == first[one][line]
    for ref, here in done["taken"].items():
        if here not in done["judged_otherwise"]:
            for name in ("show", "log"):
                assert unit.did(one, name, here, now=now).replace(here, ref) == unit.did(two, name, ref, now=now)
    due = [unit.json(path, "due", now=now) for path in (one, two)]
    assert len(due[0]) == len(json.loads(first[one]["due --json"])) + len(due[1])
    assert "are as they were recorded" in unit.did(one, "verify", now=now)
    assert unit.json(one, "merge", str(two), now=now)["entries"] == 0


def opened(path: Path, *subjects: str) -> Path:
    for subject in subjects:
        unit.did(path, "open", "herefordshire", "--subject", subject, "--from", "Trust", "--to", "Council", now=OPENED)
    return path


def test_a_reference_in_use_is_given_anew_and_the_old_one_finds_the_case(tmp_path: Path) -> None:
    ours = opened(tmp_path / "ours" / "cases.db", "A-1", "A-2")
    theirs = opened(tmp_path / "theirs" / "cases.db", "B-1", "B-2", "B-3")
    said = unit.did(ours, "merge", str(theirs), now=NOW)
    assert "3 cases were taken over" in said
    assert (
        "2 references were given again, because they are in use here:\n  E0001 there, E0004 here\n  E0002 there, E0005 here"
        in said
    )
    assert "Before that, a backup was made: " in said
    subjects = {each["case"]: each["subject"] for each in unit.json(ours, "list", now=NOW)}
    assert subjects == {"E0001": "A-1", "E0002": "A-2", "E0003": "B-3", "E0004": "B-1", "E0005": "B-2"}
    assert [each["case"] for each in unit.json(ours, "search", "E0001", now=NOW)] == ["E0004"]
    unit.did(ours, "open", "herefordshire", "--subject", "A-3", now=NOW)
    assert unit.json(ours, "list", now=NOW)[0]["case"] == "E0006"


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path) -> None:
    ours, theirs = opened(tmp_path / "ours" / "cases.db", "A-1"), opened(tmp_path / "theirs" / "cases.db", "B-1")
    before = ours.read_bytes()
    dry = unit.json(ours, "merge", str(theirs), "--dry-run", now=NOW)
    assert (dry["dry_run"], dry["taken"], dry["entries"], dry["backup"]) == (True, {"E0001": "E0002"}, 0, None)
    assert "1 case would be taken over" in unit.did(ours, "merge", str(theirs), "--dry-run", now=NOW)
    assert ours.read_bytes() == before
    assert unit.json(ours, "merge", str(theirs), now=NOW)["dry_run"] is False


def test_an_old_reference_that_no_case_has_here_is_enough(tmp_path: Path) -> None:
    """Three files in a row: what came from the first to the second comes from there to the third, and is known as what it was in each."""
    first = opened(tmp_path / "first" / "cases.db", "A-1")
    second = opened(tmp_path / "second" / "cases.db", *(f"B-{n}" for n in range(1, 6)))
    third = tmp_path / "third" / "cases.db"
    assert unit.json(second, "merge", str(first), now=NOW)["taken"] == {"E0001": "E0006"}
    unit.did(third, "import", str(exported(second, NOW, "--subject", "A-1")), "--write", now=NOW)
    assert [each["case"] for each in unit.json(third, "list", now=NOW)] == ["E0006"]
    for reference in ("E0001", "E0006", "6"):
        assert unit.json(third, "show", reference, now=NOW)["subject"] == "A-1"
    again = unit.json(third, "merge", str(first), now=NOW)
    assert (again["there"], again["entries"]) == ({"E0001": "E0006"}, 0)
    assert unit.json(first, "merge", str(third), now=NOW)["there"] == {"E0006": "E0001"}


def test_what_the_chain_says_of_it(tmp_path: Path) -> None:
    theirs = opened(tmp_path / "theirs" / "cases.db", "B-1")
    ours = opened(tmp_path / "ours" / "cases.db", "A-1")
    head = unit.did(theirs, "verify", now=NOW).split("Head: ")[1].split()[0]
    Office(by="carol", environment=unit.environment, driver=unit.driver).did(ours, "merge", str(theirs), now=NOW)
    (look,) = unit.json(ours, "access", now=NOW)
    assert (look["command"], look["by"], look["cases"]) == ("merge", "carol", ["E0002"])
    assert look["taken_over"]["head"] == head
    assert [places[0][1] for places in look["taken_over"]["cases"].values()] == ["E0001"]
    entry = unit.json(ours, "log", "2", now=NOW)[0]
    assert (entry["by"], entry["recorded_at"][:16]) == ("unit", OPENED)
    assert unit.json(ours, "verify", now=NOW)["clock_set_back"] == []


REFUSED: list[tuple[str, tuple[str, ...], int, str]] = [
    ("no such file", ("merge", "{there}/none.db"), 1, "none.db is not there"),
    ("itself", ("merge", "{here}/cases.db"), 2, "is the file of cases itself"),
    ("no database", ("merge", "{there}/text.db"), 1, "text.db"),
    ("an address", ("merge", "postgresql:///escalate"), 2, "is the address of a server"),
    ("no JSON", ("import", "{there}/no.json"), 1, "is not JSON that can be read"),
    ("JSON of another program", ("import", "{there}/other.json"), 1, "is not what escalate export json writes"),
    ("no record", ("import", "{there}/old.json"), 1, "has no histories to import"),
    ("a later form", ("import", "{there}/later.json"), 1, "was exported by a later version"),
    ("an option of logs", ("import", "{there}/no.json", "--protocol", "herefordshire"), 2, "--protocol is for a spreadsheet"),
    ("none at all", ("import", "{there}/none.json"), 1, "none.json cannot be read"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "status", "says"), sampled([row[1:] for row in REFUSED], 3), ids=[row[0] for row in REFUSED]
)
def test_what_cannot_be_taken_over(tmp_path: Path, arguments: tuple[str, ...], status: int, says: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    opened(here / "cases.db", "A-1")
    there.mkdir()
    for name, text in (
        ("text.db", "no database"), ("no.json", "{no"), ("other.json", "[1]"), ("old.json", '{"cases": [], "record": null}'),
        ("later.json", '{"cases": [], "record": {"format": 99}}'),
    ):  # fmt: skip
        (there / name).write_text(text, encoding="utf-8")
    before = (here / "cases.db").read_bytes()
    ran = unit(here / "cases.db", *(each.format(here=here, there=there) for each in arguments), now=NOW)
    assert (ran.status, ran.stdout, says in ran.stderr) == (status, "", True), ran.stderr
    assert (here / "cases.db").read_bytes() == before


def changed_paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every leaf."""
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from changed_paths(each, (*path, key))
    else:
        yield path


@pytest.mark.parametrize("instead", sampled([None, 7, "x", [], {}], 2), ids=repr)
def test_an_export_that_somebody_changed_is_refused_or_says_the_same(
    office: Path, tmp_path: Path, instead: object
) -> None:
    tree = json.loads(exported(office, NOW, "--identify").read_text(encoding="utf-8"))
    places = [place for place in changed_paths(tree["record"]) if place[0] != "identified"]
    stride = len(places) // size(6, 60, 400) + 1
    for place in places[len(str(instead)) % stride :: stride]:
        changed = json.loads(json.dumps(tree["record"]))
        inner = changed
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = instead
        file = tmp_path / "changed.json"
        file.write_text(json.dumps({"cases": [], "record": changed}), encoding="utf-8")
        ran = unit(tmp_path / "new" / "cases.db", "import", str(file), now=NOW)
        assert ran.status in (0, 1, 2), f"{place}: {ran}"
        assert "Traceback" not in ran.stderr, f"{place}: {ran.stderr}"
        assert "unforeseen" not in ran.stderr, f"{place}: {ran.stderr}"
        assert not (tmp_path / "new" / "cases.db").exists()


def test_calendars_with_other_days_are_refused_with_the_days(tmp_path: Path) -> None:
    ours, theirs = opened(tmp_path / "ours" / "cases.db", "A-1"), opened(tmp_path / "theirs" / "cases.db", "B-1")
    unit.did(theirs, "calendar", "add", "24 Dec 2026", "--reason", "Closed", "--yes", now=OPENED)
    ran = unit(ours, "merge", str(theirs), now=NOW)
    assert (ran.status, ran.stdout) == (1, "")
    assert (
        "there it has 24 Dec 2026 (closure) as well: escalate calendar add it here, or calendar remove it there"
        in ran.stderr
    )
    unit.did(ours, "calendar", "add", "24 Dec 2026", "--reason", "Closed", "--yes", now=NOW)
    assert len(unit.json(ours, "merge", str(theirs), now=NOW)["taken"]) == 1


def test_a_file_that_was_changed_is_not_taken(tmp_path: Path) -> None:
    ours, theirs = opened(tmp_path / "ours" / "cases.db", "A-1"), opened(tmp_path / "theirs" / "cases.db", "B-1")
    with closing(sqlite3.connect(theirs)) as connection, connection:
        connection.execute("UPDATE deadline SET due_at = '2030-01-01T00:00:00Z'")
    connection.close()
    ran = unit(ours, "merge", str(theirs), now=NOW)
    assert (ran.status, ran.stdout) == (1, "")
    assert "is not in order" in ran.stderr


@pytest.mark.plain_only
def test_an_encrypted_file_is_taken_with_its_key(tmp_path: Path) -> None:
    ours, theirs = opened(tmp_path / "ours" / "cases.db", "A-1"), opened(tmp_path / "theirs" / "cases.db", "B-1")
    key = str(tmp_path / "key")
    unit.did(theirs, "encrypt", "--yes", "--key-file", key, now=NOW)
    refused = unit(ours, "merge", str(theirs), now=NOW)
    assert (refused.status, refused.stdout) == (1, "")
    assert unit.json(ours, "merge", str(theirs), now=NOW, ESCALATE_KEY_FILE=key)["taken"] == {"E0001": "E0002"}


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("seed", range(size(2, 6, 40)))
def test_killed_at_any_moment_it_took_all_or_nothing(tmp_path: Path, seed: int) -> None:
    ours, theirs = opened(tmp_path / "ours" / "cases.db", "A-1"), tmp_path / "theirs" / "cases.db"
    opened(theirs, *(f"B-{n}" for n in range(30)))
    process = subprocess.Popen(
        command("merge", str(theirs)),
        env=unit.surroundings(ours, NOW),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(Random(seed).uniform(0.1, 1.5))
    process.kill()
    process.wait()
    assert len(refs_of(ours, NOW)) in (1, 31)
    assert "are as they were recorded" in unit.did(ours, "verify", now=NOW)
    assert len(unit.json(ours, "merge", str(theirs), now=NOW)["there"]) in (0, 30)
    assert len(refs_of(ours, NOW)) == 31
