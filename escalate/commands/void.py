"""Taking back a case that was opened by mistake: first which it is, then, if that is wanted, it counts for nothing."""

import typer

from escalate.commands.shared.asking import NOTHING_WRITTEN, asked, confirmed, refuse_to_ask
from escalate.commands.shared.options import Case, DryRun, Json, Reason, Yes
from escalate.commands.shared.recording import Recorder
from escalate.commands.shared.store import case_named
from escalate.domain.recording import closing
from escalate.output.case.outcome import voiding
from escalate.output.terminal import say


def void(
    context: typer.Context,
    case: Case,
    reason: Reason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """See such cases with escalate list --status void; escalate undo brings one back. A case that is not pursued is withdrawn, and counts.

    Example: escalate void 7 --reason "Opened twice; see E0006" --yes
    """
    refuse_to_ask("void the case", as_json=as_json, yes=yes, dry_run=dry_run)
    recorder = Recorder(context, None, dry_run=dry_run, as_json=as_json)
    if not (yes or dry_run):
        file = case_named(recorder.session, case)
        closing.void(file.case, recorder.recording, reason)  # refuses before anything is asked
        say(voiding(file))
        if not confirmed(f"Void {file.case.ref}?"):
            say(NOTHING_WRITTEN)
            return
        case = file.case.ref
        reason = reason or asked("Why? (or Enter to leave that out)") or None
    recorder.record(case, lambda file: closing.void(file.case, recorder.recording, reason))
