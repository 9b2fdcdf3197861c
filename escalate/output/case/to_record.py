"""The command that records what is to be done next, ready to be copied."""

from collections.abc import Iterator

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.parts import NEXT_STEP

MOST_ANSWERS = 4
"""A question with more answers than these is answered at the terminal."""


def to_record(file: CaseFile, deadline: Deadline) -> list[str]:
    """The commands of which one records the next step: that it was done, the answer it hangs on, or that the stage is over."""
    ref = file.case.ref
    if deadline.unanswered:
        return [command for key in deadline.unanswered for command in _answers(file, key)]
    if deadline.ends_stage or deadline.action == NEXT_STEP:
        return list(_ways_on(file, deadline))
    elsewhere = deadline.occasion.stay and deadline.stage != file.case.stay.stage
    return [f"escalate done {ref} {deadline.action}{f' --stage {deadline.stage}' if elsewhere else ''}"]


def _answers(file: CaseFile, key: str) -> Iterator[str]:
    """A command for each answer to a question; a dated event is answered with its day."""
    ref = file.case.ref
    if file.protocol.dated_event(key):
        yield f"escalate set {ref} {key}=today"
        return
    answers = file.protocol.fact(key).answers
    if len(answers) > MOST_ANSWERS:
        yield f"escalate set {ref}"
        return
    yield from (f"escalate set {ref} {key}={answer}" for answer in answers)


def _ways_on(file: CaseFile, deadline: Deadline) -> Iterator[str]:
    """What ends a stage: resolving, or going up where anything follows."""
    case, protocol = file.case, file.protocol
    if case.status != "open":
        yield f"escalate done {case.ref} {deadline.action}"
        return
    if deadline.action != NEXT_STEP:
        yield f"escalate resolve {case.ref}"
    following = protocol.ladders.following(protocol.stage(case.stay.route, case.stay.stage))
    for stage in following:
        to = f" --to {stage.key_on(case.stay.route)}" if len(following) > 1 else ""
        yield f"escalate advance {case.ref}{to}"
