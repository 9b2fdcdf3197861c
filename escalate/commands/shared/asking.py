"""What is asked of somebody at the terminal."""

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from shutil import get_terminal_size
from typing import TypeVar

import typer

from escalate.domain.recording.repeated import Repeated
from escalate.domain.worktime.clock import spoken_day
from escalate.errors import BadInput, Refused, listed
from escalate.output.terminal import complain, is_terminal, say
from escalate.output.words import inert

Read = TypeVar("Read")

ASK = "-"
"""Said instead of a name or an address, has it asked for: a command line can be read by others."""


NOTHING_WRITTEN = "Nothing was written."


def asked(question: str, default: str = "") -> str:
    """Ask at the terminal and return the answer; Enter takes the default, which the question shows in brackets.

    Ctrl-C and Ctrl-D end the command, and it is said that nothing was written: ask before anything is.
    """
    shown = f"{question} [{default}]" if default else question
    try:
        answer: str = typer.prompt(_folded(shown), default="", show_default=False, prompt_suffix=" ", err=True)
    except typer.Abort:
        complain("", NOTHING_WRITTEN)
        raise
    return answer.strip() or default


def _folded(question: str) -> str:
    """A question in lines that break no word, with a mark at the end."""
    from textwrap import fill  # few commands ask

    return fill(inert(question if question.endswith("?") else f"{question}:"), get_terminal_size().columns - 1)


def asked_secretly(question: str) -> str:
    """Ask at the terminal, without showing what is typed, and return the answer."""
    answer: str = typer.prompt(inert(question), default="", show_default=False, hide_input=True, err=True)
    return answer.strip()


def show_folded(choices: Iterable[str]) -> None:
    """Show what there is to choose from, each in lines that break no word."""
    from textwrap import wrap  # few commands ask

    for each in choices:
        complain(*wrap(inert(each), get_terminal_size().columns - 1, subsequent_indent="     "))


def asked_until_read(question: str, read: Callable[[str], Read], default: str = "") -> Read | None:
    """Ask until the answer can be read; None for an empty one. `read` raises BadInput or Refused with why it cannot, which is said."""
    while said := asked(question, default):
        try:
            return read(said)
        except (BadInput, Refused) as problem:
            complain(problem.sentence)
    return None


def asked_which(question: str, choices: Mapping[str, str], default: str = "") -> str | None:
    """Ask for one of several things, shown in a numbered list: by its number, its name or a beginning that no other has; None for an empty answer.

    `choices` has the words for each beside its name, or nothing where the name says it all. Enter takes the default, a name.
    Names that are numbers themselves, as those of stages are, get no others.
    """
    chosen = _shown_to_choose(choices)
    return asked_until_read(question, chosen, default)


def asked_which_of(question: str, choices: Mapping[str, str]) -> list[str] | None:
    """The same, of one or several things, as in `1, 3`: in the order of the answer, each once. None for an empty answer."""
    chosen = _shown_to_choose(choices)
    return asked_until_read(
        question, lambda said: list(dict.fromkeys(map(chosen, re.split(r"[\s,;]+", said.strip(" ,;")))))
    )


def _shown_to_choose(choices: Mapping[str, str]) -> Callable[[str], str]:
    """Show things in a numbered list, and return what reads the answer."""
    names = list(choices)
    is_numbered = not any(name.isdecimal() for name in names)
    show_folded(
        f"{f'{number:>3}' if is_numbered else '   '}  {name}{f': {says}' if says else ''}"
        for number, (name, says) in enumerate(choices.items(), 1)
    )
    return lambda said: _chosen(said, names, is_numbered=is_numbered)


def _chosen(said: str, names: Sequence[str], *, is_numbered: bool) -> str:
    """The name that a number or its beginning stands for. Raises BadInput."""
    plain = said.casefold()
    named = [name for name in names if name.casefold() == plain]
    if not named and is_numbered and said.isascii() and said.isdecimal() and 0 < int(said[:7]) <= len(names):
        named = [names[int(said[:7]) - 1]]
    meant = named or [name for name in names if name.casefold().startswith(plain)]
    if len(meant) != 1:
        numbers = f"a number from 1 to {len(names)}, or with " if is_numbered else ""
        raise BadInput(f"Please answer with {numbers}one of the names.")
    return meant[0]


def asked_year(said: str, days: Sequence[date]) -> date | None:
    """Ask which of these days a date without a year means; None for an empty answer, or a no: neither of them."""
    by_year = {str(day.year): day for day in days}
    question = f'"{said}" could be {listed([spoken_day(day) for day in days], "or")}: which year'
    while (answer := asked(question)) and answer.casefold() not in ("n", "no"):
        if answer in by_year:
            return by_year[answer]
        question = f"Please answer {listed(list(by_year), 'or')}"
    return None


def can_ask(as_json: bool) -> bool:
    """Whether there is somebody at a terminal to be asked, and nothing but a document was asked for."""
    return is_terminal(sys.stdin) and not as_json


def go_on_if_meant(repeated: Repeated, question: str) -> None:
    """Ask whether something that was recorded just now is meant again, and end the command if it is not."""
    if not says_yes(f"{repeated.said}. {question}"):
        say(NOTHING_WRITTEN)
        raise typer.Exit


def says_yes(question: str) -> bool:
    """Ask whether something is to be done; no, unless they say yes."""
    return typer.confirm(_folded(question), default=False, err=True)


def confirmed(question: str) -> bool:
    """Ask whether a change is to be made. Raises Refused where there is nobody to ask."""
    if not is_terminal(sys.stdin):
        raise Refused(
            "Nobody is at a terminal to answer: add --yes to go ahead without being asked. Nothing was written."
        )
    return says_yes(question)


def refuse_to_ask(what: str, *, as_json: bool, yes: bool, dry_run: bool) -> None:
    """Refuse to ask a script whether a change is to be made. Raises Refused."""
    if as_json and not (yes or dry_run):
        raise Refused(f"--json asks no questions: add --yes to {what}, or --dry-run to see what would change.")


LONGEST_ANSWER = 100_000
"""In bytes. What has no line ends at all would otherwise be gathered without end."""


def _next_line(what: str) -> str:
    """The next line of standard input. Raises BadInput for one that is far too long."""
    line = sys.stdin.buffer.readline(LONGEST_ANSWER)
    if len(line) == LONGEST_ANSWER:
        raise BadInput(f"What was given for {what} is too long: put one line on standard input. {NOTHING_WRITTEN}")
    return line.decode("utf-8", errors="replace")


def private(said: str, what: str) -> str:
    """What was said; for `-` it is asked for at the terminal, or read from the next line of standard input. Raises BadInput."""
    if said != ASK:
        return " ".join(said.split())
    answer = asked(what) if is_terminal(sys.stdin) else _next_line(what)
    if not answer.strip():
        raise BadInput(f"Nothing was given for {what}: type it when asked, or put it on standard input.")
    return " ".join(answer.split())
