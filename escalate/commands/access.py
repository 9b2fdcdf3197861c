"""Listing who looked at names."""

from typing import Annotated

import typer

from escalate.commands.shared.filters import has, say_how_many
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import Identify, Json, LookReason, argument, number, option
from escalate.commands.shared.session import session
from escalate.commands.shared.store import opened_if_there
from escalate.errors import BadInput
from escalate.output.case.looks import look_document, looks_table
from escalate.output.terminal import say, show, show_json, width
from escalate.storage.lists import Number


def access(
    context: typer.Context,
    case: Annotated[str | None, argument("Only looks at this case, by its reference.", "[CASE]")] = None,
    by: Annotated[
        str | None, option("--by", "NAME", "Only what this person looked at, or this login; a part will do.")
    ] = None,
    since: Annotated[str | None, option("--since", "WHEN", "Only looks then or later.")] = None,
    until: Annotated[str | None, option("--until", "WHEN", "Only looks until then; a day counts to its end.")] = None,
    limit: Annotated[int | None, number("--limit", "At most this many, the newest first.")] = None,
    identify: Identify = False,
    reason: LookReason = None,
    as_json: Json = False,
) -> None:
    """Every look with --identify is recorded before anything is shown, and stands in the chain that verify checks. What was searched for may be a
    name: it is shown with --identify only, which is a look as well. On a server each agency sees its own looks, and the business unit all.

    Example: escalate access 7 --since "1 Nov 2026"
    """
    here = session(context)
    look = look_asked(here, "access", identify=identify, reason=reason, asked=by)
    first = here.when(since, "past") if since else None
    last = here.until(until, first.at if first else here.now) if until else None
    if first and last and last < first.at:
        raise BadInput("--until lies before --since: there is no time between them.")
    with opened_if_there(here) as store:
        ref = store.find(case) if store and case is not None else None
        every = store.looks.all(identify=identify) if store else []
    found = [
        each
        for each in reversed(every)
        if (ref is None or ref in each.cases)
        and (has(by, each.by) or (by is not None and has(by, each.login)))
        and (first is None or each.at >= first.at)
        and (last is None or each.at <= last)
    ]
    look.record(dict.fromkeys(name for each in found[:limit] for name in each.cases))
    here.echo(as_json)
    if as_json:
        show_json([look_document(each) for each in found[:limit]])
    elif found:
        show(looks_table(found[:limit], width()))
        say_how_many(limit, Number(len(found)))
    else:
        say("No looks at names are recorded." if not every else "No such looks.")
