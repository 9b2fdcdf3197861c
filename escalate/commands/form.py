"""The forms a protocol asks for, filled in from a case."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.options import Case, Force, Identify, Json
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.deadlines.model import Deadline
    from escalate.domain.protocol.parts import Form


class Format(StrEnum):
    """What a form is made as."""

    DOCX = "docx"
    TEXT = "text"


def form(
    context: typer.Context,
    case: Case,
    which: Annotated[
        str | None,
        typer.Argument(
            metavar="FORM", help="The form, if not the one that is due: appendix-2, or 2.", show_default=False
        ),
    ] = None,
    made_as: Annotated[
        Format | None,
        typer.Option("--format", help="What to make; text if nothing is said.", show_default=False),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help="Where to write it; a .docx gets a name if none is given.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    identify: Identify = False,
    done: Annotated[
        bool, typer.Option("--done", help="Record the action it is needed for as done, without asking.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fill in the form that an action needs from what is recorded of a case. Says what is missing, and how to record it.

    At a terminal it is asked whether to record the action as done; a script says so with --done.

    Example: escalate form 7 appendix-2 --identify
    """
    from escalate.domain.recording import forms
    from escalate.errors import Refused
    from escalate.output.files import settle
    from escalate.output.sending.form import fill, form_document, form_text, missing_text
    from escalate.output.sending.form_docx import form_docx
    from escalate.output.terminal import say, show_json

    here = desk(context)
    with here.existing() as store:
        file = store.case(store.find(case), identify=identify)
    asked_for = _form(here, file, which)
    owing = forms.owing(file, asked_for.key)
    if done and not owing:
        raise Refused(f"Nothing that {file.case.ref} still has to do needs {asked_for.key}: leave --done out.")
    contacts = _contacts(file, asked_for)
    filled = fill(asked_for, file, here.now, here.settings.by, contacts)
    path = _path(file, asked_for, made_as, to)
    recorded = None
    if path:
        as_word = made_as is Format.DOCX or (made_as is None and path.suffix.casefold() == ".docx")
        content = form_docx(filled) if as_word else f"{form_text(filled)}\n".encode()
        with here.making(path, force) as made:
            made.write(content)
            if done:  # before the file gets its name: either it is there and that is recorded, or neither
                settle(made)
                recorded = _record(here, file.case.ref, owing[-1][0])
    elif not as_json:
        say(form_text(filled))
    tell = say if path and not as_json else _aside
    if path and not as_json:
        tell(f"{path} is written.{' It has names in it.' if identify else ''}")
    if not as_json:
        tell(missing_text(filled))
    if owing and not recorded and (done or (not as_json and _wants_it_recorded(owing[-1][0]))):
        recorded = _record(here, file.case.ref, owing[-1][0])
    if recorded:
        tell(f"{file.case.ref}: recorded that {recorded} was done.")
    if as_json:
        show_json(form_document(filled, str(path) if path else None, recorded))


def _form(here: Desk, file: "CaseFile", said: str | None) -> "Form":
    """The form named, or the one that is due, or the only one. Raises Refused, UnknownName."""
    from escalate.domain.recording.forms import form_meant, owing
    from escalate.errors import Refused, UnknownName, listed

    forms, ref = file.protocol.forms, file.case.ref
    if not forms:
        raise Refused(f"{file.protocol.id}, which {ref} is under, asks for no form.")
    keys = [form.key for form in forms]
    if said is None:
        due = list(dict.fromkeys(key for _, key in owing(file)))
        wanted = due or keys
        if len(wanted) > 1:
            raise Refused(f"{ref} could need {listed(wanted, 'or')}: name the one to fill in.")
        said = wanted[0]
    meant = form_meant(forms, said)
    if meant is None:
        raise UnknownName("form", said, keys, f" in {file.protocol.id}")
    return meant if meant.fields else _as_of_today(here, file, meant)


def _as_of_today(here: Desk, file: "CaseFile", meant: "Form") -> "Form":
    """A form whose fields the kept edition does not name, as the protocol file has it today. Raises Refused."""
    from escalate.errors import Refused
    from escalate.storage.files.protocols import find_protocol

    try:
        today = find_protocol(file.protocol.id, here.settings.protocols).protocol.forms
    except Refused:
        today = ()
    for form in today:
        if form.key == meant.key and form.fields:
            return form
    raise Refused(
        f"{file.protocol.id} does not say what goes in {meant.key}: a protocol file says so in the fields of the form."
    )


def _contacts(file: "CaseFile", form: "Form") -> list[str]:
    """Where the form goes, by role."""
    from escalate.domain.recording.forms import action_of

    found = [
        contact
        for deadline in file.deadlines
        if (action := action_of(file.protocol, deadline)) and action.form == form.key
        for contact in file.protocol.reached_through(action)
    ]
    return list(dict.fromkeys(found))


def _path(file: "CaseFile", form: "Form", made_as: Format | None, to: str | None) -> Path | None:
    """Where it is written; None for standard output. Raises BadInput."""
    from escalate.errors import BadInput
    from escalate.storage.files.paths import path_from

    if to == "-" and made_as is Format.DOCX:
        raise BadInput("A .docx cannot go to standard output: name a file with --output.")
    if to is None and made_as is Format.DOCX:
        to = f"{file.case.ref}-{form.key}.docx"
    return None if to in (None, "-") else path_from(str(to))


def _wants_it_recorded(deadline: "Deadline") -> bool:
    from escalate.output.words import inert

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    question = f"Record that {deadline.action} ({deadline.action_name}) was done?"
    return typer.confirm(inert(question), default=False, err=True)


def _record(here: Desk, ref: str, deadline: "Deadline") -> str:
    """Records that the action was done, now. Raises Refused where somebody else has just done so."""
    from escalate.domain.recording.acts import done

    with here.existing() as store, store.writing():
        file = store.case(ref)
        recording = here.recording(None)
        store.append(done(file.protocol, file.case, file.calendar, recording, deadline.action, deadline.stage))
    return deadline.action


def _aside(text: str) -> None:
    """Says something beside a document on standard output."""
    from escalate.output.terminal import complain

    complain(*text.split("\n"))
