"""Holding one of many values that are equal: very many cases have few different ones between them."""

from collections.abc import Hashable
from typing import Any, TypeVar

Value = TypeVar("Value", bound=Hashable)


class Shared:
    """Gives for each value the first that was equal to it, so that the others can be let go."""

    def __init__(self) -> None:
        self._first: dict[Any, Any] = {}

    def __call__(self, value: Value) -> Value:
        """The value to hold. Rows of two kinds with equal fields are equal as tuples, and yet not the same."""
        kinds = tuple(map(type, value)) if isinstance(value, tuple) else ()
        first: Value = self._first.setdefault((type(value), kinds, value), value)
        return first
