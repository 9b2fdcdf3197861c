"""What tests share: who runs a command line, a file of cases, and what is said at the end of a run of each promise (tests/promises)."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import driver
from tests.promises.cases import make_cases

# A busy machine is slow, and that is no failure. What is drawn is the same each time, so that a change is what makes a test fail;
# with ESCALATE_DRAW=anew it is something else each time, which finds more.
DRAWN_ANEW = os.environ.get("ESCALATE_DRAW") == "anew"
hypothesis.settings.register_profile("any machine", deadline=None, derandomize=not DRAWN_ANEW)
hypothesis.settings.load_profile("any machine")

PROMISES = {
    1: "what was acknowledged survives power loss",
    2: "what was acknowledged survives being killed",
    3: "colleagues and cron work at once",
    4: "upgrades are safe",
    5: "a full or read-only disk fails cleanly",
    6: "backups restore",
    7: "history is append-only",
    8: "tampering shows",
    9: "erased means erased",
    10: "redacted unless asked",
    11: "hostile text is inert",
    12: "files are private",
    13: "no input crashes it",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--driver",
        choices=driver.DRIVERS,
        default=driver.DRIVERS[0],
        help="what runs a command line: this process (quick), or the installed script, and then only tests that have one",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the script, leaves out what runs no command line, and what has the script in any case."""
    if config.getoption("driver") != "script":
        return
    kept = [item for item in items if _runs_lines(item) and item.get_closest_marker("script") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def _runs_lines(item: pytest.Item) -> bool:
    """Whether the file of a test takes whatever driver was chosen."""
    assert isinstance(item, pytest.Function)
    names = vars(item.module).values()
    return "escalate" in item.fixturenames or any(
        each is driver.escalate or (isinstance(each, driver.Office) and each.driver is driver.escalate)
        for each in names
    )


@pytest.fixture(autouse=True)
def _driver(request: pytest.FixtureRequest) -> Iterator[None]:
    needs_process = request.node.get_closest_marker("script") is not None
    before = driver.choose("script" if needs_process else request.config.getoption("driver"))
    yield
    driver.choose(before)


@pytest.fixture
def escalate() -> driver.Escalate:
    """Runs a command line in nothing but the environment given: see tests/driver.py."""
    return driver.escalate


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seen: dict[int, list[str]] = {}
    for outcome in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.stats.get(outcome, ()):
            number = dict(getattr(report, "user_properties", ())).get("promise")
            if number is None or (outcome == "passed" and report.when != "call"):
                continue
            figures = [str(value) for name, value in report.user_properties if name == "figure"]
            why = f" ({report.longrepr[2]})" if outcome == "skipped" else ""
            seen.setdefault(number, []).extend(
                figures if outcome == "passed" else [f"{outcome.upper()}: {report.nodeid}{why}"]
            )
    for number, figures in sorted(seen.items()):
        terminalreporter.write_line(f"{number:2}  {PROMISES[number]}: {'; '.join(figures)}")


@pytest.fixture(scope="session")
def copy_of(tmp_path_factory: pytest.TempPathFactory) -> driver.CopyOf:
    """Puts a copy of what a function fills a folder with into another, which it returns; the function is called once."""
    made: dict[Callable[[Path], object], Path] = {}

    def copied(fill: Callable[[Path], object], folder: Path) -> Path:
        if fill not in made:
            made[fill] = tmp_path_factory.mktemp(fill.__name__)
            fill(made[fill])
        shutil.copytree(made[fill], folder, dirs_exist_ok=True)
        return folder

    return copied


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with something of everything in it, to be copied."""
    path = tmp_path_factory.mktemp("made") / "cases.db"
    make_cases(path)
    return path
