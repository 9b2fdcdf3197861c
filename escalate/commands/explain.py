"""Proving a deadline."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.options import AsOf, Case, Force, Json, NoPager, ToPage, argument, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import case_read, opened_to_read
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.meant import deadlines_at, deadlines_of
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import Standing, standing
from escalate.errors import BadInput, Refused, UnknownName, listed
from escalate.output.case.proof_document import proof_document
from escalate.output.files import make
from escalate.output.terminal import complain, paged, say, show, show_json
from escalate.storage.files.paths import path_from
from escalate.storage.files.protocols import checker
from escalate.wording import how_many


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
    certificate: Annotated[
        str | None,
        option(
            "--certificate",
            "FILE",
            "Write a file that proves the date without escalate, or every date if no action is named.",
        ),
    ] = None,
    to_file: ToPage = None,
    force: Force = False,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate explain 7"""
    here = session(context)
    if certificate is None and to_file is None and force:
        raise BadInput("--force replaces a file: name it with --certificate or --output.")
    if certificate is not None and to_file is not None:
        raise BadInput("--certificate and --output each write a file: give one of them.")
    if certificate is not None:
        if as_of is not None:
            raise BadInput("A certificate is of what is recorded by now: leave --as-of out.")
        path = None if certificate == "-" else path_from(certificate)
        if path is None and as_json:
            raise BadInput("--certificate - and --json both write to standard output: name a file for the certificate.")
        _certify(here, case, action, stage, path, force=force, as_json=as_json)
        return
    if to_file is not None:
        _write(here, case, action, stage, as_of, to_file, force=force, as_json=as_json)
        return
    file, calls, at = _proved(here, case, action, stage, as_of)
    here.echo(as_json)
    if as_json:
        show_json(proof_document(file, calls))
    else:
        from escalate.output.case.proof import proof_page  # it loads Rich, which a document does not need

        with paged(not no_pager):
            show(proof_page(file, calls, at))


def _proved(
    here: Session, case: str, action: str | None, stage: str | None, as_of: str | None
) -> tuple[CaseFile, list[tuple[Deadline, Standing]], datetime]:
    """The case, the deadlines to prove, each with how it stands, and the moment that is told of. Raises Refused."""
    at = here.as_of(as_of)
    file = case_read(here, case, at if as_of else None)
    horizon = here.horizon(file.calendar, at)
    return file, [(each, standing(each, at, horizon)) for each in _calls(file, action, stage)], at


def _write(
    here: Session,
    case: str,
    action: str | None,
    stage: str | None,
    as_of: str | None,
    to_file: str,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Write the proof into a file. Raises BadInput, Refused."""
    from escalate.commands.shared.written import PAGE, written  # a look does without all of this
    from escalate.output.paper.case import proof_paper
    from escalate.output.paper.formats import in_format

    with written(here, to_file, PAGE, force=force, as_json=as_json) as into:
        file, calls, at = _proved(here, case, action, stage, as_of)
        here.echo(as_json=True)
        into.file.writelines(
            in_format(into.format, lambda: proof_paper(file, calls, at), lambda: proof_document(file, calls))
        )


def _certify(
    here: Session, case: str, action: str | None, stage: str | None, path: Path | None, *, force: bool, as_json: bool
) -> None:
    """Write the certificate of the deadlines that have a date. Raises Refused."""
    from escalate.output.case.certificate import certificate, certificate_text

    with opened_to_read(here) as store:
        here.look_back(store, None)
        file, evidence = store.with_evidence(store.find(case))
    chosen = list(file.deadlines) if action is None and stage is None else _calls(file, action, stage)
    dated = [each for each in chosen if each.due_at]
    if not dated:
        raise Refused(f"{file.case.ref} has no date there to certify: escalate explain {file.case.ref} says why.")
    document = certificate(file, dated, evidence.plain(), evidence.tree_of, here.now)
    make(path, certificate_text(document).encode(), force=force, spared=spared(here))
    head = evidence.chain.head
    if as_json:
        show_json({"case": file.case.ref, "certificate": str(path), "dates": len(dated), "head": head})
    else:
        (say if path else complain)(
            f"{path or 'This'} proves {how_many(len(dated), 'date')} of {file.case.ref}, up to the head {head}.",
            f"Whoever has it and {checker()} can check it without escalate: python3 checker.py {path.name if path else 'FILE'}",
        )


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
            f"{file.case.ref} is {file.case.status}, and no limit of a stage is running: name what to explain, {listed(list(there), 'or')}."
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
