"""The size that the test of a promise runs at, and how it says what was seen."""

from collections.abc import Callable

import pytest

from tests.conftest import PROMISES
from tests.sizes import SIZE

SMALL, FULL = SIZE == "small", SIZE == "full"
"""Small under `make test`, where one state shows that the promise is looked at; full under `make test-promises`."""

Show = Callable[[str], None]


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
