"""No input crashes escalate: whatever is typed, piped in or on disk, it answers, or refuses in a sentence and leaves all as it was.

`ESCALATE_FUZZ_SEED=20261127 pytest tests/promises/test_fuzz.py` does again what another run has done. What was once found this way
stands in test_fuzz_found.py.
"""

import os
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.promises.conftest import FULL, Show
from tests.promises.fuzz import Bench, Input
from tests.promises.fuzz_inputs import TARGETS
from tests.sizes import size

pytestmark = pytest.mark.promise(13)

SEED = int(os.environ.get("ESCALATE_FUZZ_SEED") or (f"{date.today():%Y%m%d}" if FULL else 13))
"""At the usual size the same every time, so that nobody's change fails by chance; at full size another one every day."""

A_ROUND = size(8, 40, 40)
"""Inputs after which a new number is begun with: hypothesis varies what it has rather than thinking of something else."""

USUAL = size(1, 6, 6)
"""Rounds of each kind: about a minute for all of them."""

AN_HOUR = 3600


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # what fails is to be said, however large it is
@pytest.mark.parametrize(
    "target", [pytest.param(each, marks=() if each == "arguments" else pytest.mark.slow) for each in TARGETS]
)
def test_nothing_that_is_typed_piped_in_or_on_disk_crashes_it(target: str, tmp_path: Path, shown: Show) -> None:
    """Inputs of one kind: so many of them, or at full size as many as its share of an hour has room for."""
    end = time.monotonic() + AN_HOUR / len(TARGETS) if FULL else None
    with Bench(tmp_path) as bench:
        for round_ in range(size(1, USUAL, 1_000_000)):
            if end and time.monotonic() > end:
                break
            throw(bench, target, 1000 * SEED + round_, end)
        seen = bench.seen
    within = f" in {AN_HOUR / len(TARGETS) / 60:.0f} min" if FULL else ""
    shown(f"{target}{within}: {seen.figure} (seed {SEED})")
    assert seen.inputs > USUAL * A_ROUND / 2
    assert seen.through_script


def throw(bench: Bench, target: str, number: int, end: float | None) -> None:
    """Tries inputs. One that fails is made as small as it can be while it fails, and is then said."""

    @seed(number)
    @settings(
        max_examples=A_ROUND,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(TARGETS[target]())
    def tried(given_: Input) -> None:
        if end is None or time.monotonic() < end or failing:
            failing.append(given_)
            bench.check(given_)
            failing.clear()

    failing: list[Input] = []  # what failed goes on failing when the time is up, so that it can be made small
    tried()
