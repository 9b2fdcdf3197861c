"""Showing the history of a case."""

from collections.abc import Sequence
from typing import Annotated

import typer

from escalate.commands.shared.filters import has
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import AsOf, Case, Identify, Json, LookReason, NoPager, option
from escalate.commands.shared.session import session
from escalate.commands.shared.store import case_read
from escalate.domain.case.entries import KINDS
from escalate.errors import BadInput, listed
from escalate.output.terminal import paged, say, show, show_json


def log(
    context: typer.Context,
    case: Case,
    kinds: Annotated[
        list[str] | None, option("--kind", "KIND", "Only entries of this kind: noted, done, advanced ...")
    ] = None,
    since: Annotated[str | None, option("--since", "WHEN", "Only what happened then or later.")] = None,
    by: Annotated[str | None, option("--by", "NAME", "Only what this person recorded; a part will do.")] = None,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate log 7 --kind noted --since "1 Nov 2026" """
    here = session(context)
    _refuse_unknown(kinds or ())
    look = look_asked(here, "log", identify=identify, reason=reason, as_of=as_of)
    known_at = here.as_of(as_of) if as_of else None
    from_when = here.past(since) if since else None
    file = case_read(here, case, known_at, look)
    lines = [
        line
        for line in file.case.log
        if (not kinds or line.entry.kind in kinds)
        and (from_when is None or line.happened_at >= from_when)
        and has(by, line.entry.by)
    ]
    here.echo(as_json)
    if as_json:
        from escalate.output.case.documents import entry_document  # a page does without it

        show_json([entry_document(line, file.deadlines) for line in lines])
    elif lines:
        from escalate.output.case.history import history_table  # a document does without it

        with paged(not no_pager):
            show(history_table(file, lines))
    else:
        say(f"No such entries among the {len(file.case.history)} of {file.case.ref}.")


def _refuse_unknown(kinds: Sequence[str]) -> None:
    """Refuse what is not a kind of entry. Raises BadInput."""
    for kind in kinds:
        if kind not in KINDS:
            raise BadInput(f'"{kind}" is not a kind of entry: say {listed(KINDS, "or")}.')
