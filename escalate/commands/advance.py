"""Going up a stage."""

from typing import Annotated

import typer

from escalate.commands.shared.options import At, Case, DryRun, Json, Reason, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.case.grounds import Ground
from escalate.domain.recording import advancing


def advance(
    context: typer.Context,
    case: Case,
    to: Annotated[
        str | None, option("--to", "STAGE", "The stage to go up to, where there is a choice or some are skipped.")
    ] = None,
    because: Annotated[Ground, typer.Option("--because", help="Why it goes up.")] = Ground.UNRESOLVED,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate advance 7 --because no-response"""
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recorder.record(
        case, lambda file: advancing.advance(file.protocol, file.case, recorder.recording, to, because, reason)
    )
