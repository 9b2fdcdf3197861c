"""What is thrown at escalate: strategies that know what is right, and go wrong from there.

Text and bytes are cut, doubled and spliced; trees of TOML and JSON lose, swap and change their parts; spreadsheets are made whole and
then damaged inside. Commands and their options are read from the Typer app, so that a new one is tried without a word here.
"""

import csv
import io
import json
import math
import re
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import rich.style  # noqa: F401  # draws a random number when it is loaded, which no strategy may do
import typer
from hypothesis import strategies as st

from escalate.cli import app
from escalate.domain.importing.headings import FIELDS
from escalate.domain.reporting.recipients import MAIL
from escalate.settings import _KNOWN
from tests.promises.fuzz import Input
from tests.random_protocols import protocols as sound_protocols

ROOT = Path(__file__).parents[2]
SHIPPED = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "protocols").glob("*.toml"))}
SHAPES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "shapes").glob("*.toml"))}
LOG = (ROOT / "tests" / "data" / "log.csv").read_text(encoding="utf-8")
HOLIDAYS = (ROOT / "tests" / "data" / "govuk-bank-holidays.json").read_text(encoding="utf-8")
IDS = [name.removesuffix(".toml") for name in SHIPPED]

Draw = st.DrawFn
Tree = Any

# -- text -----------------------------------------------------------------------------------------------------------------

NASTY = (
    "", " ", "\t", "\n", "\r\n", "\r", "-", "--", "---", "=", "x=", "=x", "x=y=z", "%", "%s", "%n", "{}", "{0}", "$HOME", "`id`", "'", '"', "\\",
    "..", ".", "./x", "~", "*", "?", "[", "]", "[/]", "[bold]x", "[link=x]y[/link]", ":smile:", "<script>alert(1)</script>", "&amp;", "<!--",
    "=cmd|'/c calc'!A0", "+1", "@SUM(A1)", "-1+1", "\x1b[31mred", "\x1b]0;t\x07", "\x9b31m", "\x85", "\u2028", "\u2029", "\u202eevil", "\u2066", "\u200b",
    "\ufeff", "\ufffd", "\U0001f600", "\U000e0041", "e\u0301", "Zo\u00eb", "\u00df", "\u017f", "\u0130", "\ufb01", "\u0663", "\u00b2", "\u00bd", "0", "-0", "-1", "1e999", "nan", "inf",
    "0x10", "1_000", "007", "9" * 20, "1" * 5000, "x" * 10_000, "null", "None", "true", "'; DROP TABLE entry; --", "\x7f", "\x08", "\x00", "a,b;c\td",
    "E0001", "1", "herefordshire@2025", "hull-east-riding@", "@", "/dev/null", "/dev/zero", "cases.db", "\udcff", "a\udc80b",
)  # fmt: skip
PIECES = tuple(piece for piece in NASTY if len(piece) < 50 and not any("\ud800" <= each <= "\udfff" for each in piece))
DEVICES = ("/dev/null", "/dev/zero", "/dev/full")


def _one(draw: Draw, things: Sequence[Any]) -> Any:
    return things[draw(st.integers(0, len(things) - 1))]


def _chance(draw: Draw, of: int) -> bool:
    return draw(st.integers(0, of - 1)) == of - 1


pieces = st.sampled_from(PIECES) | st.text(max_size=8)
many = st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=4), st.sampled_from((50, 1000, 20_000)))
nasty = st.sampled_from(NASTY) | st.text(max_size=30) | many


@st.composite
def mutated(draw: Draw, text: str, most: int = 4, more: st.SearchStrategy[str] = pieces) -> str:
    """A text that something was put into, or taken out of, here and there."""
    for _ in range(draw(st.integers(1, most))):
        at = draw(st.integers(0, len(text)))
        cut = _one(draw, (0, 0, 1, 1, 2, 3, 10, 100, 5000))
        there = draw(st.integers(0, len(text)))
        put = draw(more) if draw(st.booleans()) else text[there : there + _one(draw, (0, 1, 3, 10, 60, 500))]
        text = text[:at] + put + text[at + cut :]
    return text


@st.composite
def bent(draw: Draw, content: bytes) -> bytes:
    """The same of bytes."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        put = _one(
            draw,
            (
                b"",
                b"\0",
                b"\xff",
                b"\xfe\xff",
                b"\xef\xbb\xbf",
                b"\x80",
                b"\xc3",
                b"\xed\xa0\x80",
                b"\r",
                b"\n",
                b'"',
                b"PK\x03\x04",
                b"\x1a",
            ),
        )
        content = content[:at] + put * _one(draw, (1, 1, 1, 3, 5000)) + content[at + _one(draw, (0, 1, 1, 4, 400)) :]
    return content


@st.composite
def encoded(draw: Draw, text: str) -> bytes:
    """A text as one program or another writes it to a file."""
    encoding = _one(draw, ("utf-8",) * 6 + ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "utf-7"))
    content = text.encode(encoding, errors="replace")
    return draw(bent(content)) if _chance(draw, 6) else content


# -- moments and allowances -----------------------------------------------------------------------------------------------

MOMENTS = (
    "2026-11-18", "2026-11-18 14:00", "2026-11-18T14:00:30", "2026-11-18T14:00+01:00", "2026-11-18T14:00Z", "18 Nov 2026", "18/11/2026 2pm", "3/4/2026",
    "yesterday 15:20", "today", "tomorrow 9am", "now", "Fri 12:00", "Friday", "Mon, 23 Nov 10:00", "1st March 2026", "29 Feb 2024", "noon", "14:30",
    "midnight", "18-11-26", "18 Nov 26, 10.30", "29 March 2026 01:30", "25 Oct 2026 01:30", "31/12/2100", "1 Jan 1990", "2199-12-31", "1900-01-01",
)  # fmt: skip
GOOD = {
    "word": ("today", "yesterday", "tomorrow", "mon", "tues", "friday", "sunday", "noon", ""),
    "month": ("jan", "February", "MAR", "apr", "may", "june", "jul", "sept", "oct", "novem", "dec"),
    "year": ("2026", "2026", "2025", "26", "2027", "1999", "2100", "1900", "2199"),
    "clock": (
        "",
        "",
        "noon",
        "midnight",
        "12:00",
        "9am",
        "12 am",
        "12pm",
        "23:59:59",
        "9.30pm",
        "14.30",
        "0:00",
        "1:30",
    ),
    "tail": ("",),
}
BAD = {
    "word": ("s", "month", "last friday", "next week", "in 3 days", "t"),
    "month": ("smarch", "am", "pm", "utc", "th", "and", "of", "fri"),
    "year": ("1899", "2200", "0000", "9999", "99999", "1", "02026", ""),
    "clock": ("0am", "13pm", "24:00", "23:59:60", "9:5", "09:00:00.123456", "25:99", "12:60", "T10", "99", "1:30:1:1"),
    "tail": ("Z", "+00:00", "+01:00", "-14:00", "+25:00", "+2359", "+23:59:59", " BST", "[Europe/London]", ".5", ",", " .", "\u00a0"),
}  # fmt: skip


def _mostly(draw: Draw, part: str) -> str:
    """A part of a moment as it should be, or now and then as it should not."""
    return str(_one(draw, (BAD if _chance(draw, 8) else GOOD)[part]))


ALLOWANCES = (
    "5 working days", "24 hours", "immediately", "same working day", "1 to 3 working days", "3 clear days", "2 weeks inclusive", "1 month", "10 years",
    "1 working day by 12:00", "3 days by close of business", "90 minutes", "4 working hours", "1 working week", "0 working days", "99999 working days",
    "99999 months", "99999 hours", "99999 working hours", "99999 years", "99999 weeks", "5 school days", "2-4 wd", "1 hr", "5 workng days",
)  # fmt: skip


@st.composite
def grammatical(draw: Draw) -> str:
    """A moment put together from parts that have their right order, though not their right values."""
    day, month = draw(st.integers(0, 33)), draw(st.integers(0, 13))
    year, clock = _mostly(draw, "year"), _mostly(draw, "clock")
    match draw(st.integers(0, 4)):
        case 0:
            said, clock = f"{year:>04}-{month:02}-{day:02}", clock or "10:00:00+00:00"
        case 1:
            said = f"{day}{_one(draw, '//-')}{month}{_one(draw, '//-. ,')}{year}"
        case 2:
            said = _mostly(draw, "word")
        case _:
            weekday, ending = _one(draw, ("", "", "", "Tue ", "mon, ")), _one(draw, ("", "", "st", "th"))
            said = f"{weekday}{day}{ending} {_mostly(draw, 'month')}{_one(draw, (' ', ' ', ', ', '. '))}{year}"
    between = _one(draw, (" ", " ", "T", " at ", ", ", "  ")) if said and clock else ""
    return f"{said.strip()}{between}{clock}{_mostly(draw, 'tail')}"


moments = st.one_of(
    st.sampled_from(MOMENTS),
    grammatical(),
    grammatical(),
    st.sampled_from(MOMENTS).flatmap(mutated),
    grammatical().flatmap(mutated),
    nasty.map(str),  # as one of six, and not as many as it has parts
)
allowances = st.sampled_from(ALLOWANCES) | st.sampled_from(ALLOWANCES).flatmap(mutated) | nasty.map(str)

# -- command lines --------------------------------------------------------------------------------------------------------

Command = tuple[tuple[str, ...], Any]


@cache
def commands() -> list[Command]:
    """Every command with its path of names, as the app has it."""

    def under(command: Any, path: tuple[str, ...]) -> Iterator[Command]:
        if inner := getattr(command, "commands", None):
            for name, each in inner.items():
                yield from under(each, (*path, name))
        yield path, command

    return list(under(typer.main.get_command(app), ()))


FACTS = ("protection-plan=yes", "looked-after=no", "severity=high", "population=adult", "immediate-risk=yes", "concern=2026-11-01", "theme=drift",
         "involved=Police", "about=x", "level-current=3", "how=so", "lessons=none", "name=Ada", "born=2014-05-03", "address=1 Road", "subject=M-9",
         "from=Police", "to=-", "name=-", "protection-plan=unknown")  # fmt: skip
POOLS: dict[str, Sequence[str]] = {
    "case": ("1", "2", "3", "4", "5", "6", "7", "8", "E0001", "0003", "0", "9"),
    "protocol": (*IDS, "my.toml", "./my.toml", "herefordshire@2025", "her", "/dev/zero"),
    "file": ("out", "out.csv", "cases.db", "../cases.db", ".", "../home", "no/such", "log.csv", "my.toml", "list.json", "-", *DEVICES),
    "fact": FACTS,
    "stage": ("0", "1", "2", "3", "4", "4a", "4b", "main", "individual:1"),
    "route": ("main", "individual", "strategic", "case"),
    "action": ("resolve", "discussion", "response", "iro-notified", "template-sent", "written-escalation"),
    "agency": ("A school", "Children's Services", "police"),
    "name": ("england-and-wales", "scotland", "northern-ireland", "herefordshire", "Kit Example", "Sheet", "log"),
    "status": ("open", "resolved", "withdrawn", "all"),
    "kind": ("opened", "done", "noted", "advanced", "resolved"),
    "number": ("1", "2", "5", "2026", "2100", "1990", "0", "9999999", "99999999"),
    "year": ("2026", "2026-27", "2025/26", "1990", "2101"),
    "quarter": ("2026-Q4", "Q3", "2026 Q1", "2026-Q5", "4"),
    "format": ("ics", "csv", "xlsx", "json", "text", "markdown", "html", "docx"),
    "table": ("cases", "deadlines", "history"),
    "side": ("raising", "receiving", "Police"),
    "form": ("appendix-1", "appendix-2", "appendix-b", "2"),
    "mapping": ("Team=note", "Ref=reference", "Date raised=raised", "x=skip", "A=severity"),
    "clock": ("08:00", "1:30", "24:00", "8"),
    "id": ("north-town", "Herefordshire", "herefordshire", "a b"),
    "word": ("a", "school", "drift", "M-1", "E0001"),
}  # fmt: skip
MEANT = {
    "case": "case", "protocol": "protocol", "one": "protocol", "other": "protocol", "like": "protocol", "edition": "protocol", "file": "file", "[file]": "file",
    "to": "file", "output": "file", "database": "file", "fact=answer": "fact", "fact=answer...": "fact", "stage": "stage", "route": "route", "action": "action",
    "agency": "agency", "name": "name", "calendar": "name", "sheet": "name", "status": "status", "kind": "kind", "n": "number", "year": "year",
    "quarter": "quarter", "format": "format", "table": "table", "side": "side", "form": "form", "column=field": "mapping", "hh:mm": "clock", "id": "id",
    "text": "word", "text...": "word", "theme": "word", "owner": "agency",
}  # fmt: skip
OF_MOMENTS = ("when", "day", "last", "at", "concern", "as_of", "since")
ANY_VALUE = tuple(value for pool in POOLS.values() for value in pool) + MOMENTS + ALLOWANCES


@st.composite
def value_of(draw: Draw, parameter: Any) -> str:
    """A value for an argument or an option: mostly of the right kind."""
    known = [str(word).casefold() for word in (parameter.metavar, parameter.name) if word]
    which = draw(st.integers(0, 9))
    if which == 9:
        return str(draw(nasty))
    if which == 8:
        return str(_one(draw, ANY_VALUE))
    choices = getattr(parameter.type, "choices", None)
    if choices:
        return str(_one(draw, list(choices)))
    if any(word in OF_MOMENTS for word in known):
        return str(draw(moments))
    if "allowance" in known or "within" in known:
        return str(draw(allowances))
    kinds = [MEANT[word] for word in known if word in MEANT]
    value = str(_one(draw, POOLS[kinds[0]] if kinds else ANY_VALUE))
    return draw(mutated(value)) if _chance(draw, 8) else value


@st.composite
def words_of(draw: Draw, command: Command) -> list[str]:
    """A command with its arguments, and some of its options, in any order."""
    path, inner = command
    said: list[list[str]] = []
    for parameter in inner.params:
        is_argument = parameter.param_type_name == "argument"
        wanted = (parameter.required and not _chance(draw, 12)) or _chance(draw, 2 if is_argument else 5)
        times = (
            draw(st.integers(1, 3))
            if wanted and (parameter.multiple or parameter.nargs == -1 or _chance(draw, 20))
            else int(wanted)
        )
        for _ in range(times):
            if is_argument:
                said.append([draw(value_of(parameter))])
            elif getattr(parameter, "is_flag", False):
                said.append([_one(draw, parameter.opts)])
            else:
                option, value = _one(draw, parameter.opts), draw(value_of(parameter))
                said.append([f"{option}={value}"] if _chance(draw, 4) else [option, value])
    if _chance(draw, 5):
        said = list(draw(st.permutations(said)))
    words = [*path, *(word for words in said for word in words)]
    if _chance(draw, 10):
        words.insert(
            draw(st.integers(0, len(words))),
            str(_one(draw, ("--", "-h", "--help", "--json", "--db", "--version", "-x", "--no-such", draw(nasty)))),
        )
    return words


ODD_ENVIRONMENT: dict[str, Sequence[str]] = {
    "COLUMNS": ("20", "80", "160", "0", "-1", "x", "4000", "99999999999"),
    "LANG": ("C", "en_GB.UTF-8", "tr_TR.UTF-8"), "LC_ALL": ("C", "POSIX", "xx"),
    "TERM": ("dumb", "xterm-256color", ""), "NO_COLOR": ("1", ""), "TZ": ("UTC", "Asia/Tokyo", "no/such", ":", "/dev/zero"),
    "ESCALATE_BY": NASTY[:60], "ESCALATE_AT_RISK": ALLOWANCES, "ESCALATE_WORKING_HOURS": ("09:00 to 17:00", "17:00 to 09:00", "00:00 to 23:59", "9-5", "x"),
    "ESCALATE_CALENDAR": POOLS["name"], "ESCALATE_PROTOCOLS": (".", "no/such", "my.toml", "/dev/null"), "ESCALATE_CONFIG": ("config.toml", ".", "/dev/zero", "no/such"),
}  # fmt: skip


@st.composite
def environments(draw: Draw, often: int = 4) -> dict[str, str]:
    """Now and then something around a command that is not as usual; what it was given has no NUL, which none can have."""
    found: dict[str, str] = {}
    if _chance(draw, often):
        for name in draw(st.lists(st.sampled_from(sorted(ODD_ENVIRONMENT)), max_size=2, unique=True)):
            found[name] = str(_one(draw, ODD_ENVIRONMENT[name]))
    if _chance(draw, often * 2):
        found["ESCALATE_NOW"] = draw(
            st.sampled_from(
                ("2026-12-24T23:59", "2029-01-02", "1990-01-01", "2100-12-31T23:00", "2026-10-25T01:30+00:00")
            )
            | moments
        )
    return {name: _passable(value) for name, value in found.items()}


def _passable(word: str) -> str:
    """What can be passed to a process; and no path that leads out of the office, but for devices."""
    word = "".join(
        each for each in word if each != "\0" and not "\ud800" <= each < "\udc80" and not "\udcff" < each <= "\udfff"
    )
    name, equals, value = word.partition("=")
    if equals and name.startswith("--"):
        return f"{name}={_inside(value)}"
    return _inside(word)


def _inside(path: str) -> str:
    if path in DEVICES or path in ("../home", "../cases.db"):
        return path
    return path.lstrip("/~").replace("../", "./") if "/" in path and path[:1] in "/~." else path


@st.composite
def arguments(draw: Draw) -> Input:
    """Any command with any options."""
    words = draw(words_of(_one(draw, commands())))
    if _chance(draw, 25):
        words = [
            *_one(
                draw,
                (
                    ("--db", "x.db"),
                    ("--db", ""),
                    ("--db", "../home"),
                    ("--db=my.toml",),
                    ("--version",),
                    ("-h",),
                    ("--db",),
                ),
            ),
            *words,
        ]
    stdin = _one(
        draw, (b"", b"", b"y\n", b"n\n", b"\n\n\n", b"\xff\xfe\0", b"2026-11-18\t3 days\nx\n", b"Ada\n2014-05-03\n")
    )
    return Input(
        tuple(_passable(word) for word in words),
        {
            "my.toml": SHAPES["window.toml"].encode(),
            "log.csv": LOG.encode(),
            "list.json": HOLIDAYS.encode(),
            "config.toml": b'by = "me"\n',
        }
        if _chance(draw, 3)
        else {},
        stdin,
        draw(environments()),
        database=not _chance(draw, 8),
    )


ASKING_WHEN = (
    "calc {} 1~day", "calc {} 1~day --json", "note 1 x --at {}", "note 1 x --at {} --json", "done 4 response --at {}", "agree 3 {}", "agree 3 {} --json", "advance 1 --at {}",
    "resolve 2 --at {}", "set 1 concern={}", "set 1 born={}", "undo 1 --at {}", "open herefordshire --at {}", "open hull-east-riding --concern {} --at {}", "due --as-of {}",
    "show 1 --as-of {}", "log 1 --since {}", "explain 1 --as-of {}", "plan hull-east-riding --at {}", "plan north-east-lincolnshire --concern {}", "protocol compare herefordshire lincolnshire --at {}",
    "calendar add {} --reason x --yes", "calendar add {} {} --reason x --yes", "calendar remove {} --reason x --yes", "report --from {} --to {}", "digest --since {}",
    "export csv --what cases --since {}", "export ics --as-of {}",
)  # fmt: skip
ASKING_HOW_LONG = (
    "calc 2026-11-18 {}",
    "calc 2026-11-18 {} --json",
    "calc 2026-12-24~10:00 {} --calendar scotland",
    "due --within {}",
    "due --within {} --json",
)


@st.composite
def whens(draw: Draw) -> Input:
    """Moments and allowances, wherever one can be given."""
    which = draw(st.integers(0, 5))
    if which <= 1:
        ends = ("", "", "", "\tscotland", "\t", "\tx", "\t\t")
        lines = [f"{draw(moments)}\t{draw(allowances)}{_one(draw, ends)}" for _ in range(draw(st.integers(1, 30)))]
        text = "\n".join(lines)
        return Input(("calc", "-"), stdin=draw(encoded(text)))
    pattern = _one(draw, ASKING_HOW_LONG if which == 2 else ASKING_WHEN)
    values = [draw(allowances if which == 2 else moments) for _ in range(pattern.count("{}"))]
    words = [word.replace("~", " ").format(*([values.pop()] if "{}" in word else [])) for word in pattern.split()]
    around = {"ESCALATE_NOW": _passable(draw(moments))} if _chance(draw, 8) else {}
    return Input(tuple(_passable(word) for word in words), environment=around, database=not _chance(draw, 8))


# -- trees ----------------------------------------------------------------------------------------------------------------

DEEP: Tree = []
for _ in range(400):
    DEEP = [DEEP]
ODD_VALUES: tuple[Tree, ...] = (
    "", " ", "x", "\n", "[bold]", "\x1b[31m", "\u202e", "x" * 5000, 0, -1, 1, 2**63, -(2**63), 10**30, 1.5, math.inf, math.nan, True, False, [], {}, [[]], [{}], [1, "a"], {"a": {}},
    date(2026, 1, 1), datetime(2026, 1, 1, 1), time(1), ["1"] * 500, [{"key": "x"}] * 200, DEEP, "5 working days", "immediately", "99999 working days", "99999 months",
    "concern", "raised", "stage", "stage 1", "resolved", "known", "x overdue", "resolve", "main", "main:1", "1", "severity is high", "x is y and z is not w or a is b",
    "2026-09-01", "2026", "0001-01-01", "9999-12-31", "scotland", "00:00 to 00:00", "17:00 to 09:00", "monday", ["monday"], "herefordshire", "my.toml", "./my.toml", "other",
)  # fmt: skip


def _places(tree: Tree, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inner:
        yield (*at, key)
        yield from _places(value, (*at, key))


def _copied(tree: Tree) -> Tree:
    if isinstance(tree, dict):
        return {key: _copied(value) for key, value in tree.items()}
    return [_copied(each) for each in tree] if isinstance(tree, list) else tree


def _at(tree: Tree, place: Sequence[Any]) -> Tree:
    for key in place:
        tree = tree[key]
    return tree


@st.composite
def grafted(draw: Draw, tree: Tree, odd: Sequence[Tree] = ODD_VALUES) -> Tree:
    """A tree that lost a part, or has one twice, in the wrong place, under another name, or of another kind."""
    tree = _copied(tree)
    for _ in range(draw(st.integers(1, 5))):
        places = list(_places(tree))
        if not places:
            return tree
        place = _one(draw, places)
        parent, key = _at(tree, place[:-1]), place[-1]
        match draw(st.integers(0, 7)):
            case 0:
                del parent[key]
            case 1 | 2:
                parent[key] = _copied(_one(draw, odd))
            case 3:
                parent[key] = _copied(_at(tree, _one(draw, places)))
            case 4 if isinstance(parent, list):
                parent.extend(_copied(parent[key]) for _ in range(_one(draw, (1, 1, 2, 40))))
            case 4 | 5 if isinstance(parent, dict):
                parent[
                    _one(
                        draw,
                        [*(each[-1] for each in places if isinstance(each[-1], str)), "", "x", "a.b", "\n", "k" * 300],
                    )
                ] = parent.pop(key)
            case 6 if isinstance(parent[key], str):
                parent[key] = draw(mutated(parent[key]))
            case _:
                words = [value for each in places if isinstance(value := _at(tree, each), str)]
                parent[key] = _one(draw, words) if words else ""
    return tree


def toml(value: Tree) -> str:
    """A value as TOML writes it; a table within another on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return {"nan": "nan", "inf": "inf", "-inf": "-inf"}.get(str(value), repr(value))
        case int():
            return str(value)
        case datetime() | date() | time():
            return value.isoformat()
        case dict():
            return "{ " + ", ".join(f"{_quoted(key)} = {toml(each)}" for key, each in value.items()) + " }"
        case list():
            return "[" + ", ".join(toml(each) for each in value) + "]"
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_file(tree: Mapping[str, Tree]) -> str:
    """A whole file."""
    return "".join(f"{_quoted(key)} = {toml(value)}\n" for key, value in tree.items())


# -- protocols ------------------------------------------------------------------------------------------------------------

ALL_PROTOCOLS = [*SHIPPED.values(), *SHAPES.values(), *SHAPES.values()]
TREES = [tomllib.loads(text) for text in ALL_PROTOCOLS]
LINES = sorted({line for text in ALL_PROTOCOLS for line in text.split("\n")})
TOML_PIECES = st.sampled_from((
    '"', "'''", '"""', "[", "]", "[[", "]]", "{", "}", "=", ".", "#", "\n", ",", '"\\u0000"', '"\\ud800"', "0x_1", "1e400", "nan", "1979-05-27T07:32:00Z", "24:00:00", "[[stages]]\n",
    "[[stages.actions]]\n", 'next = ["1"]\n', 'next = ["1", "2", "3", "4"]\n', 'extends = "herefordshire"\n', 'extends = "my"\n', 'extends = "./my.toml"\n', 'extends = "other.toml"\n',
    "a.b.c = 1\n", "\t", "\r", "\x00", "\x0c", "\ufeff", "=\n", 'key = "1"\n', 'within = "99999 working days"\n', "[stages]\n", "[calendar]\n", "\\", "\\\n",
)) | pieces  # fmt: skip
ON_A_PROTOCOL = (
    "protocol check my.toml", "protocol check my.toml --json", "protocol show my.toml", "protocol show ./my.toml --json", "plan ./my.toml", "plan ./my.toml --json", "plan ./my.toml --at 23~Dec~2026~10:00",
    "plan ./my.toml --concern 1~Nov~2026 --route main", "open ./my.toml --about Thresholds", "open ./my.toml --about Thresholds --json --at 2026-11-02", "open ./my.toml --about Thresholds --dry-run", "open ./my.toml --about Thresholds --stage 2 --because urgent",
    "protocol compare ./my.toml herefordshire", "protocol compare lincolnshire ./my.toml --json", "protocol compare my.toml", "protocol new north --like ./my.toml --to new.toml",
    "protocol list", "protocol list --json", "plan my", "import log.csv --protocol ./my.toml --write", "form 1", "protocol adopt 1 ./my.toml", "protocol adopt 1 my", "protocol show my",
)  # fmt: skip


@st.composite
def relined(draw: Draw, text: str) -> str:
    """A file whose lines are gone, doubled, swapped, or in another file."""
    lines = text.split("\n")
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        match draw(st.integers(0, 5)):
            case 0:
                del lines[at : at + _one(draw, (1, 1, 2, 10))]
            case 1:
                lines[at:at] = lines[at : at + _one(draw, (1, 5, 30))]
            case 2:
                lines[at:at] = [_one(draw, LINES)]
            case 3:
                lines[at : at + 1] = [_one(draw, LINES)]
            case 4 if lines and "=" in lines[at]:
                other = _one(draw, [line for line in lines if "=" in line])
                lines[at] = f"{lines[at].partition('=')[0]}={other.partition('=')[2]}"
            case _:
                there = draw(st.integers(0, max(0, len(lines) - 1)))
                if lines:
                    lines[at], lines[there] = lines[there], lines[at]
    return "\n".join(lines)


@st.composite
def protocol_texts(draw: Draw) -> str:
    """A protocol file in which something may be wrong."""
    text = draw(sound_protocols()) if _chance(draw, 5) else _one(draw, ALL_PROTOCOLS)
    match draw(st.integers(0, 5)):
        case 0:
            return str(text)
        case 1:
            return draw(mutated(text, more=TOML_PIECES))
        case 2:
            return draw(relined(text))
        case _:
            return toml_file(draw(grafted(tomllib.loads(text) if _chance(draw, 5) else _one(draw, TREES))))


@st.composite
def protocols(draw: Draw) -> Input:
    """A protocol file, for one of the commands that read them."""
    words = [word.replace("~", " ") for word in _one(draw, ON_A_PROTOCOL).split()]
    files = {"my.toml": draw(encoded(draw(protocol_texts()))), "log.csv": LOG.encode()}
    if _chance(draw, 6):
        files["other.toml"] = draw(protocol_texts()).encode(errors="replace")
    around = {"ESCALATE_PROTOCOLS": "."} if _chance(draw, 2) else {}
    return Input(tuple(words), files, environment=around, database=not _chance(draw, 5))


# -- spreadsheets ---------------------------------------------------------------------------------------------------------

ROWS = [row for row in csv.reader(io.StringIO(LOG)) if any(row)][1:]
HEADINGS = (
    *sorted({name for each in FIELDS for name in (each.name, *each.headings)}),
    "severity",
    "protection-plan",
    "Nothing we know",
    "",
)
CELLS = st.one_of(
    st.sampled_from(MOMENTS), moments, nasty, st.sampled_from((*IDS, "open", "resolved", "withdrawn", "Stage 1", "1", "4a", "main", "individual", "yes", "n/a", "-", "Current: 3, proposed: 4",
                                                              "Name: Ada\nDOB: 03/05/14\nAge: 12\nUnique identifier: M-1", "drift; communication", "31/02/2026", "2026-11-02 00:00:00")),
)  # fmt: skip
ON_A_SHEET = (
    "", "--protocol herefordshire", "--protocol herefordshire --write", "--protocol herefordshire --write --skip-bad", "--protocol herefordshire --json", "--protocol hull-east-riding --write --skip-bad --close-undated",
    "--protocol lincolnshire --write --skip-bad --json", "--protocol herefordshire --map Neglect=note", "--protocol herefordshire --sheet Sheet", "--protocol herefordshire --log north --write --skip-bad",
)  # fmt: skip


@st.composite
def tables(draw: Draw) -> list[list[str]]:
    """The rows of a log: the one of the tests, or one put together from headings that are known, with cells that are not."""
    if draw(st.booleans()):
        rows = [list(row) for row in ROWS]
    else:
        heads = draw(st.lists(st.sampled_from(HEADINGS), min_size=1, max_size=10))
        rows = [heads, *draw(st.lists(st.lists(CELLS, max_size=len(heads) + 1), max_size=6))]
    for _ in range(draw(st.integers(0, 5))):
        row = _one(draw, rows)
        match draw(st.integers(0, 5)):
            case 0 | 1 if row:
                row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)
            case 2:
                row.insert(draw(st.integers(0, len(row))), draw(CELLS | st.sampled_from(HEADINGS)))
            case 3:
                rows.insert(draw(st.integers(0, len(rows))), list(row))
            case 4:
                row += [""] * _one(draw, (1, 5, 310))
            case _:
                rows += [list(row) for _ in range(_one(draw, (1, 3, 300)))]
    if _chance(draw, 10):
        row = _one(draw, rows)
        row.append(
            draw(st.sampled_from(("x", "\u00e9", '"', "\n", ",", "[", "=1", " ")))
            * _one(draw, (1000, 131_000, 400_000))
        )
    return rows


@st.composite
def csv_files(draw: Draw) -> Input:
    """A .csv file, or something of that name."""
    rows = draw(tables())
    text = io.StringIO()
    writer = csv.writer(
        text,
        delimiter=_one(draw, ",,,;\t|"),
        quoting=_one(draw, (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=_one(draw, ("\r\n", "\n", "\r")),
    )
    writer.writerows([[cell.encode(errors="replace").decode() for cell in row] for row in rows])
    said = text.getvalue()
    if _chance(draw, 6):
        said = f"sep={_one(draw, (';', ',', '', 'x', chr(9)))}\n{said}"
    if _chance(draw, 4):
        said = draw(mutated(said))
    return _import(draw, draw(encoded(said)))


def _import(draw: Draw, content: bytes) -> Input:
    words = ["import", "log.csv", *_one(draw, ON_A_SHEET).split()]
    return Input(tuple(words), {"log.csv": content}, environment=draw(environments(12)), database=not _chance(draw, 4))


EXCEL_VALUES: tuple[Any, ...] = (
    None, 1, -1, 1.5, 1e300, True, date(2026, 11, 2), datetime(2026, 11, 2, 14, 30), datetime(1900, 1, 1), datetime(9999, 12, 31, 23, 59, 59), time(10), timedelta(days=1, hours=3), "=1+1",
    "=A1", '=HYPERLINK("http://x","y")', "#REF!", "_x000A_", "_x0000_",
)  # fmt: skip
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {each} "{f"&{last};" * 10}">' for last, each in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)
BLOWN = '<!DOCTYPE x [<!ENTITY a "' + "x" * 50_000 + '">]>'
XML_PIECES = st.sampled_from((
    LAUGHS, BLOWN, '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;", "&j;", "&#0;", "&#x1b;", "&#xD800;", "&#1114112;", "&lt;", "<", ">", "</row>", "<row>", "<c>", "</c>", "<v>", "</v>", "<![CDATA[", "]]>",
    '<c r="ZZZ1"><v>1</v></c>', '<c r="XFD1048577"/>', '<c r="A99999999"><v>1</v></c>', '<row r="99999999"><c r="A99999999"><v>1</v></c></row>', '<row r="-5"/>', '<row r="x"/>', '<c r="1A"><v>1</v></c>', '<c t="s"><v>99999</v></c>',
    '<c t="s"><v>-1</v></c>', '<c t="s"><v>x</v></c>', '<c t="s"/>', '<c t="d"><v>2026-99-99</v></c>', '<c t="b"><v>x</v></c>', '<c t="e"><v>#N/A</v></c>', '<c t="n"><v>1e999</v></c>', '<c t="n"><v>nan</v></c>', '<c s="99999"><v>1</v></c>', '<c s="1"><v>1e15</v></c>',
    '<c s="1"><v>-99999999</v></c>', '<c s="2"><v>2958466</v></c>', '<c t="inlineStr"><is><t>x</t></is></c>', '<c t="inlineStr"/>', '<c t="zzz"><v>1</v></c>', "<f>A1</f>", '<f t="shared" si="0"/>', '<f t="array" ref="A1:ZZ9"/>', '<dimension ref="A1:XFD1048576"/>',
    '<dimension ref="x"/>', "<si/>", "<si><t>x</t></si>", '<sheet name="x" sheetId="9" r:id="rId99"/>', 'encoding="utf-16"', 'encoding="utf-7"', 'encoding="x"', 'date1904="1"', 'count="99999999999"', 'uniqueCount="-1"', "<a>" * 3000, '<numFmt numFmtId="165" formatCode="yyyy"/>',
    'Target="/../../x"', 'Target="http://127.0.0.1:1/x"', 'TargetMode="External"', '<mergeCell ref="A1:XFD1048576"/>', 'r="A1"', 't="s"', 's="1"', 'state="hidden"', 'xmlns:x="x"', " ", "\x00",
)) | pieces  # fmt: skip
BOMBS = {
    "zeros": b"\0", "spaces": b" ", "cells": b'<c r="A1" t="n"><v>1</v></c>', "rows": b"<row><c/></row>",
    "wide": b'<row><c r="ZZZ1"/></row>', "strings": b"<si><t>abc</t></si>", "tags": b"<a>", "text": b"ha",
}  # fmt: skip


@st.composite
def workbooks(draw: Draw) -> bytes:
    """An .xlsx file in which nothing is wrong but what the cells say."""
    book = openpyxl.Workbook()
    for number in range(_one(draw, (1, 1, 1, 2, 3))):
        sheet: Any = book.active if number == 0 else book.create_sheet(_one(draw, ("Sheet", "b", "log")))
        for r, row in enumerate(draw(tables()), 1):
            for c, cell in enumerate(row[:320], 1):
                there = sheet.cell(r, c)
                if _chance(draw, 30):
                    there.value = _one(draw, EXCEL_VALUES)
                else:
                    there.value = (
                        openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub(
                            "", cell[:32_000].encode(errors="replace").decode()
                        )
                        or None
                    )
        if number and _chance(draw, 3):
            sheet.sheet_state = "hidden"
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


@cache
def whole_workbook() -> bytes:
    """The log of the tests as Excel has it, whose texts stand in a part of their own."""
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for row in ROWS:
        sheet.append(row)
    sheet.append(["HE-9", "x", date(2026, 11, 2), datetime(2026, 11, 3, 10), True, 1.5, "=1+1"])
    made = io.BytesIO()
    book.save(made)
    parts = _parts(made.getvalue())
    texts: list[str] = []

    def shared(found: re.Match[str]) -> str:
        texts.append(found[1])
        return f't="s"><v>{len(texts) - 1}</v>'

    cells = re.sub(r't="inlineStr"><is><t[^>]*>(.*?)</t></is>', shared, parts[SHEET].decode(), flags=re.DOTALL)
    parts[SHEET] = cells.encode()
    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts[STRINGS] = f'<?xml version="1.0"?><sst xmlns="{space}" uniqueCount="{len(texts)}">{items}</sst>'.encode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override.encode())
    return _packed(parts)


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _packed(parts: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing, compresslevel=1) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return made.getvalue()


@st.composite
def damaged(draw: Draw, content: bytes) -> bytes:
    """An .xlsx file whose parts are cut, swapped, gone, doubled, or grow enormous when they are unpacked."""
    parts = _parts(content)
    worth = [name for name in parts if any(word in name for word in ("sheet", "Strings", "styles", "workbook"))]
    grown = 0
    for _ in range(draw(st.integers(1, 4))):
        name = _one(draw, worth if not _chance(draw, 4) else sorted(parts))
        text = parts.get(name, b"").decode(errors="replace")
        match draw(st.integers(0, 9)):
            case 0:
                parts.pop(name, None)
            case 1:
                parts[name] = b""
            case 2:
                parts[name] = parts[_one(draw, sorted(parts))]
            case 3:
                parts[
                    _one(
                        draw,
                        (
                            "xl/x.xml",
                            "xl/sharedStrings.xml",
                            "../x",
                            "/etc/x",
                            "xl/worksheets/sheet9.xml",
                            "[Content_Types].xml",
                        ),
                    )
                ] = parts.pop(name, b"")
            case 4:
                parts[name] = draw(bent(parts.get(name, b"")))
            case 5 if not grown:
                grown = _one(draw, (100_000, 3_000_000, 3_000_000, 60_000_000, 390_000_000, 410_000_000))
                unit, at = (
                    BOMBS[_one(draw, sorted(BOMBS))],
                    text.find(_one(draw, ("<sheetData>", "</row>", "<row", "<si>", "<t>", "<v>", "?>", ">"))),
                )
                body = parts.get(name, b"")
                parts[name] = body[: max(0, at)] + unit * (grown // len(unit)) + body[max(0, at) :]
            case _:
                ends = [n + 1 for n, each in enumerate(text) if each in '>"'] or [0]
                at = _one(draw, ends)
                parts[name] = (text[:at] + draw(XML_PIECES) + text[at + _one(draw, (0, 0, 0, 1, 5, 40)) :]).encode(
                    errors="replace"
                )
    whole = _packed(parts, zipfile.ZIP_STORED if not grown and _chance(draw, 8) else zipfile.ZIP_DEFLATED)
    return draw(bent(whole)) if _chance(draw, 8) else whole


@st.composite
def excel_files(draw: Draw) -> Input:
    """An .xlsx file, or something of that kind."""
    content = whole_workbook() if not _chance(draw, 3) else draw(workbooks())
    return _import(draw, draw(damaged(content)) if not _chance(draw, 4) else content)


# -- lists of bank holidays -----------------------------------------------------------------------------------------------

HOLIDAY_TREE = json.loads(HOLIDAYS)
SMALL_TREE = {
    name: part | {"events": [event for event in part["events"] if event["date"][:4] in ("2026", "2027")]}
    for name, part in HOLIDAY_TREE.items()
}
JSON_PIECES = (
    st.sampled_from(
        (
            '"',
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "NaN",
            "Infinity",
            "1e999",
            "-",
            "\\u0000",
            "\\ud800",
            "\\",
            "[" * 20_000,
            '{"a":' * 5000,
            "1" * 6000,
            '"date": "2026-12-25"',
            '"england-and-wales": {}',
            "2026-02-30",
            "9999-12-31",
            "0001-01-01",
        )
    )
    | pieces
)
JSON_VALUES: tuple[Tree, ...] = (
    None, True, 0, -1, 1.5, "", "x", [], {}, [[]], "2026-12-25", "2026-02-30", "0000-00-00", "9999-12-31", "0001-01-01", "1990-01-01", "2100-12-31", "2200-01-01", "\u0662\u0660\u0662\u0666-12-25", "\x1b[31m", "x" * 300,
    "Substitute day", {"title": "x", "date": "2026-07-01", "notes": "", "bunting": True}, [{"title": "x", "date": f"2026-07-{day:02}"} for day in range(1, 29)],
)  # fmt: skip
ON_A_LIST = (
    "calendar refresh --from list.json --yes", "calendar refresh --from list.json --dry-run", "calendar refresh --from list.json --yes --json", "calendar refresh --from list.json", "calendar check --from list.json",
    "calendar check --from list.json --json",
)  # fmt: skip


@st.composite
def bank_holidays(draw: Draw) -> Input:
    """A file in the format of GOV.UK's bank holidays."""
    tree = _one(draw, (SMALL_TREE, SMALL_TREE, HOLIDAY_TREE, {"scotland": SMALL_TREE["scotland"]}))
    match draw(st.integers(0, 6)):
        case 0:
            text = draw(mutated(json.dumps(tree), more=JSON_PIECES))
        case 1:
            start = _one(draw, (1989, 1990, 2026, 2030, 2095, 2100, 9990))
            moved = [
                (event | {"date": f"{start + int(event['date'][:4]) - 2026:04}{event['date'][4:]}"})
                for event in tree["scotland"]["events"]
            ]
            text = json.dumps(tree | {"scotland": tree["scotland"] | {"events": moved}})
        case _:
            text = json.dumps(draw(grafted(tree, JSON_VALUES)), ensure_ascii=draw(st.booleans()))
    files = {"list.json": draw(encoded(text))}
    return Input(tuple(_one(draw, ON_A_LIST).split()), files, _one(draw, (b"", b"y\n")), database=not _chance(draw, 5))


# -- settings -------------------------------------------------------------------------------------------------------------

WHOLE_SETTINGS: dict[str, Tree] = {
    "by": "me", "calendar": "scotland", "at_risk": "2 working days", "working_hours": "08:30 to 16:30", "protocols": "protocols",
    "mail": {
        "server": "localhost", "port": 1, "security": "none", "from": "unit@partnership.example", "timeout": 1, "assigned": True, "user": "u", "password_file": "password",
        "recipients": [{"to": "a@b.example"}, {"to": "c@d.example", "agency": "A school"}, {"to": "c@d.example", "owner": "Team manager"}, {"to": "e@f.example", "protocol": "herefordshire"}],
    },
}  # fmt: skip
SETTING_VALUES: tuple[Tree, ...] = (
    *ODD_VALUES, *POOLS["name"], *ALLOWANCES, "09:00 to 17:00", "00:00 to 24:00", "23:59 to 00:00", "9-5", "09:00", "starttls", "tls", "none", "localhost", "127.0.0.1", "::1", 0, 25, 587, 65536, 1, 600, 601, "a@b", "a@b.example",
    "a b@c.example", "x@y.example\r\nBcc: z@y.example", '"x" <a@b.example>', "password", "/dev/zero", "/dev/null", ".", "~", "no/such", "config.toml", "\0", *(name for name in _KNOWN), *(field.name for field in MAIL.fields),
)  # fmt: skip
ON_SETTINGS = (
    "config", "config --json", "due", "calc today 1~day", "calendar show", "open herefordshire --about Thresholds", "note 1 x", "protocol list", "digest --mail --dry-run", "digest --mail --dry-run", "digest --mail --dry-run --always", "digest --mail --force",
    "list --json", "digest --install cron --mail", "digest --install systemd", "demo", "due --at-risk", "protocol show herefordshire",
)  # fmt: skip


@st.composite
def settings(draw: Draw) -> Input:
    """A settings file, for one of the commands it matters to."""
    tree: dict[str, Tree] = _copied(WHOLE_SETTINGS)
    for name in draw(st.lists(st.sampled_from((*tree, "database")), max_size=4, unique=True)):
        tree.pop(name, None)
    words = tuple(word.replace("~", " ") for word in _one(draw, ON_SETTINGS).split())
    really_mailing = "--mail" in words and "--dry-run" not in words
    tree = draw(grafted(tree, SETTING_VALUES)) if not _chance(draw, 6) else tree
    text = toml_file(tree)
    if really_mailing:
        text = toml_file(_kept_here(tree))
    elif _chance(draw, 3):
        text = draw(mutated(text, more=TOML_PIECES))
    files = {
        "config.toml": draw(encoded(text)) if not really_mailing else text.encode(errors="replace"),
        "password": _one(draw, (b"secret\n", b"", b"\xff", b"a\nb\n", b"\0", b"x" * 100_000)),
    }
    return Input(words, files, environment={"ESCALATE_CONFIG": "config.toml"}, database=not _chance(draw, 5))


def _kept_here(tree: dict[str, Tree]) -> dict[str, Tree]:
    """Settings whose mail goes nowhere but to this machine, to a port where nobody listens."""
    mail = tree.get("mail")
    return tree | {"mail": mail | {"server": "127.0.0.1", "port": 1}} if isinstance(mail, dict) else tree


TARGETS: dict[str, Callable[[], st.SearchStrategy[Input]]] = {
    "arguments": arguments, "WHEN": whens, "protocol files": protocols, ".csv": csv_files, ".xlsx": excel_files,
    "bank holidays": bank_holidays, "settings": settings,
}  # fmt: skip
"""What is thrown at escalate, by what it is."""
