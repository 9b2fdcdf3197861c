"""Closing a case as resolved."""

from typing import Annotated

import typer

from escalate.commands.shared.options import AskedCase, At, DryRun, Json, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.recording import closing


def resolve(
    context: typer.Context,
    case: AskedCase = None,
    how: Annotated[str | None, option("--how", "TEXT", "How it was resolved.")] = None,
    at: At = None,
    lessons: Annotated[str | None, option("--lessons", "TEXT", "What is to be learned from it.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate resolve 7 --how "Both managers agreed a joint visit" --at "today 11:00" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recorder.record_why(
        recorder.case(case),
        how,
        "How was it resolved?",
        lambda file, said: closing.resolve(file.case, recorder.recording, said, lessons),
    )
