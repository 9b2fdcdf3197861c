"""What is measured with: the tools, the files that are measured on, and the lines of the table so far."""

import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from tests.bench import data
from tests.bench.commands import Line, Missing, Run, Timed, Tools, ran
from tests.bench.engine import Times

LISTED = ("due", "--overdue", "--limit", "50")
FEW = 1_000


class Bench:
    """What is measured with, the files that are measured on, and the lines of the table so far."""

    def __init__(self, folder: Path, tools: Tools, sizes: tuple[int, int, int]) -> None:
        self.folder = folder
        self.tools = tools
        self.cases, self.many, self.most = sizes
        self.lines: list[Line | Missing] = []

    def file(self, cases: int) -> Path:
        """A file with so many open cases, made when it is first asked for: imported, and beyond the first size multiplied."""
        path = self.folder / f"{cases}" / "cases.db"
        if not path.exists():
            path.parent.mkdir()
            if cases <= self.cases:
                data.imported(self.tools.escalate, path, cases)
            else:
                data.multiplied(self.file(self.cases), path, cases // self.cases)
        return path

    def escalate(self, path: Path, *words: str) -> Timed:
        """One of our commands on a file."""
        return Timed((self.tools.escalate, *words), data.environment(path))

    def python(self, code: str) -> Timed:
        """The project's own interpreter doing something, as one of our commands does it."""
        return Timed((self.tools.python, "-c", code), data.environment(self.file(self.cases)))

    def beside(self, what: str, against: str, ours: Times, theirs: Times, wanted: float, unit: str = "ms") -> None:
        line = Line(what, against, ours, theirs, wanted, unit)
        self.lines.append(line)
        sys.stderr.write(f"{what}: {line.ratio:.3g} x of {against}\n")

    def leave_out(self, what: str, why: str) -> None:
        """Say in the table what could not be measured here, and why."""
        self.lines.append(Missing(what, why))
        sys.stderr.write(f"{what}: not measured, {why}\n")


def bench_run(bench: Bench, path: Path, *words: str) -> Run:
    """One run of one of our commands."""
    return ran(*bench.escalate(path, *words))


def spread(values: Sequence[float]) -> Times:
    """Values of which there are few, as times are kept."""
    return Times(median(values), min(values), max(values))
