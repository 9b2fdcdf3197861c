"""What tests share: a file of cases, and what is said at the end of a run of each promise (tests/promises)."""

from pathlib import Path

import pytest

from tests.promises.cases import make_cases

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
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with something of everything in it, to be copied."""
    path = tmp_path_factory.mktemp("made") / "cases.db"
    make_cases(path)
    return path
