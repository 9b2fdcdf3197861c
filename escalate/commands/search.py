"""Finding cases by what was written in them."""

from typing import Annotated

import typer

from escalate.commands.shared.filters import NewestFirst, say_how_many
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import Identify, Json, LookReason, NoPager, argument
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened_if_there
from escalate.errors import BadInput
from escalate.output.case.documents import found_document
from escalate.output.terminal import paged, say, show, show_json
from escalate.storage.lists import Number


def search(
    context: typer.Context,
    text: Annotated[list[str], argument("What to look for; every one has to stand somewhere in the case.", "TEXT...")],
    limit: NewestFirst = None,
    identify: Identify = False,
    reason: LookReason = None,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Words in quotes have to stand together; the beginning of a word will do.

    Example: escalate search step-down "child in need"
    """
    here = session(context)
    for each in text:
        if not any(character.isalnum() for character in each):
            raise BadInput(f'There is nothing to search for in "{each}": give a word, or its beginning.')
    look = look_asked(here, "search", identify=identify, reason=reason, asked=", ".join(text), limit=limit)
    with opened_if_there(here) as store:
        found = store.search(text, identify=identify) if store else []
    look.record([each.case.ref for each in found[:limit]])
    if as_json:
        show_json([found_document(each) for each in found[:limit]])
    elif found:
        from escalate.output.case.found import found_page  # it loads Rich, which a document does not need

        with paged(not no_pager):
            show(found_page(found[:limit]))
            say_how_many(limit, Number(len(found)))
    else:
        say("Nothing was found." if identify else "Nothing was found; names are looked at with --identify.")
