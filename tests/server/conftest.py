"""A database on the server for each test of this folder."""

from collections.abc import Iterator

import pytest

from tests.server.cluster import Cluster, Database
from tests.server.county import County


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
