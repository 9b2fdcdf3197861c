"""What is measured on: files of cases made by the real command from a log with a seed, and as many tasks for Taskwarrior.

Today is whatever day it is made on, because nobody sets another for a list; all else comes from the seed.
"""

import csv
import json
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from escalate.storage.sqlite.database import OpenFile

SEED = 7
A_FILE = 19_000
"""Rows of one file with a log, which cannot have more than 20,000."""

LONG_AGO = ("lincolnshire", "hull-east-riding")  # whose first limits have run out within days
ANY_DAY = ("north-east-lincolnshire",)  # whose first stage has no limit
LATELY = ("herefordshire", "north-yorkshire", "lincolnshire", "hull-east-riding")
AGENCIES = ("Children's Services", "Humberside Police", "Wye Valley NHS Trust", "A school", "Probation", "Housing")
WORRIES = (
    "Step-down is not safe",
    "No strategy meeting was held",
    "Thresholds are read otherwise",
    "The plan has drifted",
)


def log(path: Path, rows: int, *, first: int = 0, today: date | None = None, agency: str | None = None) -> None:
    """A log of so many open cases, a tenth of which has been overdue for one month to thirteen; all raised by an agency where one is named."""
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.writer(file)
        written.writerow(HEADINGS)
        written.writerows(log_rows(rows, first=first, today=today, agency=agency))


HEADINGS = ("Ref", "Date raised", "Protocol", "Subject", "Raised by", "Raised with", "Theme", "Reason")


def log_rows(
    rows: int, *, first: int = 0, today: date | None = None, agency: str | None = None
) -> Iterator[tuple[str, ...]]:
    """The rows of such a log."""
    day = today or datetime.now(UTC).date()
    for n in range(first, first + rows):
        chance = Random(f"{SEED} {n}")
        if n % 10 == 0:
            protocol, ago = chance.choice(LONG_AGO), chance.randint(30, 400)
        elif n % 10 < 4:
            protocol, ago = chance.choice(ANY_DAY), chance.randint(0, 400)
        else:
            protocol, ago = chance.choice(LATELY), 0
        one, other = chance.sample(AGENCIES, 2)
        if agency:
            one, other = agency, one if other == agency else other
        raised = (day - timedelta(days=ago)).isoformat()
        yield (
            f"R{n}",
            raised,
            protocol,
            f"S-{n}",
            one,
            other,
            chance.choice(("drift", "thresholds", "communication")),
            chance.choice(WORRIES),
        )


def environment(database: Path) -> dict[str, str]:
    """That of somebody with a file of cases who has set nothing else up."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(database.parent / "home"), "ESCALATE_DB": str(database), "ESCALATE_BY": "bench",
        "LANG": "C.UTF-8",
    }  # fmt: skip


def imported(escalate: str, database: Path, rows: int, agency: str | None = None) -> None:
    """A file of so many cases, taken over from logs by the real command; all of them of an agency where one is named."""
    for first in range(0, rows, A_FILE):
        part = database.with_name(f"log-{first}.csv")
        log(part, min(A_FILE, rows - first), first=first, agency=agency)
        subprocess.run(
            [escalate, "import", str(part), "--map", "Raised by=from", "--map", "Raised with=to", "--map", "Reason=about", "--write", "--json"],
            env=environment(database), check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip


def multiplied(source: Path, path: Path, times: int) -> None:
    """A file with so many times the cases of another, each with a reference of its own, and with the chain over all of them."""
    path.write_bytes(source.read_bytes())
    path.chmod(0o600)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("ATTACH ? AS source", [str(source)])
        db.execute("BEGIN")
        triggers = db.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        db.execute("DELETE FROM link")
        cases, entries = (
            db.execute(f"SELECT max({key}) FROM {table}").fetchone()[0]
            for key, table in (("number", "cases"), ("id", "entry"))
        )
        for table in ("cases", "entry", "words", "deadline", "holder", "told", "search_index"):
            names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            columns = ", ".join(f'"{name}"' for name in names)
            values = ", ".join(MOVED.get(name, f'"{name}"') for name in names)
            for n in range(1, times):
                db.execute(
                    f"INSERT INTO main.{table} ({columns}) SELECT {values} FROM source.{table}",
                    {"cases": n * cases, "entries": n * entries},
                )
        db.row_factory = sqlite3.Row
        OpenFile(db, path, None).seal_all()
        for _, sql in triggers:
            db.execute(sql)
        db.execute("COMMIT")


_REFERENCE = "printf('E%04d', CAST(substr({}, 2) AS INTEGER) + :cases)"
MOVED = {
    "ref": _REFERENCE.format("ref"),
    "case_ref": _REFERENCE.format("case_ref"),
    "number": "number + :cases",
    "id": "id + :entries",
    "entry_id": "entry_id + :entries",
}
"""What is different in a copy of a case."""


def tasks(task: str, folder: Path, number: int) -> dict[str, str]:
    """As many tasks, a tenth overdue, taken over by Taskwarrior; the environment that it finds them with."""
    folder.mkdir(parents=True)
    settings = folder / "taskrc"
    settings.write_text(
        f"data.location={folder / 'data'}\nconfirmation=no\nhooks=off\nrecurrence=off\ngc=off\n", encoding="utf-8"
    )
    (folder / "data").mkdir()
    now = datetime.now(UTC)
    given = []
    for n in range(number):
        chance = Random(f"{SEED} {n}")
        due = (
            now - timedelta(days=chance.randint(30, 400))
            if n % 10 == 0
            else now + timedelta(days=chance.randint(10, 400))
        )
        given.append(
            {"description": f"S-{n} {chance.choice(WORRIES)}", "project": chance.choice(AGENCIES), "due": f"{due:%Y%m%dT%H%M%SZ}",
             "entry": f"{now - timedelta(days=401):%Y%m%dT%H%M%SZ}", "status": "pending", "uuid": str(UUID(int=chance.getrandbits(128), version=4))}
        )  # fmt: skip
    (folder / "tasks.json").write_text("\n".join(map(json.dumps, given)), encoding="utf-8")
    found = {"PATH": os.environ["PATH"], "HOME": str(folder), "TASKRC": str(settings)}
    subprocess.run([task, "import", str(folder / "tasks.json")], env=found, check=True, capture_output=True)
    return found
