"""Writing a note."""

from typing import Annotated

import typer

from escalate.commands.shared.asking import asked
from escalate.commands.shared.options import AskedCase, At, DryRun, Json, argument, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.case.documents import Kept
from escalate.domain.recording import acts


def note(
    context: typer.Context,
    case: AskedCase = None,
    text: Annotated[str | None, argument("What to remember.", "TEXT")] = None,
    document: Annotated[
        list[str] | None,
        option(
            "--document", "FILE", "A document it is about: where it is and its SHA-256 are recorded; may be repeated."
        ),
    ] = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate note 7 "Spoke to the duty manager, who will call back" --at "today 10:15" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    case = recorder.case(case)
    said = recorder.wanted("TEXT", text, lambda: asked("What is there to remember?") or None)
    documents: list[Kept] = []
    if document:
        from escalate.storage.files.documents import kept  # loads what reads and hashes, and few notes name one

        documents = list(dict.fromkeys(map(kept, document)))
    recorder.record(case, lambda file: acts.note(file.case, recorder.recording, said, documents))
