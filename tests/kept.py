"""Whole outputs, kept in `tests/snapshots` to compare what is written now with what somebody has read and found right."""

import os
from difflib import unified_diff
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "snapshots"

KEEP = "ESCALATE_KEEP_SNAPSHOTS"
"""Set to 1, this writes the files anew; the test fails all the same, so that nothing passes which nobody has read."""


def same_as_kept(name: str, text: str) -> None:
    """Fails with every line that differs from the file of that name."""
    path = FOLDER / name
    kept = path.read_bytes().decode() if path.exists() else ""
    if text == kept:
        return
    if os.environ.get(KEEP) == "1":
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
        pytest.fail(f"{name} was written, not compared: read what changed in it, then run this without {KEEP}.")
    lines = unified_diff(kept.splitlines(), text.splitlines(), f"kept in {name}", "written now", lineterm="")
    pytest.fail("\n".join([f"If this is right, {KEEP}=1 keeps it in tests/snapshots/{name}.", *lines]), pytrace=False)
