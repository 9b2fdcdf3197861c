"""What somebody has typed so far, as far as it decides what comes next."""

from collections.abc import Sequence
from typing import NamedTuple

from escalate.commands.shared.declared import Declared, declared, found_command

ALSO = {"new": "open"}
"""What commands are called as well."""


Value = tuple[str, str]
"""What can be typed next, and what is said of it."""


class Line(NamedTuple):
    """A line that somebody types, up to the cursor."""

    database: str | None
    """What `--db` names."""
    wanted: tuple[str, str]
    """What comes next: the option it belongs to and what help calls it, as `--agency` and `AGENCY`; else as `ACTION...` and as `ACTION`."""
    given: dict[str, str]
    """What was given, by what help calls it."""
    begun: str
    """The beginning of what comes next."""
    before: str = ""
    """What stands before it in the same word, such as `severity=`."""


def read_line(words: Sequence[str], begun: str) -> Line | None:
    """What comes next after these words of which the last is begun; None where that is an option or the name of a command."""
    database, words = _database_of(words)
    words = [*(ALSO.get(word, word) for word in words[:1]), *words[1:]]
    found = found_command(words)
    if found is None:
        return None
    file, number = found
    takes, rest = declared(file), list(words[number:])
    given, last = _given(takes, rest)
    if begun.startswith("-") and last is None and "--" not in rest:
        name, equals, begun_after = begun.partition("=")
        if not (equals and takes.options.get(name)):
            return None
        return Line(database, (name, takes.options[name] or ""), given, begun_after, f"{name}=")
    if last is not None:
        return Line(database, (last, takes.options[last] or ""), given, begun)
    number = sum(name not in takes.options for name in given)
    several = takes.arguments[-1:] if takes.arguments and takes.arguments[-1].endswith("...") else []
    wanted = next(iter([*takes.arguments[number:], *several]), "")
    return Line(database, (wanted, wanted.removesuffix("...")), given, begun)


def _database_of(words: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """What is said with `--db` before the command, and the words from the command on."""
    if words[:1] == ["--db"]:
        return (words[1] if len(words) > 1 else None), words[2:]
    if words and words[0].startswith("--db="):
        return words[0].removeprefix("--db="), words[1:]
    return None, words


def _given(takes: Declared, words: Sequence[str]) -> tuple[dict[str, str], str | None]:
    """What was given, by what help calls it and for options by their names, and the option whose value comes next, if one does."""
    given: dict[str, str] = {}
    arguments, waiting, only_arguments = iter(takes.arguments), None, False
    for word in words:
        if waiting:
            given[waiting], waiting = word, None
        elif word == "--":
            only_arguments = True
        elif word.startswith("-") and not only_arguments:
            name, equals, value = word.partition("=")
            if equals:
                given[name] = value
            elif takes.options.get(name) is not None:
                waiting = name
        else:
            given.setdefault(next(arguments, ""), word)
    given.pop("", None)
    return given, waiting
