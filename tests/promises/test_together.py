"""Colleagues and cron work at once: many processes on one file, none is turned away, and nothing of any of them is missing.

Half of them are colleagues, each at commands of their own; half are loops in sh, as cron would start them. On Windows all are colleagues.
"""

import json
import os
import shlex
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier, Event

import pytest

from escalate.storage.store import open_store
from tests.command_line import IS_WINDOWS, SCRIPT, Ran, escalate
from tests.connections import connect, connection_of
from tests.promises.conftest import Show
from tests.promises.soundness import faults
from tests.sizes import size

pytestmark = pytest.mark.promise(3)

PROCESSES = size(4, 8)
COMMANDS = size(2, 6, 40)
SHARED = "E0001"
"""A case that everybody writes into."""

ROUND = (
    ('open hull-east-riding --subject {who}-{n} --from "Trust {who} {n}" --to "A council" --about "As {who} said in {n}" --json', 1),
    (f'note {SHARED} "Noted by {{who}} in {{n}}"', 1),
    ("due --json", 0),
    ('advance {own} --again --reason "No answer, {who} in {n}"', 1),
    ("digest --always", 0),
    (f'note {SHARED} "Noted by {{who}} in {{n}}"', 1),
    ("search noted --json", 0),
    ('undo {own} --reason "A slip of {who} in {n}"', 1),
)  # fmt: skip
"""What everybody does, over and over, and how many entries come of each."""

LOOP = """
own=""
n=0
while [ $n -lt "$commands" ]; do
  n=$((n + 1))
  case $(((n - 1) % {rounds})) in
{cases}
  esac
  echo "$?" >>"$said.ended"
  own="$(sed -n 's/^  "case": "\\(E[0-9]*\\)",$/\\1/p' "$said.out" | tail -n 1)"
done
"""


def environment(database: Path) -> dict[str, str]:
    """What a crontab gives, and little else."""
    return {
        "PATH": f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}", "ESCALATE_DB": str(database), "ESCALATE_BY": "tests",
        "ESCALATE_NOW": "2026-11-24T10:00", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip


def colleague(who: str, database: Path, start: Barrier) -> list[Ran]:
    """One after another the commands of a person."""
    own, done = "", []
    start.wait()
    for n in range(1, COMMANDS + 1):
        line = ROUND[(n - 1) % len(ROUND)][0].format(who=who, n=n, own=own)
        ran = escalate(*shlex.split(line), environment=environment(database))
        if line.startswith("open") and ran.status == 0:
            own = json.loads(ran.stdout)["case"]
        done.append(ran)
    return done


def cron(who: str, database: Path, start: Barrier) -> list[Ran]:
    """The same from a loop in sh."""
    said = database.with_name(who)
    lines = [line.format(who=who, n="$n", own="$own") for line, _ in ROUND]
    cases = "\n".join(f'    {n}) escalate {line} >>"$said.out" 2>>"$said.err" ;;' for n, line in enumerate(lines))
    start.wait()
    subprocess.run(
        ["sh", "-c", LOOP.format(rounds=len(ROUND), cases=cases)],
        env=environment(database) | {"said": str(said), "commands": str(COMMANDS)},
        stdin=subprocess.DEVNULL, check=True, capture_output=True, timeout=60 * COMMANDS,
    )  # fmt: skip
    complaints = said.with_suffix(".err").read_text(encoding="utf-8")
    return [Ran(int(status), "", complaints) for status in said.with_suffix(".ended").read_text().split()]


def test_everybody_gets_everything_done_at_once(tmp_path: Path, shown: Show) -> None:
    database = tmp_path / "unit" / "cases.db"
    first = 'open lincolnshire --about "What everybody writes into"'
    assert escalate(*shlex.split(first), environment=environment(database)).status == 0
    names = [f"{'colleague' if n % 2 or IS_WINDOWS else 'cron'}{n}" for n in range(PROCESSES)]
    start = Barrier(PROCESSES)
    began = time.monotonic()
    with ThreadPoolExecutor(PROCESSES) as pool:
        work = [
            pool.submit(colleague if name.startswith("colleague") else cron, name, database, start) for name in names
        ]
        done = {name: each.result() for name, each in zip(names, work, strict=True)}
    took = time.monotonic() - began
    refused = [
        (name, ran.status, ran.stderr) for name, each in done.items() for ran in each if ran.status or ran.stderr
    ]
    assert refused == []
    ended = sum(len(each) for each in done.values())
    assert ended == PROCESSES * COMMANDS
    with open_store(database) as file:
        assert faults(file) == []  # which compares with a rebuild, and looks for gaps in references and numbers
        lines = file.lists.cases()
        entries = [row[0] for row in connection_of(file).execute("SELECT kind FROM entry")]
        notes = [row[0] for row in connection_of(file).execute("SELECT content FROM words JOIN entry e ON e.id = entry_id WHERE e.kind = 'noted'")]  # fmt: skip
    told = [ROUND[n % len(ROUND)] for n in range(COMMANDS)]
    assert len(entries) == 1 + PROCESSES * sum(count for _, count in told), Counter(entries)
    everybody = [(name, n + 1) for name in names for n in range(COMMANDS)]
    wrote = [(name, n) for name, n in everybody if told[n - 1][0].startswith("note")]
    opened = [(name, n) for name, n in everybody if told[n - 1][0].startswith("open")]
    assert sorted(notes) == sorted(f"Noted by {name} in {n}" for name, n in wrote)
    assert sorted(str(line.subject) for line in lines) == sorted(["None", *(f"{name}-{n}" for name, n in opened)])
    shown(f"{ended} of {PROCESSES * COMMANDS} by {PROCESSES} processes at once in {took:.0f} s, no gap in {len(lines)} references and {len(entries)} entries")  # fmt: skip


def test_whoever_has_waited_long_is_not_turned_away_while_others_get_on(tmp_path: Path) -> None:
    """Others write one after another without a pause, for longer than one may wait for any of them."""
    database = tmp_path / "cases.db"
    with open_store(database) as file:
        connection_of(file).execute("PRAGMA busy_timeout = 100")
        holding = Event()

        def others() -> None:
            with closing(connect(database, isolation_level=None)) as other:
                for n in range(6):
                    other.execute("BEGIN IMMEDIATE")
                    other.execute("INSERT INTO kept (name, value) VALUES (?, '')", [f"other {n}"])
                    holding.set()
                    time.sleep(0.05)
                    other.execute("COMMIT")

        with ThreadPoolExecutor(1) as pool:
            work = pool.submit(others)
            assert holding.wait(10)
            with file.writing():
                connection_of(file).execute("INSERT INTO kept (name, value) VALUES ('ours', '')")
            work.result()
        assert connection_of(file).execute("SELECT count(*) FROM kept WHERE value = ''").fetchone()[0] == 7
