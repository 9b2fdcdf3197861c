"""Erasing what was said of people in cases that are over: first what would go, then, if that is wanted, for good."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.options import DryRun, Json, Reason, Yes
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.recording.request import Recording
    from escalate.domain.worktime.allowance import Allowance
    from escalate.storage.store import Store


def erase(
    context: typer.Context,
    case: Annotated[
        str | None, typer.Argument(help="The case, if it is one by its reference.", show_default=False)
    ] = None,
    closed_for: Annotated[
        str | None,
        typer.Option(
            "--closed-for",
            metavar="ALLOWANCE",
            help='Every case that was closed so long ago or longer: "6 years".',
            show_default=False,
        ),
    ] = None,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Erase for good what was said of people in a closed case: names, dates of birth, addresses, the subject, all free text.

    Stages, dates, agencies and themes stay, and so do the figures of reports. Backups in the folder of backups are erased too; those elsewhere
    are not. A case under a legal hold is left alone: escalate set CASE legal-hold=REASON.

    Example: escalate erase 6 --reason "Retention period over" --yes
    """
    from escalate.domain.recording import erasing
    from escalate.domain.recording.request import Recording
    from escalate.domain.worktime.read_allowance import parse_allowance
    from escalate.errors import BadInput, Refused
    from escalate.output import terminal
    from escalate.output.terminal import complain, show, show_json
    from escalate.output.upkeep.pages import erased_document, to_erase

    here = desk(context)
    if (case is None) == (closed_for is None):
        raise BadInput("Say what to erase: a case, or --closed-for with a time such as 6 years.")
    if as_json and not (yes or dry_run):
        raise Refused("Nothing can be asked with --json: say --yes to erase, or --dry-run.")
    allowance = parse_allowance(closed_for) if closed_for is not None else None
    recording = Recording(here.settings.by, here.now, here.now)
    with here.existing() as store:
        files = [store.case(store.find(case), identify=True)] if case is not None else _over(store, allowance, here.now)
        held = [file for file in files if allowance and file.case.legal_hold]
        chosen = [file for file in files if file not in held]
        for file in chosen:
            erasing.erase(file.case, recording, reason)  # refuses what may not be erased
        if not as_json:
            show(to_erase(chosen, held, here.now))
        wanted = bool(chosen) and not dry_run and (yes or here.confirmed("Erase this for good?"))
        if wanted:
            _erase(store, [file.case.ref for file in chosen], recording, reason)
        left = _erase_in_backups(here, store) if wanted else []
    if as_json:
        show_json(erased_document(chosen, held))
    elif chosen:
        say = "Dry run: nothing was erased." if dry_run else "Erased." if wanted else "Nothing was erased."
        terminal.say(say)
    if left:
        complain(*left)
        raise typer.Exit(1)


def _over(store: "Store", allowance: "Allowance | None", now: datetime) -> "list[CaseFile]":
    """The cases that were closed so long ago and have something to erase, the oldest first."""
    from escalate.domain.recording.erasing import left_to_erase

    assert allowance is not None
    files = [store.case(line.ref, identify=True) for line in reversed(store.lists.cases()) if line.status != "open"]
    return [file for file in files if any(left_to_erase(file.case).values()) and _closed_for(file, allowance, now)]


def _closed_for(file: "CaseFile", allowance: "Allowance", now: datetime) -> bool:
    from escalate.domain.worktime.counting import runs_out
    from escalate.errors import BeyondCalendar

    closed = file.case.visit.left_at
    assert closed is not None
    try:
        over = runs_out(closed, allowance, file.calendar)
    except BeyondCalendar:  # so far ahead that the calendar has no such day
        return False
    return over is not None and over.at < now


def _erase(store: "Store", refs: list[str], recording: "Recording", reason: str | None) -> None:
    from escalate.domain.recording import erasing

    with store.writing():
        store.erase([erasing.erase(store.case(ref, identify=True).case, recording, reason) for ref in refs])
    store.wipe()


def _erase_in_backups(here: Desk, store: "Store") -> list[str]:
    """Erases in every backup of this file what was erased in it; what is wrong with those where that cannot be done."""
    from escalate.errors import EscalateError
    from escalate.storage.backups import restoring
    from escalate.storage.backups.naming import backups_in
    from escalate.storage.backups.restoring import erase_again

    since, faults = restoring.since(store), []
    for path in backups_in(here.settings.backups):
        try:
            erase_again(path, since)
        except EscalateError as problem:
            faults.append(f"{path} may still have what was erased: {problem.sentence} Remove it by hand.")
    return faults
