"""What a form of one case and a log of many have in common: where they are written, as what, and by whom."""

from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from escalate.commands.shared.session import Session
from escalate.domain.protocol.form_sources import sources_of
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Form
from escalate.errors import BadInput, Refused
from escalate.output.sending.form import FilledForm, form_text
from escalate.output.sending.form_docx import form_docx, log_docx
from escalate.storage.files.form_templates import read_template
from escalate.storage.files.paths import path_from
from escalate.storage.files.protocols import find_protocol, shipped_folder

if TYPE_CHECKING:  # it loads Jinja, and few forms have a template
    from escalate.output.sending.form_template import FormTemplate


class FormFormat(StrEnum):
    """What a form is made as."""

    DOCX = "docx"
    TEXT = "text"


def with_template(here: Session, protocol: Protocol, form: Form) -> "tuple[Form, FormTemplate | None]":
    """A form with what it asks for, and the partnership's own Word file for it where there is one.

    How a form looks is no part of an edition: the Word file is the one that the protocol file names today, and where the kept
    edition does not say what goes in, today's does. Raises Refused.
    """
    today = _today(here, protocol, form)
    if not form.fields:
        form = today
    if today.template is None:
        if not form.fields:
            raise Refused(
                f"{protocol.id} does not say what goes in {form.key}: a protocol file says so in the fields of the form, or names a Word file with fields in it."
            )
        return form, None
    template = _template(here, protocol, today.template, here.settings.protocols)
    if template.problems:
        raise Refused("\n".join(template.problems))
    there = {field.source for field in form.fields}
    more = [field for field in template.fields if field.source not in there]
    return form._replace(fields=(*form.fields, *more)), template


def _today(here: Session, protocol: Protocol, form: Form) -> Form:
    """A form as the protocol file has it today; as it was kept where that file is gone or broken."""
    with suppress(Refused):
        for each in find_protocol(protocol.id, here.settings.protocols).protocol.forms:
            if each.key == form.key:
                return each
    return form


def template_problems(here: Session, protocol: Protocol, folder: Path) -> list[str]:
    """A sentence for everything that is wrong with the Word files of a protocol, which are beside its file."""
    found = []
    for form in protocol.forms:
        if form.template is not None:
            try:
                found += _template(here, protocol, form.template, folder).problems
            except Refused as refusal:
                found.append(refusal.sentence)
    return found


def _template(here: Session, protocol: Protocol, name: str, folder: Path) -> "FormTemplate":
    """The Word file of that name, with the fields in it. Raises Refused."""
    from escalate.output.sending.form_template import FormTemplate

    content = read_template(name, (folder, here.settings.protocols, shipped_folder()))
    return FormTemplate(name, content, sources_of(protocol))


def who_fills_in(here: Session) -> str | None:
    """Who fills in the form; None where nobody said so: the name of an account is not one to send to another agency."""
    said = here.settings.find("by")
    return None if said.source == "default" else here.settings.by


def path_of(stem: str, made_as: FormFormat | None, to: str | None) -> Path | None:
    """Where it is written; None for standard output. Raises BadInput."""
    if to == "-" and made_as is FormFormat.DOCX:
        raise BadInput("A .docx cannot go to standard output: name a file with --output.")
    if to is None and made_as is FormFormat.DOCX:
        to = f"{stem}.docx"
    return None if to in (None, "-") else path_from(str(to))


def content(
    forms: Sequence[FilledForm],
    path: Path,
    made_as: FormFormat | None,
    template: "FormTemplate | None",
    *,
    log: bool = False,
) -> bytes:
    """What is written into a file: a Word document where that is said, or its name ends so. Raises Refused."""
    if made_as is FormFormat.DOCX or (made_as is None and path.suffix.casefold() == ".docx"):
        if template:
            return template.filled(forms, forms[0].at)
        return log_docx(forms) if log else form_docx(forms[0])
    return f"{all_text(forms)}\n".encode()


def all_text(forms: Sequence[FilledForm]) -> str:
    """Forms as text, one after the other."""
    return "\n\n\n".join(map(form_text, forms))
