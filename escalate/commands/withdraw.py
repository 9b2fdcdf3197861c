"""Closing a case that is not pursued."""

import typer

from escalate.commands.shared.options import AskedCase, At, DryRun, Json, Reason
from escalate.commands.shared.recording import Recorder
from escalate.domain.recording import closing


def withdraw(
    context: typer.Context,
    case: AskedCase = None,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate withdraw 7 --reason "Raised twice; see E0006" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recorder.record_why(
        recorder.case(case),
        reason,
        "Why is it not pursued?",
        lambda file, why: closing.withdraw(file.case, recorder.recording, why),
    )
