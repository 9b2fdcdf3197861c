"""What a shell offers as somebody types: cases, protocols, stages, actions, answers, agencies. It never offers the name of a person.

A shell asks through the environment, as the scripts of --install-completion have it, each time somebody presses Tab. Names of commands
and options are Typer's affair; here is what stands in their place, found without loading what any command needs.
"""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from escalate.commands.shared.declared import Declared, declared, found_command
from escalate.domain.case import details
from escalate.domain.case.status import STATUSES
from escalate.errors import EscalateError
from escalate.settings import Settings
from escalate.storage.offered import Offered, offered
from escalate.storage.places import ServerPlace

ALSO = {"new": "open"}
"""What commands are called as well."""

SECONDS = 2
"""So long a server is waited for."""

Value = tuple[str, str]
"""What can be typed, and what is said of it."""


Found = TypeVar("Found")


class Line(NamedTuple):
    """What somebody has typed so far, as far as it decides what comes next."""

    database: str | None
    """What `--db` names."""
    wanted: str
    """What comes next, as help calls it, or the option it belongs to: `CASE`, `--agency`."""
    given: dict[str, str]
    """What was given, by what help calls it."""
    begun: str
    """The beginning of what comes next."""
    before: str = ""
    """What stands before it in the same word, such as `severity=`."""


def complete(environment: Mapping[str, str]) -> str | None:
    """The answer to a shell, as it is to be written; None where Typer has to answer."""
    shell = environment["_ESCALATE_COMPLETE"].removeprefix("complete_")
    line = read_line(*_SHELLS[shell].words(environment)) if shell in _SHELLS else None
    finder = _FINDERS.get(line.wanted) if line else None
    if line is None or finder is None:
        return None
    try:
        found = list(finder(Desk(environment, line)))
    except (EscalateError, OSError):  # a shell has no place for a sentence
        found = []
    begun = line.begun.casefold()
    return _SHELLS[shell].answer([each for each in found if each[0].casefold().startswith(begun)], line, environment)


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
        return Line(database, _wanted(name, takes), given, begun_after, f"{name}=")
    if last is not None:
        wanted = _wanted(last, takes)
    else:
        number = sum(name not in takes.options for name in given)
        several = takes.arguments[-1:] if takes.arguments and takes.arguments[-1].endswith("...") else []
        wanted = next(iter([*takes.arguments[number:], *several]), "")
    return Line(database, wanted if wanted in _FINDERS else wanted.removesuffix("..."), given, begun)


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


def _wanted(option: str, takes: Declared) -> str:
    """What an option takes: by its own name where that says more."""
    return option if option in _FINDERS else takes.options.get(option) or ""


class Desk:
    """Where what is offered is looked up: the settings, the cases, and the protocol that is meant."""

    def __init__(self, environment: Mapping[str, str], line: Line) -> None:
        self.settings = Settings(environment, line.database)
        self.line = line

    def of_cases(self, find: Callable[[Offered], Iterable[Found]]) -> list[Found]:
        """What is found among the cases; nothing where there are none. Raises StoreError."""
        place = self.settings.place
        if isinstance(place, ServerPlace):
            place = place._replace(wait=SECONDS)  # somebody waits with a finger on the key
        with offered(place) as cases:
            return list(find(cases)) if cases else []

    def of_case(self, find: Callable[[Offered, str], Iterable[Found]]) -> list[Found]:
        """What is found in the case that was named before."""

        def of_it(cases: Offered) -> Iterable[Found]:
            ref = cases.ref(self.line.given.get("CASE", ""))
            return find(cases, ref) if ref else ()

        return self.of_cases(of_it)

    def tables(self, name: str) -> Iterator[dict[str, Any]]:
        """The tables of a name, such as `facts`, in the protocol that was named, or in that of the case, and in those it extends. Raises Refused."""
        from escalate.storage.files.toml import parse_toml  # agencies and cases need none of it

        for text in self._protocol:
            found = parse_toml(text, "").get(name)
            yield from (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))

    @property
    def _protocol(self) -> list[str]:
        """The text of the protocol that is meant, and of those it extends as far as a case keeps them. Raises Refused, StoreError."""
        if named := self.line.given.get("PROTOCOL") or self.line.given.get("--protocol"):
            from escalate.storage.files.protocols import files_by_id
            from escalate.storage.files.toml import read_text

            paths = files_by_id(self.settings.protocols).get(named.partition("@")[0], ())
            return [read_text(path) for path in paths[-1:]]
        return self.of_case(lambda cases, ref: cases.protocol(ref))


class Shell(NamedTuple):
    """How a shell asks and is answered."""

    words: Callable[[Mapping[str, str]], tuple[list[str], str]]
    """The words before the one that is begun, and that."""
    answer: Callable[[Sequence[Value], Line, Mapping[str, str]], str]
    """What is written."""


# -- what there is to offer


def _cases(desk: Desk) -> Iterator[Value]:
    for case in desk.of_cases(lambda cases: cases.cases(desk.line.begun)):
        between = f"{case.raising or '?'} to {case.receiving or '?'}" if case.raising or case.receiving else ""
        yield case.ref, ", ".join(filter(None, (case.subject, between)))
        if case.subject and desk.line.begun:
            yield case.subject, ", ".join(filter(None, (case.ref, between)))


def _protocols(desk: Desk) -> Iterator[Value]:
    from escalate.storage.files.protocols import files_by_id  # loads what reads protocols

    yield from ((name, "") for name in sorted(files_by_id(desk.settings.protocols)))


def _keys(table: str, says: str) -> Callable[[Desk], Iterator[Value]]:
    """What finds the keys of a protocol's stages or routes, with what is said of each."""
    return lambda desk: ((str(each.get("key", "")), str(each.get(says, ""))) for each in desk.tables(table))


def _actions(desk: Desk) -> list[Value]:
    actions = desk.of_case(lambda cases, ref: cases.actions(ref))
    return [(each.key, each.name) for each in actions if each.key != NEXT_STEP]


def _agencies(desk: Desk) -> list[Value]:
    return [(name, "") for name in desk.of_cases(lambda cases: cases.agencies())]


def _themes(desk: Desk) -> list[Value]:
    listed = [str(each.get("key", "")) for each in desk.tables("themes")]
    return [(name, "") for name in dict.fromkeys([*listed, *desk.of_cases(lambda cases: cases.themes())])]


def _owners(desk: Desk) -> list[Value]:
    return [(name, "") for name in desk.of_cases(lambda cases: cases.owners())]


def _sides(desk: Desk) -> list[Value]:
    return [(name, "") for name in ("raising", "receiving", *desk.of_case(lambda cases, ref: cases.sides(ref)))]


def _statuses(_: Desk) -> list[Value]:
    return [(status, "") for status in STATUSES]


def _backups(desk: Desk) -> Iterator[Value]:
    file = desk.settings.file
    if file:
        from escalate.storage.backups.naming import backups_in, is_named_for

        yield "latest", "the newest"
        yield from (
            (path.name, "") for path in reversed(backups_in(desk.settings.backups)) if is_named_for(path.name, file)
        )


def _facts(desk: Desk) -> Iterator[Value]:
    """`severity=`, and when that stands there, or nothing else begins so, `severity=high`; nothing of who somebody is, or for free text."""
    name, equals, _ = desk.line.begun.partition("=")
    facts = {str(each.get("key")): each for each in desk.tables("facts")}
    events = {str(each.get("key")): each for each in desk.tables("moments")}
    keys = {
        **{key: str(each.get("ask", "")) for key, each in (facts | events).items()},
        **dict.fromkeys(details.NAMES, ""),
    }
    begun = [key for key in keys if key.casefold().startswith(name.casefold())]
    if equals or len(begun) == 1:
        name = name if equals else begun[0]
        values = _answers(desk, name, facts)
        yield from ((f"{name}={value}", "") for value in values)
        if values or equals:
            return
    yield from ((f"{key}=", says) for key, says in keys.items())


def _answers(desk: Desk, name: str, facts: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """What can be said of something a case is asked for."""
    if name in facts:
        return [str(answer) for answer in facts[name].get("answers", ("yes", "no"))]
    if name in ("from", "to", "involved"):
        return [agency for agency, _ in _agencies(desk)]
    if name == details.RELATED:
        return [case.ref for case in desk.of_cases(lambda cases: cases.cases(""))]
    return [theme for theme, _ in _themes(desk)] if name == "theme" else []


NEXT_STEP = "next-step"
"""What stands in the place of an action where only going up is called for (domain/protocol/parts.py)."""

_FINDERS: dict[str, Callable[[Desk], Iterable[Value]]] = {
    "CASE": _cases,
    "PROTOCOL": _protocols,
    "STAGE": _keys("stages", "name"),
    "ROUTE": _keys("routes", "name"),
    "ACTION": _actions,
    "FACT=ANSWER": _facts,
    "AGENCY": _agencies,
    "--agency": _agencies,
    "--into": _agencies,
    "NAME...": _agencies,  # several names of one; people are named one at a time
    "THEME": _themes,
    "--owner": _owners,
    "SIDE": _sides,
    "STATUS": _statuses,
    "BACKUP": _backups,
}
"""What finds what is offered, by what help calls it, or by the option."""


# -- how shells ask, and are answered


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
