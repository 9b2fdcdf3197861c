"""Recording what is now known about a case."""

from typing import Annotated

import typer

from escalate.commands.shared.facts import read_facts
from escalate.commands.shared.key_values import read_known
from escalate.commands.shared.options import At, Case, DryRun, Json, argument
from escalate.commands.shared.recording import Recorder
from escalate.commands.shared.store import case_named
from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.details import set_details


def set_(
    context: typer.Context,
    case: Case,
    facts: Annotated[
        list[str], argument("What is now known: a fact of the protocol, or one of the names below.", "FACT=ANSWER...")
    ],
    at: At = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Beside the facts of the protocol:

    - concern=WHEN, subject=, from=, to=: corrections of what it was opened with

    - theme=, involved=: what it is about, and other agencies; say each again for several, or none

    - about=, desired-outcome=, level-current=, level-perceived=, how=, lessons=: in your own words

    - legal-hold=: why nothing of it may be erased; none lifts that

    - name=, born=, address=: who the person is, shown with --identify only; with - for a value it is asked for

    Example: escalate set 7 immediate-risk=yes concern="17 Nov 2026" theme=drift theme=communication
    """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    here, recording = recorder.session, recorder.recording
    known = read_known(here, facts, recording.at)
    if known.facts and here.can_ask:  # whatever has to be asked is asked before the file is locked
        read_facts(here, case_named(here, case).protocol, known.facts, recording.at)

    def decide(file: CaseFile) -> Entry:
        answers = read_facts(here, file.protocol, known.facts, recording.at)
        return set_details(file.protocol, file.case, recording, answers, known.details, known.concern_at)

    recorder.record(case, decide)
