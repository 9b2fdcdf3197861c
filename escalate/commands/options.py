"""The arguments and options that commands share, said once."""

from pathlib import Path
from typing import Annotated, Any

import typer


def argument(says: str, metavar: str | None = None) -> Any:
    """An argument, with what help says of it."""
    return typer.Argument(metavar=metavar, help=says, show_default=False)


def option(name: str, metavar: str | None, says: str) -> Any:
    """An option that takes something, with what help calls that and says of it; without a name for it, help lists the choices."""
    return typer.Option(name, metavar=metavar, help=says, show_default=False)


def flag(name: str, says: str) -> Any:
    """An option that is given or not, with what help says of it."""
    return typer.Option(name, help=says)


Case = Annotated[
    str,
    typer.Argument(
        help="The case: its reference, its number, or a unique ending of the reference.", show_default=False
    ),
]
Protocol = Annotated[
    str,
    typer.Argument(
        help="A protocol's id (see escalate protocol list), or the path of a protocol file.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="WHEN",
        help='When it happened, if not now: "yesterday 15:20", "18 Nov 2026 10:00".',
        show_default=False,
    ),
]
Concern = Annotated[
    str | None,
    typer.Option(
        "--concern",
        metavar="WHEN",
        help="When the disputed decision was made or the concern arose, if before it was raised.",
        show_default=False,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="WHEN", help="As it was known and due at that moment.", show_default=False),
]
Identify = Annotated[
    bool, typer.Option("--identify", help="Show names, dates of birth, addresses and e-mail addresses as well.")
]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if there is one of that name already.")]
Yes = Annotated[bool, typer.Option("--yes", help="Make the change without asking.")]
Reason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help="Why, in your own words.", show_default=False)
]
Facts = Annotated[
    list[str] | None,
    typer.Option(
        "--fact",
        metavar="FACT=ANSWER",
        help="Something the protocol asks about the case; may be repeated.",
        show_default=False,
    ),
]
Route = Annotated[
    str | None,
    typer.Option(
        "--route", metavar="ROUTE", help="The route to take, where the protocol has more than one.", show_default=False
    ),
]


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text[:7]) > 0 and len(text) <= 7):
        raise typer.BadParameter(f'"{text[:60]}" is not a whole number from 1 on')
    return int(text)


WHOLE_NUMBER: dict[str, Any] = {"parser": _whole_number, "metavar": "N", "show_default": False}
"""How an option that counts is declared."""

Database = Annotated[
    Path | None,
    typer.Option("--db", metavar="FILE", help="The file that holds the cases. [ESCALATE_DB]", show_default=False),
]
