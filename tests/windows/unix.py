"""Names that only Unix has, and that test files mention as they are read: there on Windows too, so that the rest of a file can run.

Whatever uses one fails, and is in `left_out.toml`.
"""

import os
import signal
import sys
from types import ModuleType
from typing import Any, NoReturn

MODULES = ("fcntl", "pty", "resource", "termios", "tty")
FUNCTIONS = ("mkfifo", "mknod", "setsid")
SIGNALS = ("SIGKILL", "SIGPIPE", "SIGQUIT", "SIGALRM")


class OfUnix(ModuleType):
    """A module in which everything can be named, and nothing used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lacking(f"{self.__name__}.{name}")


def lacking(name: str) -> Any:
    """A function that says what Windows has not."""

    def used(*_: object, **__: object) -> NoReturn:
        raise OSError(f"Windows has no {name}")

    return used


def name_it_all() -> None:
    """Has all of it named from now on."""
    for name in MODULES:
        sys.modules.setdefault(name, OfUnix(name))
    for name in FUNCTIONS:
        setattr(os, name, getattr(os, name, lacking(f"os.{name}")))
    for number, name in enumerate(SIGNALS, 100):
        setattr(signal, name, getattr(signal, name, number))
    os.geteuid = getattr(os, "geteuid", lambda: 1000)
