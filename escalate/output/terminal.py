"""Where everything is written: the one place that knows standard output, standard error, widths and colours.

Rich is imported where it is used, and only for a terminal or for colours: it takes longer to load than a list to show.
"""

import errno
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import StringIO
from shutil import copyfileobj, get_terminal_size
from signal import SIG_IGN, SIGINT, signal
from stat import S_ISFIFO
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeVar

from escalate.output.columns import Page
from escalate.output.documents import json_pieces
from escalate.output.words import inert

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Thing = TypeVar("Thing")

WIDE = 120
"""From this many columns on, tables give every value a column of its own."""

CARD = 70
"""Up to this many columns, each thing that is said of a case stands on a line of its own."""

WORTH_A_BAR = 200
"""Fewer things than this are done before a progress bar could be read."""

_UNCUT = 4_000
"""Columns where there is no terminal: more than a line ever fills."""

IS_WINDOWS = os.name == "nt"

_AS_EVERYWHERE: dict[str, Any] = {"encoding": "utf-8", "newline": "\n"} if IS_WINDOWS else {}
"""How what goes into a pipe or a file is written: the same bytes on Windows as elsewhere, where that had neither arrows nor ticks."""

PRINTING = ("dumb", "unknown")
"""What TERM says of a terminal that can only print."""

COLOURED = {"FORCE_COLOR", "TTY_COMPATIBLE"}
"""With these, Rich writes colours into a pipe as well."""


def prepare() -> None:
    """Let no character stop an output: spell out what the encoding cannot say. Call this before anything is written.

    Where standard error was closed before we started, nobody reads what is complained of. An answer that nobody reads is another
    matter: where standard output was closed, it takes nothing, and whatever is written there fails.
    """
    for name, mode in (("stdout", os.O_RDONLY), ("stderr", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, mode), "w", encoding="utf-8"))
        stream = getattr(sys, name)
        said = "PYTHONIOENCODING" in os.environ
        stream.reconfigure(errors="backslashreplace", **({} if said or is_terminal(stream) else _AS_EVERYWHERE))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody sits at the other end of a stream. Windows calls NUL a terminal too: there it is asked what it shows."""
    if stream is None or not stream.isatty():
        return False
    return sys.platform != "win32" or _is_console(stream)


def _is_console(stream: TextIO) -> bool:
    """Whether Windows knows a mode of a stream, as of every console."""
    import ctypes
    import msvcrt

    try:
        number = stream.fileno()
    except OSError:  # what is held back for one
        return True
    handle = getattr(msvcrt, "get_osfhandle")(number)  # noqa: B009  (elsewhere it has none)
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009
    return bool(kernel.GetConsoleMode(ctypes.c_void_p(handle), ctypes.byref(ctypes.c_ulong())))


def is_gone(problem: OSError) -> bool:
    """Whether something cannot be written because nobody reads it any more: Windows says so of no pipe, only that it is no good."""
    return isinstance(problem, BrokenPipeError) or (IS_WINDOWS and problem.errno == errno.EINVAL)


def why_not_written(problem: OSError) -> str:
    """Why an answer could not be written."""
    if problem.errno == errno.EBADF:
        return "standard output is closed"
    return problem.strerror or str(problem)


def give_up() -> None:
    """Write nothing more to standard output, which cannot take it: not even what is still buffered."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> "Console":
    """A console on standard output: as wide as the terminal, and wide enough to cut nothing where there is none."""
    from rich.console import Console

    columns, lines = _given_width(), None
    if prints_only():  # Rich takes that for 80 columns, unless it is told both
        size = get_terminal_size()
        columns, lines = columns or size.columns, size.lines
    return Console(width=columns, height=lines, highlight=False, markup=False, emoji=False, soft_wrap=False)


def prints_only() -> bool:
    """Whether whatever shows it can only print, as what reads a screen aloud may say of itself: nothing is drawn there, coloured or moved."""
    return os.environ.get("TERM") in PRINTING


def width() -> int:
    """The columns of the terminal; where there is none, more than a line ever fills."""
    return _given_width() or console().width


def _given_width() -> int | None:
    """What COLUMNS says, or `_UNCUT` where there is no terminal; None where Rich is to find out."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and 20 <= int(given) <= _UNCUT:
        return int(given)
    return None if is_terminal(sys.stdout) else _behind_the_pipe() or _UNCUT


def _behind_the_pipe() -> int | None:
    """The columns of the terminal that a pipe most likely ends at (`| head`): the one that standard error goes to; None where there is none."""
    try:
        is_pipe = S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
        return (
            os.get_terminal_size(sys.stderr.fileno()).columns or None if is_pipe and is_terminal(sys.stderr) else None
        )
    except (OSError, ValueError):  # a stream that is no file, or a terminal that does not say
        return None


@contextmanager
def paged(wanted: bool) -> Iterator[None]:
    """Show what is written to standard output meanwhile in a pager, if that is wanted and it is longer than the terminal is high, as git does.

    Never in a pipe or on a terminal that can only print. What a pager cannot show is written as it is.
    """
    if not (wanted and is_terminal(sys.stdout) and os.environ.get("TERM", "dumb") != "dumb"):
        yield
        return
    stream, held = sys.stdout, _Held()
    sys.stdout = held
    try:
        yield
    except BaseException:
        stream.write(held.getvalue())
        raise
    finally:
        sys.stdout = stream
    text = held.getvalue()
    if text.count("\n") < get_terminal_size().lines or not _was_shown_by_pager(text):
        stream.write(text)


class _Held(StringIO):
    """What goes to a terminal in the end."""

    def isatty(self) -> bool:
        return True


def _was_shown_by_pager(text: str) -> bool:
    """Whether PAGER, or less where that says nothing, has shown a text."""
    import shlex  # both only where a list is long
    import subprocess

    words = shlex.split(os.environ.get("PAGER", "less"), posix=not IS_WINDOWS)
    if not words or words == ["cat"]:
        return False
    sys.stdout.flush()
    encoded = text.encode(sys.stdout.encoding, "backslashreplace")
    environment = {"LESS": "FRX", "LV": "-c", **os.environ}
    try:
        with subprocess.Popen(words, stdin=subprocess.PIPE, env=environment) as pager:  # noqa: S603  # what they set themselves
            before = signal(SIGINT, SIG_IGN)  # Ctrl-C is for the pager
            try:
                pager.communicate(encoded)
            finally:
                signal(SIGINT, before)
    except OSError:
        return False
    return pager.returncode == 0


def show(*parts: "RenderableType | Page") -> None:
    """Write pages and tables to standard output; in a pipe without the spaces that fill a table up."""
    pages = [part for part in parts if isinstance(part, Page)]
    if len(pages) == len(parts) and not is_terminal(sys.stdout) and not COLOURED & os.environ.keys():
        for page in pages:
            sys.stdout.writelines(page.text(width()))
    else:
        _show_with_rich(parts)


def _show_with_rich(parts: "Iterable[RenderableType | Page]") -> None:
    screen = console()
    if screen.is_terminal:
        for part in parts:
            for sheet in part.sheets(screen.width) if isinstance(part, Page) else [part]:
                screen.print(sheet)
        return
    with screen.capture() as captured:
        screen.print(*parts, sep="\n")
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def show_json(document: object) -> None:
    """Write one JSON document to standard output, in characters that every encoding has."""
    sys.stdout.writelines(json_pieces(document))


def write(pieces: Iterable[str]) -> None:
    """Write text to standard output that a renderer has made harmless, whole or in pieces."""
    sys.stdout.writelines(pieces)


def show_line(document: Mapping[str, Any]) -> None:
    """Write one JSON document on a line of its own, at once."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


@contextmanager
def held_back() -> Iterator[Callable[[], TextIO]]:
    """Give a function that empties a file and returns it to write to; what it holds in the end goes to standard output.

    A slow reader must not keep others from writing to the file with the cases.
    """
    from escalate.output.scratch import scratch_text  # lists and pages are written as they are read

    with scratch_text() as held:

        def anew() -> TextIO:
            held.seek(0)
            held.truncate()
            return held

        yield anew
        held.seek(0)
        copyfileobj(held, sys.stdout)
        sys.stdout.flush()  # or what comes next would take it for read


def say(*texts: str) -> None:
    """Write plain lines to standard output."""
    lines = (inert(line) for text in texts for line in text.split("\n"))
    sys.stdout.write("".join(f"{_folded(line, sys.stdout)}\n" for line in lines))


def say_whole(text: str) -> None:
    """Write lines that somebody copies into a file, or types, to standard output: none is folded."""
    sys.stdout.write("".join(f"{inert(line)}\n" for line in text.split("\n")))


def counting(things: Iterable[Thing], total: int | None, what: str) -> Iterator[Thing]:
    """Pass things on, while a bar on standard error says how many there were, or of an unknown number that it goes on.

    Without a terminal there is no bar.
    """
    if not is_terminal(sys.stderr) or (total is not None and total < WORTH_A_BAR):
        yield from things
        return
    from rich.console import Console
    from rich.progress import track

    screen = Console(stderr=True, markup=False, emoji=False)
    yield from track(things, description=what, total=total, console=screen, transient=True)


def complain(*sentences: str) -> None:
    """Write sentences to standard error, a line each whatever is in them."""
    sys.stderr.write("".join(f"{_folded(inert(sentence), sys.stderr)}\n" for sentence in sentences))


def for_screen(pieces: Iterable[str]) -> Iterable[str]:
    """Text in lines that break no word of it, where a terminal shows it; in a pipe as it is."""
    if not is_screen():
        return pieces
    return (f"{_folded(line, sys.stdout)}\n" for line in "".join(pieces).splitlines())


def _folded(line: str, stream: TextIO) -> str:
    """A line that is too long for the terminal in several that break no word; in a pipe it stays whole."""
    room = width()
    if len(line) <= room or not stream.isatty():
        return line
    from textwrap import fill  # most lines are short

    begins = line[: len(line) - len(line.lstrip())]
    kept = _COMMAND.sub(lambda found: _kept_whole(found[0], room), line)
    folded = fill(kept, room, subsequent_indent=begins, break_long_words=False, break_on_hyphens=False)
    return folded.replace(_GLUE, " ")


_COMMAND = re.compile(
    r"\b(?:escalate|psql|systemctl|journalctl|loginctl|keyring|pip|python3|chmod) (?:(?![.:] )[^,;()])+"
)
"""A command in a sentence, up to the end of what is said of it."""

_GLUE = "\x1f"
"""What stands for a space that no line ends at: no text has it."""


def _kept_whole(command: str, room: int) -> str:
    """A command in one line, so that it can be copied; one without options or values only where it has room."""
    return command.replace(" ", _GLUE) if len(command) <= room or re.search(r' -|["=]', command) else command


def pass_on(file: BinaryIO) -> None:
    """Write what a file holds to standard output, as it is."""
    sys.stdout.flush()
    copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def is_screen() -> bool:
    """Whether somebody reads standard output on a terminal."""
    return is_terminal(sys.stdout)
