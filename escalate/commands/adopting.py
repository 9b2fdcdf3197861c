"""Moving an open case to another edition of its protocol: first what would move, then, if that is wanted, the move."""

from typing import TYPE_CHECKING, Annotated

import typer

from escalate import domain, output, storage
from escalate.commands.desk import desk
from escalate.commands.options import Case, DryRun, Json, Reason, Yes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escalate.domain.casefile import CaseFile
    from escalate.domain.moves import Move


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
            output.terminal.show(output.calendars.moves_page(moved, here.now, output.terminal.width()))
            output.terminal.say("")
        if not (dry_run or yes or here.confirmed(f"Move {ref} to that edition?")):
            output.terminal.say("Nothing was written.")
            return
        with store.writing(dry_run):
            if store.case(ref).case.history != before.case.history:
                raise domain.errors.Refused(f"{ref} has changed meanwhile: look again. Nothing was written.")
            after = moved_to(moved)
    here.show_change(after, here.horizon(after.calendar, here.now), dry_run=dry_run, as_json=as_json)
