"""Inputs that once crashed escalate, hung it or made it hold too much memory, as small as they could be made."""

import shlex
from collections.abc import Iterator

import pytest

from tests.promises.fuzz import Bench, Input
from tests.test_bad_input import assert_sentence

pytestmark = pytest.mark.promise(13)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("found")) as made:
        yield made


@pytest.mark.parametrize(
    ("line", "status", "phrase"),
    [
        ("calendar add '' --reason x --yes", 2, '"" cannot be read as a date'),
        ("calendar remove today '' --reason x --yes", 2, '"" cannot be read as a date'),
    ],
)
def test_a_command_line_that_once_crashed_it_is_refused(bench: Bench, line: str, status: int, phrase: str) -> None:
    ran = bench.check(Input(tuple(shlex.split(line))))
    assert (ran.status, ran.stdout) == (status, "")
    assert_sentence(ran.stderr, phrase)
