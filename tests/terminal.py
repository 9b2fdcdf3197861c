"""A line at a terminal whose questions are answered: forked in `make test`, and through the installed script in `make check`."""

import contextlib
import os
import pty
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests import forked
from tests.command_line import LONGEST, command
from tests.sizes import SIZE


def at_terminal(
    *arguments: str, environment: Mapping[str, str], answers: str = "", folder: Path | None = None
) -> tuple[int, str]:
    """How a line ended whose questions were answered so, and what the terminal showed: both streams, and the answers."""
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
