"""An agency's own digest says on a server which cases it does not see any more, and no more of them than it could see before."""

import json
from typing import Any

import pytest

from tests.server.cluster import Database
from tests.server.office import CARL, NORA, UNIT, Office

pytestmark = pytest.mark.server

TODAY = "2026-11-30 12:00"
TOMORROW = "2026-12-01 08:00"


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def left(office: Office, login: str, now: str, *words: str) -> Any:
    ran = office.command(login, "digest", "--json", *words, variables={"ESCALATE_NOW": now})
    assert ran.status == 0, ran.stderr
    return json.loads(ran.stdout)["changed"]["left"]


def test_a_case_that_its_agency_does_not_see_any_more_is_told_to_it_once(office: Office) -> None:
    ref = office.open(NORA)
    left(office, NORA, TODAY)
    office.command(NORA, "note", ref, "Theirs alone", variables={"ESCALATE_NOW": "2026-11-30 13:00"})
    for words in (("set", ref, "from=Police"), ("note", ref, "After they left")):
        ran = office.command(UNIT, *words, variables={"ESCALATE_NOW": "2026-11-30 14:00"})
        assert ran.status == 0, ran.stderr
    gone = [{"case": ref, "entry": 3, "at": "2026-11-30T14:00:00+00:00", "by": UNIT}]
    assert left(office, CARL, TOMORROW) == left(office, UNIT, TOMORROW) == []
    assert left(office, NORA, TOMORROW, "--protocol", "lincolnshire", "--dry-run") == []
    said = office.command(NORA, "digest", "--dry-run", variables={"ESCALATE_NOW": TOMORROW}).stdout
    assert f"{ref}: left this list on Monday 30 November 2026, by entry 3 of {UNIT}\n" in said
    assert left(office, NORA, TOMORROW) == gone
    assert left(office, NORA, "2026-12-02 08:00") == []


def test_what_left_and_came_back_did_not_leave(office: Office) -> None:
    ref = office.open(NORA)
    for words in (("set", ref, "from=Police"), ("undo", ref)):
        office.command(UNIT, *words, variables={"ESCALATE_NOW": "2026-11-30 14:00"})
    assert left(office, NORA, TOMORROW, "--since", TODAY) == []
    assert office.command(NORA, "show", ref).status == 0


def test_an_agency_that_loses_cases_by_another_name_is_told_of_before_and_in_its_digest(office: Office) -> None:
    ref, other = office.open(NORA), office.open(CARL)
    left(office, NORA, TODAY)
    join = ("agency", "join", "nhs  trust", "--into", "NHS Foundation Trust")
    later = {"ESCALATE_NOW": "2026-11-30 14:00"}
    dry = office.command(UNIT, *join, "--dry-run", variables=later)
    told = f"With that NHS trust no longer sees 2 cases, nor what is due there: {ref}, {other}."
    assert dry.stderr.startswith(told)
    assert "escalate server member add LOGIN --agency 'NHS Foundation Trust'" in dry.stderr
    ran = office.command(UNIT, *join, "--yes", variables=later)
    assert (ran.status, ran.stderr) == (0, dry.stderr)
    assert [each["case"] for each in left(office, NORA, TOMORROW)] == [other, ref]
    again = ("agency", "join", "NHS Foundation Trust", "--into", "NHS trust", "--yes")
    back = office.command(UNIT, *again, variables=later)
    assert (back.status, back.stderr) == (0, "")  # nobody belongs to that name, so nobody loses anything
    assert office.command(CARL, *join, "--yes").status == 1


def test_a_join_of_spellings_takes_nothing_from_anybody(office: Office) -> None:
    office.open(NORA)
    ran = office.command(UNIT, "agency", "join", "NHS trust", "--into", "NHS Trust", "--yes")
    assert (ran.status, ran.stderr) == (0, "")
    assert left(office, NORA, TOMORROW, "--since", "2026-11-01") == []


def test_no_agency_learns_of_cases_it_never_saw(office: Office) -> None:
    ran = office.command(
        CARL, "open", "herefordshire", "--from", "County council", "--to", "Police", "--about", "Refused"
    )
    assert ran.status == 0, ran.stderr
    office.command(UNIT, "set", "CC-0001", "from=Fire", variables={"ESCALATE_NOW": "2026-11-30 14:00"})
    assert left(office, NORA, TOMORROW, "--since", "2026-11-01") == []
    assert [each["case"] for each in left(office, CARL, TOMORROW, "--since", "2026-11-01")] == ["CC-0001"]
