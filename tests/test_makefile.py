"""The lists of tests in the Makefile: of each file that they name, something runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LISTS = {name: files.split() for name, files in re.findall(r"^(\w+) := ((?:tests/\S+ ?)+)$", MAKEFILE, re.MULTILINE)}
RUNS = [
    (name, re.sub(r"\s+", " ", options))
    for before, name, after in re.findall(r"/pytest ([^\n$]*)\$\((\w+)\)([^\n]*)", MAKEFILE)
    if name in LISTS
    for options in [f"{before}{after}"]
]


def test_each_list_is_run() -> None:
    assert {name for name, _ in RUNS} == {*LISTS}
    assert len(LISTS) >= 4


@pytest.mark.slow
@pytest.mark.parametrize(("name", "options"), RUNS, ids=[name for name, _ in RUNS])
def test_something_of_each_file_runs(name: str, options: str) -> None:
    if "postgresql" in options or "server" in options:
        pytest.importorskip("psycopg2")
    words = [*re.sub(r"-n \d+|-rs", "", options).replace('"', "\0").split("\0")]
    line = [part for n, text in enumerate(words) for part in ([text] if n % 2 else text.split())]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-qq", "-n", "0", *line, *LISTS[name]],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    counted = re.findall(r"^(tests/\S+): [1-9]", done.stdout, re.MULTILINE)
    assert [each for each in LISTS[name] if not any(found.startswith(each) for found in counted)] == [], done.stdout
