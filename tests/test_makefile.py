"""The lists of tests in the Makefile: of each file that they name, something runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import pythons
from tests.pythons import PROJECT

ROOT = Path(__file__).parent.parent
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LISTS = {name: files.split() for name, files in re.findall(r"^(\w+) := ((?:tests/\S+ ?)+)$", MAKEFILE, re.MULTILINE)}
RUNS = [
    (name, re.sub(r"\s+", " ", options))
    for before, name, after in re.findall(r"[/ ]pytest ([^\n$]*)\$\((\w+)\)([^\n]*)", MAKEFILE)
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


def test_every_python_is_found_wherever_it_is_kept_and_the_newest_release_of_each_is_taken(tmp_path: Path) -> None:
    def python(place: str, says: str) -> None:
        path = tmp_path / place
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{says}\n", encoding="utf-8")
        path.chmod(0o755)

    python("bin/python3.12", "echo 3 12 0")
    python("shims/python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    python(".pyenv/versions/3.12.4/bin/python3", "echo 3 12 4")
    python(".pyenv/versions/3.13.0/bin/python3", "echo 3 13 0")
    python(".pyenv/versions/3.10.1/bin/python3", "echo 3 10 1")
    python(".pyenv/versions/pypy3.11-7.3/bin/python3", ":")
    python(".local/share/uv/python/cpython-3.14.1-linux-x86_64-gnu/bin/python3", "echo 3 14 1")
    found = pythons.found({"HOME": str(tmp_path), "PATH": f"{tmp_path}/bin:{tmp_path}/shims"})
    assert {version: path.relative_to(tmp_path).as_posix() for version, path in found.items()} == {
        (3, 12): ".pyenv/versions/3.12.4/bin/python3",
        (3, 13): ".pyenv/versions/3.13.0/bin/python3",
        (3, 14): ".local/share/uv/python/cpython-3.14.1-linux-x86_64-gnu/bin/python3",
    }


def test_the_package_says_what_it_was_tried_on_and_every_library_has_an_oldest_version() -> None:
    assert pythons.claimed()[0] == (3, 11)
    assert pythons.claimed() == sorted(pythons.claimed())
    wanted = [
        *PROJECT["dependencies"],
        *(each for group in PROJECT["optional-dependencies"].values() for each in group),
    ]
    assert set(pythons.oldest()) == {re.split(r"[>=<\[]", each)[0] for each in wanted}
