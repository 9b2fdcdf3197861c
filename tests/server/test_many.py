"""Sixteen colleagues record at once, each in a process of its own: all of it is there, in order, without a gap."""

import functools

import pytest

from tests.server.appending import CLIENTS, LOGINS, all_at_once, noted
from tests.server.cluster import Database
from tests.server.office import Office, at_once, figure
from tests.sizes import size

pytestmark = pytest.mark.server

APPENDS = size(10, 50)


@pytest.mark.parametrize("cases", [1, CLIENTS])
def test_sixteen_record_at_once_without_a_gap(database: Database, cases: int) -> None:
    office = Office(database)
    refs = [office.open(LOGINS[n % 2]) for n in range(cases)]
    before = office.entries()
    a_second = all_at_once(office, refs, APPENDS)
    figure(f"{a_second:.0f} notes a second by {CLIENTS} clients in {cases} cases")
    assert office.texts() == noted(APPENDS)
    assert office.entries() == before + CLIENTS * APPENDS
    assert office.faults() == []


def test_cases_opened_at_once_get_each_number_of_their_agency_once(database: Database) -> None:
    office = Office(database)
    works = [functools.partial(_opened, office, LOGINS[n % 2], size(2, 5)) for n in range(6)]
    refs = sorted(ref for opened in at_once(works) for ref in opened)
    each = 3 * size(2, 5)
    assert refs == [f"{prefix}-{n:04d}" for prefix in ("CC", "NHS") for n in range(1, each + 1)]
    assert office.faults() == []


def _opened(office: Office, login: str, times: int) -> list[str]:
    return [office.open(login) for _ in range(times)]
