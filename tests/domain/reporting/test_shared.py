"""Holding one of many equal values."""

from typing import NamedTuple

from escalate.domain.reporting.shared import Shared


class One(NamedTuple):
    word: str
    said: bool


class Other(NamedTuple):
    word: str
    done: bool


def test_the_first_of_equal_values_is_held() -> None:
    shared = Shared()
    first, second = (One("a", said=True),), (One("a", said=True),)
    assert shared(first) is first
    assert shared(second) is first


def test_rows_of_two_kinds_are_never_held_for_each_other() -> None:
    shared = Shared()
    shared((One("a", said=True),))
    (held,) = shared((Other("a", done=True),))
    assert isinstance(held, Other)
    shared(One("b", said=True))
    assert isinstance(shared(Other("b", done=True)), Other)
