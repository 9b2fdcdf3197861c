"""A case of thousands of entries: each command does so much for an entry and no more, counted in calls and not in seconds."""

from datetime import timedelta
from pathlib import Path

import pytest

from escalate.domain.case.entries import NOTED, Entry
from escalate.storage.store import open_store
from tests.driver import unit
from tests.promises.cases import NOW
from tests.storage.test_speed import calls

FEW, MANY = 200, 800
LINES = ("show 1", "log 1", "explain 1", "show 1 --json", "log 1 --json", "export json", "report", "verify", "note 1 more", "undo 1", "due", "due --as-of now", "search more")  # fmt: skip
MOST = 350
"""Calls for an entry: `show --json` takes 306 and the page 189, which took 413 as long as Rich laid the rest of it out, and over 2,000 in a table of Rich."""


def noted(path: Path, many: int) -> Path:
    """A file with one case, in which so many notes were recorded one after the other."""
    unit.did(path, "open", "herefordshire", "--about", "Thresholds", now=NOW)
    with open_store(path) as store:
        first = store.case("E0001").case.history[0]
        at = [first.at + timedelta(milliseconds=n) for n in range(many)]
        entries = [
            Entry("E0001", n, NOTED, each, each, "x", {}, {"text": f"remark {n}"}) for n, each in enumerate(at, 2)
        ]
        with store.writing():
            store.append(*entries)
    return path


@pytest.mark.slow
@pytest.mark.file_only("written past the commands")
def test_each_entry_costs_the_same_however_many_there_are(tmp_path: Path) -> None:
    few, many = noted(tmp_path / "few" / "cases.db", FEW), noted(tmp_path / "many" / "cases.db", MANY)
    later = NOW[:-2] + "30"
    for line in LINES:
        unit(few, *line.split(), now=later)  # what is loaded is loaded
        cost = [calls(lambda path=path, line=line: unit.did(path, *line.split(), now=later)) for path in (few, many)]  # type: ignore[misc]
        each = (cost[1] - cost[0]) / (MANY - FEW)
        assert each < MOST, f"{line}: {each:.0f} calls for an entry"
