"""Who looked, on a server: recorded by a function of the server's with the login, seen by the agency whose looks they are, and not to be gone round."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from escalate import checker
from escalate.storage.postgresql import administering
from tests.server.cluster import Cluster
from tests.server.county import rows
from tests.server.offices import CARL, COUNCIL, NHS, NORA, UNIT, Offices

pytestmark = pytest.mark.server

NAMED = "Ada Example"


@pytest.fixture
def offices(cluster: Cluster, tmp_path: Path) -> Iterator[Offices]:
    """A case between the trust and the council."""
    with cluster.database() as database:
        made = Offices(database, tmp_path)
        made.does(
            NORA, f"open herefordshire --subject M-1 --from '{NHS}' --to '{COUNCIL}' --about x --fact 'name={NAMED}'"
        )
        yield made


def test_a_look_has_the_login_and_is_seen_by_its_agency_and_the_unit(offices: Offices) -> None:
    head = offices.answer(UNIT, "verify")["head"]
    assert NAMED in offices.does(NORA, "show NHS-0001 --identify --reason 'Strategy meeting'")
    assert NAMED in offices.does(CARL, "list --identify", COLUMNS="200")
    assert NAMED not in offices.does(CARL, "list")
    seen = {login: offices.answer(login, "access") for login in (NORA, CARL, UNIT)}
    assert [(each["login"], each["command"], each["cases"], each["reason"]) for each in seen[NORA]] == [
        (NORA, "show", ["NHS-0001"], "Strategy meeting")
    ]
    assert [(each["login"], each["command"], each["cases"]) for each in seen[CARL]] == [(CARL, "list", ["NHS-0001"])]
    assert sorted(each["login"] for each in seen[UNIT]) == sorted([NORA, CARL])
    assert offices.answer(UNIT, f"verify --head {head}")["sound"]
    assert offices.answer(NORA, "verify")["sound"]


def test_where_the_server_does_not_take_the_record_no_name_is_shown(offices: Offices) -> None:
    administrator = offices.database.administrator
    rows(administrator, "REVOKE EXECUTE ON FUNCTION escalate.look(jsonb) FROM escalate_member")
    for line in ("show NHS-0001", "list", "due", "search ada", "export json", "disclose M-1"):
        said = offices.refused(NORA, line if line.startswith("disclose") else f"{line} --identify")
        assert said.startswith("Names are not shown, because the server does not let this look be recorded")
        assert NAMED not in said
    assert offices.does(NORA, "show NHS-0001")


def test_erasing_takes_the_words_of_looks_of_every_agency(offices: Offices) -> None:
    offices.does(NORA, f"show NHS-0001 --identify --reason '{NAMED} rang'")
    offices.does(CARL, f"search '{NAMED}' --identify")
    offices.does(NORA, "resolve NHS-0001")
    said = json.loads(
        offices.run(UNIT, "erase --person M-1 --yes --json").stdout
    )  # it was asked for without a name, which is said
    assert [each["case"] for each in said["certificate"]["erased"]] == ["NHS-0001"]
    assert rows(offices.database.administrator, "SELECT count(*) FROM escalate.look_words") == [(0,)]
    assert [(each["login"], each["gone"]) for each in offices.answer(NORA, "access")] == [(NORA, ["reason"])]
    assert offices.answer(UNIT, "verify")["sound"]


def test_an_agency_is_told_what_it_sees_of_a_person_and_the_unit_erases(offices: Offices) -> None:
    found = json.loads(offices.run(NORA, "disclose M-1 --json").stdout)
    assert (found["agency"], [each["case"] for each in found["cases"]]) == (NHS, ["NHS-0001"])
    assert "Only the business unit erases what was said" in offices.refused(NORA, "erase --person M-1 --yes")
    assert "Only the business unit erases what was said" in offices.refused(NORA, "erase --due")
    assert offices.does(NORA, "erase --holds") == "No case is under a legal hold.\n"


def test_a_server_of_the_version_before_is_brought_up_to_date_with_its_cases(offices: Offices) -> None:
    administrator = offices.database.administrator
    rows(administrator, "DROP TABLE escalate.look_words, escalate.look CASCADE")
    rows(administrator, "DROP FUNCTION escalate.look_comes_next()")
    rows(administrator, "UPDATE escalate.kept SET value = '7' WHERE name = 'schema'")
    assert "server init" in offices.refused(UNIT, "list")
    administering.make(administrator)
    assert NAMED in offices.does(NORA, "show NHS-0001 --identify")
    assert [each["login"] for each in offices.answer(NORA, "access")] == [NORA]
    assert offices.answer(UNIT, "verify")["sound"]
    assert administering.status(administrator).faults == []


def test_an_agencys_own_chain_has_its_looks(offices: Offices) -> None:
    administrator = offices.database.administrator
    offices.does(NORA, f"open hull-east-riding --from '{NHS}' --about x")
    offices.does(NORA, "note NHS-0002 x")
    head = offices.answer(NORA, "verify")["head"]
    offices.does(NORA, "show NHS-0001 --identify --reason 'Strategy meeting'")
    offices.does(NORA, "list --identify")
    offices.does(CARL, "list --identify")
    after = offices.answer(NORA, f"verify --head {head}")["head"]
    assert int(after.partition(":")[0]) == int(head.partition(":")[0]) + 2
    paper = json.loads(offices.run(NORA, "explain NHS-0002 --certificate -").stdout)
    assert [each[:2] for each in paper["chain"]["links"]][-2:] == [["@", 1], ["@", 2]]
    assert checker.check(paper, after).faults == []
    fewer = paper | {"entries": paper["entries"][:-1]}
    assert (
        "The chain has entries of NHS-0002 that are not in the certificate."
        in checker.check(fewer | {"digest": digest_of(fewer)}).faults
    )
    rows(administrator, "ALTER TABLE escalate.look DISABLE TRIGGER USER")
    for change, says in (
        ("UPDATE escalate.look SET cases = '[]' WHERE agency = 'wye valley nhs trust' AND id = 1", "Look wye valley nhs trust@1 is not what was recorded."),
        ("DELETE FROM escalate.look_words; DELETE FROM escalate.look WHERE agency = 'wye valley nhs trust' AND id = 2", "Look number 2 is not what was recorded."),
        ("INSERT INTO escalate.look SELECT agency, 9, at, by, login, command, cases, data, commitments FROM escalate.look WHERE agency = 'wye valley nhs trust' AND id = 1",
         "Look wye valley nhs trust@9 was added past your agency's chain."),
    ):  # fmt: skip
        rows(administrator, change)
        assert says in offices.run(NORA, "verify").stderr


def digest_of(paper: dict[str, object]) -> str:
    return checker.sha({name: value for name, value in paper.items() if name != "digest"})
