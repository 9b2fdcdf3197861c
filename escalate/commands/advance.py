"""Going up a stage."""

from typing import Annotated

import typer

from escalate.commands.shared.options import Again, AskedCase, At, DryRun, Json, Reason, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.case.entries import Entry
from escalate.domain.case.grounds import Ground
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import advancing
from escalate.domain.recording.repeated import Repeated, gone_up


def advance(
    context: typer.Context,
    case: AskedCase = None,
    to: Annotated[
        str | None, option("--to", "STAGE", "The stage to go up to, where there is a choice or some are skipped.")
    ] = None,
    because: Annotated[Ground, typer.Option("--because", help="Why it goes up.")] = Ground.UNRESOLVED,
    reason: Reason = None,
    at: At = None,
    again: Again = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate advance 7 --because no-response"""
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recording = recorder.recording
    case = recorder.case(case)

    def entry(file: CaseFile, is_meant: bool) -> Entry:
        return advancing.advance(file.protocol, file.case, recording, to, because, reason, again=is_meant)

    def just_gone_up(file: CaseFile) -> Repeated | None:
        entry(file, is_meant=True)  # refuses what cannot be, before anything is asked
        return gone_up(file.case, recording)

    agreed = None if again else recorder.agreed(case, just_gone_up, "Go up once more?")
    recorder.record(case, lambda file: entry(file, is_meant=again or agreed == file.case.stay.entry))
