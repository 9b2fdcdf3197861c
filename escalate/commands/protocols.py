"""Commands that show and check protocols."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate import domain, output, storage
from escalate.commands.desk import desk
from escalate.commands.options import Case, DryRun, Json, Protocol, Reason, Route, Yes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escalate.domain.casefile import CaseFile
    from escalate.domain.moves import Move


def list_(context: typer.Context, as_json: Json = False) -> None:
    """List the protocols there are: the shipped ones, and those in your own folder.

    Example: escalate protocol list
    """
    files, problems = storage.protocol_files.all_protocols(desk(context).settings.protocols)
    found = [file.protocol for file in files]
    if as_json:
        output.terminal.show_json([output.documents.protocol_document(protocol) for protocol in found])
    else:
        output.terminal.show(output.protocols.protocols_table(found, output.terminal.console().width))
    if problems:
        output.terminal.complain(*problems)
        raise typer.Exit(1)


def show(context: typer.Context, protocol: Protocol, route: Route = None, as_json: Json = False) -> None:
    """Show a protocol: its ladder, owners, time limits, and where each is written.

    Example: escalate protocol show lincolnshire
    """
    here = desk(context)
    today = domain.london.london_date(here.now)
    found = storage.protocol_files.find_protocol(protocol, here.settings.protocols, today).protocol
    if as_json:
        output.terminal.show_json(output.documents.tree_document(found if route is None else found.only(route)))
    else:
        output.terminal.show(output.protocols.protocol_tree(found, route))


def check(
    file: Annotated[Path, typer.Argument(help="The protocol file to check.", show_default=False)],
    as_json: Json = False,
) -> None:
    """Check a protocol file, and report every problem at once, each with its place.

    Example: escalate protocol check protocols/herefordshire.toml
    """
    try:
        protocol = storage.protocol_files.read_protocol_file(file).protocol
    except domain.errors.BrokenFile as broken:
        if not as_json:
            raise
        output.terminal.show_json({"file": file.name, "problems": list(broken.problems)})
        raise typer.Exit(broken.status) from broken
    if as_json:
        output.terminal.show_json({"file": file.name, "problems": []})
    else:
        routes, stages = (
            output.words.counted(len(protocol.routes), "route"),
            output.words.counted(len(protocol.stages), "stage"),
        )
        output.terminal.say(f"{file.name}: no problems; {routes}, {stages}.")


def adopt(
    context: typer.Context,
    case: Case,
    edition: Annotated[
        str | None,
        typer.Argument(metavar="EDITION", help="Its date, if not the edition in force today.", show_default=False),
    ] = None,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Move an open case to another edition of its protocol. Shows first which deadlines would move; what was judged keeps its verdict.

    Example: escalate protocol adopt 7 2026-06 --dry-run
    """
    here = desk(context)
    if as_json and not (yes or dry_run):
        raise domain.errors.Refused("Nothing can be asked with --json: say --yes to move the case, or --dry-run.")
    recording = domain.decisions.Recording(here.settings.by, here.now, here.now)
    with here.existing() as store:
        ref = store.find(case)
        before = store.case(ref)
        name = f"{before.case.protocol}@{edition}" if edition else before.case.protocol
        today = domain.london.london_date(here.now)
        file = storage.protocol_files.find_protocol(name, here.settings.protocols, today)

        def moved_to(moved: "Sequence[Move]") -> "CaseFile":
            entry = domain.decisions.adopt(file.protocol, file.digest, store.case(ref).case, recording, moved, reason)
            store.keep_calendars(file.protocol, here.fresh_calendar, here.settings.by, here.now)
            store.keep_edition(file, here.now)
            return store.append(entry)

        with store.writing(dry_run=True):
            after = moved_to(())
        store.calendars.forget()
        lines = domain.casefile.due_lines
        moved = domain.moves.moves(lines(before), lines(after), here.now)
        if not as_json:
            title = f"{ref}: from edition {before.case.edition} to edition {file.protocol.edition.dated} of {file.protocol.id}."
            output.terminal.say(title)
            output.terminal.show(output.calendars.moves_page(moved, here.now, output.terminal.console().width), "")
        if not (dry_run or yes or here.confirmed(f"Move {ref} to that edition?")):
            output.terminal.say("Nothing was written.")
            return
        with store.writing(dry_run):
            if store.case(ref).case.history != before.case.history:
                raise domain.errors.Refused(f"{ref} has changed meanwhile: look again. Nothing was written.")
            after = moved_to(moved)
    here.show_change(after, here.horizon(after.calendar, here.now), dry_run=dry_run, as_json=as_json)
