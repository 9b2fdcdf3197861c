"""A file of cases, a line at a time: `case.did("2026-11-16 09:00", "set 1 allegation=yes")`; and what stands in it, in one line each."""

import hashlib
import json
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.calendars import at, shown
from tests.driver import Office, escalate

Row = Mapping[str, Any]


def one_stage(name: str, before: str, actions: str) -> str:
    """A protocol file with a single stage: what stands `before` its route, such as questions, and the actions of the stage."""
    return f"""
id = "{name}"
title = "Test protocol"
partnership = "Partnership of nowhere"
covers = ["children"]
source = "Made up for the tests"
edition = {{ dated = "2026-09" }}
calendar = {{ name = "england-and-wales" }}
{before}
[[routes]]
key = "main"
name = "The only one"
starts = "1"

[[stages]]
key = "1"
name = "Practitioners"
owner = "Practitioner"
next = []
cite = "1"
{actions}"""


class Silence:
    """A folder with a file of cases in it and its own protocols."""

    office = Office(
        environment={"ESCALATE_PROTOCOLS": "{home}/protocols", "ESCALATE_CONFIG": "{home}/settings.toml"},
        driver=escalate,
    )

    def __init__(self, folder: Path, begun: Path | None = None) -> None:
        """With a folder for what has `begun`, what is played first is played once for all tests that begin so."""
        self.path, self.protocols, self.begun = folder / "cases.db", folder / "protocols", begun
        self.protocols.mkdir()

    def write(self, name: str, text: str) -> None:
        """A protocol file of its own."""
        (self.protocols / f"{name}.toml").write_text(text, encoding="utf-8")

    def did(self, now: str, line: str, **environment: str) -> str:
        """Both streams of a line that has to succeed."""
        ran = self.office(self.path, *shlex.split(line), now=now, **environment)
        assert ran.status == 0, f"{line} at {now}: {ran.status} {ran.stderr}"
        return ran.stdout + ran.stderr

    def refused(self, now: str, line: str, **environment: str) -> str:
        """What a line that has to be refused says."""
        ran = self.office(self.path, *shlex.split(line), now=now, **environment)
        assert (ran.status, ran.stdout) == (1, ""), f"{line} at {now}: {ran.status} {ran.stdout}"
        return ran.stderr

    def json(self, now: str, line: str) -> Any:
        """The document that a line which has to succeed answers with."""
        ran = self.office(self.path, *shlex.split(line), "--json", now=now)
        assert ran.status == 0, f"{line} at {now}: {ran.status} {ran.stderr}"
        return json.loads(ran.stdout)

    def play(self, *history: str) -> None:
        """Lines that have to succeed, each with its moment: `2026-11-02 09:00 done 1 resolve`."""
        if self.begun and not self.path.exists():
            shutil.copytree(self._once(self.begun, history), self.path.parent, dirs_exist_ok=True)
            return
        for line in history:
            self.did(line[:16], line[17:])

    def _once(self, begun: Path, history: tuple[str, ...]) -> Path:
        """A folder in which this was played from the beginning: many tests begin alike, and each copies what the first has made."""
        settings = self.path.with_name("settings.toml")
        files = [path for path in (*sorted(self.protocols.iterdir()), settings) if path.exists()]
        said = repr(([(path.name, path.read_text(encoding="utf-8")) for path in files], history))
        folder = begun / hashlib.sha256(said.encode()).hexdigest()
        if not folder.exists():
            folder.mkdir()
            first = Silence(folder)
            for path in files:
                shutil.copy(path, folder / path.relative_to(self.path.parent))
            try:
                if history[1:]:  # the case that is opened is the same in many more
                    shutil.copytree(self._once(begun, history[:1]), folder, dirs_exist_ok=True)
                first.play(*history[1:] or history)
            except BaseException:
                shutil.rmtree(folder)
                raise
        return folder

    def rows(self, now: str, action: str, *more: str) -> list[str]:
        """Each row of an action in the first case, in the order in which it was called for; with more options for `show`."""
        found = [row for row in self.json(now, " ".join(("show 1", *more)))["deadlines"] if row["action"] == action]
        return [brief(row) for row in sorted(found, key=lambda row: (row["call"], row["ended_at"] is None))]

    def due(self, now: str, options: str = "") -> list[str]:
        """What `due` lists of actions, in the order of their names: `lado-referral 2 overdue 2026-11-17 09:00`."""
        return sorted(f"{row['action']} {brief(row)}" for row in self.json(now, f"due {options}".strip()))

    def in_time(self, now: str, part: str = "actions") -> str:
        """How many were met in time, late and not at all of those that fell due, as `report` tells it of stages or of other actions."""
        total = self.json(now, "report")[part]["total"]
        return f"{total['met_in_time']} of {total['fell_due']}, {total['met_late']} late, {total['not_met']} not met"


def brief(row: Row) -> str:
    """`2 missed 2026-11-06 ~, ended 2026-11-09 09:00 by 3? severity`: a day alone is the end of it, `~` is provisional."""
    due = (shown(row["due_at"] and at(row["due_at"])) or "no date").removesuffix(" 23:59:59")
    said = f"{row['call']} {row['standing']} {due}{' ~' if row['provisional'] else ''}"
    if row["ended_at"] is not None:
        said += f", ended {shown(at(row['ended_at']))} by {row['ended_entry']}"
    return said + (f"? {', '.join(row['unanswered'])}" if row["unanswered"] else "")
