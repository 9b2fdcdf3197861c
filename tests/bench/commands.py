"""How long commands take, whole processes timed by hyperfine, each beside what it is measured against in the same round."""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.bench.engine import Times, times_of

ROUNDS = 8
RUNS = 5
"""Runs of a command in a round, after one that is not counted."""

WAIT = 3600


class Tools(NamedTuple):
    """The project's own interpreter and script, by their paths: a shim before them would be measured too."""

    python: str
    escalate: str


class Line(NamedTuple):
    """A row of the table: what was measured, against what, what both took, and what is wanted of the ratio."""

    what: str
    against: str
    ours: Times
    theirs: Times
    wanted: float
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        """How many times as much ours takes."""
        return self.ours.median / self.theirs.median

    @property
    def reached(self) -> bool:
        return self.ratio <= self.wanted


class Missing(NamedTuple):
    """A row of the table about what could not be measured: what, and why not."""

    what: str
    why: str

    @property
    def reached(self) -> bool:
        return False


class Timed(NamedTuple):
    """A command that is timed, and what it finds around it."""

    words: Sequence[str]
    environment: Mapping[str, str]


def timed(commands: Mapping[str, Timed], folder: Path, rounds: int = ROUNDS) -> dict[str, Times]:
    """Each command by its name, in turn, round by round, so that a busy machine is busy for all of them."""
    found: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, each in commands.items():
            found[name] += _hyperfine([each.words], each.environment, folder, "--warmup", "1", "--runs", str(RUNS))
    return {name: times_of(taken) for name, taken in found.items()}


def changing(number: int, made: Mapping[str, Iterable[Timed]], folder: Path) -> dict[str, Times]:
    """Commands that change something, each time another: one run of each in turn, so many times."""
    found: dict[str, list[float]] = {name: [] for name in made}
    turns = {name: iter(each) for name, each in made.items()}
    for _ in range(number):
        for name, each in turns.items():
            command = next(each)
            found[name] += _hyperfine([command.words], command.environment, folder, "--runs", "1")
    return {name: times_of(taken) for name, taken in found.items()}


def _hyperfine(
    lines: Sequence[Sequence[str]], environment: Mapping[str, str], folder: Path, *options: str
) -> list[float]:
    """What the runs of a command took, in seconds; without a shell, which would take longer than some of them."""
    found = folder / "hyperfine.json"
    commands = [" ".join(_quoted(word) for word in words) for words in lines]
    ran = subprocess.run(
        ["hyperfine", "--shell", "none", *options, "--export-json", str(found), *commands],
        env=dict(environment), capture_output=True, text=True, check=False, timeout=WAIT,
    )  # fmt: skip
    if ran.returncode:
        sys.exit(ran.stderr)
    return [taken for each in json.loads(found.read_text(encoding="utf-8"))["results"] for taken in each["times"]]


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


class Run(NamedTuple):
    """How long one run took, in seconds, and the most memory it held, in MB."""

    seconds: float
    megabytes: float


WATCH = """
import os, sys, time
began = time.monotonic()
child = os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(child, 0)
print(time.monotonic() - began, used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Runs something and says how long it took, in seconds, and the most memory it held, in kB.

In a process of its own, and a small one: what a child held counts from what its parent held when it began.
"""


def ran(words: Sequence[str], environment: Mapping[str, str]) -> Run:
    """One run of something that takes longer, of which the memory counts too. Ends where it fails."""
    watched = subprocess.run(
        [sys.executable, "-I", "-S", "-c", WATCH, *words],
        env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False, timeout=WAIT,
    )  # fmt: skip
    if watched.returncode:
        sys.exit(f"{' '.join(words)}: {watched.stderr}")
    seconds, kilobytes = watched.stderr.splitlines()[-1].split()
    return Run(float(seconds), int(kilobytes) / 1000)
