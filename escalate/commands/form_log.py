"""A form that is a log: a row for each case of a protocol."""

import re

from escalate.commands.shared.forms import FormFormat, all_text, content, path_of, who_fills_in, with_template
from escalate.commands.shared.looking import LookAsked
from escalate.commands.shared.session import Session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened_to_read
from escalate.domain.protocol.file import ID
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Form
from escalate.domain.recording.forms import form_meant
from escalate.errors import Refused, UnknownName, listed
from escalate.output.files import making
from escalate.output.sending.form import fill, form_document
from escalate.output.terminal import say, show_json
from escalate.storage.files.protocols import find_protocol
from escalate.wording import how_many


def log_of(here: Session, said: str) -> Protocol | None:
    """The protocol of which somebody wants a log; None where they named a case. Raises Refused."""
    if not re.fullmatch(ID, said) or not re.search("[a-z]{3}", said):
        return None
    try:
        return find_protocol(said, here.settings.protocols).protocol
    except UnknownName:
        return None


def write_log(
    here: Session,
    protocol: Protocol,
    which: str | None,
    made_as: FormFormat | None,
    to: str | None,
    look: LookAsked,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Make the log of all cases of a protocol, the oldest first. Raises Refused, UnknownName."""
    meant, template = with_template(here, protocol, _log_meant(protocol, which))
    if template and not template.is_log:
        raise Refused(f"{template.name} is filled in from one case: name a case in the place of {protocol.id}.")
    path = path_of(f"{protocol.id}-{meant.key}", made_as, to)
    with opened_to_read(here) as store:
        lines = store.lists.cases()
        refs = [line.ref for line in reversed(lines) if line.protocol == protocol.id]
        if not refs:
            raise Refused(f"No case is under {protocol.id}: there is nothing to write in its log.")
        look.record(refs)
        by = who_fills_in(here)
        forms = [fill(meant, store.case(ref, identify=look.identify), here.now, by) for ref in refs]
    if path:
        with making(path, force=force, spared=spared(here)) as made:
            made.write(content(forms, path, made_as, template, log=True))
    if as_json:
        show_json(
            {
                "form": meant.key,
                "name": meant.name,
                "protocol": protocol.id,
                "cases": [form_document(each, None, None) for each in forms],
                "file": str(path) if path else None,
            }
        )
    elif path:
        say(f"{path} is written, with {how_many(len(forms), 'case')}.{' It has names in it.' if look.identify else ''}")
    else:
        say(all_text(forms))


def _log_meant(protocol: Protocol, said: str | None) -> Form:
    """The form named, or the only one there is. Raises Refused, UnknownName."""
    if not protocol.forms:
        raise Refused(f"{protocol.id} asks for no form.")
    if said is None and len(protocol.forms) > 1:
        raise Refused(
            f"{protocol.id} has {listed([form.key for form in protocol.forms], 'and')}: name the one to make a log of."
        )
    meant = protocol.forms[0] if said is None else form_meant(protocol.forms, said)
    if meant is None:
        raise UnknownName("form", str(said), [form.key for form in protocol.forms], f" in {protocol.id}")
    return meant
