"""Where everything is written: the one place that knows standard output, standard error, widths and colours."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any, BinaryIO, TextIO, TypeVar, cast

from escalate.output.columns import Page
from escalate.output.documents import json_pieces
from escalate.output.words import inert

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Thing = TypeVar("Thing")

WIDE = 120
"""From this many columns on, tables give every value a column of its own."""

WORTH_A_BAR = 200
"""Fewer are done before a bar could be read."""

_UNCUT = 4_000

COLOURED = {"FORCE_COLOR", "TTY_COMPATIBLE"}
"""With these, Rich writes colours into a pipe as well."""


def prepare() -> None:
    """Lets no character stop an output: what the encoding cannot say is spelt out. Before anything is written.

    A stream that whoever started us closed is taken as one that nobody reads.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        getattr(sys, name).reconfigure(errors="backslashreplace")


def give_up() -> None:
    """Writes nothing more to standard output, which cannot take it: not even what is still held back."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> "Console":
    """A console on standard output: as wide as the terminal, and never cutting where there is none."""
    from rich.console import Console

    return Console(width=_given_width(), highlight=False, markup=False, emoji=False, soft_wrap=False)


def width() -> int:
    """How many columns there are: those of the terminal, and more than are ever filled where there is none."""
    return _given_width() or console().width


def _given_width() -> int | None:
    """What COLUMNS says, or more than is ever filled where there is no terminal; None where Rich is to find out."""
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and 20 <= int(given) <= _UNCUT:
        return int(given)
    return None if sys.stdout.isatty() else _UNCUT


def show(*parts: "RenderableType | Page") -> None:
    """Writes renderables to standard output; in a pipe without the spaces that fill a table up."""
    pages = [part for part in parts if isinstance(part, Page)]
    if len(pages) == len(parts) and not sys.stdout.isatty() and not COLOURED & os.environ.keys():
        for page in pages:
            sys.stdout.writelines(page.text(width()))
        return
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
    """Writes one JSON document to standard output, in characters that every encoding has."""
    sys.stdout.writelines(json_pieces(document))


def write(pieces: Iterable[str]) -> None:
    """Writes text to standard output that a renderer has made harmless, whole or in pieces."""
    sys.stdout.writelines(pieces)


def show_line(document: Mapping[str, Any]) -> None:
    """Writes one JSON document on a line of its own, at once."""
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


@contextmanager
def held_back() -> Iterator[Callable[[], TextIO]]:
    """What gives a file to write to, empty each time; what it holds in the end is written to standard output.

    Whoever reads slowly must not keep the file with the cases from being written.
    """
    from tempfile import TemporaryFile

    with TemporaryFile("w+", encoding="utf-8", errors="backslashreplace", newline="") as held:

        def anew() -> TextIO:
            held.seek(0)
            held.truncate()
            return cast("TextIO", held)

        yield anew
        held.seek(0)
        copyfileobj(held, sys.stdout)


def say(*texts: str) -> None:
    """Writes plain lines to standard output."""
    sys.stdout.write("".join(f"{inert(line)}\n" for text in texts for line in text.split("\n")))


def counting(things: Iterable[Thing], total: int, what: str) -> Iterator[Thing]:
    """The same things, while a bar on standard error says how many there were; where nobody watches a terminal there is none."""
    if not sys.stderr.isatty() or total < WORTH_A_BAR:
        yield from things
        return
    from rich.console import Console
    from rich.progress import track

    screen = Console(stderr=True, markup=False, emoji=False)
    yield from track(things, description=what, total=total, console=screen, transient=True)


def complain(*sentences: str) -> None:
    """Writes sentences to standard error, a line each whatever is in them."""
    sys.stderr.write("".join(f"{inert(sentence)}\n" for sentence in sentences))


def pass_on(file: BinaryIO) -> None:
    """Writes what a file holds to standard output, as it is."""
    sys.stdout.flush()
    copyfileobj(file, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def is_screen() -> bool:
    """Whether somebody reads standard output on a terminal."""
    return sys.stdout.isatty()
