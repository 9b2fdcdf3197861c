"""Recording who holds a side of a case."""

from typing import Annotated

import typer

from escalate.commands.shared.asking import private
from escalate.commands.shared.options import At, Case, DryRun, Json, argument, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.recording import acts


def assign(
    context: typer.Context,
    case: Case,
    side: Annotated[str, argument("raising, receiving, or the name of another agency involved.", "SIDE")],
    name: Annotated[str | None, argument('Who holds it; "-" to be asked for the name.', "NAME")] = None,
    role: Annotated[str | None, option("--role", "TEXT", "What they are there.")] = None,
    email: Annotated[str | None, option("--email", "ADDRESS", 'Their address; "-" to be asked for it.')] = None,
    phone: Annotated[str | None, option("--phone", "NUMBER", 'Their telephone number; "-" to be asked for it.')] = None,
    stage: Annotated[str | None, option("--stage", "STAGE", "The stage, if not the one it is at.")] = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Example: escalate assign 7 receiving "Jo Bell" --role "Team manager" --email jo.bell@council.example"""
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    who, address = name and private(name, "name"), email and private(email, "e-mail address")
    number = phone and private(phone, "telephone number")
    recorder.record(
        case,
        lambda file: acts.assign(
            file.case, recorder.recording, side, who, (role or "").strip(), address, number, stage
        ),
    )
