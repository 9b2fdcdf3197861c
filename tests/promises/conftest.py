"""The size that the test of a promise runs at, and how it says what was seen."""

import os
from collections.abc import Callable

import pytest

from tests.conftest import PROMISES

FULL = os.environ.get("ESCALATE_PROMISES") == "full"
"""Set by `make test-promises`. Without it every test runs at the size that fits beside all the others."""

Show = Callable[[str], None]


def size(usual: int, full: int) -> int:
    """How many times something is tried: `full` under `make test-promises`."""
    return full if FULL else usual


@pytest.fixture
def shown(record_property: Callable[[str, object], None]) -> Show:
    """Says what a test saw, in a few words with its figures: `shown("412 states, 0 corrupt, 0 partial, 0 lost")`."""
    return lambda figure: record_property("figure", figure)


@pytest.fixture(autouse=True)
def _numbered(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Every test here belongs to a promise, which its file names: `pytestmark = pytest.mark.promise(1)`."""
    mark = request.node.get_closest_marker("promise")
    assert mark is not None, f"{request.node.nodeid} names no promise"
    assert mark.args[0] in PROMISES
    record_property("promise", mark.args[0])
