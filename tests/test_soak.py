"""Thousands of mixed commands on one file: it ends in order, and no larger than what was recorded in it.

At the usual size a few hundred; `make soak` does ten thousand.
"""

import os
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests.forked import Run, Runs, runs

SOAK = int(os.environ.get("ESCALATE_SOAK", "0"))
"""So many commands instead of the usual, as `make soak` asks for."""
SEED = 11
KEPT_BACKUPS = 3

OPENING = (
    "open hull-east-riding|--subject|H-{n}|--from|A trust|--to|A council|--about|Step-down is not safe, {n}",
    "open lincolnshire|--subject|L-{n}|--concern|{day}",
    "open north-yorkshire|--subject|Y-{n}|--about|{long}",
    "open herefordshire|--about|Drift|--fact|protection-plan=yes|--theme|drift",
)  # fmt: skip
RECORDING = (
    "note|{case}|Spoke to the worker, {n}", "note|{case}|{long}", "set|{case}|name=Ada Example {n}|theme=thresholds",
    "assign|{case}|raising|Jo Bell {n}|--email|jo.bell@trust.example", "advance|{case}|--again|--reason|No answer", "done|{case}|discussion",
    "agree|{case}|{later}", "resolve|{case}|--how|A joint visit", "withdraw|{case}|--reason|Raised by mistake", "reopen|{case}",
    "undo|{case}", "set|{case}|concern={day}",
)  # fmt: skip
LOOKING = (
    "due", "due|--overdue|--limit|5", "due|--json", "list|--status|open|--limit|9", "show|{case}", "log|{case}", "explain|{case}",
    "search|worker", "plan|lincolnshire", "calendar|check", "config", "protocol|list",
)  # fmt: skip
SELDOM = (
    f"backup|--keep|{KEPT_BACKUPS}", "digest|--always", "report|--json", "calendar|add|{later}|--reason|Closed|--yes",
    "calendar|remove|{later}|--reason|Open|--yes", "export|json|out.json|--force", "verify", "doctor", "erase|{case}|--yes",
    "import|log.csv|--protocol|herefordshire|--write|--skip-bad",
)  # fmt: skip
WRONG = (
    "note|E99999|x",
    "open|nowhere",
    "advance|{case}|--at|yesterday at noonish",
    "due|--within|5 workng days",
    "agree|{case}",
)


class Growth(NamedTuple):
    """What a file holds: entries, runs of the digest, and bytes without what is free in it."""

    entries: int
    digests: int
    size: int
    free: int


@pytest.mark.parametrize(
    "commands", [SOAK] if SOAK else [pytest.param(each, marks=pytest.mark.slow) for each in (40, 240)]
)
def test_after_thousands_of_commands_all_is_in_order_and_no_larger_than_what_was_recorded(
    tmp_path: Path, commands: int
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    path = tmp_path / "unit" / "cases.db"
    chance, now = Random(SEED), datetime.fromisoformat("2026-09-01T09:00")
    statuses: Counter[tuple[str, int]] = Counter()
    grown: list[Growth] = []
    cases = 0
    with runs() as run:
        for n in range(commands):
            now += timedelta(minutes=chance.randint(1, 20))
            line = choose(chance, n, cases)
            said = line.format(
                n=n,
                case=chance.randint(1, max(1, cases)),
                day=now.date() - timedelta(days=chance.randint(0, 9)),
                later=now.date() + timedelta(days=chance.randint(1, 40)),
                long="The plan was shared. " * chance.randint(5, 60),
            )
            if said.startswith("import"):
                row = f"R{n},{now.date()},S-{n}\n"
                (desk / "log.csv").write_text(f"Ref,Date raised,Subject\n{row}", encoding="utf-8")
            ran = did(run, path, desk, now, *said.split("|"))
            assert ran.status in (0, 1, 2), (said, ran)
            assert "Traceback" not in ran.errors, (said, ran)
            statuses[said.split("|")[0].split()[0], ran.status] += 1
            if said.startswith(("open", "import")) and ran.status == 0:
                cases = numbers(path)
            if n and n % (commands // 4) == 0:
                grown.append(growth(path))
        grown.append(growth(path))
        for line in ("verify", "doctor"):
            last = did(run, path, desk, now, line)
            assert last.status == 0, last
    assert sum(count for (_, status), count in statuses.items() if status == 0) > 0.6 * commands, statuses
    assert len(list((path.parent / "backups").glob("*.db"))) <= KEPT_BACKUPS
    assert {each.name for each in path.parent.iterdir()} <= {"cases.db", "backups"}
    assert_explained(grown)


def choose(chance: Random, n: int, cases: int) -> str:
    """Mostly what records something, often a look, now and then something for the whole file, or wrong."""
    if n == 0 or cases == 0 or chance.random() < 0.08:
        return chance.choice(OPENING).replace("open ", "open|", 1)
    kinds = ((RECORDING, 56), (LOOKING, 30), (SELDOM, 3), (WRONG, 3))
    return chance.choice(chance.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0])


def did(run: Runs, path: Path, desk: Path, now: datetime, *words: str) -> Run:
    environment = {
        "ESCALATE_DB": str(path), "ESCALATE_NOW": now.isoformat(), "ESCALATE_BY": "soak", "HOME": str(path.parents[1]),
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    return run(*words, environment=environment, folder=desk)


def numbers(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        count: int = db.execute("SELECT count(*) FROM cases").fetchone()[0]
    return count


def growth(path: Path) -> Growth:
    with closing(sqlite3.connect(path)) as db:
        pages, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        entries, digests = (db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("entry", "digest"))
    return Growth(entries, digests, (pages - free) * size, free * size)


def assert_explained(grown: list[Growth]) -> None:
    """From quarter to quarter the file grows by as much for an entry or a digest as at first, and little in it lies free."""
    first, *_, last = grown
    recorded = [after.entries + after.digests - before.entries - before.digests for before, after in pairwise(grown)]
    sizes = [
        (after.size - before.size) / max(1, new) for before, after, new in zip(grown, grown[1:], recorded, strict=False)
    ]
    assert first.entries > 0
    assert max(sizes) < 2 * first.size / (first.entries + first.digests), (grown, sizes)
    assert last.free < 0.25 * last.size, grown
