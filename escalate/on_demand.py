"""Values and libraries that are only made or loaded once they are needed, so that a command pays for nothing else."""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Generic, TypeVar

from escalate.errors import Refused

Key = TypeVar("Key")
Value = TypeVar("Value")


def optional_library(library: str, extra: str, what: str) -> ModuleType:
    """Import a library that not every installation has, for `what`. Raises Refused, which says how to install the extra."""
    try:
        return import_module(library)
    except ModuleNotFoundError:
        raise Refused(
            f"{what} needs a library that is not installed: pip install 'escalate[{extra}]' brings it."
        ) from None


class OnDemand(dict[Key, Value], Generic[Key, Value]):
    """A dictionary that works out the value of a key the first time it is asked for."""

    def __init__(self, make: Callable[[Key], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Value:
        self[key] = made = self._make(key)
        return made
