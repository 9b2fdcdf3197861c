"""Taking a closed case up again."""

import typer

from escalate.commands.shared.options import At, Case, DryRun, Json, Reason
from escalate.commands.shared.recording import Recorder
from escalate.domain.recording import closing


def reopen(
    context: typer.Context,
    case: Case,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate reopen 6 --reason "The agreed visit did not take place" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recorder.record(case, lambda file: closing.reopen(file.case, recorder.recording, reason))
