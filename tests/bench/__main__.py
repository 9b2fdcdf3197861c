"""Everything that is promised of speed, measured beside others in the same run: make bench, or python -m tests.bench --help."""

import argparse
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlite_utils import Database

from tests.bench import data, engine
from tests.bench.bench import FEW, LISTED, Bench, bench_run, spread
from tests.bench.commands import Line, Missing, Run, Timed, Tools, changing, timed
from tests.bench.engine import Times
from tests.bench.server import server

ROOT = Path(__file__).parents[2]


def startup(bench: Bench) -> None:
    """What the prompt waits for."""
    file = bench.file(bench.cases)
    bases = {
        "import typer": "import typer",
        "import typer, sqlite3": "import typer, sqlite3",
        "import typer, rich.console, rich.table, sqlite3": "import typer, rich.console, rich.table, sqlite3",
    }
    completion = bench.escalate(file)
    asked = {
        **completion.environment,
        "_ESCALATE_COMPLETE": "complete_bash",
        "COMP_WORDS": "escalate d",
        "COMP_CWORD": "1",
    }
    commands = {
        **{name: bench.python(code) for name, code in bases.items()},
        "table": bench.escalate(file, *LISTED),
        "json": bench.escalate(file, *LISTED, "--json"),
        "--help": bench.escalate(file, "--help"),
        "--version": bench.escalate(file, "--version"),
        "completion of a command": Timed(completion.words, asked),
    }
    times = timed(commands, bench.folder)
    table, plain, least = (times[name] for name in reversed(bases))
    bench.beside(
        f"due --overdue as a table, {bench.cases:,} open cases, 50 rows", list(bases)[2], times["table"], table, 1.25
    )
    bench.beside("due --overdue --json, the same", list(bases)[1], times["json"], plain, 1.25)
    for name in ("--help", "--version", "completion of a command"):
        bench.beside(name, next(iter(bases)), times[name], least, 1.25)


def writing(bench: Bench) -> None:
    """Commands that record something, each run on another case."""
    file = bench.folder / "written" / "cases.db"
    file.parent.mkdir()
    file.write_bytes(bench.file(bench.cases).read_bytes())
    file.chmod(0o600)
    opened = bench.escalate(file, "list", "--status", "open", "--protocol", "hull-east-riding", "--json")
    refs = [
        each["case"]
        for each in json.loads(
            subprocess.run(opened.words, env=dict(opened.environment), check=True, capture_output=True).stdout
        )
    ]
    base = "import typer, rich.console, sqlite3"
    turns = {
        base: (bench.python(base) for _ in count()),
        "open": (bench.escalate(file, "open", "lincolnshire", "--subject", f"N-{n}") for n in count()),
        "advance": (bench.escalate(file, "advance", ref, "--again", "--reason", "No answer") for ref in cycle(refs)),
        "done": (bench.escalate(file, "done", ref, "discussion") for ref in cycle(reversed(refs))),
    }
    times = changing(30, turns, bench.folder)
    for name in ("open", "advance", "done"):
        bench.beside(name, base, times[name], times[base], 1.6)


def lists(bench: Bench) -> None:
    """The list of what is overdue beside Taskwarrior's, and in a file with a country's cases."""
    task = shutil.which("task") or sys.exit("Taskwarrior is not here: make bench installs it where it may.")
    for cases, wanted in ((bench.cases, 1.0), (bench.many, 0.15)):
        theirs = Timed(("task", "overdue"), data.tasks(task, bench.folder / f"tasks-{cases}", cases))
        file = bench.file(cases)
        commands = {
            "task": theirs,
            "50 rows": bench.escalate(file, *LISTED),
            "all": bench.escalate(file, "due", "--overdue"),
        }
        times = timed(commands, bench.folder, rounds=4)
        bench.beside(
            f"due --overdue --limit 50, {cases:,} cases",
            f"task overdue, {cases:,} tasks",
            times["50 rows"],
            times["task"],
            wanted,
        )
        bench.beside(
            f"due --overdue, all {cases // 5:,} rows of {cases:,} cases",
            f"task overdue, {cases // 10:,} rows",
            times["all"],
            times["task"],
            wanted,
        )
    most, few = bench.file(bench.most), bench.file(FEW)
    times = timed({"most": bench.escalate(most, *LISTED), "few": bench.escalate(few, *LISTED)}, bench.folder)
    bench.beside(
        f"due --overdue --limit 50, {bench.most:,} cases", f"itself, {FEW:,} cases", times["most"], times["few"], 1.15
    )
    memory = {
        name: spread([bench_run(bench, path, *LISTED).megabytes for _ in range(5)])
        for name, path in (("most", most), ("few", few))
    }
    allowed = (memory["few"].median + 10) / memory["few"].median
    bench.beside(
        f"its memory, {bench.most:,} cases",
        f"itself, {FEW:,} cases, and 10 MB",
        memory["most"],
        memory["few"],
        allowed,
        "MB",
    )


def counting(bench: Bench) -> None:
    """Adding working days, beside libraries that do, and working out the deadlines of a case."""
    for row in engine.rows():
        if row.theirs is None:
            limit = row.wanted.seconds or 0.0
            bench.beside(
                f"{row.what} {row.against}", "50 microseconds", row.ours, Times(limit, limit, limit), 1.0, "us"
            )
        else:
            bench.beside(row.what, row.against, row.ours, row.theirs, 1 / (row.wanted.ratio or 1), "us")


def recounting(bench: Bench) -> None:
    """A change of the calendar, with every open case worked out anew."""
    small, large = bench.file(bench.cases), bench.file(bench.many)
    day = datetime.now(UTC).date() + timedelta(days=7)
    day += timedelta(days=(2 - day.weekday()) % 7)  # a Wednesday, near enough for what is open to lie around it
    line = ("calendar", "add", day.isoformat(), "--reason", "Closed", "--yes")
    some, all_ = (bench_run(bench, copied(bench, path), *line) for path in (small, large))
    grow(bench, "a change of the calendar", some, all_, 11)


BOARDS = (30, 500)
"""How many cases the boards have that are measured."""


def boards(bench: Bench) -> None:
    """The board of an office and of a county: how long it takes, and how long it is."""
    for cases in BOARDS:
        path, page = bench.file(cases), bench.folder / "board.html"
        runs = [bench_run(bench, path, "board", "--output", str(page), "--force") for _ in range(5)]
        took = spread([each.seconds for each in runs])
        bench.beside(f"board, {cases:,} cases", "5 s", took, spread([5.0]), 1.0, "s")
        bench.beside("its page", "5 MB", spread([page.stat().st_size / 1e6]), spread([5.0]), 1.0, "MB")


def telling(bench: Bench) -> None:
    """The digest and the report of a quarter, which is longest as a page with a picture of every open case."""
    small, large = bench.file(bench.cases), bench.file(bench.many)
    for line in (("digest", "--always"), ("report",), ("report", "--format", "html")):
        some, all_ = (bench_run(bench, copied(bench, path), *line) for path in (small, large))
        grow(bench, " ".join(line), some, all_, bench.many / bench.cases * 1.1)


def pages(bench: Bench) -> None:
    """Pages to print or pass on, beside loading the libraries they are made with."""
    file = bench.file(bench.cases)
    base = "import typer, rich.console, sqlite3, jinja2"
    lines = (
        ("show", "7"),
        ("explain", "7"),
        ("log", "7"),
        ("plan", "herefordshire"),
        ("protocol", "show", "lincolnshire"),
        ("protocol", "compare", "herefordshire", "lincolnshire", "--at", "today 10:00"),
    )
    to_file = ("--output", str(bench.folder / "page.html"), "--force")
    commands = {" ".join(line): bench.escalate(file, *line, *to_file) for line in lines}
    times = timed({base: bench.python(base), **commands}, bench.folder, rounds=4)
    for name in commands:
        bench.beside(f"{name} --output page.html, {bench.cases:,} cases", base, times[name], times[base], 2.0)


def grow(bench: Bench, what: str, some: Run, all_: Run, wanted: float) -> None:
    """How time and memory grow from the small file to the large one."""
    bench.beside(
        f"{what}, {bench.many:,} cases",
        f"itself, {bench.cases:,}",
        spread([all_.seconds]),
        spread([some.seconds]),
        wanted,
        "s",
    )
    bench.beside(f"its memory, {bench.many:,} cases", "200 MB", spread([all_.megabytes]), spread([200.0]), 1.0, "MB")


def copied(bench: Bench, path: Path) -> Path:
    """A copy of a file, which may be written into."""
    copy = bench.folder / "copy" / "cases.db"
    copy.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, copy)
    copy.chmod(0o600)
    return copy


def importing(bench: Bench) -> None:
    """Taking over logs, beside sqlite-utils putting as many rows into a table of its own and doing nothing else."""
    rows = list(data.log_rows(bench.many))
    ours, theirs = [], []
    for turn in range(3):
        bare, path = bench.folder / f"bare-{turn}.db", bench.folder / f"imported-{turn}" / "cases.db"
        path.parent.mkdir()
        theirs.append(clocked(partial(insert_all, bare, rows)))
        ours.append(clocked(partial(data.imported, bench.tools.escalate, path, bench.many)))
        shutil.rmtree(path.parent)
        bare.unlink()
    what, against = f"import of {bench.many:,} cases", f"sqlite-utils insert_all, {bench.many:,} rows"
    for n, name in enumerate(("the time that passes", "processor time alone")):
        bench.beside(
            f"{what}, {name}",
            against,
            spread([each[n] for each in ours]),
            spread([each[n] for each in theirs]),
            15,
            "s",
        )


def clocked(work: Callable[[], None]) -> tuple[float, float]:
    """How long something took by the clock, and how much processor time it and its children had, in seconds."""
    began, before = perf_counter(), os.times()
    work()
    after = os.times()
    return perf_counter() - began, sum(after[:4]) - sum(before[:4])


def insert_all(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with closing(Database(path)) as db:
        db["row"].insert_all(dict(zip(data.HEADINGS, row, strict=True)) for row in rows)  # type: ignore[union-attr]


def size(bench: Bench) -> None:
    """The file, beside the same facts as JSON lines: every case and every entry, without what is worked out from them."""
    path = bench.file(bench.cases)
    asked = bench.escalate(path, "export", "json", "--identify")
    found = json.loads(subprocess.run(asked.words, env=dict(asked.environment), check=True, capture_output=True).stdout)
    lines = sum(
        len(json.dumps(each, separators=(",", ":"))) + 1 for kind in ("cases", "history") for each in found[kind]
    )
    what = f"the file, {bench.cases:,} cases"
    bench.beside(
        what, "its cases and entries as JSON lines", spread([path.stat().st_size / 1e6]), spread([lines / 1e6]), 4, "MB"
    )


SECTIONS: dict[str, Callable[[Bench], None]] = {
    each.__name__: each
    for each in (startup, writing, lists, counting, recounting, importing, telling, boards, pages, size, server)
}


def table(lines: Sequence[Line | Missing]) -> Iterator[str]:
    """The lines as a table in Markdown."""
    yield "| what | measured against | ours, median (spread) | theirs, median (spread) | ratio | reach | |"
    yield "|---|---|---|---|---|---|---|"
    for each in lines:
        if isinstance(each, Missing):
            yield f"| {each.what} | {each.why} | | | | | **not measured** |"
            continue
        took = [
            f"{spoken(of.median, each.unit)} ({spoken(of.low, each.unit)} to {spoken(of.high, each.unit)})"
            for of in (each.ours, each.theirs)
        ]
        yield f"| {each.what} | {each.against} | {took[0]} | {took[1]} | {each.ratio:.3g} | {each.wanted:.3g} | {'reached' if each.reached else '**not reached**'} |"


def spoken(value: float, unit: str) -> str:
    """`81.2 ms`, of seconds; `34 MB`, of as many."""
    return f"{value * {'ms': 1e3, 'us': 1e6}.get(unit, 1):.3g} {unit}"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="How fast escalate is, beside others in the same run."
    )
    parser.add_argument(
        "--venv",
        type=Path,
        default=ROOT / ".venv",
        help="the project's virtual environment, whose commands are measured",
    )
    parser.add_argument(
        "--cases",
        type=int,
        default=10_000,
        help="cases of the file most is measured on; the others have 10 and 100 times as many",
    )
    parser.add_argument("--only", action="append", choices=SECTIONS, help="only this part; may be repeated")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the table there as well")
    asked = parser.parse_args()
    scripts = asked.venv.absolute() / "bin"
    subprocess.run([scripts / "python", "-m", "compileall", "-q", ROOT / "escalate"], check=True)
    with TemporaryDirectory(prefix="escalate-bench-") as folder:
        tools = Tools(str(scripts / "python"), str(scripts / "escalate"))
        bench = Bench(Path(folder), tools, (asked.cases, asked.cases * 10, asked.cases * 100))
        for name in asked.only or SECTIONS:
            SECTIONS[name](bench)
    text = "\n".join(table(bench.lines)) + "\n"
    sys.stdout.write(text)
    about = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {os.cpu_count()} cores"
    sys.stdout.write(f"\n{about}, load {os.getloadavg()[0]:.1f} at the end.\n")
    if asked.output:
        asked.output.write_text(text, encoding="utf-8")
    return 0 if all(line.reached for line in bench.lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
