"""What was acknowledged survives being killed: the real script, killed at random moments of random commands, again and again.

A command that is killed has acknowledged nothing: all of it may be there or nothing. What ended with status 0 before stays.
What a command comes to when it is let be is seen beside each kill, from the same command on a copy of the same file.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from escalate.storage.store import open_store
from tests.command_line import IS_WINDOWS, LONGEST, Ran, command, escalate, with_system
from tests.connections import connection_of
from tests.promises.conftest import Show
from tests.promises.soundness import Content, alike, content, content_of, faults
from tests.sizes import size

pytestmark = pytest.mark.promise(2)

SEED = os.environ.get("ESCALATE_SEED", "2")
KILLS = size(3, 30, 200)
WRITING = KILLS // 5
"""As many of the kills at the least hit a command while it writes, which is a few milliseconds: where a machine is too quick
for that more are tried, up to MOST in all."""
MOST = 4 * KILLS
LINES = (
    *['open hull-east-riding --subject H-{n} --from "A trust" --to "A council" --about "Step-down is not safe"'] * 2,
    "open lincolnshire --subject L-{n} --about {long}",
    *['note {case} "Spoke to the worker, {n}"'] * 2,
    *["note {case} {long}"] * 3,
    'set {case} name="Ada Example {n}" theme=drift',
    'assign {case} raising "Jo Bell {n}" --email jo.bell@trust.example',
    'advance {case} --again --reason "No answer"',
    'resolve {case} --how "A joint visit"',
    "reopen {case}",
    "undo {case}",
    'digest --always --agency "A trust"',
    *['calendar add {day} --reason "Offices closed" --yes'] * 2,
)


LONGEST_NOTE = 30_000 if IS_WINDOWS else 100_000
"""In letters: a command line of Windows holds some 32,000."""
IS_KILLED = 1 if IS_WINDOWS else -signal.SIGKILL
"""How what was killed ended."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A folder with a file of cases, and the time of day there."""

    database: Path
    now: datetime

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.database.parents[1]), "ESCALATE_DB": str(self.database),
            "ESCALATE_BY": "tests", "ESCALATE_NOW": self.now.isoformat(), "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip

    @property
    def journal(self) -> Path:
        return self.database.with_name(f"{self.database.name}-journal")

    def run(self, line: str) -> Ran:
        return escalate(*shlex.split(line), environment=self.environment())

    def copy(self, folder: Path) -> "Unit":
        """The same file elsewhere, with whatever was left beside it."""
        if folder.exists():
            shutil.rmtree(folder)
        if self.database.parent.exists():
            shutil.copytree(self.database.parent, folder)
        return Unit(folder / self.database.name, self.now)

    def says(self) -> Content:
        """What the file says, but for what is made at random; its faults fail the test."""
        with open_store(self.database) as file:
            assert faults(file) == []
            return alike(content(connection_of(file)))


def killable(*words: str) -> list[str] | list[bytes]:
    """A command line whose process is the one to kill: on Windows the script is a program that starts another."""
    return [sys.executable, "-m", "escalate", *words] if IS_WINDOWS else command(*words)


def killed(unit: Unit, line: str, chance: Random, seconds: float, *, while_writing: bool) -> int:
    """Starts a command and kills it at some moment; how it ended.

    That is any moment of the time it usually takes, or one that lies within what it writes: soon after its journal is there.
    """
    began = time.monotonic()
    with subprocess.Popen(
        killable(*shlex.split(line)),
        env=with_system(unit.environment()),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        if while_writing:
            journal = str(unit.journal)
            while not os.path.exists(journal) and running.poll() is None:  # noqa: PTH110 - the quickest there is
                assert time.monotonic() < began + LONGEST
            seconds = time.monotonic() - began + chance.uniform(0, 0.02)
        else:
            seconds *= chance.uniform(0, 1.1)
        while time.monotonic() < began + seconds and running.poll() is None:
            time.sleep(0.0005)
        running.kill()
        return running.wait(timeout=LONGEST)


def test_being_killed_at_any_moment_loses_nothing_acknowledged_and_leaves_nothing_half_done(
    tmp_path: Path, shown: Show
) -> None:
    chance = Random(SEED)
    now = datetime.fromisoformat("2026-11-24T10:00")
    unit = Unit(tmp_path / "unit" / "cases.db", now)
    assert unit.run("open hull-east-riding --subject H-0").status == 0
    cases, seen = 1, Counter[str]()
    said = unit.says()
    while seen.total() < KILLS or seen["while writing"] < WRITING:
        assert seen.total() < MOST, seen
        now += timedelta(minutes=20)
        n = seen.total()
        day = now.date() + timedelta(days=chance.randint(1, 60))
        line = chance.choice(LINES).format(
            n=n, case=chance.randint(1, cases), day=day, long=shlex.quote(f"{n} " + ("The plan was shared. " * chance.randint(500, 4000))[:LONGEST_NOTE])
        )  # fmt: skip
        first = chance.random() < 0.15
        if first:
            line = f"open lincolnshire --subject F-{n}"
        here = Unit(tmp_path / f"new-{n}" / "unit" / "cases.db" if first else unit.database, now)
        told = f"ESCALATE_SEED={SEED}, kill {n}, of: {line[:100]}"
        before: Content = {} if first else said
        twin = here.copy(tmp_path / "twin" / "unit")
        began = time.monotonic()
        ran = twin.run(line)
        seconds = time.monotonic() - began
        if ran.status != 0 or (after := twin.says()) == before:
            continue  # refused, or nothing to record: such as a case resolved twice
        status = killed(here, line, chance, seconds, while_writing=chance.random() < 0.6)
        assert status in (0, IS_KILLED), told
        inside = here.journal.exists()
        found = here.copy(tmp_path / "found" / "unit").says()
        assert found in ([after] if status == 0 else [before, after]), told
        kind = (
            "after the end"
            if status == 0
            else "while writing"
            if inside
            else "before"
            if found == before
            else "written"
        )
        seen[kind] += 1
        next_one = here.run(f'open herefordshire --subject N-{n} --about "After it was killed"')
        begun = f"A new file of cases begins here: {here.database}.\n"
        assert next_one.status == 0, (told, next_one)
        assert next_one.stderr in ("", begun), (told, next_one)
        assert not here.journal.exists(), told
        says = alike(content_of(here.database))
        assert rows(found) <= rows(says), (told, "what was there before is gone")
        assert len(says["cases"]) == len(found.get("cases", [])) + 1, told
        if not first:
            said, cases = says, len(says["cases"])
    figure = f"{seen.total()} kills, {seen['while writing']} of them while writing, {seen['written']} between that and the end; 0 lost"
    shown(f"{figure}, 0 half done, no next command held up")


def rows(said: Content) -> set[tuple[object, ...]]:
    """Every entry and every word, to see that none is gone."""
    return {(name, *row) for name in ("entry", "words") for row in said.get(name, [])}
