"""The commands in the order of the help, the global options, and the one place where every error ends."""

import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from escalate import __version__
from escalate.commands import (
    adopting,
    authoring,
    backups,
    calendars,
    cases,
    checking,
    comparing,
    dates,
    erasing,
    forms,
    importing,
    keeping,
    looking,
    protocols,
    telling,
)
from escalate.commands.demo import demo
from escalate.commands.desk import Desk
from escalate.commands.digest import digest
from escalate.commands.options import Database
from escalate.commands.report import report

INTERRUPTED = 130
GROUPS = ("Cases", "Looking", "Dates", "Protocols", "Telling others", "Keeping")


class Grouped(TyperGroup):
    """Help that lists commands under the headings of their groups, in the order they were added."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            for line in _lines(name, command):
                groups.setdefault(str(getattr(command, "rich_help_panel", "Commands")), []).append(line)
        width = max(len(name) for lines in groups.values() for name, _ in lines)
        for heading, lines in sorted(groups.items(), key=lambda group: GROUPS.index(group[0])):
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), says) for name, says in lines])


def _lines(name: str, command: Any) -> list[tuple[str, str]]:
    """A command as a line of help; a group as a line for each of its commands."""
    if isinstance(command, TyperGroup):
        return [(f"{name} {inner}", _short_help(each)) for inner, each in command.commands.items()]
    return [(name, _short_help(command))]


def _short_help(command: Any) -> str:
    return str(command.help or "").split(". ", maxsplit=1)[0].split(".\n", maxsplit=1)[0].rstrip(".")


HELP_NAMES = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    name="escalate",
    cls=Grouped,
    rich_markup_mode=None,
    context_settings=HELP_NAMES,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)
calendar_app = typer.Typer(cls=Grouped, rich_markup_mode=None, context_settings=HELP_NAMES, invoke_without_command=True)
protocol_app = typer.Typer(cls=Grouped, rich_markup_mode=None, context_settings=HELP_NAMES, invoke_without_command=True)


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


@calendar_app.callback()
def calendar(context: typer.Context) -> None:
    """Calendars: which days are working days, and what changes when that does."""
    _help_if_alone(context)


@protocol_app.callback()
def protocol(context: typer.Context) -> None:
    """Protocols: what there is, what each says, whether a file is sound, and how to begin one."""
    _help_if_alone(context)


def _help_if_alone(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit


def _add(group: str, to: typer.Typer = app, **commands: Callable[..., None]) -> None:
    for name, command in commands.items():
        to.command(name.rstrip("_"), rich_help_panel=group)(command)


_add(
    "Cases",
    open=cases.open_,
    note=cases.note,
    done=cases.done,
    agree=cases.agree,
    advance=cases.advance,
    resolve=cases.resolve,
    withdraw=cases.withdraw,
    reopen=cases.reopen,
    assign=cases.assign,
    set=cases.set_,
    undo=cases.undo,
)
_add(
    "Looking",
    due=looking.due,
    list=looking.list_,
    show=looking.show,
    log=looking.log,
    explain=looking.explain,
    search=looking.search,
)
_add("Dates", plan=dates.plan, calc=dates.calc)
_add(
    "Dates",
    calendar_app,
    show=calendars.show,
    add=calendars.add,
    remove=calendars.remove,
    refresh=calendars.refresh,
    check=calendars.check,
)
app.add_typer(calendar_app, name="calendar", rich_help_panel="Dates")
_add(
    "Protocols",
    protocol_app,
    list=protocols.list_,
    show=protocols.show,
    check=protocols.check,
    compare=comparing.compare,
    new=authoring.new,
    adopt=adopting.adopt,
)
app.add_typer(protocol_app, name="protocol", rich_help_panel="Protocols")
_add(
    "Telling others",
    digest=digest,
    report=report,
    form=forms.form,
    export=telling.export,
    import_=importing.import_,
)
_add(
    "Keeping",
    backup=backups.backup,
    restore=backups.restore,
    verify=checking.verify,
    doctor=checking.doctor,
    erase=erasing.erase,
)
_add("Keeping", config=keeping.config, demo=demo)


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
        from escalate.domain.errors import BrokenFile, EscalateError

        if isinstance(problem, OSError):
            terminal.complain(
                f"The answer cannot be written ({problem.strerror}): what was recorded before that stands."
            )
            terminal.give_up()
            return 1
        if not isinstance(problem, EscalateError):
            from escalate.commands.mishap import saved_report

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
        from escalate.domain.errors import BadInput

        raise BadInput(
            "What was typed has bytes in it that are not text in UTF-8: type it again, or paste it as text."
        ) from None


def _usage(problem: typer.TyperException) -> str:
    """What was wrong with the way a command was called, in a sentence, and where its help is."""
    from escalate.domain.errors import cut

    context = getattr(problem, "ctx", None)
    path = context.command_path if context else "escalate"
    message = cut(problem.format_message()).rstrip(".")
    return f"{message}{'' if message.endswith('?') else '.'} See {path} --help."
