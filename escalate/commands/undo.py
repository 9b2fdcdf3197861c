"""Taking back what was recorded, or correcting when it happened."""

from typing import Annotated

import typer

from escalate.commands.shared.options import Case, DryRun, Json, Reason, number, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import corrections


def undo(
    context: typer.Context,
    case: Case,
    entry: Annotated[int | None, number("--entry", "The entry, by its number in the log, if not the last.")] = None,
    at: Annotated[str | None, option("--at", "WHEN", "Keep the entry, and correct when it happened.")] = None,
    reason: Reason = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate undo 7 --entry 2 --at "yesterday 11:40" --reason "Wrong day" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    to = recorder.recording.at if at else None
    recording = recorder.recording._replace(at=recorder.recording.now)

    def decide(file: CaseFile) -> Entry:
        if to is None:
            return corrections.undo(file, recording, entry, reason)
        return corrections.correct(file, recording, to, entry, reason)

    recorder.record(case, decide)
