"""What is loaded or made when it is first needed, so that a command pays only for what it uses."""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


def optional(library: str, extra: str, what: str) -> ModuleType:
    """A library that not every installation has. Raises Refused, which says how to get it."""
    try:
        return import_module(library)
    except ModuleNotFoundError:
        from escalate.errors import Refused

        raise Refused(
            f"{what} needs a library that is not installed: pip install 'escalate[{extra}]' brings it."
        ) from None


class Lazily(dict[Key, Value], Generic[Key, Value]):
    """Values by their keys, each made when it is first asked for."""

    def __init__(self, make: Callable[[Key], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Value:
        self[key] = made = self._make(key)
        return made
