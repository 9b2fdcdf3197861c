"""The commands in the order of the help, the global options, and the one place where every error ends."""

import builtins
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from inspect import getdoc
from keyword import iskeyword
from typing import Annotated, Any

import typer
from typer._click.exceptions import UsageError  # private, as the next, and the only way to them
from typer._click.shell_completion import CompletionItem
from typer.core import TyperGroup

from escalate import __version__
from escalate.commands.shared.options import Database
from escalate.errors import BadInput, BrokenFile, EscalateError, cut, without_passwords
from escalate.output import terminal

INTERRUPTED = 130

COMMANDS: dict[str, dict[str, str]] = {
    "Cases": {
        "open": "Open a case under a protocol.",
        "note": "Write a note into a case's history.",
        "done": "Record that an action was done.",
        "agree": "Record a date that the two sides agreed. Earlier than the protocol's limit, it becomes the deadline; later, the limit stands.",
        "advance": "Go up a stage. What was not done stays due; nothing holds a case back.",
        "resolve": "Close a case as resolved. What is owed afterwards, such as sharing the outcome, stays due.",
        "withdraw": "Close a case that is not pursued. Nothing more is owed, except what somebody's safety calls for.",
        "reopen": "Reopen a closed case, at the stage it was at. Its deadlines carry on from the history.",
        "assign": "Record who holds a side of a case. They hold it at later stages as well, until somebody else is assigned.",
        "set": "Record what is now known about a case. What the protocol asks for because of it falls due at once.",
        "undo": "Take back the last thing recorded in a case, or correct the time of an entry. All of it stays in the history.",
        "void": "Take back a case that was opened by mistake. It is out of every list and count, and its number is not used again.",
    },
    "Looking": {
        "due": "List what is due, the most urgent first.",
        "board": "Make one page of every case in which something is due: a timeline, and a card for each, the most urgent first.",
        "list": "List cases, the newest first.",
        "show": "Show a case: a page to bring to a meeting.",
        "log": "Show the whole history of a case, and what was taken back.",
        "explain": "Prove a deadline: what it counts from, each day counted and each skipped, and where it is written.",
        "search": "Find cases by what was written in them, their themes, agencies and references; by names too with --identify.",
    },
    "Dates": {
        "plan": "Lay a protocol's whole ladder out on the calendar, as if every stage took its full time.",
        "calc": 'Work out one date, and show every day on the way. With "-", many: a line each of WHEN, ALLOWANCE and CALENDAR with tabs between.',
        "calendar show": "Show a year: its months side by side, the non-working days, and how many deadlines fall on each day.",
        "calendar add": "Add a day, or several, on which nobody works: to one calendar, or to all. Shows first which deadlines would move.",
        "calendar remove": "Make a day, or several, working days again: in one calendar, or in all. Shows first which deadlines would move.",
        "calendar refresh": "Bring bank holidays up to date: from escalate's own list, or from GOV.UK's file, which is then what counts. Shows first which deadlines would move.",
        "calendar check": "Say how far bank holidays are published, which open deadlines lie beyond, and where escalate's list and GOV.UK's differ.",
    },
    "Protocols": {
        "protocol list": "List the protocols there are: the shipped ones, and those in your own folder.",
        "protocol show": "Show a protocol: its ladder, owners, time limits, and where each is written.",
        "protocol check": "Check a protocol file: every problem at once, each with its place, and after them what is worth a second look.",
        "protocol compare": "Show what changed from one edition of a protocol to the next, or two protocols side by side. With --at, both on the calendar.",
        "protocol new": "Begin a protocol file of your own: a copy of the nearest one, with remarks on what to change.",
        "protocol adopt": "Move an open case to another edition of its protocol. Shows first which deadlines would move; what was judged keeps its verdict.",
    },
    "Telling others": {
        "digest": "Say what is overdue, due next, at risk and undated, and what changed since the last digest. Prints nothing when there is nothing to say.",
        "report": "Report on a period: cases, timeliness, time to resolution and lessons. Nobody is named in it.",
        "form": "Fill in the form that an action needs from what is recorded of a case. Says what is missing, and how to record it.",
        "export": "Write cases out for other programs: deadlines for a calendar, tables for a spreadsheet, or everything as JSON.",
        "import": "Import a log of escalations kept in a spreadsheet. Says row by row what would be opened; opens it with --write.",
    },
    "Keeping": {
        "backup": "Back up the file with the cases, to a copy with the date in its name, and check the copy.",
        "restore": "Restore a backup in the place of the file with the cases. Checks it first, and keeps the file that was there.",
        "move": "Move all cases from a file to a server, or from a server to a file, and check there that they are what they were.",
        "merge": "Take over all cases of another office's file, with their histories. A backup is made first, and the other file is not changed.",
        "verify": "Check that everything is as it was recorded: every entry, edition and calendar by the chain, words by their commitments, lists by the history.",
        "doctor": "Check that everything is in order: the file, its history, who may read it, backups, calendars, protocols, the clock. Says what to do.",
        "agency list": "List the agencies that cases name, in how many and as what, and which are spelled much alike.",
        "agency join": "Give an agency another name, or several spellings of one agency one name, as an entry in each case.",
        "access": "List who looked at names, at which cases, when and why.",
        "disclose": "Gather all that is held of one person over all cases, for whoever asks what is held of them.",
        "encrypt": "Encrypt the file with the cases and its backups, so that nobody reads them without the key.",
        "decrypt": "Make an encrypted file a plain one again.",
        "rekey": "Give an encrypted file and its backups another key.",
        "erase": "Erase for good what was said of people in a closed case: names, dates of birth, addresses, the subject, all free text.",
        "config": "Show every setting, its value, and where that comes from.",
        "demo": "Open a case under each of the five shipped protocols, in a file that does not last, and list what is due.",
    },
    "For several offices": {
        "server init": "Set up a PostgreSQL server for cases, or bring it up to date. Makes the database if there is none.",
        "server status": "Show how much is on a server, and what is wrong there.",
        "server backup": "Dump a server, and check that the dump can be restored. Everything in it is verified.",
        "server restore": "Restore a dump of a server into a new database. Everything in it is verified before the database gets its name.",
        "server member add": "Let a login see the cases of an agency, or of all agencies.",
        "server member remove": "Take the membership of a login away. It no longer sees any case; what was recorded stays.",
        "server member list": "List the logins, and the agency that each belongs to.",
    },
}
"""Under each heading of the help the commands, as they are typed, and what the help of each begins with: its first sentence is
what lists of commands say of it.

The file of a command in escalate.commands has its name, and so has its function there, the docstring of which is the rest of its
help. Both are loaded when the command is called.
"""


def listed_in(group: str) -> dict[str, dict[str, str]]:
    """Under each heading the commands of a group, without its name, and the sentence that lists say of each; "" for all commands."""
    begins = f"{group} " if group else ""
    return {
        heading: {
            name.removeprefix(begins): says.partition(". ")[0].removesuffix(".")
            for name, says in commands.items()
            if name.startswith(begins)
        }
        for heading, commands in COMMANDS.items()
    }


TAKE_AWAY = {"void", "undo", "withdraw", "restore", "move", "erase", "encrypt", "decrypt", "rekey", "remove", "server"}
"""What nobody is led to by a slip of the finger."""

CLOSE = 0.8
"""How alike two names are of which one may be meant by the other, from 0 to 1: `dgest` is `digest`, and `case` is not `erase`."""

CALLED = {
    "close": "resolve", "add": "open", "edit": "set", "update": "set", "status": "show", "view": "show", "ls": "list", "find": "search",
    "overdue": "due", "todo": "due", "tasks": "due", "history": "log", "comment": "note", "why": "explain",
}  # fmt: skip
"""What people call commands elsewhere, and what does that here."""


def likely(typed: str, names: Iterable[str]) -> list[str]:
    """The names that somebody most likely meant, two at most: nearly the same, with letters in another order, or called so elsewhere."""
    known = list(names)
    turned = [name for name in known if sorted(name) == sorted(typed)]
    return [CALLED[typed]] if CALLED.get(typed) in known else turned or get_close_matches(typed, known, 2, CLOSE)


class Grouped(TyperGroup):
    """The commands of the table whose names begin with its own, listed under their headings without loading any."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        group = "" if self.name == NAME else str(self.name)
        self._listed = listed_in(group)
        self.commands: Any = Loading(group, (name for lines in self._listed.values() for name in lines))

    def list_commands(self, _: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, _: Any, formatter: Any) -> None:
        width = max(len(name) for lines in self._listed.values() for name in lines)
        for heading, lines in self._listed.items():
            if lines:
                with formatter.section(heading):
                    formatter.write_dl([(name.ljust(width), says) for name, says in lines.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that was typed. Raises UsageError, which names what was most likely meant, where that takes nothing away."""
        try:
            return super().resolve_command(ctx, args)
        except UsageError as problem:
            if meant := likely(args[0], (name for name in self.commands if name not in TAKE_AWAY)):
                problem.message = f"{problem.message.rstrip('.')}. Did you mean {meant[0]}?"
            raise

    def shell_complete(self, ctx: Any, incomplete: str) -> list[CompletionItem]:
        from textwrap import shorten  # only a shell's question needs it

        helps = {name: says for lines in self._listed.values() for name, says in lines.items()}
        helps |= {name.split()[-1]: str(group.__doc__).split("\n", maxsplit=1)[0] for name, group in GROUPS.items()}
        names = [name for name in self.commands if name.startswith(incomplete)]
        found = [CompletionItem(name, help=shorten(helps[name], 50, placeholder=" ...")) for name in names]
        return found + super(TyperGroup, self).shell_complete(ctx, incomplete)


class Loading(Mapping[str, Any]):
    """The commands of a group, and the groups within it, each loaded when it is first asked for."""

    def __init__(self, group: str, names: Iterator[str]) -> None:
        self._group = group
        self._loaded: dict[str, Any] = dict.fromkeys(name.partition(" ")[0] for name in names)

    def __getitem__(self, name: str) -> Any:
        if self._loaded[name] is None:
            typed = f"{self._group} {name}".strip()
            self._loaded[name] = _group(typed) if typed in GROUPS else _command(typed)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)


def _command(typed: str) -> Any:
    """The command typed so, loaded."""
    *_, name = typed.split()
    file = ".".join(f"{word}_" if iskeyword(word) else word for word in typed.split())
    module = import_module(f"escalate.commands.{file}")
    function = getattr(module, f"{name}_" if hasattr(builtins, name) or iskeyword(name) else name)
    begins = next(commands[typed] for commands in COMMANDS.values() if typed in commands)
    app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=HELP_NAMES)
    app.command(name, help=f"{begins}\n\n{getdoc(function)}")(function)
    return typer.main.get_command(app)


def _group(typed: str) -> Any:
    """The group of commands typed so: that is its name as well, by which it knows which commands are its own."""
    app = typer.Typer(name=typed, add_completion=False, **AS_GROUP)
    app.callback()(GROUPS[typed])
    return typer.main.get_command(app)


HELP_NAMES = {"help_option_names": ["-h", "--help"]}
AS_GROUP: dict[str, Any] = {
    "cls": Grouped,
    "rich_markup_mode": None,
    "context_settings": HELP_NAMES,
    "invoke_without_command": True,
    "suggest_commands": False,  # Grouped does
}
NAME = "escalate"
app = typer.Typer(name=NAME, pretty_exceptions_enable=False, **AS_GROUP)


@app.callback()
def main(
    context: typer.Context,
    database: Database = None,
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Track safeguarding escalations: what is due by when, under which partnership's protocol, and why.

    Start with: escalate demo, escalate protocol list, escalate help open
    """
    context.obj = database
    if version:
        print(f"escalate {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        from escalate.commands.shared.session import Session  # a command makes its own
        from escalate.commands.today import today

        today(Session(database, for_script=False, begins_file=False))


def agency(context: typer.Context) -> None:
    """Agencies: which there are in cases, and giving several spellings of one agency one name."""
    _help_if_alone(context)


def calendar(context: typer.Context) -> None:
    """Calendars: which days are working days, and what changes when that does."""
    _help_if_alone(context)


def protocol(context: typer.Context) -> None:
    """Protocols: what there is, what each says, whether a file is sound, and how to begin one."""
    _help_if_alone(context)


def server(context: typer.Context) -> None:
    """Servers: making a place for the cases of several offices, and who sees whose."""
    _help_if_alone(context)


def member(context: typer.Context) -> None:
    """Members of a server: which login belongs to which agency."""
    _help_if_alone(context)


GROUPS: dict[str, Callable[..., None]] = {
    "agency": agency,
    "calendar": calendar,
    "protocol": protocol,
    "server": server,
    "server member": member,
}
"""The groups of commands, as they are typed."""


def _help_if_alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit


def run() -> None:
    """Run escalate, and end with its exit status."""
    terminal.prepare()
    sys.exit(_status())


def _status() -> int:
    """The exit status of one run; whatever went wrong has been said once, on standard error."""
    try:
        status = app(_arguments(), standalone_mode=False, prog_name=NAME)
        sys.stdout.flush()
    except typer.TyperException as problem:
        terminal.complain(_usage(problem))
        return problem.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # whoever was reading has read enough; Typer makes an exit of it
        terminal.give_up()
        return 0
    except OSError as problem:
        if terminal.is_gone(problem):
            terminal.give_up()
            return 0
        terminal.complain(
            f"The answer cannot be written ({terminal.why_not_written(problem)}): what was recorded before that stands."
        )
        terminal.give_up()
        return 1
    except EscalateError as problem:
        terminal.complain(*(problem.problems if isinstance(problem, BrokenFile) else [problem.sentence]))
        return problem.status
    except Exception as problem:  # noqa: BLE001 - here every error ends, and is told of without a traceback
        from escalate.commands.shared.crash_report import saved_report  # few runs need it

        terminal.complain(saved_report(problem, sys.argv[1:], _names()))
        return 1
    return status if isinstance(status, int) else 0


def _names() -> set[str]:
    """The names of all commands and options."""
    commands: list[Any] = [typer.main.get_command(app)]
    for each in commands:  # which grows as groups are found in it
        commands += getattr(each, "commands", {}).values()
    options = {
        name for command in commands for option in command.params for name in (*option.opts, *option.secondary_opts)
    }
    words = {word for command in commands for word in str(command.name).split()}
    return {name for name in options if name.startswith("-")} | words


def _arguments() -> list[str]:
    """The words of the command line as text, whatever the locale says they are. Raises BadInput for what is no text."""
    try:
        words = [os.fsencode(word).decode() for word in sys.argv[1:]]
    except UnicodeError:
        raise BadInput(
            "What was typed has bytes in it that are not text in UTF-8: type it again, or paste it as text."
        ) from None
    return [*words[1:], "--help"] if words[:1] == ["help"] else [ALSO.get(word, word) for word in words[:1]] + words[1:]


ALSO = {"new": "open"}
"""What commands are called as well."""


def _usage(problem: typer.TyperException) -> str:
    """What was wrong with the way a command was called, in a sentence, and where its help is."""
    context = getattr(problem, "ctx", None)
    path = context.command_path if context else NAME
    message = cut(without_passwords(_slip(problem, path))).rstrip(".")
    what_to_do = f"See {path} --help."
    if type(problem).__name__ == "NoSuchOption" and not message.endswith("?") and (words := _with_a_dash(context)):
        from escalate.wording import as_typed  # only where something was typed wrong

        others = [word for word in sys.argv[1:] if word not in {words, "--"}]
        typed = cut(without_passwords(as_typed(NAME, *others, "--", words)), 400)
        what_to_do = f"To say it as it stands, type it last, after two dashes: {typed}. {what_to_do}"
    return f"{message}{'' if message.endswith('?') else '.'} {what_to_do}"


def _slip(problem: typer.TyperException, path: str) -> str:
    """What was typed wrong, with what was most likely meant."""
    said = problem.format_message()
    if type(problem).__name__ == "NoSuchOption":
        near = likely(getattr(problem, "option_name", ""), getattr(problem, "possibilities", None) or ())
        said = str(getattr(problem, "message", said))
        return f"{said.rstrip('.')}. Did you mean {' or '.join(near)}?" if near else said
    begins, _, left = said.partition(" (s) (" if " (s) (" in said else " (")
    if begins.startswith("Got unexpected extra argument"):
        left = left.removeprefix("s) (")
        return f"There is more than {path} takes: {left.rstrip('.').removesuffix(')')}. Put words that belong together in quotes"
    return said


def _with_a_dash(context: Any) -> str | None:
    """What was typed as text though it begins with a dash: too long for an option of one letter, or no name of one at all."""
    takes = [each.metavar for each in context.command.params if each.param_type_name == "argument"] if context else []
    words = [word for word in sys.argv[1:] if len(word) > 2 and word[0] == "-"]
    is_text = any(str(each).startswith("TEXT") for each in takes)
    return next((word for word in words if word[1] != "-" or is_text or (takes and " " in word)), None)
