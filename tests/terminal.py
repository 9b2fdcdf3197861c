"""A line at a terminal whose questions are answered: forked in `make test`, and through the installed script in `make check`."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests import forked
from tests.command_line import LONGEST, SCRIPT, command
from tests.sizes import SIZE

if sys.platform != "win32":  # which has no such terminals
    import pty


def at_terminal(
    *arguments: str, environment: Mapping[str, str], answers: str = "", folder: Path | None = None
) -> tuple[int, str]:
    """How a line ended whose questions were answered so, and what the terminal showed: both streams, and the answers.

    What is longer than the terminal is shown in no pager, unless the environment names one.
    """
    environment = {"PAGER": "cat", **environment}
    if SIZE != "small":
        return _through_script(*arguments, environment=environment, answers=answers, folder=folder)
    run = forked.shared()(
        *arguments,
        environment=environment,
        folder=folder or Path.cwd(),
        stdin=answers.encode(),
        columns=80,
    )
    return run.status, run.text


def _through_script(
    *arguments: str, environment: Mapping[str, str], answers: str, folder: Path | None
) -> tuple[int, str]:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), stdin=theirs, stdout=theirs, stderr=theirs, env=dict(environment), cwd=folder
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    shown = b""
    with contextlib.suppress(OSError):  # Linux says so when the other end is closed
        while part := os.read(ours, 4096):
            shown += part
    os.close(ours)
    return process.wait(LONGEST), shown.decode()


PROMPT = "$ "


class Shell:
    """A shell at a real terminal, into which somebody types key by key as the questions come. Every key is counted, Enter included."""

    def __init__(self, environment: Mapping[str, str], *program: str) -> None:
        self.keys = 0
        words = program or ("sh", "-i")
        self._process, self._terminal = pty.fork()
        if self._process == 0:
            path = f"{SCRIPT.parent}:{environment['PATH']}"
            os.execvpe(words[0], words, {**environment, "PATH": path, "PS1": PROMPT, "TERM": "xterm", "PAGER": "cat"})
        if program:
            self.rest()
        else:
            self.read_until(PROMPT)

    def types(self, keys: str, until: str = PROMPT) -> str:
        """Type these keys, and return what the terminal showed from then on until it shows something."""
        self.keys += len(keys)
        os.write(self._terminal, keys.encode())
        return self.read_until(until)

    def read_until(self, wanted: str) -> str:
        """What the terminal shows until that is the last of it."""
        shown, last = "", time.monotonic() + LONGEST
        while not shown.endswith(wanted):
            assert time.monotonic() < last, shown
            if select.select([self._terminal], [], [], 1)[0]:
                shown += os.read(self._terminal, 65_536).decode()
        return shown

    def rest(self, seconds: float = 2) -> str:
        """What the terminal shows until it shows nothing for so long."""
        shown = ""
        while select.select([self._terminal], [], [], seconds)[0]:
            shown += os.read(self._terminal, 65_536).decode(errors="replace")
        return shown

    def types_slowly(self, keys: str) -> str:
        """Type these keys, and return what the terminal showed from then on until it rests."""
        os.write(self._terminal, keys.encode())
        return self.rest()

    def end(self) -> None:
        """Close the terminal."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGHUP)
        os.close(self._terminal)
        os.waitpid(self._process, 0)


@contextlib.contextmanager
def shell(environment: Mapping[str, str], *program: str) -> Iterator[Shell]:
    """A shell until it is left; `sh` unless another is named."""
    opened = Shell(environment, *program)
    try:
        yield opened
    finally:
        opened.end()
