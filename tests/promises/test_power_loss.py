"""What was acknowledged survives power loss: what real commands did to the disk, cut off at every place, and looked at after.

A command has acknowledged what it was told once it has ended with status 0. Whatever the disk then kept or lost of what it was
never made to keep, the file has to be sound, to have all that was acknowledged, and of the command under way all or nothing.
"""

import os
import shlex
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from escalate.errors import EscalateError
from escalate.storage.store import open_store
from tests.command_line import SCRIPT
from tests.connections import connect, connection_of
from tests.promises.conftest import FULL, SMALL, Show
from tests.promises.disk import Disk, Done, State, needs_strace, recorded
from tests.promises.soundness import Content, content, content_of, faults
from tests.sizes import size

pytestmark = pytest.mark.promise(1)

SEED = int(os.environ.get("ESCALATE_SEED", "1"))
SEVERAL = size(1, 8, 60)
"""How many states are made of each cut by chance, beside the one with nothing and the one with everything that was not safe."""

LOG = Path(__file__).parent.parent / "data" / "log.csv"
LONG = "The plan was shared. " * size(300, 300, 3000)

LINES = (
    'open hull-east-riding --subject H-1 --from "A trust" --to "A council" --about "Step-down is not safe" --at "2026-11-20 09:00"',
    'note 1 "Spoke to the allocated worker"',
    'set 1 name="Ada Example" theme=drift born=2015-03-04',
    'assign 1 raising "Jo Bell" --email jo.bell@trust.example',
    f'note 1 "{LONG}"',
    'advance 1 --reason "No answer"',
    "digest --always",
    'calendar add "27 Nov 2026" --reason "Offices closed" --yes',
    'undo 1 --reason "The wrong case"',
    'open lincolnshire --subject L-2 --about "A second view"',
    'resolve 2 --how "Both agreed a joint visit"',
    "reopen 2",
)
MORE_LINES = (
    'withdraw 2 --reason "Moved away"',
    *(f'note {1 + n % 2} "{n} {LONG}"' for n in range(6)),
    'calendar remove "27 Nov 2026" --reason "Open after all" --yes',
    'open herefordshire --subject M-3 --fact protection-plan=yes --about "A third"',
    'agree 3 "2026-12-01 12:00" --reason "Diary"',
    "done 3 resolve",
    "advance 3 --because no-response",
    "undo 3",
    f"import {LOG.as_posix()} --protocol hull-east-riding --close-undated --skip-bad --write",
    "digest --always --owner manager",
)

WEAKER = """
import sqlite3, sys

mode, synchronous = sys.argv[1:3]
del sys.argv[1:3]

class Weaker(sqlite3.Connection):
    def execute(self, statement, *values):
        if statement.startswith("PRAGMA journal_mode"):
            statement = f"PRAGMA journal_mode = {mode}"
        if statement.startswith("PRAGMA synchronous"):
            statement = f"PRAGMA synchronous = {synchronous}"
        return super().execute(statement, *values)

connect = sqlite3.connect
sqlite3.connect = lambda *arguments, **options: connect(*arguments, factory=Weaker, **options)
from escalate.cli import run
run()
"""
"""The same program, but for what it asks of SQLite."""


@dataclass(frozen=True, slots=True)
class Recording:
    """What commands did to a folder, one after another, and what the file in it said before the first and after each."""

    folder: Path
    database: Path
    done: tuple[tuple[Done, ...], ...]
    said: tuple[Content, ...]


class Cut(NamedTuple):
    """What may be found after the power went, when so many commands had been acknowledged."""

    acknowledged: int
    where: str
    state: State


def record(
    tmp_path: Path, lines: tuple[str, ...], program: tuple[str | Path, ...] = (SCRIPT,), *, folders_there: bool = False
) -> Recording:
    """Runs commands on a file that is not there, while somebody looks at it all the time.

    The folders it is to stand in are not there either, or somebody has made them a moment ago.
    """
    folder = tmp_path / "disk"
    folder.mkdir()
    database = folder / "share" / "unit" / "cases.db"
    before: list[Done] = []
    if folders_there:
        database.parent.mkdir(parents=True)
        before = [Done("made folder", str(each)) for each in (database.parent.parent, database.parent)]
    done: list[tuple[Done, ...]] = []
    said: list[Content] = [{}]
    reader: sqlite3.Connection | None = None
    for minute, line in enumerate(lines):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "ESCALATE_DB": str(database), "ESCALATE_BY": "tests",
            "ESCALATE_NOW": f"2026-11-24T10:{minute:02}", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        ran, did = recorded([*program, *shlex.split(line)], environment, folder, tmp_path / "trace")
        assert ran.status == 0, (line, ran)
        assert did, f"nothing was written by: {line}"
        done.append((*before, *did))
        before = []
        said.append(content_of(database))
        assert said[-1] != said[-2], f"nothing came of: {line}"
        if reader is None:  # such as Datasette
            reader = connect(database, "ro")
            reader.execute("SELECT count(*) FROM entry").fetchone()
    assert reader is not None
    reader.close()
    return Recording(folder, database, tuple(done), tuple(said))


def cuts(recording: Recording, chance: Random, several: int) -> Iterator[Cut]:
    """Several states of each power cut: before and after whatever makes something last or changes a name, and after each command."""
    disk = Disk(recording.folder)
    for n, did in enumerate(recording.done):
        for done, then in pairwise([*did, None]):
            assert done is not None
            disk.does(done)
            if then is None or not done.what == then.what == "wrote":
                where = f"command {n + 1}, {done.what} {Path(done.path).name}"
                acknowledged = n + (then is None)
                yield Cut(acknowledged, where, disk.after_a_cut(None, keep=0))
                yield Cut(acknowledged, where, disk.after_a_cut(None, keep=1))
                for _ in range(several):
                    yield Cut(acknowledged, where, disk.after_a_cut(chance, keep=chance.random()))


def different(found: Iterator[Cut]) -> Iterator[Cut]:
    """Each state once for as many commands as had been acknowledged."""
    seen: set[tuple[int, int]] = set()
    for cut in found:
        key = (cut.acknowledged, hash(frozenset(cut.state.items())))
        if key not in seen:
            seen.add(key)
            yield cut


def put(state: State, folder: Path) -> None:
    folder.mkdir()
    for name, bytes_ in state.items():
        path = folder / name
        if bytes_ is None:
            path.mkdir()
        elif not name.endswith("-shm"):  # beside a WAL, and made anew from it
            path.write_bytes(bytes_)


def verdict(cut: Cut, recording: Recording, folder: Path) -> str:
    """What became of the file: sound, lost, partial or corrupt. It is opened as every command opens it."""
    put(cut.state, folder)
    database = folder / recording.database.relative_to(recording.folder)
    try:
        with open_store(database) as file:
            wrong = faults(file)
            said = content(connection_of(file))
    except EscalateError as problem:
        return f"corrupt ({problem.sentence})"
    if wrong:
        return f"corrupt ({wrong[0]})"
    if said in recording.said[cut.acknowledged : cut.acknowledged + 2]:
        return "sound"
    return "lost" if said in recording.said[: cut.acknowledged] else "partial"


def verdicts(recording: Recording, tmp_path: Path, several: int) -> dict[str, list[str]]:
    """Every state, by what became of it."""
    found: dict[str, list[str]] = {}
    states = different(cuts(recording, Random(SEED), several))
    for n, cut in enumerate(states):
        judged = verdict(cut, recording, tmp_path / f"state-{n}")
        found.setdefault(judged.partition(" ")[0], []).append(f"state {n}, {cut.where}: {judged}")
        if judged == "sound":
            shutil.rmtree(tmp_path / f"state-{n}")  # the others stay, to be looked at
    return found


def assert_all_sound(found: dict[str, list[str]], at_least: int) -> str:
    """The figure of a test in which every state was sound."""
    counted = Counter({each: len(states) for each, states in found.items()})
    figure = (
        f"{counted.total()} states, {counted['corrupt']} corrupt, {counted['partial']} partial, {counted['lost']} lost"
    )
    others = [each for kind, states in found.items() if kind != "sound" for each in states]
    assert not others, "\n".join([f"ESCALATE_SEED={SEED}: {figure}", *others])
    assert counted.total() >= at_least, figure
    return figure


def test_a_power_cut_at_any_moment_loses_nothing_acknowledged_and_leaves_nothing_half_done(
    tmp_path: Path, shown: Show
) -> None:
    needs_strace()
    recording = record(tmp_path, (*LINES, *MORE_LINES) if FULL else LINES[:3] if SMALL else LINES)
    shown(assert_all_sound(verdicts(recording, tmp_path, SEVERAL), size(10, 150, 1000)))


@pytest.mark.slow
def test_a_file_in_folders_made_a_moment_ago_by_somebody_else_lasts_as_well(tmp_path: Path) -> None:
    needs_strace()
    recording = record(tmp_path, LINES[:1], folders_there=True)
    assert_all_sound(verdicts(recording, tmp_path, SEVERAL), 10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "synchronous", "spoilt"),
    [
        ("DELETE", "FULL", {"lost"}),
        pytest.param("DELETE", "NORMAL", {"lost"}, marks=pytest.mark.slow),
        pytest.param("DELETE", "OFF", {"lost", "corrupt"}, marks=pytest.mark.slow),
        pytest.param("WAL", "NORMAL", {"lost"}, marks=pytest.mark.slow),
        ("MEMORY", "EXTRA", {"corrupt"}),
    ],
)
@pytest.mark.plain_only("gives weaker settings to the driver that Python has")
def test_the_same_cuts_find_what_weaker_settings_lose(
    tmp_path: Path, shown: Show, mode: str, synchronous: str, spoilt: set[str]
) -> None:
    """Otherwise the tests above would prove nothing."""
    needs_strace()
    recording = record(tmp_path, LINES[:3], (sys.executable, "-c", WEAKER, mode, synchronous))
    found = {each: len(states) for each, states in verdicts(recording, tmp_path, several=4).items()}
    assert spoilt <= set(found), found
    shown(f"with {mode}/{synchronous} " + ", ".join(f"{found[each]} {each}" for each in sorted(spoilt)))
