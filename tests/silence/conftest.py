"""What the tests of silence share."""

from pathlib import Path

import pytest

from tests.silence.case import Silence


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what was played first is kept for all tests that begin so."""
    return tmp_path_factory.mktemp("begun")


@pytest.fixture
def case(tmp_path: Path, begun: Path) -> Silence:
    """An empty folder to open a case in."""
    return Silence(tmp_path, begun)
