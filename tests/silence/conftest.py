"""What the tests of silence share."""

from pathlib import Path

import pytest

from tests.silence.case import Silence


@pytest.fixture
def case(tmp_path: Path) -> Silence:
    """An empty folder to open a case in."""
    return Silence(tmp_path)
