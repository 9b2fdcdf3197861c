"""Recording what is now known about a case."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import typer

from escalate.commands.shared.asking import says_yes
from escalate.commands.shared.facts import read_facts
from escalate.commands.shared.key_values import checked_subject, read_known
from escalate.commands.shared.options import AskedCase, At, DryRun, IsReference, Json, argument, flag
from escalate.commands.shared.recording import Recorder
from escalate.commands.shared.related import find_related
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import case_named, opened
from escalate.domain.case.entries import Entry
from escalate.domain.case.replay import replay
from escalate.domain.deadlines.case_file import CaseFile, case_file
from escalate.domain.protocol.answers import checked_facts
from escalate.domain.recording.details import calls_open_already, not_called_again, set_details
from escalate.output.case.outcome import called_already
from escalate.output.terminal import complain, is_terminal
from escalate.output.words import inert


def set_(
    context: typer.Context,
    case: AskedCase = None,
    facts: Annotated[
        list[str] | None,
        argument("What is now known: a fact of the protocol, or one of the names below.", "FACT=ANSWER..."),
    ] = None,
    at: At = None,
    again: Annotated[
        bool, flag("--again", "It is called for once more, though the same was called for before and is not done yet.")
    ] = False,
    is_reference: IsReference = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Beside the facts of the protocol:

    - concern=WHEN, subject=, from=, to=: corrections of what it was opened with

    - theme=, involved=: what it is about, and other agencies; say each again for several, or none

    - related=CASE: cases it belongs together with, such as a sibling's, which then say so too; all of them, or none

    - about=, desired-outcome=, level-current=, level-perceived=, how=, lessons=: in your own words

    - legal-hold=: why nothing of it may be erased; none lifts that

    - name=, born=, address=: who the person is, shown with --identify only; with - for a value it is asked for

    Example: escalate set 7 immediate-risk=yes concern="17 Nov 2026" theme=drift theme=communication
    """
    recorder = Recorder(context, at, dry_run=dry_run, as_json=as_json)
    here, recording = recorder.session, recorder.recording
    case = recorder.case(case)

    def ask() -> list[str] | None:
        from escalate.commands.shared.wanted import ask_facts  # most lines say what is known

        return ask_facts(here, case) or None

    known = read_known(here, recorder.wanted("FACT=ANSWER...", facts or None, ask), recording.at)
    find_related(here, known)
    if "subject" in known.sides:
        checked_subject(here, known.sides["subject"], is_reference=is_reference)
    if known.facts and here.can_ask:  # whatever has to be asked is asked before the file is locked
        read_facts(here, case_named(here, case).protocol, known.facts, recording.at)

    def answers(file: CaseFile) -> dict[str, str]:
        return read_facts(here, file.protocol, known.facts, recording.at)

    def decide(file: CaseFile) -> Entry:
        said, details = answers(file), known.details
        entry = set_details(file.protocol, file.case, recording, said, details, known.concern_at, again=is_another)
        if as_json:  # the page says so among the rest
            after = case_file(replay((*file.case.history, entry)), file.protocol, file.calendar)
            same = () if is_another else called_already(calls_open_already(file, entry.data["facts"], entry.at))
            complain(*same, *map(inert, not_called_again(after)))
        return entry

    asks = is_terminal(sys.stdin) and not (as_json or dry_run)
    is_another = again or (asks and _asked_if_another(here, case, recording.at, answers))
    recorder.record(case, decide)


def _asked_if_another(here: Session, case: str, at: datetime, answers: Callable[[CaseFile], dict[str, str]]) -> bool:
    """Ask whether answers that were given before call for something once more; False where they were not, or nothing is open."""
    with opened(here) as store:
        file = store.case(store.find(case))
    repeated = called_already(calls_open_already(file, checked_facts(file.protocol, answers(file)), at))
    return any(says_yes(f"{said} Is it another one, to be done as well?") for said in repeated[:1])
