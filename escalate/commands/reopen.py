"""Taking a closed case up again."""

import typer

from escalate.commands.shared.options import AskedCase, At, DryRun, Json, Reason
from escalate.commands.shared.recording import Recorder
from escalate.domain.recording import closing


def reopen(
    context: typer.Context,
    case: AskedCase = None,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate reopen 6 --reason "The agreed visit did not take place" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recorder.record_why(
        recorder.case(case, closed=True),
        reason,
        "Why is it reopened?",
        lambda file, why: closing.reopen(file.case, recorder.recording, why),
    )
