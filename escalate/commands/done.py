"""Recording that an action was done."""

from collections.abc import Callable
from typing import Annotated

import typer

from escalate.commands.shared.options import AskedCase, At, DryRun, Json, argument, number, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import acts
from escalate.errors import BadInput


def done(
    context: typer.Context,
    case: AskedCase = None,
    actions: Annotated[
        list[str] | None,
        argument(
            "The action, by the short name that due and show give it, or its beginning; several, if all were done then.",
            "ACTION...",
        ),
    ] = None,
    at: At = None,
    stage: Annotated[
        str | None, option("--stage", "STAGE", "The stage it was done for, if not the latest that has it.")
    ] = None,
    call: Annotated[
        int | None, number("--call", "Which call it is for, by the number show gives it, if not the oldest open one.")
    ] = None,
    remark: Annotated[str | None, option("--note", "TEXT", "Anything to remember about it.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate done 7 iro-notified --at "yesterday 15:20" """
    if call is not None and actions and len(actions) > 1:
        raise BadInput("A call is of one action: leave --call out, or record the actions one after the other.")
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    case = recorder.case(case)

    def ask() -> list[str] | None:
        from escalate.commands.shared.wanted import ask_action  # most lines name one

        return ask_action(recorder.session, case)

    def doing(action: str) -> Callable[[CaseFile], Entry]:
        return lambda file: acts.done(
            file.protocol, file.case, file.calendar, recorder.recording, action, stage, remark, call
        )

    recorder.record(case, *map(doing, recorder.wanted("ACTION...", actions or None, ask)))
