"""Writing a note."""

from typing import Annotated

import typer

from escalate.commands.shared.options import At, Case, DryRun, Json, argument
from escalate.commands.shared.recording import Recorder
from escalate.domain.recording import acts


def note(
    context: typer.Context,
    case: Case,
    text: Annotated[str, argument("What to remember.")],
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate note 7 "Spoke to the duty manager, who will call back" --at "today 10:15" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    recorder.record(case, lambda file: acts.note(file.case, recorder.recording, text))
