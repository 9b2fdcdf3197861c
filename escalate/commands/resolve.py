"""Closing a case as resolved."""

from typing import Annotated

import typer

from escalate.commands.shared.asking import asked
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
    if case is None:
        case = recorder.case(None)
        how = how or asked("How was it resolved? (or Enter to leave that out)") or None
    recorder.record(case, lambda file: closing.resolve(file.case, recorder.recording, how, lessons))
