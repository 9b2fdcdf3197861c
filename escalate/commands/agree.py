"""Recording a date that was agreed."""

from datetime import datetime
from typing import Annotated

import typer

from escalate.commands.shared.asking import asked_until_read
from escalate.commands.shared.options import AskedCase, At, DryRun, Json, Reason, argument, number, option
from escalate.commands.shared.recording import Recorder
from escalate.commands.shared.store import case_named
from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import acts


def agree(
    context: typer.Context,
    case: AskedCase = None,
    when: Annotated[
        str | None, argument('The date agreed: "Fri 27 Nov 12:00"; a day alone lasts until its end.', "WHEN")
    ] = None,
    action: Annotated[
        str | None, option("--action", "ACTION", "The action it was agreed for, if not the stage as a whole.")
    ] = None,
    stage: Annotated[
        str | None, option("--stage", "STAGE", "The stage it was agreed for, where more than one has the action open.")
    ] = None,
    call: Annotated[
        int | None, number("--call", "Which call it is for, by the number show gives it, if not the newest open one.")
    ] = None,
    reason: Reason = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate agree 7 "Fri 27 Nov 12:00" """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    here, at_moment = recorder.session, recorder.recording.at
    case = recorder.case(case)

    def ask() -> str | None:
        calendar = case_named(here, case).calendar

        def read_again(said: str) -> str:
            here.until(said, at_moment, calendar)
            return said

        return asked_until_read("Until when was it agreed?", read_again)

    until = recorder.wanted("WHEN", when, ask)
    read: list[datetime] = []

    def decide(file: CaseFile) -> Entry:
        if not read:  # it may be decided more than once, and is read once
            read.append(here.until(until, at_moment, file.calendar))
        return acts.agree(
            file.protocol, file.case, file.calendar, recorder.recording, read[0], action, reason, call, stage
        )

    recorder.record(case, decide)
