"""The commands in the order of the help, the global options, and the one place where every error ends."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from textwrap import shorten
from types import ModuleType
from typing import Annotated, Any

import typer
from typer._click.shell_completion import CompletionItem  # private, and the only way to it
from typer.core import TyperGroup

from escalate import __version__
from escalate.commands.options import Database
from escalate.commands.session import Desk

INTERRUPTED = 130

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Cases": {
        "open": ("open.open_", "Open a case under a protocol"),
        "note": ("open.note", "Write a note into a case's history"),
        "done": ("open.done", "Record that an action was done"),
        "agree": ("open.agree", "Record a date that the two sides agreed"),
        "advance": ("open.advance", "Go up a stage"),
        "resolve": ("open.resolve", "Close a case as resolved"),
        "withdraw": ("open.withdraw", "Close a case that is not pursued"),
        "reopen": ("open.reopen", "Take a closed case up again, at the stage it was at"),
        "assign": ("open.assign", "Record who holds a side of a case"),
        "set": ("open.set_", "Record what is now known about a case"),
        "undo": ("open.undo", "Take back the last thing recorded in a case, or correct the time of an entry"),
    },
    "Looking": {
        "due": ("due.due", "List what is due, the most urgent first"),
        "list": ("due.list_", "List cases, the newest first"),
        "show": ("due.show", "Show a case: a page to bring to a meeting"),
        "log": ("due.log", "Show the whole history of a case, and what was taken back"),
        "explain": (
            "due.explain",
            "Prove a deadline: what it counts from, each day counted and each skipped, and where it is written",
        ),
        "search": (
            "due.search",
            "Find cases by what was written in them, their themes, agencies and references; by names too with --identify",
        ),
    },
    "Dates": {
        "plan": (
            "calc.plan",
            "Lay a protocol's whole ladder out on the calendar, as if every stage took its full time",
        ),
        "calc": ("calc.calc", "Work out one date, and show every day on the way"),
        "calendar show": (
            "calendar.show",
            "Show a year: its months side by side, the days that are no working days, and how many deadlines fall on each day",
        ),
        "calendar add": ("calendar.add", "Add a day, or several, on which nobody works: to one calendar, or to all"),
        "calendar remove": (
            "calendar.remove",
            "Make a day, or several, working days again: in one calendar, or in all",
        ),
        "calendar refresh": (
            "calendar.refresh",
            "Bring bank holidays up to date: from escalate's own list, or from GOV.UK's file, which is then what counts",
        ),
        "calendar check": (
            "calendar.check",
            "Say how far bank holidays are published, which open deadlines lie beyond, and where escalate's list and GOV.UK's differ",
        ),
    },
    "Protocols": {
        "protocol list": (
            "protocol.list.list_",
            "List the protocols there are: the shipped ones, and those in your own folder",
        ),
        "protocol show": (
            "protocol.show.show",
            "Show a protocol: its ladder, owners, time limits, and where each is written",
        ),
        "protocol check": (
            "protocol.check.check",
            "Check a protocol file: every problem at once, each with its place, and after them what is worth a second look",
        ),
        "protocol compare": (
            "protocol.compare.compare",
            "Show what changed from one edition of a protocol to the next, or two protocols side by side",
        ),
        "protocol new": (
            "protocol.new.new",
            "Begin a protocol file of your own: a copy of the nearest one, with remarks on what to change",
        ),
        "protocol adopt": ("protocol.adopt.adopt", "Move an open case to another edition of its protocol"),
    },
    "Telling others": {
        "digest": (
            "digest.digest",
            "Tell what is overdue, due next, at risk and undated, and what changed since the last digest",
        ),
        "report": ("report.report", "Report on a period: cases, timeliness, time to resolution and lessons"),
        "form": ("form.form", "Fill in the form that an action needs from what is recorded of a case"),
        "export": (
            "export.export",
            "Write cases out for other programs: deadlines for a calendar, tables for a spreadsheet, or everything as JSON",
        ),
        "import": ("import_.import_", "Take over a log of escalations kept in a spreadsheet"),
    },
    "Keeping": {
        "backup": (
            "backup.backup",
            "Make a whole copy of the file with the cases, with the date in its name, and look it through",
        ),
        "restore": ("backup.restore", "Put a backup in the place of the file with the cases"),
        "verify": (
            "doctor.verify",
            "Check that everything is as it was recorded: every entry, edition and calendar by the chain, words by their commitments, lists by the history",
        ),
        "doctor": (
            "doctor.doctor",
            "Look whether all is in order: the file, its history, who may read it, backups, calendars, protocols, the clock",
        ),
        "erase": (
            "erase.erase",
            "Erase for good what was said of people in a closed case: names, dates of birth, addresses, the subject, all free text",
        ),
        "config": ("config.config", "Show every setting, its value, and where that comes from"),
        "demo": (
            "demo.demo",
            "Open a case under each of the five shipped protocols, in a file that does not last, and list what is due",
        ),
    },
}
"""Under each heading of the help the commands: the function of each, in escalate.commands, and what its help begins with.

A function is loaded when it is called, and so the beginning of its help stands here as well; a test keeps the two the same.
"""


class Grouped(TyperGroup):
    """The commands of the table whose names begin with its own, listed under their headings without loading any."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self._prefix = "" if self.name == NAME else f"{self.name} "
        self.commands: Any = Loading(self._prefix)

    def list_commands(self, _: Any) -> list[str]:
        return list(self.commands)

    def format_commands(self, _: Any, formatter: Any) -> None:
        sections = {heading: dict(_in_table(lines, self._prefix)) for heading, lines in COMMANDS.items()}
        width = max(len(name) for lines in sections.values() for name in lines)
        for heading, lines in sections.items():
            if lines:
                with formatter.section(heading):
                    formatter.write_dl([(name.ljust(width), says) for name, (_, says) in lines.items()])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[CompletionItem]:
        helps = {name: says for lines in COMMANDS.values() for name, (_, says) in _in_table(lines, self._prefix)}
        helps |= {
            name: str(group.__doc__).split("\n", maxsplit=1)[0]
            for name, group in GROUPS.items()
            if name in self.commands
        }
        names = [name for name in self.commands if name.startswith(incomplete)]
        found = [CompletionItem(name, help=shorten(helps[name], 50, placeholder=" ...")) for name in names]
        return found + super(TyperGroup, self).shell_complete(ctx, incomplete)


class Loading(Mapping[str, Any]):
    """The commands of a group, and the groups within it, each loaded when it is first asked for."""

    def __init__(self, prefix: str) -> None:
        self._functions: dict[str, str | None] = {}
        for lines in COMMANDS.values():
            for name, (function, _) in _in_table(lines, prefix):
                first, _, more = name.partition(" ")
                self._functions[first] = None if more else function
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded:
            function = self._functions[name]
            self._loaded[name] = _command(name, function) if function else _group(name)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._functions)

    def __len__(self) -> int:
        return len(self._functions)


def _in_table(lines: Mapping[str, tuple[str, str]], prefix: str) -> Iterator[tuple[str, tuple[str, str]]]:
    """The commands whose names begin so, by the rest of their names."""
    return ((name.removeprefix(prefix), command) for name, command in lines.items() if name.startswith(prefix))


def _command(name: str, function: str) -> Any:
    module, _, its = function.rpartition(".")
    app = typer.Typer(rich_markup_mode=None, add_completion=False, context_settings=HELP_NAMES)
    app.command(name)(getattr(import_module(f"escalate.commands.{module}"), its))
    return typer.main.get_command(app)


def _group(name: str) -> Any:
    app = typer.Typer(name=name, add_completion=False, **AS_GROUP)
    app.callback()(GROUPS[name])
    return typer.main.get_command(app)


HELP_NAMES = {"help_option_names": ["-h", "--help"]}
AS_GROUP: dict[str, Any] = {
    "cls": Grouped,
    "rich_markup_mode": None,
    "context_settings": HELP_NAMES,
    "invoke_without_command": True,
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

    Start with: escalate demo, escalate protocol list, escalate open --help
    """
    context.obj = Desk(database)
    if version:
        print(f"escalate {__version__}")
        raise typer.Exit
    _help_if_alone(context)


def calendar(context: typer.Context) -> None:
    """Calendars: which days are working days, and what changes when that does."""
    _help_if_alone(context)


def protocol(context: typer.Context) -> None:
    """Protocols: what there is, what each says, whether a file is sound, and how to begin one."""
    _help_if_alone(context)


GROUPS: dict[str, Callable[..., None]] = {"calendar": calendar, "protocol": protocol}


def _help_if_alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit


def run() -> None:
    """Runs escalate, and ends with its exit status."""
    from escalate.output import terminal

    terminal.prepare()
    sys.exit(_status(terminal))


def _status(terminal: ModuleType) -> int:
    """The exit status of one run; whatever went wrong has been said once, on standard error."""
    try:
        status = app(_arguments(), standalone_mode=False, prog_name="escalate")
        sys.stdout.flush()
    except typer.TyperException as problem:
        terminal.complain(_usage(problem))
        return problem.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except (BrokenPipeError, SystemExit):  # whoever was reading has read enough; Typer makes an exit of it
        terminal.give_up()
        return 0
    except Exception as problem:  # noqa: BLE001 - here every error ends, and is told of without a traceback
        from escalate.errors import BrokenFile, EscalateError

        if isinstance(problem, OSError):
            terminal.complain(
                f"The answer cannot be written ({problem.strerror}): what was recorded before that stands."
            )
            terminal.give_up()
            return 1
        if not isinstance(problem, EscalateError):
            from escalate.commands.crash_report import saved_report

            terminal.complain(saved_report(problem, sys.argv[1:], _names()))
            return 1
        terminal.complain(*(problem.problems if isinstance(problem, BrokenFile) else [problem.sentence]))
        return problem.status
    return status if isinstance(status, int) else 0


def _names() -> set[str]:
    """The names of all commands and options."""
    group: Any = typer.main.get_command(app)
    commands = [group, *group.commands.values()]
    commands += [inner for each in group.commands.values() for inner in getattr(each, "commands", {}).values()]
    options = {
        name for command in commands for option in command.params for name in (*option.opts, *option.secondary_opts)
    }
    return {name for name in options if name.startswith("-")} | {str(command.name) for command in commands}


def _arguments() -> list[str]:
    """The words of the command line as text, whatever the locale says they are. Raises BadInput for what is no text."""
    try:
        return [os.fsencode(word).decode() for word in sys.argv[1:]]
    except UnicodeError:
        from escalate.errors import BadInput

        raise BadInput(
            "What was typed has bytes in it that are not text in UTF-8: type it again, or paste it as text."
        ) from None


def _usage(problem: typer.TyperException) -> str:
    """What was wrong with the way a command was called, in a sentence, and where its help is."""
    from escalate.errors import cut

    context = getattr(problem, "ctx", None)
    path = context.command_path if context else "escalate"
    message = cut(problem.format_message()).rstrip(".")
    return f"{message}{'' if message.endswith('?') else '.'} See {path} --help."
