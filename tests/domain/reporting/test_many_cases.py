"""However many cases there are, no more of them are held at once than are read at once, and few queries read them."""

import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from escalate.domain.case.model import Case
from escalate.domain.deadlines import case_file as casefile
from escalate.domain.deadlines.case_file import CaseFile, Changed, case_file
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.model import Protocol
from escalate.domain.reporting.model import Report
from escalate.domain.reporting.news import News, NewsSince
from escalate.domain.worktime.calendar import Calendar
from escalate.output import terminal
from escalate.output.report import page as report_page
from escalate.output.report import timeline as report_timeline
from escalate.storage import case_files
from escalate.storage.history import AT_ONCE
from tests.driver import unit

NOW = "2026-12-18T10:00"
FEW, MORE = AT_ONCE * 2, AT_ONCE * 4
CLOSE = ("calendar", "add", "24 Dec 2026", "--reason", "Council closed")


def log(folder: Path, many: int) -> Path:
    """A log with so many cases; every fourth has a deadline after Christmas Eve, every tenth is resolved."""
    rows = ["Ref,Date raised,Subject,From agency,To agency,Stage,Status,Date closed"]
    for n in range(many):
        raised = "16/12/2026" if n % 4 == 0 else "02/11/2026"
        closed = "Resolved,17/12/2026" if n % 10 == 1 else "Open,"
        rows.append(f"E-{n},{raised} 09:00,M-{n},Agency {n % 3},Hospital,{n % 2 + 2},{closed}")
    path = folder / f"log-{many}.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    folder = tmp_path_factory.mktemp("many")
    files = {many: folder / f"{many}.db" for many in (FEW, MORE)}
    for many, path in files.items():
        unit.did(path, "import", str(log(folder, many)), "--protocol", "herefordshire", "--write", now=NOW)
    return files


@pytest.fixture
def cases(kept: dict[int, Path], tmp_path: Path) -> dict[int, Path]:
    """A file with few cases and one with more, to be changed."""
    copies = {many: tmp_path / path.name for many, path in kept.items()}
    for many, path in copies.items():
        path.write_bytes(kept[many].read_bytes())
        path.chmod(0o600)
    return copies


class Held(list[Deadline]):
    """The deadlines of a case file, of which it can be seen whether somebody still holds them, as it cannot of a tuple."""


@contextmanager
def most_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """The most case files, with their deadlines, that there were at one moment."""
    for command in ("digest", "report"):
        import_module(f"escalate.commands.{command}")  # what they load names the class that is watched from here on
    held: weakref.WeakValueDictionary[int, Held] = weakref.WeakValueDictionary()
    numbers = count()
    most = [0]

    def watched(case: Case, protocol: Protocol, calendar: Calendar, deadlines: tuple[Deadline, ...]) -> CaseFile:
        theirs = Held(deadlines)
        held[next(numbers)] = theirs
        most[0] = max(most[0], len(held))
        return CaseFile(case, protocol, calendar, theirs)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(casefile, "CaseFile", watched)
        yield most


@contextmanager
def statements(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every statement that is given to SQLite."""
    said: list[str] = []
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect

    def listening(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(said.append)
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", listening)
        yield said


COMMANDS = [
    (*CLOSE, "--dry-run"),
    (*CLOSE, "--yes"),
    ("report", "--quarter", "2026/27 Q3"),
    ("report", "--quarter", "2026/27 Q3", "--json"),
    ("report", "--quarter", "2026/27 Q3", "--format", "html"),
    ("digest", "--always", "--dry-run"),
    ("digest", "--always", "--dry-run", "--format", "html"),
    ("digest", "--always", "--dry-run", "--format", "json"),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_more_cases_are_held_at_once_where_there_are_more(
    cases: dict[int, Path], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    with most_at_once(monkeypatch) as most:
        unit.did(cases[MORE], *command, now=NOW)
    assert 0 < most[0] <= 4  # a report looks at a case as it is, and as it stood


@pytest.mark.slow
def test_a_picture_of_a_page_is_made_when_the_page_has_come_to_it(
    cases: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, ahead = 0, []

    def noted(report: Report) -> Iterator[report_timeline.Timeline]:
        nonlocal made
        for picture in timelines(report):
            made += 1
            yield picture

    def written(pieces: Iterable[str]) -> None:
        page = ""
        for piece in pieces:
            page += str(piece)
            ahead.append(made - page.count('<svg viewBox="0 0 1000'))

    timelines = report_timeline.timelines
    monkeypatch.setattr(report_page, "timelines", noted)
    monkeypatch.setattr(terminal, "write", written)
    unit.did(cases[FEW], "report", "--quarter", "2026/27 Q3", "--format", "html", now=NOW)
    assert made > 5
    assert max(ahead) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("command", [*COMMANDS[:1], *COMMANDS[2:], ("board", "--output", "-")], ids=" ".join)
def test_cases_are_read_several_at_a_time(
    cases: dict[int, Path], monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    said = {}
    for many, path in cases.items():
        with statements(monkeypatch) as said[many]:
            unit.did(path, *command, now=NOW)
    assert len(said[MORE]) - len(said[FEW]) <= (MORE - FEW) / 10


def test_what_nobody_is_asked_about_is_worked_out_once(cases: dict[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for every case that something could move in, and once more for those in which something did."""
    counted = []

    def noted(case: Case, protocol: Protocol, calendar: Calendar) -> CaseFile:
        counted.append(case.ref)
        return case_file(case, protocol, calendar)

    monkeypatch.setattr(case_files, "case_file", noted)
    unit.did(cases[FEW], *CLOSE, "--yes", now=NOW)
    with closing(sqlite3.connect(cases[FEW])) as file, file:
        moved = {row[0] for row in file.execute("SELECT case_ref FROM entry WHERE kind = 'recounted'")}
        there = {row[0] for row in file.execute("SELECT ref FROM cases")}
    assert moved
    assert sorted(counted) == sorted([*there, *moved])


def test_cases_of_which_there_is_nothing_to_tell_are_one_piece_of_news(
    kept: dict[int, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[News] = []
    of = NewsSince.of

    def noted(news: NewsSince, change: Changed) -> News:
        found.append(of(news, change))
        return found[-1]

    monkeypatch.setattr(NewsSince, "of", noted)
    unit.did(kept[FEW], "digest", "--json", "--dry-run", now=NOW)
    nothing = [each for each in found if not (each.met or each.ended or each.resolved or each.left)]
    assert len(found) == FEW
    assert len(nothing) > FEW / 2
    assert all(each is nothing[0] for each in nothing)
