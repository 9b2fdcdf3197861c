"""Proving a deadline."""

from typing import Annotated

import typer

from escalate.commands.shared.options import AsOf, Case, Json, argument, option
from escalate.commands.shared.session import session
from escalate.commands.shared.store import case_read
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.meant import deadlines_at, deadlines_of
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import standing
from escalate.errors import Refused, UnknownName, listed
from escalate.output.case.proof_document import proof_document
from escalate.output.terminal import show, show_json


def explain(
    context: typer.Context,
    case: Case,
    action: Annotated[
        str | None, argument("The action whose deadline to prove; the stage's own if none is named.")
    ] = None,
    stage: Annotated[
        str | None, option("--stage", "STAGE", "The stage it belongs to, if not the latest that has it.")
    ] = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Example: escalate explain 7"""
    here = session(context)
    at = here.as_of(as_of)
    file = case_read(here, case, at if as_of else None)
    horizon = here.horizon(file.calendar, at)
    calls = [(each, standing(each, at, horizon)) for each in _calls(file, action, stage)]
    here.echo(as_json)
    if as_json:
        show_json(proof_document(file, calls))
    else:
        from escalate.output.case.proof import proof_page  # it loads Rich, which a document does not need

        show(proof_page(file, calls, at))


def _calls(file: CaseFile, action: str | None, stage: str | None) -> list[Deadline]:
    """The deadline of each time that an action was called for, the one that counts first and then the latest before it.

    The action of the stage named, or of the last stage that has it; without an action, what ends that stage. Raises Refused.
    """
    last = _found(file, action, stage)[-1]
    latest_first = [
        each
        for each in reversed(file.deadlines)
        if _is_same_duty(each, last) and (each.ended_at or _is_last_time(file, each))
    ]
    return sorted(latest_first, key=lambda each: not each.is_open)


def _is_same_duty(one: Deadline, other: Deadline) -> bool:
    """Whether two deadlines are of one action at one stage, whichever stay there, or beside the stages."""
    if one.action != other.action or one.at_any_stage != other.at_any_stage:
        return False
    if one.occasion.stay and other.occasion.stay:
        return (one.route, one.stage) == (other.route, other.stage)
    return not one.occasion.stay and not other.occasion.stay


def _is_last_time(file: CaseFile, deadline: Deadline) -> bool:
    """Whether something that has to be done again and again comes to no later time."""
    return not any(
        (each.occasion, each.action) == (deadline.occasion, deadline.action) and each.occurrence > deadline.occurrence
        for each in file.deadlines
    )


def _found(file: CaseFile, action: str | None, stage: str | None) -> list[Deadline]:
    """The deadlines of an action, or of a stage itself, at any stage or at the one named; at least one. Raises Refused."""
    at_stage = _deadlines_at(file, stage)
    if action is None:
        found = [deadline for deadline in at_stage if deadline.ends_stage]
    else:
        found = deadlines_of(at_stage, action)
    if found:
        return found
    there = dict.fromkeys(deadline.action for deadline in at_stage)
    if action is None:
        raise Refused(
            f"{file.case.ref} is {file.case.status}, and no limit of a stage runs any more: name what to explain, {listed(list(there), 'or')}."
        )
    raise UnknownName("action", action, there, f" in {file.case.ref}")


def _deadlines_at(file: CaseFile, stage: str | None) -> list[Deadline]:
    """The deadlines of a case, or of one of its stages. Raises Refused where there are none."""
    if not file.deadlines:
        raise Refused(
            f"{file.case.ref} is {file.case.status} and has no deadline to explain; escalate log shows its history."
        )
    found = deadlines_at(file.deadlines, stage)
    if not found and stage is not None:
        stages = dict.fromkeys(stay.stage for stay in file.case.stays)
        raise UnknownName("stage", stage, stages, f" that {file.case.ref} has been at")
    return found
