"""Moving an open case to another edition of its protocol: first what would move, then, if that is wanted, the move."""

from collections.abc import Sequence
from typing import Annotated

import typer

from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.counted_on import fresh_calendar
from escalate.commands.shared.options import Case, DryRun, Json, Reason, Yes, argument
from escalate.commands.shared.recording import show_change
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened
from escalate.domain.deadlines.case_file import CaseFile, Changed, due_lines
from escalate.domain.deadlines.shifts import OTHER_DATES, Move, moves
from escalate.domain.recording import recounting
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import london_date
from escalate.errors import Refused
from escalate.output.case.outcome import lines_of, shifts_of
from escalate.output.terminal import say, show, width
from escalate.storage.files.protocols import find_protocol


def adopt(
    context: typer.Context,
    case: Case,
    edition: Annotated[
        str | None,
        argument("Its date, if not the edition in force today.", "EDITION"),
    ] = None,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate protocol adopt 7 2026-06 --dry-run"""
    here = session(context)
    refuse_to_ask("move the case", as_json=as_json, yes=yes, dry_run=dry_run)
    recording = Recording(here.settings.by, here.now, here.now)
    with opened(here) as store:
        ref = store.find(case)
        before = store.case(ref)
        name = f"{before.case.protocol}@{edition}" if edition else before.case.protocol
        file = find_protocol(name, here.settings.protocols, london_date(here.now))

        def moved_to(moved: Sequence[Move]) -> CaseFile:
            entry = recounting.adopt(file.protocol, file.digest, store.case(ref).case, recording, moved, reason)
            store.keep_calendars(file.protocol, lambda name: fresh_calendar(here, name), here.settings.by, here.now)
            store.keep_edition(file, here.now)
            return store.append(entry)

        with store.writing(dry_run=True):
            after = moved_to(())
        store.calendars.forget()
        moved = moves(due_lines(before), due_lines(after), here.now)
        changed = Changed(before, after)
        if not as_json:
            from escalate.output.dates.moves import moves_page

            to = file.protocol
            say(f"{ref}: from edition {before.case.edition} to edition {to.edition.dated} of {to.id}.")
            show(moves_page(moved, here.now, width()))
            told = [each for each in shifts_of(changed, here.now) if each.kind not in OTHER_DATES or each.by_ladder]
            say("\n".join([*lines_of(changed, told, here.now), ""]))
        if not (dry_run or yes or confirmed(f"Move {ref} to that edition?")):
            say("Nothing was written.")
            return
        with store.writing(dry_run):
            if store.case(ref).case.history != before.case.history:
                raise Refused(f"{ref} has changed in the meantime: look again. Nothing was written.")
            after = moved_to(moved)
    changed, horizon = Changed(before, after), here.horizon(after.calendar, here.now)
    show_change(here, changed, horizon, dry_run=dry_run, as_json=as_json, told_before=True)
