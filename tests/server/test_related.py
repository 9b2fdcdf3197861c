"""On a server nobody learns by a link, or by a warning, of a case that they do not see."""

import pytest

from tests.command_line import Ran
from tests.server.cluster import Database
from tests.server.office import CARL, NORA, UNIT, Office

pytestmark = pytest.mark.server

TODAY = "2026-11-30 12:00"


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def opened(office: Office, login: str, *sides: str) -> Ran:
    words = ("--subject", "M-77", "--from", sides[0], "--to", sides[1], "--again")
    ran = office.command(login, "open", "herefordshire", *words, variables={"ESCALATE_NOW": TODAY})
    assert ran.status == 0, ran.stderr
    return ran


def ref_of(ran: Ran) -> str:
    return ran.stdout.partition(":")[0]


def test_only_cases_that_one_sees_are_told_and_linked(office: Office) -> None:
    """The council has a case of the same person with the police, of which the trust knows nothing."""
    with_police = ref_of(opened(office, CARL, "County council", "Police"))
    ours = opened(office, NORA, "NHS Trust", "County council")
    assert ours.stderr == ""
    ran = office.command(NORA, "set", ref_of(ours), f"related={with_police}", variables={"ESCALATE_NOW": TODAY})
    assert (ran.status, "There is no case" in ran.stderr) == (1, True)
    for login in (CARL, UNIT):
        ran = office.command(login, "set", ref_of(ours), f"related={with_police}", variables={"ESCALATE_NOW": TODAY})
        assert (ran.status, "one of these would learn of a case that it does not see" in ran.stderr) == (1, True)
    third = opened(office, CARL, "County council", "NHS Trust")
    assert third.stderr.splitlines() == [
        f"Open for the same person: {ref_of(ours)}, {with_police}."
        f" If they belong together: escalate set {ref_of(third)} related={ref_of(ours)}"
    ]
    ran = office.command(CARL, "set", ref_of(third), f"related={ref_of(ours)}", variables={"ESCALATE_NOW": TODAY})
    assert (ran.status, f"Recorded in {ref_of(ours)} as well." in ran.stdout) == (0, True)
    assert f"related={ref_of(third)}" in office.command(NORA, "log", ref_of(ours)).stdout
    assert "as they were recorded" in office.command(UNIT, "verify").stdout
