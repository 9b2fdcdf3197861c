"""How arguments and options are declared, and those that several commands share."""

from typing import Annotated, Any

import typer
from typer.models import CallbackParam, TyperPath

from escalate.errors import BadInput


def argument(says: str, metavar: str | None = None) -> Any:
    """An argument, with what help says of it."""
    return typer.Argument(metavar=metavar, help=says, show_default=False)


def option(name: str, metavar: str | None, says: str) -> Any:
    """An option that takes something, with what help calls that and says of it; without a name for it, help lists the choices."""
    return typer.Option(name, metavar=metavar, help=says, show_default=False, callback=something)


def something(option: CallbackParam, said: Any) -> Any:
    """What was said for an option. Raises BadInput for nothing: where a script's variable is empty, `--subject ""` would mean everybody."""
    if any(isinstance(each, str) and not each.strip() for each in (said if isinstance(said, list) else [said])):
        raise BadInput(f"{option.opts[0]} is empty: say what, or leave it out.")
    return said


def flag(name: str, says: str) -> Any:
    """An option that is given or not, with what help says of it."""
    return typer.Option(name, help=says)


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:7]) > 0 and len(text) <= 7):
        raise typer.BadParameter(f'"{text[:60]}" is not a whole number from 1 on')
    return int(text)


WHOLE_NUMBER: dict[str, Any] = {"parser": _whole_number, "metavar": "N", "show_default": False}
"""How an argument or an option that counts is declared."""


def number(name: str, says: str) -> Any:
    """An option that takes a whole number from 1 on, with what help says of it."""
    return typer.Option(name, help=says, **WHOLE_NUMBER)


Database = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="FILE",
        help="The file that holds the cases, or the address of a server. [ESCALATE_DB]",
        show_default=False,
        click_type=TyperPath(path_type=str),  # a shell completes files; a path would make one slash of an address's two
    ),
]


def missing(context: typer.Context, name: str) -> BadInput:
    """That an argument is missing, with a line that has it: the example of the command's help."""
    *_, such_as = (context.command.help or "").partition("Example: ")
    return BadInput(f"Missing argument '{name}', as in: {such_as.strip()}. See {context.command_path} --help.")


Case = Annotated[str, argument("The case: its reference or number, or the record number of the person it is about.")]
AskedProtocol = Annotated[
    str | None,
    argument("A protocol's id (see escalate protocol list), or the path of a protocol file.", "PROTOCOL"),
]
"""What a case is opened under; at a terminal it is asked for where it is left out."""
AskedCase = Annotated[
    str | None,
    argument("The case: its reference or number, or the record number of the person it is about.", "CASE"),
]
"""What a command that records is about; at a terminal it is asked for where it is left out."""
Protocol = Annotated[str, argument("A protocol's id (see escalate protocol list), or the path of a protocol file.")]

At = Annotated[
    str | None, option("--at", "WHEN", 'When it happened, if not now: "yesterday 15:20", "18 Nov 2026 10:00".')
]
AsOf = Annotated[str | None, option("--as-of", "WHEN", "As it was known and due at that moment.")]
Concern = Annotated[
    str | None,
    option("--concern", "WHEN", "When the disputed decision was made or the concern arose, if before it was raised."),
]
Facts = Annotated[
    list[str] | None,
    option("--fact", "FACT=ANSWER", "Something the protocol asks about the case; may be repeated."),
]
Route = Annotated[str | None, option("--route", "ROUTE", "The route to take, where the protocol has more than one.")]
Reason = Annotated[str | None, option("--reason", "TEXT", "Why, in your own words.")]

Json = Annotated[bool, flag("--json", "Print one JSON document and nothing else.")]
DryRun = Annotated[bool, flag("--dry-run", "Show what would change, and write nothing.")]
Again = Annotated[bool, flag("--again", "It is meant to be recorded again, though the same was recorded just now.")]
IsReference = Annotated[
    bool,
    flag("--is-reference", "The subject is a reference, though it looks like a name, a date of birth or an address."),
]
NoPager = Annotated[bool, flag("--no-pager", "Print all of it at once, however long it is.")]
Yes = Annotated[bool, flag("--yes", "Make the change without asking.")]
Force = Annotated[bool, flag("--force", "Replace the file if there is one of that name already.")]
ToPage = Annotated[
    str | None,
    option("--output", "FILE", "Write a page to print or to pass on: a name that ends in .html, or in .json."),
]
Identify = Annotated[
    bool,
    flag(
        "--identify", "Show names, dates of birth, addresses and e-mail addresses as well; it is recorded who looked."
    ),
]
LookReason = Annotated[
    str | None, option("--reason", "TEXT", "Why you look at names, with --identify; kept with the record of it.")
]
