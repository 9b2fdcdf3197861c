"""A power cut while a backup is made, restored, or erased of what was erased: the file and every backup are whole, whichever they are."""

import os
import re
import shlex
import shutil
from pathlib import Path
from random import Random

import pytest

from escalate.errors import EscalateError
from escalate.storage.store import open_store
from tests.command_line import SCRIPT
from tests.connections import connection_of
from tests.promises.conftest import Show
from tests.promises.disk import Done, needs_strace, recorded
from tests.promises.soundness import Content, content, content_of, faults
from tests.promises.test_power_loss import SEED, Cut, Recording, cuts, different, put
from tests.sizes import size

pytestmark = pytest.mark.promise(6)

LINES = (
    'open hull-east-riding --subject H-1 --about "Step-down is not safe"',
    'open lincolnshire --subject L-1 --about "A second view"',
    "backup",
    'note 1 "Since the backup"',
    "withdraw 2",
    "erase 2 --yes",
    "restore latest --yes",
    'note 1 "After it was restored"',
    "backup --keep 1",
)
NAMED = re.compile(r"cases(-replaced)?-\d{8}T\d{6}Z(-\d+)?\.db")


@pytest.mark.slow
def test_a_power_cut_at_any_moment_leaves_the_file_and_every_backup_whole(tmp_path: Path, shown: Show) -> None:
    needs_strace()
    recording, backups = record(tmp_path)
    found = list(different(cuts(recording, Random(SEED), size(1, 1, 12))))[:: size(8, 1, 1)]
    wrong = []
    for n, cut in enumerate(found):
        folder = tmp_path / f"state-{n}"
        put(cut.state, folder)
        wrong += [f"state {n}, {cut.where}: {fault}" for fault in faults_after(cut, recording, backups, folder)]
        shutil.rmtree(folder)
    assert wrong == [], f"ESCALATE_SEED={SEED}"
    assert len(found) > size(10, 100, 400)
    shown(f"{len(found)} states of a power cut, 0 files or backups damaged, 0 acknowledged ones lost")


def record(tmp_path: Path) -> tuple[Recording, list[set[str]]]:
    """What the commands did, what the file said before the first and after each, and which backups there were by then."""
    folder = tmp_path / "disk"
    folder.mkdir()
    database = folder / "share" / "cases.db"
    done: list[tuple[Done, ...]] = []
    said: list[Content] = [{}]
    backups: list[set[str]] = [set()]
    for minute, line in enumerate(LINES):
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(tmp_path), "ESCALATE_DB": str(database), "ESCALATE_BY": "tests",
            "ESCALATE_NOW": f"2026-11-24T10:{minute:02}", "PYTHONDONTWRITEBYTECODE": "1",
        }  # fmt: skip
        ran, did = recorded([SCRIPT, *shlex.split(line)], environment, folder, tmp_path / "trace")
        assert ran.status == 0, (line, ran)
        assert did, f"nothing was written by: {line}"
        done.append(tuple(did))
        said.append(content_of(database))
        backups.append({path.name for path in (database.parent / "backups").glob("*.db")})
    assert [len(each) for each in backups] == [0, 0, 0, 1, 1, 1, 1, 2, 2, 2]
    return Recording(folder, database, tuple(done), tuple(said)), backups


def faults_after(cut: Cut, recording: Recording, backups: list[set[str]], folder: Path) -> list[str]:
    """What is wrong with the file or a backup, once the power is back."""
    database = folder / recording.database.relative_to(recording.folder)
    there = {path for path in database.parent.rglob("*.db") if NAMED.fullmatch(path.name)}
    wrong = [f"{name} is gone" for name in kept_for_sure(cut, backups) - {path.name for path in there}]
    for path in [database, *there]:
        try:
            with open_store(path) as file:
                wrong += [f"{path.name}: {fault}" for fault in (*faults(file), *file.checks.history()[1])]
                said = content(connection_of(file))
        except EscalateError as problem:
            wrong.append(f"{path.name}: {problem.sentence}")
            continue
        if path == database and said not in recording.said[cut.acknowledged : cut.acknowledged + 2]:
            wrong.append("the file says neither what it said before the command nor what it said after")
    return wrong


def kept_for_sure(cut: Cut, backups: list[set[str]]) -> set[str]:
    """The backups that an acknowledged command made and the one under way does not remove."""
    before, after = backups[cut.acknowledged], backups[min(cut.acknowledged + 1, len(backups) - 1)]
    return before & after
