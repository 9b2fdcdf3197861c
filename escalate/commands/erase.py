"""Erasing what was said of people in cases that are over: first what would go, then, if that is wanted, for good."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from escalate.commands.shared.asking import confirmed, refuse_to_ask
from escalate.commands.shared.options import DryRun, Json, Reason, Yes, argument, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.store import opened, unit_only
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import erasing
from escalate.domain.recording.erasing import left_to_erase
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.counting import runs_out
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BadInput, BeyondCalendar
from escalate.output.terminal import complain, say, show, show_json
from escalate.output.upkeep.documents import erased_document
from escalate.output.upkeep.pages import to_erase
from escalate.storage.backups.reaching import NotReached, copies_of_moved, erase_in_copies
from escalate.storage.backups.restoring import since
from escalate.storage.store import Store


def erase(
    context: typer.Context,
    case: Annotated[str | None, argument("The case, if it is one by its reference.")] = None,
    closed_for: Annotated[
        str | None,
        option("--closed-for", "ALLOWANCE", 'Every case that was closed so long ago or longer: "6 years".'),
    ] = None,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Stages, dates, agencies and themes stay, and so do the figures of reports. Backups in the folder of backups are erased too; those elsewhere
    are not; on a server, nor is what its administrator keeps. A case under a legal hold is left alone: escalate set CASE legal-hold=REASON.

    Example: escalate erase 6 --reason "Retention period over" --yes
    """
    here = session(context)
    if (case is None) == (closed_for is None):
        raise BadInput("Say what to erase: a case, or --closed-for with a time such as 6 years.")
    refuse_to_ask("erase", as_json=as_json, yes=yes, dry_run=dry_run)
    allowance = parse_allowance(closed_for) if closed_for is not None else None
    recording = Recording(here.settings.by, here.now, here.now)
    with opened(here) as store:
        unit_only(store, "erases what was said")
        chosen, held = _to_erase_and_held(store, case, allowance, here.now)
        for file in chosen:
            erasing.erase(file.case, recording, reason)  # refuses what may not be erased
        if not as_json:
            show(to_erase(chosen, held, here.now))
            if chosen and store.database.is_shared:
                say(f"\n{OUT_OF_REACH}\n")
        wanted = bool(chosen) and not dry_run and (yes or confirmed("Erase this for good?"))
        not_reached = _erase(here, store, chosen, recording, reason) if wanted else NotReached([], [])
        out_of_reach = OUT_OF_REACH if store.database.is_shared else None
    if as_json:
        left = [*not_reached.left, *not_reached.unseen]
        show_json(erased_document(chosen, held) | {"out_of_reach": out_of_reach, "not_reached": left})
    elif chosen:
        say("Dry run: nothing was erased." if dry_run else "Erased." if wanted else "Nothing was erased.")
    complain(*not_reached.left, *not_reached.unseen)
    if not_reached.left:
        raise typer.Exit(1)


OUT_OF_REACH = (
    "Erasing takes it out of the server's database. It does not reach what the server's administrator keeps of earlier times: archived WAL, base backups"
    " and dumps have it until they are thrown away, and a replica until it has caught up. Ask them after how long that is."
)
"""What is said before and with every erasure on a server."""


def _to_erase_and_held(
    store: Store, case: str | None, allowance: Allowance | None, now: datetime
) -> tuple[list[CaseFile], list[CaseFile]]:
    """The cases to erase, and those that a legal hold protects; a case that was named is refused later if one does. Raises Refused."""
    if case is not None:
        return [store.case(store.find(case), identify=True)], []
    assert allowance is not None
    files = _closed_for(store, allowance, now)
    return [file for file in files if not file.case.legal_hold], [file for file in files if file.case.legal_hold]


def _closed_for(store: Store, allowance: Allowance, now: datetime) -> list[CaseFile]:
    """The cases that were closed so long ago and have something to erase, the oldest first."""
    files = [
        store.case(line.ref, identify=True)
        for line in reversed(store.lists.cases(with_void=True))
        if line.status != "open"
    ]
    return [file for file in files if any(left_to_erase(file.case).values()) and _is_over(file, allowance, now)]


def _is_over(file: CaseFile, allowance: Allowance, now: datetime) -> bool:
    """Whether an allowance that began when a case was closed has run out."""
    closed = file.case.stay.left_at
    assert closed is not None
    try:
        over = runs_out(closed, allowance, file.calendar)
    except BeyondCalendar:  # so far ahead that the calendar has no such day
        return False
    return over is not None and over.at < now


def _erase(
    here: Session, store: Store, files: Sequence[CaseFile], recording: Recording, reason: str | None
) -> NotReached:
    """Erase for good, in the file and in its copies; what may still have it."""
    with store.writing():
        cases = [store.case(file.case.ref, identify=True).case for file in files]
        store.erase([erasing.erase(case, recording, reason) for case in cases])
    store.wipe()
    backups = here.settings.backups
    if store.database.is_shared:  # its backups are its administrator's
        return NotReached(copies_of_moved(here.settings.folder, backups, store.own_id), [])
    return erase_in_copies(store.path, backups, since(store))
