"""escalate run in this process, the way the script runs it: a run of its own in a few milliseconds.

What a run sees and leaves behind is its own: arguments, environment, folder, time zone, umask, warnings and standard streams are put in
place before it and put back after it. What Python itself reads before a script begins (locale, encodings, signals, closed streams, a
terminal) cannot be had here: tests of that are marked `script`.
"""

import io
import os
import pickle
import re
import signal
import sys
import tempfile
import time
import tomllib
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import time as time_of_day
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typer

from escalate import cli
from escalate.domain.worktime.calendar import Calendar
from escalate.storage.files import bank_holidays
from escalate.storage.sqlite import schema
from tests import new_files, sealed
from tests.command_line import SCRIPT, Ran, with_system
from tests.sizes import SIZE

READ_BY_PYTHON = re.compile(r"PYTHON(?!DONTWRITEBYTECODE)\w*|LC_ALL|LC_CTYPE|LANG")
"""Variables that say how Python reads and writes, once and for all as it starts."""


SIGNALS = [signal.SIGINT, signal.SIGTERM, *([] if sys.platform == "win32" else [signal.SIGPIPE])]
"""The signals of this system that a run may handle otherwise."""


def escalate(
    *arguments: str | bytes, environment: Mapping[str, str], stdin: bytes = b"", folder: Path | None = None
) -> Ran:
    """Runs escalate in nothing but this environment; see `tests.command_line.escalate`, which does the same with the script."""
    early = [name for name in environment if READ_BY_PYTHON.fullmatch(name)]
    assert not early, f"Python reads {early} as it starts: mark the test with @pytest.mark.script"
    streams = [_stream(stdin), _stream(), _stream()]
    with _as_before(), _whole_command(), _files_read_once(), _made_once():
        os.environ.clear()
        os.environ.update(with_system(sealed.surroundings(environment)))
        _read_time_zone()
        os.chdir(folder or Path.cwd())
        tempfile.tempdir = None
        sys.argv = [str(SCRIPT), *(os.fsdecode(each) for each in arguments)]
        sys.stdin, sys.stdout, sys.stderr = streams
        setattr(sys, "__stdout__", sys.stdout)  # noqa: B010  (asked how wide a terminal is; mypy takes it as final)
        status = _exit_status(cli.run)
    return Ran(status, *(each.buffer.getvalue().decode() for each in streams[1:]))  # type: ignore[attr-defined]


def _stream(content: bytes = b"") -> io.TextIOWrapper:
    """A standard stream as Python opens it for a pipe."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", write_through=False)


def _exit_status(run: Callable[[], None]) -> int:
    """The status that Python would end with."""
    try:
        run()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _read_time_zone() -> None:
    """Has the time zone read from the environment; Windows has its own, which no variable changes."""
    if sys.platform != "win32":
        time.tzset()


@contextmanager
def _as_before() -> Iterator[None]:
    """Puts back whatever a run may change of this process."""
    environment, folder, umask = dict(os.environ), Path.cwd(), os.umask(0o022)
    words, streams, terminal, temporary = (
        sys.argv,
        (sys.stdin, sys.stdout, sys.stderr),
        sys.__stdout__,
        tempfile.tempdir,
    )
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        with warnings.catch_warnings():
            yield
    finally:
        sys.argv, (sys.stdin, sys.stdout, sys.stderr) = words, streams
        setattr(sys, "__stdout__", terminal)  # noqa: B010
        tempfile.tempdir = temporary
        os.chdir(folder)
        os.umask(umask)
        os.environ.clear()
        os.environ.update(environment)
        _read_time_zone()
        for number, handler in handlers.items():
            if signal.getsignal(number) is not handler:
                signal.signal(number, handler)


@contextmanager
def _whole_command() -> Iterator[None]:
    """Keeps the commands that Typer has built: building them takes most of the time of a short run."""
    build = typer.main.get_command
    setattr(typer.main, "get_command", lambda app: _command() if app is cli.app else build(app))  # noqa: B010  (mypy knows it by its argument)
    try:
        yield
    finally:
        setattr(typer.main, "get_command", build)  # noqa: B010


@cache
def _command() -> Any:
    return _build(cli.app)


_build = typer.main.get_command


@contextmanager
def _files_read_once() -> Iterator[None]:
    """Keeps what TOML texts say: reading protocol files takes two fifths of the time that all runs take."""
    setattr(tomllib, "loads", lambda text: pickle.loads(_tree(text)))  # noqa: B010  (a run may change its own copy)
    try:
        yield
    finally:
        setattr(tomllib, "loads", _read)  # noqa: B010


@lru_cache(256)
def _tree(text: str) -> bytes:
    return pickle.dumps(_read(text))


_read = tomllib.loads


@contextmanager
def _made_once() -> Iterator[None]:
    """Keeps the tables of a new file and the bank holidays of the library: making both takes most of the time of a first command.

    In `make test` there are none of years that few tests ask for: a third of a first command is keeping them, a tenth of others reading them.
    """
    from_library, walked = bank_holidays.library_calendar, schema.migrate
    of_package = from_library is _from_library
    if of_package:  # and not what a test has put in its place
        setattr(bank_holidays, "library_calendar", _calendar)  # noqa: B010
    setattr(schema, "migrate", new_files.migrate)  # noqa: B010
    try:
        yield
    finally:
        setattr(bank_holidays, "library_calendar", from_library)  # noqa: B010
        setattr(schema, "migrate", walked)  # noqa: B010


_from_library = bank_holidays.library_calendar


@cache
def _calendar(name: str, *hours: time_of_day, **named: time_of_day) -> Calendar:
    whole = _from_library(name, *hours, **named)
    return Calendar(
        name,
        {day: title for day, title in whole.days_off.items() if SIZE != "small" or day.year in YEARS},
        first=whole.first,
        last=whole.last,
        published_to=whole.published_to,
        opens=whole.opens,
        closes=whole.closes,
        source=whole.source,
    )


YEARS = range(2010, 2041)
"""Those of which there are bank holidays in `make test`; a test of others is for `make check`, or asks the calendar itself."""
