"""Recording who holds a side of a case."""

from typing import Annotated

import typer

from escalate.commands.shared.asking import private
from escalate.commands.shared.options import At, DryRun, Json, argument, option
from escalate.commands.shared.recording import Recorder
from escalate.domain.case.people import FOR_GOOD, Holder
from escalate.domain.recording import acts
from escalate.errors import BadInput


def assign(
    context: typer.Context,
    case: Annotated[
        str | None,
        argument("The case: its reference or number, or the record number of the person it is about.", "CASE"),
    ] = None,
    side: Annotated[str | None, argument("raising, receiving, or the name of another agency involved.", "SIDE")] = None,
    name: Annotated[str | None, argument('Who holds it; "-" to be asked for the name.', "NAME")] = None,
    everything_of: Annotated[
        str | None, option("--everything-of", "NAME", "Hand over all that this person holds in cases that go on.")
    ] = None,
    to: Annotated[str | None, option("--to", "NAME", "Who takes it over.")] = None,
    role: Annotated[str | None, option("--role", "TEXT", "What they are there.")] = None,
    email: Annotated[str | None, option("--email", "ADDRESS", 'Their address; "-" to be asked for it.')] = None,
    phone: Annotated[str | None, option("--phone", "NUMBER", 'Their telephone number; "-" to be asked for it.')] = None,
    stage: Annotated[str | None, option("--stage", "STAGE", "The stage, if not the one it is at.")] = None,
    since: Annotated[str | None, option("--from", "DATE", "The first day on which they hold it, if not today.")] = None,
    until: Annotated[
        str | None,
        option("--until", "DATE", "The last day on which they hold it; then it goes back to whoever had it."),
    ] = None,
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """With --everything-of and --to, whoever leaves or is away hands over all they hold, in all cases or in none:
    escalate assign --everything-of "Jo Bell" --to "Sam Hart" --from "21 Dec" --until "4 Jan"

    Without --until it is for good. Back before that day: --everything-of "Jo Bell" --to "Jo Bell".

    Example: escalate assign 7 receiving "Jo Bell" --role "Team manager" --email jo.bell@council.example
    """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    all_held = everything_of is not None or to is not None
    if all_held and (case or side or name or stage or not everything_of or not to):
        raise BadInput(HANDED_OVER)
    if not all_held and not (case and side):
        raise BadInput(
            'Say which case, which side and who: escalate assign 7 receiving "Jo Bell". Or --everything-of NAME --to NAME.'
        )
    who, address = name and private(name, "name"), email and private(email, "e-mail address")
    number, held_as = phone and private(phone, "telephone number"), (role or "").strip()
    days = FOR_GOOD
    if since is not None or until is not None or all_held:
        from escalate.commands.handover import days_asked, hand_over

        days = days_asked(recorder.session, since, until)
    if everything_of and to:
        taker = Holder("", held_as or None, private(to, "name"), address, number)
        hand_over(recorder.session, recorder.recording, everything_of, taker, days, dry_run=dry_run, as_json=as_json)
        return
    recorder.record(
        case or "",
        lambda file: acts.assign(file.case, recorder.recording, side or "", who, held_as, address, number, stage, days),
    )
    if (meant := who or address) and days.until is None:
        from escalate.commands.handover import tell_if_away

        tell_if_away(recorder.session, case or "", side or "", meant, recorder.recording)


HANDED_OVER = (
    "To hand over all that somebody holds, say --everything-of NAME and --to NAME, and no case, side or stage."
)
