"""Gathering all that is held of one person, for whoever asks what is held of them."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from escalate.commands.shared.asking import private
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import Force, Json, argument, flag, option
from escalate.commands.shared.session import session
from escalate.commands.shared.spared import spared
from escalate.commands.shared.store import opened_to_read
from escalate.domain.case.person import Person
from escalate.domain.reporting.disclosure import DisclosedReason, disclosure
from escalate.domain.worktime.calendar import title_of
from escalate.errors import BadInput
from escalate.output.case.disclosure import READ_IT, disclosure_document, disclosure_html, disclosure_page
from escalate.output.files import making
from escalate.output.terminal import complain, show, show_json


def disclose(
    context: typer.Context,
    reference: Annotated[
        str | None, argument("The person's reference or record number, as cases have it under subject.", "[REFERENCE]")
    ] = None,
    name: Annotated[
        str | None,
        option("--name", "NAME", "Their whole name; with - it is asked for, so that no command line shows it."),
    ] = None,
    include_others: Annotated[
        bool, flag("--include-others", "Leave other people's names and e-mail addresses in.")
    ] = False,
    output: Annotated[
        Path | None, option("--output", "FILE", "Write a page to be printed: a name that ends in .html.")
    ] = None,
    force: Force = False,
    reason: Annotated[str | None, option("--reason", "TEXT", "Why, kept with the record of this look.")] = None,
    as_json: Json = False,
) -> None:
    """The cases about them, where other cases name them, and who looked at their names. Who else is in it is shown as "[another person]" and
    counted. It is recorded that you looked. It also finds somebody else of the same name: give the reference where there is one.

    Example: escalate disclose M-40213 --reason "Subject access request of 12 November"
    """
    here = session(context)
    if output is not None and output.suffix.casefold() not in (".html", ".htm"):
        raise BadInput(f"{output} does not end in .html: the page is HTML, and --json is for scripts.")
    if output is not None and as_json:
        raise BadInput("--output writes a page, and --json a document: give one of them.")
    if force and output is None:
        raise BadInput("--force replaces a file: name it with --output.")
    person = person_meant(reference, name)
    asked = ", ".join(each for each in (person.reference, person.name) if each)
    look = look_asked(here, "disclose", identify=True, reason=reason, asked=asked)
    with ExitStack() as stack:
        page = output and stack.enter_context(
            making(output, force=force, spared=spared(here))
        )  # refused before it is a look
        with opened_to_read(here) as store:
            found = disclosure(
                lambda: store.files(identify=True),
                store.looks.all(identify=True),
                [
                    DisclosedReason(title_of(each.calendar), each.made_at, said)
                    for each in store.reasons.all()
                    for said in each.words.values()
                ],
                person,
                include_others=include_others,
            )
            agency = store.agency
        look.record(
            dict.fromkeys([*(each.file.case.ref for each in found.cases), *(each.case for each in found.mentions)])
        )
        if page:
            page.writelines(piece.encode() for piece in disclosure_html(found, here.now, agency))
    unsearched = person.not_searched(found.beside)
    if as_json:
        show_json(disclosure_document(found, here.now, agency) | {"not_searched": unsearched})
    elif output is None:
        show(disclosure_page(found, here.now, agency))
    else:
        complain(f"The page was written to {output}. {READ_IT}")
    complain(*([] if as_json else unsearched))


def person_meant(reference: str | None, name: str | None) -> Person:
    """Whom somebody means; a name may be asked for. Raises BadInput where nobody is named."""
    said = " ".join(reference.split()) if reference else None
    called = private(name, "Name") if name is not None else None
    if not (said or called):
        raise BadInput("Say who it is: the reference that cases have under subject, or --name.")
    return Person(said, called)
