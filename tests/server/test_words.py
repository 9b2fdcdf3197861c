"""What people read where the cases are on a server: nothing of files there, whose chain it is, and what only the unit does."""

import json
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from escalate.commands import digest_schedule
from escalate.commands.erase import OUT_OF_REACH
from tests import in_process
from tests.server.cluster import Cluster
from tests.server.offices import CARL, COUNCIL, NHS, NORA, UNIT, Offices

pytestmark = pytest.mark.server

OPEN = f"open herefordshire --subject M-1 --from '{NHS}' --to '{COUNCIL}' --about 'Refused a referral' --fact allegation=yes"
OF_OTHERS = f"open north-yorkshire --subject M-2 --from Police --to '{COUNCIL}'"


@pytest.fixture
def offices(cluster: Cluster, tmp_path: Path) -> Iterator[Offices]:
    """A case between the trust and the council, and one that the trust has no part in."""
    with cluster.database() as database:
        made = Offices(database, tmp_path)
        made.does(NORA, OPEN)
        made.does(UNIT, OF_OTHERS)
        yield made


OF_A_FILE = re.compile(r"escalate (backup|restore)\b|the file\b|SQLite|drive connected|doctor --repair|permissions?\b", re.IGNORECASE)  # fmt: skip
LOOKS = (
    "due", "due --overdue", "list", "show NHS-0001", "log NHS-0001", "explain NHS-0001", "search referral", "report", "board --output -", "export csv", "export json", "digest --always", "verify", "verify --head 9999:" + "a" * 64,
    "calendar check", "calendar show", "protocol list", "protocol adopt NHS-0001", "show E9999", "note E9999 x", "doctor", "digest --install cron", "digest --install systemd", "erase NHS-0001 --yes", "import nothing.csv --protocol herefordshire",
    "calendar refresh --dry-run", "server status", "server member list", "server init", "resolve NHS-0001", "erase NHS-0001 --reason 'Retention period' --yes", "log NHS-0001", "list --status resolved", "open herefordshire", "note NHS-0001 x --at 2099-01-01",
)  # fmt: skip
"""In this order, so that what is erased was closed before."""


@pytest.mark.parametrize("login", [UNIT, NORA])
def test_nothing_is_said_of_a_file_where_there_is_none(offices: Offices, login: str) -> None:
    for line in LOOKS:
        ran = offices.run(login, line)
        said = ran.stdout + ran.stderr
        assert said, line
        assert OF_A_FILE.findall(said) == [], (line, said)
        assert "Something went wrong inside escalate" not in said


INSTEAD = {
    "backup": ["works on a file", "escalate server backup", "escalate move 'postgresql:///"],
    "restore": ["works on a file", "escalate server restore"],
    "restore latest": ["works on a file"],
    "doctor --repair": ["works on a file", "its administrator restores a dump"],
}


@pytest.mark.parametrize("line", INSTEAD)
def test_what_a_server_does_not_do_says_what_to_do_instead(offices: Offices, line: str) -> None:
    said = offices.refused(NORA, line)
    assert [words for words in INSTEAD[line] if words not in said] == []


ONLY_THE_UNIT = (
    "calendar add '24 Dec 2026' --reason Closed --yes", "calendar add '24 Dec 2026' --reason Closed --dry-run", "calendar remove '25 Dec 2026' --reason Open --yes", "calendar refresh --yes", "calendar refresh --dry-run",
    "erase NHS-0001 --yes", "erase NHS-0001 --dry-run", "erase E0001 --yes", "erase E9999 --yes", "erase --closed-for '1 year' --yes",
)  # fmt: skip


@pytest.mark.parametrize("line", ONLY_THE_UNIT)
def test_what_only_the_unit_does_is_refused_before_anything_is_worked_out(offices: Offices, line: str) -> None:
    before = offices.answer(UNIT, "verify")
    said = offices.refused(NORA, line)
    assert re.fullmatch(rf"Only the business unit [a-z ]+, and you belong to {NHS} here: ask it to\.\n", said)
    assert offices.answer(UNIT, "verify") == before


def test_the_unit_does_what_only_it_does(offices: Offices) -> None:
    assert "Changed." in offices.does(UNIT, "calendar add 2026-12-24 --reason Closed --yes")
    offices.does(NORA, "resolve NHS-0001")
    assert offices.does(UNIT, "erase NHS-0001 --yes").endswith("Erased.\n")
    assert "erased" in offices.does(NORA, "log NHS-0001")


def test_a_case_of_others_is_not_opened_by_an_agency(offices: Offices) -> None:
    for sides in ("", "--from Police", "--from Police --to 'County Council'"):
        said = offices.refused(NORA, f"open north-yorkshire --subject M-3 {sides}")
        assert said == f'A case that you open here is raised by {NHS} or with it: say --from "{NHS}" or --to "{NHS}".\n'
    for sides in (f"--from '{NHS}'", f"--to 'wye  valley nhs trust' --from '{COUNCIL}'"):
        assert offices.does(NORA, f"open north-yorkshire --subject M-3 {sides} --again").startswith("NHS-")


LOG = "Ref,Date raised,Raising agency,Receiving agency,About\n1,2026-11-20,Police,County Council,Word one\n2,2026-11-21,{nhs},County Council,Word two\n"


def test_rows_of_others_are_not_taken_over_by_an_agency(offices: Offices) -> None:
    log = offices.folder / "log.csv"
    log.write_text(LOG.format(nhs=NHS), encoding="utf-8")
    line = f"import {log} --protocol herefordshire --map 'Date raised=raised' --write"
    ran = offices.run(NORA, line)
    assert ran.status == 1
    assert f"row 2  neither side is {NHS}, whose cases you see here" in ran.stdout
    assert len(offices.answer(NORA, "list")) == 1
    left_out = json.loads(offices.run(NORA, f"{line} --skip-bad --json").stdout)
    assert left_out["written"] is True
    assert [each["subject"] for each in offices.answer(NORA, "list")] == [None, "M-1"]
    assert len(offices.answer(UNIT, "list")) == 3


def test_verify_says_whose_chain_it_is(offices: Offices) -> None:
    for login, agency, chain in ((UNIT, None, "the chain over all cases"), (NORA, NHS, f"the chain of {NHS}"), (CARL, COUNCIL, f"the chain of {COUNCIL}")):  # fmt: skip
        document = offices.answer(login, "verify")
        assert (document["agency"], document["sound"]) == (agency, True)
        assert f"It is the head of {chain}." in offices.does(login, "verify")
        assert offices.does(login, f"verify --head {document['head']}")
    of_the_trust, of_all = (offices.answer(login, "verify")["head"] for login in (NORA, UNIT))
    assert of_the_trust != of_all
    for login, head, chain in ((UNIT, of_the_trust, "over all cases"), (NORA, of_all, f"of {NHS}")):
        said = offices.run(login, f"verify --head {head}").stderr
        assert f"unless it was a head of another chain: this is the chain {chain}." in said


def test_erasing_says_what_it_does_not_reach(offices: Offices) -> None:
    offices.does(NORA, "resolve NHS-0001")
    for more in ("--dry-run", "--yes"):
        said = " ".join(offices.does(UNIT, f"erase NHS-0001 {more}").split())
        assert OUT_OF_REACH in said
    offices.does(CARL, "resolve E0001")
    assert offices.answer(UNIT, "erase E0001 --yes")["out_of_reach"] == OUT_OF_REACH
    for words in ("archived WAL", "base backups", "dumps", "replica", "how long"):
        assert words in OUT_OF_REACH


def findings(offices: Offices, login: str, **environment: str) -> dict[str, tuple[str, str]]:
    ran = offices.run(login, "doctor --json", **environment)
    return {each["about"]: (each["state"], each["says"]) for each in json.loads(ran.stdout)["findings"]}


def test_doctor_looks_at_the_server(offices: Offices) -> None:
    of_unit, of_trust = findings(offices, UNIT), findings(offices, NORA)
    version = offices.database.administrator.server_version
    for found, whose in ((of_unit, "una, of the business unit"), (of_trust, f"nora, of {NHS}")):
        assert found["Server"][0] == "well"
        assert f"PostgreSQL {version // 10_000}.{version % 10_000} at postgresql:///" in found["Server"][1]
        assert f"where you are {whose}" in found["Server"][1]
        assert {"File", "Private", "Left over", "Backups", "Erased"} & found.keys() == set()
    assert of_unit["Cases"][1] == "2 cases and 2 entries"
    assert of_trust["Cases"][1] == f"1 case and 1 entry that {NHS} sees"
    assert 'nobody belongs to "Police", which cases name' in of_unit["Agencies"][1]
    assert {"Agencies", "Dumps"} & of_trust.keys() == set()


def test_doctor_says_when_the_last_dump_was_made(offices: Offices) -> None:
    dumps = offices.folder / "dumps"
    dumps.mkdir()
    assert findings(offices, UNIT, ESCALATE_BACKUPS=str(dumps))["Dumps"] == ("note", f"none can be seen from here: there is no file *.dump in {dumps}")  # fmt: skip
    (dumps / "old.dump").touch()
    os.utime(dumps / "old.dump", (1_790_000_000, 1_790_000_000))
    assert findings(offices, UNIT, ESCALATE_BACKUPS=str(dumps))["Dumps"] == ("note", f"the last in {dumps} is of Monday 21 September 2026 15:13")  # fmt: skip
    (dumps / "new.dump").touch()
    os.utime(dumps / "new.dump", (1_796_000_000, 1_796_000_000))
    assert findings(offices, UNIT, ESCALATE_BACKUPS=str(dumps))["Dumps"][0] == "well"


def test_doctor_compares_the_clocks(offices: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    from escalate.storage.postgresql.database import ServerDatabase

    def ran() -> list[str]:
        environment = {"HOME": str(offices.folder), "ESCALATE_DB": str(offices.place(UNIT))}
        found = json.loads(in_process.escalate("doctor", "--json", environment=environment).stdout)["findings"]
        return [each["says"] for each in found if each["about"] == "Clock" and each["state"] == "wrong"]

    before = ran()
    truly = ServerDatabase.clock
    monkeypatch.setattr(ServerDatabase, "clock", lambda self: truly(self).replace(year=2020))  # type: ignore[union-attr]
    assert [each for each in ran() if each not in before and "the server's clock says" in each]


def test_damage_is_told_with_what_to_do_on_a_server(offices: Offices) -> None:
    owner = offices.database.administrator.cursor()  # whoever owns the server can do anything
    owner.execute("SET session_replication_role = replica")
    owner.execute("ALTER TABLE escalate.calendar_version DISABLE TRIGGER USER")
    owner.execute("DELETE FROM escalate.day_off; DELETE FROM escalate.calendar_version; DELETE FROM escalate.calendar")
    said = offices.run(NORA, "note NHS-0001 x").stderr
    assert "has lost its england-and-wales calendar: ask its administrator to restore a dump." in said
    owner.execute("ALTER TABLE escalate.entry DISABLE TRIGGER USER")
    owner.execute("""UPDATE escalate.entry SET data = '{}' WHERE case_ref = 'NHS-0001'""")
    said = offices.refused(NORA, "log NHS-0001")
    assert "is damaged in its history: ask its administrator to restore a dump." in said
    said = offices.run(NORA, "doctor").stdout
    assert "problem" in said
    assert OF_A_FILE.findall(said) == []


def test_a_wipe_that_was_cut_short_is_finished_by_the_unit_and_stops_no_agency(offices: Offices) -> None:
    offices.database.administrator.cursor().execute("INSERT INTO escalate.kept (name, value) VALUES ('to wipe', '1')")
    assert "NHS-0001" in offices.does(NORA, "list")
    assert offices.run(NORA, "note NHS-0001 x").status == 0
    offices.does(UNIT, "show NHS-0001")
    kept = offices.database.administrator.cursor()
    kept.execute("SELECT count(*) FROM escalate.kept WHERE name = 'to wipe'")
    assert kept.fetchone() == (0,)


def test_an_older_copy_in_the_place_of_the_server_is_missed_by_whoever_kept_a_head(
    cluster: Cluster, offices: Offices
) -> None:
    offices.database.close()
    with cluster.database(like=offices.database.name) as older:
        offices.does(UNIT, "note NHS-0001 'Rang back'")
        before = Offices.of(older, offices.folder)
        for login in (UNIT, NORA):
            assert before.run(login, "verify").status == 0
            offices.does(login, "digest --always")
            assert "is missing: 1 entry" in before.run(login, "verify").stderr
            assert offices.run(login, "verify").status == 0


def test_the_same_digest_twice_on_a_day(offices: Offices) -> None:
    for _ in range(2):
        assert offices.run(NORA, "digest --always").status == 0


def test_a_schedule_leaves_a_password_out_and_says_so(offices: Offices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_schedule, "_try", list)  # there is no such service here
    ran = offices.run(NORA, "digest --install cron", PGPASSWORD="hunter2", PGSERVICE="escalate")
    assert (ran.status, "hunter2" in ran.stdout + ran.stderr) == (0, False)
    assert "PGPASSWORD is left out" in ran.stderr
    assert "PGSERVICE=escalate" in ran.stdout
    assert "--db" in shlex.split(ran.stdout.splitlines()[1])


def test_setting_up_is_refused_to_members_with_who_may(offices: Offices) -> None:
    for line in ("server status", "server member list", "server member add di --unit", "server init"):
        said = offices.refused(NORA, line)
        assert "Only whoever administers the server at postgresql:///" in said


@pytest.mark.parametrize(
    ("login", "line", "said"),
    [
        (NORA, "set NHS-0001 to=Police", f"With that {COUNCIL} no longer sees NHS-0001, nor what is due in it: tell them."),
        (CARL, "set NHS-0001 to=Police", f"With that {COUNCIL}, which is your own agency, no longer sees NHS-0001"),
        (UNIT, "set NHS-0001 from=Police --json", f"With that {NHS} no longer sees NHS-0001"),
        (NORA, "set NHS-0001 to=Police --dry-run", f"With that {COUNCIL} no longer sees NHS-0001"),
        (NORA, "set NHS-0001 to='county  council'", None),
        (NORA, "note NHS-0001 x", None),
    ],
)  # fmt: skip
def test_who_takes_a_case_from_an_agency_is_told_that_its_deadlines_go(
    offices: Offices, login: str, line: str, said: str | None
) -> None:
    assert len(offices.answer(CARL, "due")) > 2
    ran = offices.run(login, line)
    assert (ran.status, said in ran.stderr if said else ran.stderr == "") == (0, True), ran.stderr


def test_a_board_has_the_cases_that_whoever_asks_sees(offices: Offices) -> None:
    seen = {}
    for login in (UNIT, NORA, CARL):
        groups = offices.answer(login, "board")["groups"]
        seen[login] = sorted(ref for refs in groups.values() for ref in refs)
        assert seen[login] == sorted({row["case"] for row in offices.answer(login, "due")})
    assert seen[NORA] != seen[UNIT]
    assert "E0001" not in offices.run(NORA, "board --output -").stdout


def test_what_brings_another_side_back_takes_the_case_from_the_one_before(offices: Offices) -> None:
    offices.run(UNIT, "set NHS-0001 to=Police")
    assert [row["case"] for row in offices.answer(CARL, "due")] == ["E0001"] * len(offices.answer(CARL, "due"))
    ran = offices.run(UNIT, "undo NHS-0001 --reason 'Wrong side'")
    assert (ran.status, "With that Police no longer sees NHS-0001" in ran.stderr) == (0, True), ran.stderr
    assert "NHS-0001" in {row["case"] for row in offices.answer(CARL, "due")}
