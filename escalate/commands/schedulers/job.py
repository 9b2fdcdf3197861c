"""What a scheduler is given to run, and how its own commands are run."""

import subprocess
import time as clocks
from datetime import UTC, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from escalate.errors import Refused

LONDON = "Europe/London"

LONGEST = 60
"""How long a command of the system may take, in seconds."""


class Job(NamedTuple):
    """Something that is run again and again."""

    words: tuple[str, ...]
    """The words of the command."""
    name: str
    """What systemd and launchd call it."""
    says: str
    """What it is, in words."""
    clock: time | None
    """The time of day in London at which it runs; None is every quarter of an hour."""


class Command(NamedTuple):
    """A command line as something that knows nothing of a terminal or a folder can run it."""

    needed: dict[str, str]
    """The variables it has to have."""
    words: list[str]
    """What is run, and each of its arguments."""

    @property
    def line(self) -> list[str]:
        """All of it as one command, for what has no variables of its own."""
        return (
            ["/usr/bin/env", *(f"{name}={value}" for name, value in self.needed.items()), *self.words]
            if self.needed
            else self.words
        )


def keeps_the_time_of_london(year: int) -> bool:
    """Whether this computer's own clock shows what London's does, in winter and in summer."""
    london = ZoneInfo(LONDON)
    moments = [datetime(year, month, 15, 12, tzinfo=UTC) for month in range(1, 13)]
    return all(
        clocks.localtime(moment.timestamp()).tm_gmtoff == moment.astimezone(london).utcoffset().total_seconds()  # type: ignore[union-attr]
        for moment in moments
    )


def output_of(command: list[str], stdin: str = "") -> str:
    """What a command of the system prints. Raises Refused."""
    done = ran(command, stdin)
    if done.returncode:
        raise failed(command, done)
    return done.stdout


def ran(command: list[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command of the system, run. Raises Refused."""
    try:
        return subprocess.run(  # noqa: S603
            command, input=stdin, capture_output=True, text=True, check=False, timeout=LONGEST
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it does not answer"
        raise Refused(f"{command[0]} cannot be run ({reason}): without --write the lines are printed.") from problem


def failed(command: list[str], done: subprocess.CompletedProcess[str]) -> Refused:
    """What to raise for a command of the system that failed."""
    said = " ".join(done.stderr.split())
    return Refused(f"{' '.join(command)} failed ({said or done.returncode}): without --write the lines are printed.")
