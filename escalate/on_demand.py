"""Values and libraries that are only made or loaded once they are needed, so that a command pays for nothing else."""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any, Generic, TypeVar

from escalate.errors import Refused

Key = TypeVar("Key")
Value = TypeVar("Value")


def optional_library(library: str, extra: str, what: str) -> ModuleType:
    """Import a library that not every installation has, for `what`. Raises Refused, which says how to install the extra, or why it cannot be loaded."""
    try:
        return import_module(library)
    except ModuleNotFoundError:
        raise Refused(
            f"{what} needs a library that is not installed: pip install 'escalate[{extra}]' brings it."
        ) from None
    except ImportError as problem:  # as where an office's computers run no program that they do not know
        raise Refused(
            f"{what} needs {library.partition('.')[0]}, which is installed and cannot be loaded ({problem}): ask whoever looks after this computer."
        ) from problem


def put_off(names: Iterable[str]) -> None:
    """Let modules that others import load when something in them is first used, in this process and from now on.

    They have to be written in Python and to stand in no package; those that are loaded already are left as they are.
    """
    for name in names:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            sys.modules[name] = module = module_from_spec(spec)
            module.__class__ = PutOff


class PutOff(ModuleType):
    """A module that has not been loaded. The first look for what is in it loads it: from then on it is as any other.

    `importlib.util.LazyLoader` is meant for the same, but there a second import of the module loads it as well.
    """

    def __getattr__(self, name: str) -> Any:
        assert self.__spec__ is not None
        assert self.__spec__.loader is not None
        self.__class__ = ModuleType  # type: ignore[assignment]
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


class OnDemand(dict[Key, Value], Generic[Key, Value]):
    """A dictionary that works out the value of a key the first time it is asked for."""

    def __init__(self, make: Callable[[Key], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Value:
        self[key] = made = self._make(key)
        return made
