"""Text kept in a file, to compare what is written now with what somebody has read and found right."""

import os
from difflib import unified_diff
from pathlib import Path

import pytest

KEEP = "ESCALATE_KEEP_SNAPSHOTS"
"""Set to 1, this writes the files anew; the test fails all the same, so that nothing passes which nobody has read."""


def compare(path: Path, text: str) -> None:
    """Fails with every line that differs from the file."""
    if os.environ.get(KEEP) == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"{path} was written, not compared: read what changed in it, then run this without {KEEP}.")
    kept = path.read_text(encoding="utf-8") if path.exists() else ""
    if kept != text:
        lines = unified_diff(kept.splitlines(), text.splitlines(), f"kept in {path.name}", "written now", lineterm="")
        pytest.fail("\n".join([f"If this is right, {KEEP}=1 keeps it in {path}.", *lines]), pytrace=False)
