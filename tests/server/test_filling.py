"""Servers that the bench fills hold what it says it measures."""

import sys

import pytest

from tests.bench import server
from tests.bench.__main__ import table
from tests.bench.bench import Bench
from tests.bench.commands import Tools
from tests.bench.filling import fill, leave_to_owner
from tests.server.cluster import ADMINISTRATOR
from tests.server.county import COUNCIL, UNIT, County

pytestmark = pytest.mark.server

SEEN = "SELECT count(DISTINCT c.ref), count(*) FROM escalate.cases c JOIN escalate.deadline d ON d.agency = c.agency AND d.case_ref = c.ref"


@pytest.fixture
def two_cases(county: County) -> County:
    for _ in range(2):
        county.open(UNIT, None, COUNCIL)
    return county


def test_everybody_sees_as_many_deadlines_as_were_asked_for(two_cases: County) -> None:
    fill(two_cases.database.administrator, 7)
    assert [two_cases.rows(login, SEEN) for login in (UNIT, "carl", "nora")] == [[(7, 7)], [(7, 7)], [(0, 0)]]


def test_the_owner_sees_each_deadline_once(two_cases: County) -> None:
    leave_to_owner(two_cases.database.administrator)
    fill(two_cases.database.administrator, 7)
    assert two_cases.rows(ADMINISTRATOR, SEEN) == [(7, 7)]
    assert two_cases.rows("carl", SEEN) == [(0, 0)]


def test_where_there_is_no_server_the_table_says_so(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    monkeypatch.setattr(server, "binaries", lambda: None)
    server.server(bench)
    assert list(table(bench.lines))[2:] == [
        "| everything on a server | PostgreSQL, which is not here: apt-get install postgresql | | | | | **not measured** |"
    ]


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), Tools(sys.executable, "escalate"), (1, 10, 100))
