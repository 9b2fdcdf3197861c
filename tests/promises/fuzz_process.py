"""A process that has escalate loaded, and lets a child of its own take every command line: the real command without the start of Python.

It reads a line of JSON for each, and answers with one. A child has real files as its three streams, an environment and a folder of
its own, and limits the kernel holds it to: so many seconds of work and on the clock, and so much memory that can be asked for.
"""

import gc
import io
import json
import os
import pkgutil
import resource
import signal
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

MOST_WORK, MOST_TIME = 6, 60
"""Seconds of work and on the clock after which a child is ended: a little more than one may take."""

MOST_ADDRESSES = 1_500_000_000
"""What a child may ask the kernel for, in bytes: a bomb is stopped here, whatever it would have come to."""

MOST_WRITTEN = 500_000_000
"""The largest file a child may write, in bytes: it could fill the disk otherwise."""


def main() -> None:
    """Answers until nothing is asked any more."""
    _load()
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(_answer(json.loads(line))) + "\n")
        sys.stdout.flush()


def _load() -> None:
    import escalate

    for module in pkgutil.walk_packages(escalate.__path__, "escalate."):
        import_module(module.name)
    for name in (
        "openpyxl",
        "docx",
        "holidays",
        "sqlite_utils",
        "icalendar",
        "jinja2",
        "dateutil.parser",
        "platformdirs",
        "smtplib",
    ):
        import_module(name)
    for name in ("console", "table", "text", "columns", "padding", "rule", "progress", "_unicode_data.unicode17-0-0"):
        try:
            import_module(f"rich.{name}")
        except ModuleNotFoundError:  # a table of characters that this version of Rich does not have
            continue
    gc.freeze()


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _run(asked)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    seconds = time.monotonic() - began - _queued(child)
    _, status, usage = os.wait4(child, 0)
    return {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": seconds,
        "peak": usage.ru_maxrss * 1024,
    }


def _queued(child: int) -> float:
    """How many seconds a process was kept waiting for a processor, as far as the kernel says: a busy machine is not its doing."""
    try:
        return int(Path(f"/proc/{child}/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError):
        return 0


def _run(asked: dict[str, Any]) -> NoReturn:
    """What the script does, as a child. Never returns."""
    status = 1
    try:
        _become(asked)
        from escalate import cli

        status = _ended(cli.run)
    except BaseException:  # noqa: BLE001 - what goes wrong here is seen as what escalate says of itself would be
        traceback.print_exc()
    finally:
        os._exit(status)


def _become(asked: dict[str, Any]) -> None:
    for timer, ends, limit in (
        (signal.ITIMER_PROF, signal.SIGPROF, MOST_WORK),
        (signal.ITIMER_REAL, signal.SIGALRM, MOST_TIME),
    ):
        signal.signal(ends, signal.SIG_DFL)
        signal.setitimer(timer, limit)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    writing = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for stream, flags in (("stdin", os.O_RDONLY), ("stdout", writing), ("stderr", writing)):
        opened = os.open(asked[stream], flags, 0o600)
        os.dup2(opened, ("stdin", "stdout", "stderr").index(stream))
        os.close(opened)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), "utf-8", "surrogateescape")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w")), "utf-8", "surrogateescape")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w")), "utf-8", "backslashreplace", line_buffering=True
    )
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.argv = [asked["script"], *asked["arguments"]]


def _ended(run: Any) -> int:
    """The status that Python would end with, and what it would write about an exception nobody took."""
    status: Any = 0
    try:
        run()
    except SystemExit as problem:
        status = problem.code
    except BaseException:  # noqa: BLE001 - as Python itself does at its end
        traceback.print_exc()
        status = 1
    if not isinstance(status, int | None):
        sys.stderr.write(f"{status}\n")
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return status or 0


if __name__ == "__main__":
    main()
