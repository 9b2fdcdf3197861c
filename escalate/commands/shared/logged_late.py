"""What happened before its stage was logged: at a terminal the stage is recorded first, at the time it really began."""

from collections.abc import Callable
from datetime import datetime

from escalate.commands.shared.asking import asked_until_read
from escalate.commands.shared.session import Session
from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording import advancing, corrections
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import london, read_instant, spoken, written
from escalate.errors import BadInput, NotThereYet, OutOfOrder
from escalate.output.terminal import complain


def ask_what_came_first(
    here: Session, problem: OutOfOrder | NotThereYet, recording: Recording
) -> Callable[[CaseFile], Entry] | None:
    """Ask when that was which has to be recorded before something that happened; how to record it, or None where nobody says when."""
    complain(f"{problem.fault}.")
    question = (
        f"The case came to stage {problem.stage} before that, then: when? (n for not)"
        if isinstance(problem, NotThereYet)
        else f"Entry {problem.entry} happened earlier, then: when? (n for not)"
    )
    at = _ask_when(here, question, recording.at)
    if at is None:
        return None
    if isinstance(problem, NotThereYet):
        return lambda file: advancing.advance(
            file.protocol, file.case, recording._replace(at=at), problem.stage, again=True
        )
    entry = problem.entry
    return lambda file: corrections.correct(file, recording._replace(at=recording.now), at, entry)


def _ask_when(here: Session, question: str, latest: datetime) -> datetime | None:
    """Ask when something was; Enter takes the latest that it can have been. None for a no."""

    def read(said: str) -> str:
        if said.casefold() in ("n", "no"):
            return ""
        at = here.when(said, "past", latest).at
        if at > latest:
            raise BadInput(f"{spoken(at)} is after {spoken(latest)}, when it happened.")
        return written(at)

    found = asked_until_read(question, read, f"{london(latest):%Y-%m-%d %H:%M}")
    return read_instant(found) if found else None
