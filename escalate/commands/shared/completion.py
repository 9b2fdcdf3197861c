"""How shells ask what can come next as somebody types, and how they are answered.

A shell asks through the environment, as the scripts of --install-completion have it, each time somebody presses Tab. Names of commands
and options are Typer's affair; values are found without loading what any command needs.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from escalate.commands.shared.typed import Line, Value, read_line


def complete(environment: Mapping[str, str]) -> str | None:
    """The answer to a shell, as it is to be written; None where Typer has to answer."""
    shell = environment["_ESCALATE_COMPLETE"].removeprefix("complete_")
    line = read_line(*_SHELLS[shell].words(environment)) if shell in _SHELLS else None
    if line is None:
        return None
    from escalate.commands.shared.offering import offered_for  # the name of a command needs none of it
    from escalate.errors import EscalateError

    try:
        found = offered_for(environment, line)
    except (EscalateError, OSError):  # a shell has no place for a sentence
        found = []
    if found is None:
        return None
    begun = line.begun.casefold()
    return _SHELLS[shell].answer([each for each in found if each[0].casefold().startswith(begun)], line, environment)


class Shell(NamedTuple):
    """How a shell asks and is answered."""

    words: Callable[[Mapping[str, str]], tuple[list[str], str]]
    """The words before the one that is begun, and that."""
    answer: Callable[[Sequence[Value], Line, Mapping[str, str]], str]
    """What is written."""


def _bash_words(environment: Mapping[str, str]) -> tuple[list[str], str]:
    """Bash divides words at = and : as well, and puts each on a line of its own."""
    joined: list[str] = []
    for word in _bash_parts(environment):
        if joined and (word in _BREAKS or joined[-1][-1:] in _BREAKS) and joined[-1]:
            joined[-1] += word
        else:
            joined.append(word)
    return [_unquoted(word) for word in joined[1:-1]], _unquoted(joined[-1] if joined else "")


def _bash_parts(environment: Mapping[str, str]) -> list[str]:
    """What bash took for words, up to the one that is begun."""
    parts, number = environment.get("COMP_WORDS", "").split("\n"), int(environment.get("COMP_CWORD", "0"))
    return [*parts, ""][: number + 1]


_BREAKS = ("=", ":")
"""Where bash divides words beside at spaces."""


def _typed_words(environment: Mapping[str, str]) -> tuple[list[str], str]:
    """Zsh and fish give the line up to the cursor."""
    line = environment.get("_TYPER_COMPLETE_ARGS", "")
    words = _split(line)
    return (words[1:], "") if not words[1:] or line[-1:].isspace() else (words[1:-1], words[-1])


def _powershell_words(environment: Mapping[str, str]) -> tuple[list[str], str]:
    """PowerShell gives the whole line, and what is begun beside it."""
    begun = environment.get("_TYPER_COMPLETE_WORD_TO_COMPLETE", "")
    words = _split(environment.get("_TYPER_COMPLETE_ARGS", ""))[1:]
    return (words[:-1] if begun else words), begun.strip("'\"")


def _split(line: str) -> list[str]:
    """The words of a line whose last may be begun in quotes."""
    for end in ("", "'", '"'):
        try:
            return shlex.split(line + end)
        except ValueError:
            continue
    return line.split()


def _unquoted(word: str) -> str:
    return " ".join(_split(word)) if set(word) & set("'\"\\") else word


def _bash_answer(found: Sequence[Value], line: Line, environment: Mapping[str, str]) -> str:
    """A line each, as it is typed: in quotes that are open, or with its blanks marked; what stands before a = is there already."""
    *_, last = _bash_parts(environment)
    values = [value for value, _ in found]
    if "=" in line.begun:
        values = [value.partition("=")[2] for value in values]
    if last[:1] not in ("'", '"'):
        values = [re.sub(r"([\s'\"\\$`&|;<>()*?!\[\]#~{}])", r"\\\1", value) for value in values]
    return "\n".join(values)


def _zsh_answer(found: Sequence[Value], line: Line, _: Mapping[str, str]) -> str:
    """What zsh runs: a list of values with what is said of each, in this order."""
    if not found:
        return "_files"
    lines = [
        f"{_marked(line.before + value)}:{says}" if says else _marked(line.before + value) for value, says in found
    ]
    goes_on = " -S ''" if all(value.endswith("=") for value, _ in found) else ""
    return f"local -a found; found=({' '.join(map(shlex.quote, lines))}); _describe -V value found{goes_on}"


def _marked(value: str) -> str:
    return value.replace("\\", "\\\\").replace(":", "\\:")


def _fish_answer(found: Sequence[Value], line: Line, environment: Mapping[str, str]) -> str:
    """A line each, with what is said of it after a tab. Fish asks first whether there are any, and wants a status for that."""
    if environment.get("_TYPER_COMPLETE_FISH_ACTION") == "is-args":
        raise SystemExit(0 if found else 1)
    return "\n".join(f"{line.before}{value}\t{says}" if says else line.before + value for value, says in found)


def _powershell_answer(found: Sequence[Value], line: Line, _: Mapping[str, str]) -> str:
    """A line each, in quotes where it needs them, with what is said of it after three colons."""

    def quoted(value: str) -> str:
        return value if re.fullmatch(r"[\w.=@:/-]+", value) else "'{}'".format(value.replace("'", "''"))

    return "\n".join(f"{quoted(line.before + value)}:::{says or ' '}" for value, says in found)


_SHELLS = {
    "bash": Shell(_bash_words, _bash_answer),
    "zsh": Shell(_typed_words, _zsh_answer),
    "fish": Shell(_typed_words, _fish_answer),
    "powershell": Shell(_powershell_words, _powershell_answer),
    "pwsh": Shell(_powershell_words, _powershell_answer),
}
"""The shells, by what they are called in the variable."""
