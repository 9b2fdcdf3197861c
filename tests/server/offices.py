"""The offices of a county, each at its own computer: command lines run as logins of a server."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

from tests import in_process
from tests.command_line import Ran
from tests.server.cluster import Database
from tests.server.office import CARL, NORA, UNIT, Office

__all__ = ["CARL", "COUNCIL", "NHS", "NORA", "UNIT", "Offices"]

NHS, COUNCIL = "Wye Valley NHS Trust", "County Council"
NOW = "2026-11-30T10:00"


class Offices(Office):
    """A database with the business unit and two agencies, and what they type."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, (NHS, COUNCIL))
        self.folder = folder

    @classmethod
    def of(cls, database: Database, folder: Path) -> "Offices":
        """Those of a database in which everybody is already."""
        made = cls.__new__(cls)
        made.database, made.folder = database, folder
        return made

    def run(self, login: str, line: str, **environment: str) -> Ran:
        """Run a command line as a login, at a computer of their own."""
        home = self.folder / login
        home.mkdir(exist_ok=True)
        around = {"HOME": str(home), "ESCALATE_DB": str(self.place(login)), "ESCALATE_NOW": NOW, "ESCALATE_BY": login}
        around |= {"PATH": os.environ["PATH"], "COLUMNS": "120"} | environment
        return in_process.escalate(*shlex.split(line), environment=around, folder=home)

    def does(self, login: str, line: str, **environment: str) -> str:
        """Run what has to work; what it printed."""
        ran = self.run(login, line, **environment)
        said = [
            each
            for each in ran.stderr.splitlines()
            if not each.startswith(("Open for the same", "Open between the same"))
        ]
        assert (ran.status, said) == (0, []), (line, ran)
        return ran.stdout

    def answer(self, login: str, line: str) -> Any:
        """Run what has to work, and read its JSON."""
        return json.loads(self.does(login, f"{line} --json"))

    def refused(self, login: str, line: str) -> str:
        """Run what has to be refused in one sentence, with nothing on standard output; the sentence."""
        ran = self.run(login, line)
        assert (ran.status in {1, 2}, ran.stdout, ran.stderr.count("\n")) == (True, "", 1), (line, ran)
        return ran.stderr
