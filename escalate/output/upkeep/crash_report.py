"""The report of an error that nobody foresaw: where it happened, and nothing that anybody typed or recorded."""

import platform
import sys
import traceback
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from escalate import __version__

LIBRARIES = ("site-packages", "dist-packages", f"python{sys.version_info[0]}.{sys.version_info[1]}")


def report(problem: BaseException, words: Sequence[str], known: Collection[str], at: datetime | None) -> str:
    """What helps to find the fault. The words of the command line that are not `known` names, and what errors say, stay out:
    either may name somebody.
    """
    said = " ".join(word if word in known else "…" for word in (each.partition("=")[0] for each in words))
    return "\n".join(
        [
            "An unexpected error in escalate. Nothing that was typed or recorded is in this report.",
            "",
            f"escalate {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}",
            f"At {at.isoformat(timespec='seconds') if at else 'an unknown moment'}",
            f"Command: escalate {said}",
            *_errors(problem),
            "",
        ]
    )


def _errors(problem: BaseException) -> Iterator[str]:
    """The error, and before it those that led to it, each with the lines it passed through."""
    earlier = problem.__cause__ or problem.__context__
    if earlier is not None:
        yield from _errors(earlier)
        yield ""
        yield "That led to:"
    yield ""
    for frame in traceback.extract_tb(problem.__traceback__):
        yield f"  {_place(frame.filename)}, line {frame.lineno}, in {frame.name}: {frame.line}"
    yield f"{kind(problem)}{_codes(problem)}"


def kind(problem: BaseException) -> str:
    """The kind of an error, by its full name where it is a library's."""
    module = type(problem).__module__
    return type(problem).__name__ if module == "builtins" else f"{module}.{type(problem).__name__}"


def _codes(problem: BaseException) -> str:
    """What an error says in figures and names of its own, which no text of anybody can be in."""
    codes = [getattr(problem, name, None) for name in ("errno", "sqlite_errorname", "pgcode")]
    return "".join(f" {code}" for code in codes if code is not None)


def _place(file: str) -> str:
    """A file by where it is in escalate or in a library; the folders before that may name somebody."""
    parts = Path(file).parts
    package = Path(__file__).parents[2]
    if Path(file).is_relative_to(package):
        return str(Path(file).relative_to(package.parent))
    for library in LIBRARIES:
        if library in parts:
            return str(Path(*parts[parts.index(library) + 1 :]))
    return parts[-1] if parts else "?"
