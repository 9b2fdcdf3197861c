"""Many runs of escalate, fast: a process of its own for each, forked from one that has Python and escalate loaded already.

What a run sees is real: its standard streams, a terminal of a given width where that is wanted, its environment, its umask, its
folder, and the end of its process. Only what Python does before the script begins is left out; `tests.command_line` has all of it.
"""

import contextlib
import gc
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from escalate.__main__ import SELDOM
from tests import sealed

if sys.platform != "win32":  # which has no such terminals, and forks nothing
    import fcntl
    import pty
    import termios

LONGEST = 120  # seconds: a run that takes longer, or waits for an answer that nobody gives, is ended by the system


class Run(NamedTuple):
    """How a run ended, and the bytes it wrote; a terminal shows both streams, which then stand in `stdout`."""

    status: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output, which has to be UTF-8."""
        return self.stdout.decode()

    @property
    def errors(self) -> str:
        """Standard error, which has to be UTF-8."""
        return self.stderr.decode()


class Runs:
    """A process that runs escalate whenever it is asked to. Made by `runs`."""

    def __init__(self, server: "subprocess.Popen[bytes]", scratch: Path) -> None:
        self._server = server
        self._scratch = scratch

    def __call__(
        self,
        *arguments: str | bytes,
        environment: Mapping[str, str],
        folder: Path,
        stdin: bytes = b"",
        columns: int | None = None,
        umask: int = 0o022,
    ) -> Run:
        """A run; with `columns` its three standard streams are a terminal of that width, on which `stdin` is typed."""
        asked = {
            "arguments": [os.fsdecode(each) for each in arguments], "environment": sealed.surroundings(environment), "folder": str(folder),
            "stdin": stdin.decode("latin-1"), "columns": columns, "umask": umask, "scratch": str(self._scratch),
        }  # fmt: skip
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(asked).encode() + b"\n")
        self._server.stdin.flush()
        status = int(self._server.stdout.readline())
        return Run(status, (self._scratch / "stdout").read_bytes(), (self._scratch / "stderr").read_bytes())


@contextlib.contextmanager
def runs(through: Sequence[str] = ()) -> Iterator[Runs]:
    """Something that runs escalate until it is left; `through` is a command that starts it, such as `("setpriv", ...)`."""
    with tempfile.TemporaryDirectory() as scratch:
        server = subprocess.Popen(
            [*through, sys.executable, "-m", "tests.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )
        try:
            yield Runs(server, Path(scratch))
        finally:
            assert server.stdin is not None
            assert server.stdout is not None
            with contextlib.suppress(OSError):  # where it could not begin, as on Windows
                server.stdin.close()
            server.stdout.close()
            server.wait(30)


_open = contextlib.ExitStack()


@cache
def shared() -> Runs:
    """The same for all tests of this process; `end_shared` ends it."""
    return _open.enter_context(runs())


def seldom(
    *arguments: str | bytes,
    environment: Mapping[str, str],
    folder: Path,
    stdin: bytes = b"",
    columns: int | None = None,
    umask: int = 0o022,
) -> Run:
    """A run in this process, and in one forked for it only where it needs a terminal, another umask or real descriptors."""
    if columns or umask != 0o022 or "_ESCALATE_COMPLETE" in environment:  # Typer writes completions to its descriptors
        return shared()(*arguments, environment=environment, folder=folder, stdin=stdin, columns=columns, umask=umask)
    from tests import in_process  # the process that forks has no need of it

    ran = in_process.escalate(*arguments, environment=environment, folder=folder, stdin=stdin)
    return Run(ran.status, ran.stdout.encode(), ran.stderr.encode())


def end_shared() -> None:
    """Ends it, where anybody asked for it."""
    _open.close()
    shared.cache_clear()


# -- the process that forks -----------------------------------------------------------------------------------------------


def _serve() -> None:
    """Answers a line on standard input, which asks for a run, with a line that has its exit status."""
    _load()
    gc.collect()
    gc.freeze()  # or each fork looks through all of it, and so has to be given a copy
    gc.set_threshold(SELDOM)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        status = _on_a_terminal(asked) if asked["columns"] else _in_a_pipe(asked)
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _load() -> None:
    """Loads what commands load; nothing of it has any say in what they do."""
    import importlib

    import escalate

    for path in sorted(Path(escalate.__file__).parent.rglob("*.py")):
        name = ".".join(path.relative_to(Path(escalate.__file__).parent.parent).with_suffix("").parts)
        importlib.import_module(name.removesuffix(".__init__"))
    for name in ("openpyxl", "docx", "jinja2", "rich.console", "rich.table", "rich.tree", "holidays.countries"):
        importlib.import_module(name)
    import typer

    from escalate.cli import app

    command: Any = typer.main.get_command(app)
    commands = [command]
    for each in commands:  # loading them takes most of the time that a short run needs; groups stand in groups
        commands += getattr(each, "commands", {}).values()
    setattr(typer.main, "get_command", lambda _: command)  # noqa: B010  (mypy knows it by the name of its argument)


def _in_a_pipe(asked: Any) -> int:
    scratch = Path(asked["scratch"])
    (scratch / "stdin").write_bytes(asked["stdin"].encode("latin-1"))
    number = os.fork()
    if number == 0:
        with (
            (scratch / "stdin").open("rb") as stdin,
            (scratch / "stdout").open("wb") as stdout,
            (scratch / "stderr").open("wb") as stderr,
        ):
            _become(asked, stdin.fileno(), stdout.fileno(), stderr.fileno())
    return _ended(number)


def _on_a_terminal(asked: Any) -> int:
    scratch = Path(asked["scratch"])
    number, ours = pty.fork()
    if number == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, asked["columns"], 0, 0))
        _become(asked, 0, 1, 2)
    os.write(ours, asked["stdin"].encode("latin-1"))
    with (
        (scratch / "stdout").open("wb") as shown,
        contextlib.suppress(OSError),
    ):  # Linux says so once the other end is closed
        while more := os.read(ours, 65_536):
            shown.write(more)
    os.close(ours)
    (scratch / "stderr").write_bytes(b"")
    return _ended(number)


def _become(asked: Any, stdin: int, stdout: int, stderr: int) -> None:
    """Becomes the run in a process just forked, and ends."""
    for number, its in ((stdin, 0), (stdout, 1), (stderr, 2)):
        os.dup2(number, its)
    status = 1
    signal.alarm(LONGEST)
    try:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, errors="backslashreplace")  # noqa: SIM115
        os.environ.clear()
        os.environ.update(asked["environment"])
        os.umask(asked["umask"])
        os.chdir(asked["folder"])
        sys.argv = ["escalate", *asked["arguments"]]
        from escalate.cli import run

        run()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001  (as Python ends a script)
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(status)


def _ended(number: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


if __name__ == "__main__":
    _serve()
