"""SECURITY.md has each promise once, and on a server its row or why there is none, and names tests that are there."""

import re
from pathlib import Path

from tests.conftest import PROMISES

TESTS = Path(__file__).parent
OF_FILES, ON_A_SERVER = (TESTS.parent / "SECURITY.md").read_text(encoding="utf-8").split("\n# On a server\n")


def test_each_promise_of_files_has_a_row() -> None:
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", OF_FILES, re.MULTILINE)] == [*PROMISES]


def test_each_of_them_has_a_row_for_the_server_or_is_said_not_to_be_made_there() -> None:
    rows = re.findall(r"^\| S\d+ \| [^|]* \| ([\d, ]*) \| `", ON_A_SERVER, re.MULTILINE)
    (not_made,) = re.findall(r"Two of those are not made here: ((?:.|\n)*?)\n\n", ON_A_SERVER)
    without = [int(number) for number in re.findall(r"\((\d+)\)", not_made)]
    with_a_row = {int(number) for row in rows for number in row.split(",") if number.strip()}
    assert (len(rows) > 15, len(without)) == (True, 2)
    assert sorted([*with_a_row, *without]) == [*PROMISES]


def test_the_tests_that_are_named_are_there() -> None:
    named = re.findall(r"`(?:tests/)?([\w/]*test_\w+\.py)`", ON_A_SERVER)
    assert len(named) > 30
    assert [each for each in named if not ((TESTS / each).exists() or (TESTS / "server" / each).exists())] == []
