"""The forms a protocol asks for, filled in from a case."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.form_log import log_of, write_log
from escalate.commands.shared.asking import says_yes
from escalate.commands.shared.forms import FormFormat, content, path_of, who_fills_in, with_template
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import Force, Identify, Json, LookReason, argument, flag, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import case_named, opened
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.parts import Form
from escalate.domain.recording import acts
from escalate.domain.recording.forms import action_of, form_meant, owing
from escalate.domain.recording.request import Recording
from escalate.errors import BadInput, Refused, UnknownName, listed
from escalate.output.files import making, settle
from escalate.output.sending.form import FilledForm, fill, form_document, form_text, missing_text
from escalate.output.terminal import complain, is_terminal, say, show_json


def form(
    context: typer.Context,
    case: Annotated[
        str, argument("The case; or the id of a protocol, for a log of all its cases with a row for each.", "CASE")
    ],
    which: Annotated[str | None, argument("The form, if not the one that is due: appendix-2, or 2.", "FORM")] = None,
    made_as: Annotated[FormFormat | None, option("--format", None, "What to make; text if nothing is said.")] = None,
    to: Annotated[
        str | None, option("--output", "FILE", "Where to write it; a .docx gets a name if none is given.")
    ] = None,
    force: Force = False,
    identify: Identify = False,
    reason: LookReason = None,
    done: Annotated[bool, flag("--done", "Record the action it is needed for as done, without asking.")] = False,
    as_json: Json = False,
) -> None:
    """At a terminal it is asked whether to record the action as done; a script says so with --done.

    Example: escalate form 7 appendix-2 --identify
    """
    here = session(context)
    look = look_asked(here, "form", identify=identify, reason=reason, form=which)
    if protocol := log_of(here, case):
        if done:
            raise BadInput("A log is of many cases: leave --done out.")
        write_log(here, protocol, which, made_as, to, look, force=force, as_json=as_json)
        return
    file = case_named(here, case)
    asked_for, template = with_template(here, file.protocol, _form_meant(file, which))
    owed = [deadline for deadline, _ in owing(file, asked_for.key)]
    if done and not owed:
        raise Refused(f"Nothing that {file.case.ref} still has to do needs {asked_for.key}: leave --done out.")
    path = path_of(f"{file.case.ref}-{asked_for.key}", made_as, to)
    recorded = None
    with ExitStack() as stack:
        made = path and stack.enter_context(
            making(path, force=force, spared=spared(here))
        )  # refused before it is a look
        file = case_named(here, case, look) if identify else file
        filled = fill(asked_for, file, here.now, who_fills_in(here), _contacts(file, asked_for))
        if path and made:
            made.write(content([filled], path, made_as, template))
            if done:  # before the file gets its name: either it is there and that is recorded, or neither
                settle(made)
                recorded = _record(here, file, owed[-1])
    if not as_json:
        _tell(filled, path, identify=identify)
    if owed and not recorded and (done or (not as_json and _wants_it_recorded(owed[-1]))):
        recorded = _record(here, file, owed[-1])
    if recorded:
        (say if path and not as_json else complain)(f"{file.case.ref}: recorded that {recorded} was done.")
    if as_json:
        show_json(form_document(filled, str(path) if path else None, recorded))


def _form_meant(file: CaseFile, said: str | None) -> Form:
    """The form named, or the one that is due, or the only one. Raises Refused, UnknownName."""
    forms = file.protocol.forms
    if not forms:
        raise Refused(f"{file.protocol.id}, which {file.case.ref} is under, asks for no form.")
    name = _due_or_only(file) if said is None else said
    meant = form_meant(forms, name)
    if meant is None:
        raise UnknownName("form", name, [form.key for form in forms], f" in {file.protocol.id}")
    return meant


def _due_or_only(file: CaseFile) -> str:
    """The key of the form that is due, or of the only one there is. Raises Refused where that could be several."""
    due = list(dict.fromkeys(key for _, key in owing(file)))
    wanted = due or [form.key for form in file.protocol.forms]
    if len(wanted) > 1:
        raise Refused(f"{file.case.ref} could need {listed(wanted, 'or')}: name the one to fill in.")
    return wanted[0]


def _contacts(file: CaseFile, form: Form) -> list[str]:
    """Where the form goes, by role."""
    found = [
        contact
        for deadline in file.deadlines
        if (action := action_of(file.protocol, deadline)) and action.form == form.key
        for contact in file.protocol.reached_through(action)
    ]
    return list(dict.fromkeys(found))


def _tell(filled: FilledForm, path: Path | None, *, identify: bool) -> None:
    """Print the form, or where it was written, and what is missing; beside a form on standard output, on standard error."""
    if path is None:
        say(form_text(filled))
        complain(*missing_text(filled).split("\n"))
    else:
        say(f"{path} is written.{' It has names in it.' if identify else ''}", missing_text(filled))


def _wants_it_recorded(deadline: Deadline) -> bool:
    """Whether somebody at the terminal says that the action was done."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        return False
    return says_yes(f"Record that {deadline.action} ({deadline.action_name}) was done?")


def _record(here: Session, file: CaseFile, deadline: Deadline) -> str:
    """Record that the action was done, now. Raises Refused where somebody else has just done so."""
    recording = Recording(here.settings.by, here.now, here.now)

    def appended() -> CaseFile:
        now = store.case(file.case.ref)
        return store.append(acts.done(now.protocol, now.case, now.calendar, recording, deadline.action, deadline.stage))

    with opened(here) as store:
        store.decided(appended)
    return deadline.action
