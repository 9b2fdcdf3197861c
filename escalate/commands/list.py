"""Listing cases."""

from collections.abc import Sequence
from datetime import datetime

import typer

from escalate.commands.shared.filters import (
    Agency,
    CaseFilter,
    NewestFirst,
    OfProtocol,
    RaisedSince,
    Stage,
    Status,
    Subject,
    Theme,
    not_asked_for,
    say_how_many,
)
from escalate.commands.shared.looking import look_asked
from escalate.commands.shared.options import AsOf, Identify, Json, LookReason, NoPager
from escalate.commands.shared.session import session
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.model import CaseLine, DueLine
from escalate.output.terminal import paged, say, show, show_json, width
from escalate.storage.lists import Number


def list_(
    context: typer.Context,
    status: Status = None,
    agency: Agency = None,
    protocol: OfProtocol = None,
    stage: Stage = None,
    theme: Theme = None,
    subject: Subject = None,
    since: RaisedSince = None,
    limit: NewestFirst = None,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate list --status open --protocol herefordshire --since "1 Oct 2026" """
    here = session(context)
    at = here.as_of(as_of)
    raised_from = here.past(since) if since else None
    given = {"status": status, "agency": agency, "protocol": protocol, "stage": stage, "theme": theme, "since": since}
    look = look_asked(here, "list", identify=identify, reason=reason, asked=subject, limit=limit, as_of=as_of, **given)
    asked_for = CaseFilter(status, agency, protocol, stage, theme, raised_from, subject)
    others = 0
    with here.listed(at if as_of else None) as lists:
        if lists and asked_for.wants_all and not as_of:
            of, lines = lists.number_of_cases, lists.cases(limit, identify=identify)
        else:
            every = lists.cases(identify=identify, with_void=True) if lists else []
            asked_for.refuse_unknown(here, (line.protocol for line in every))
            chosen = [line for line in every if asked_for.wants(line)]
            of, lines = len(chosen), chosen[:limit]
            others = sum(line.status != VOID for line in every if not asked_for.wants(line))
        due = lists.due_in({line.ref for line in lines}) if lists and not as_json else []
    look.record([line.ref for line in lines])
    here.echo(as_json)
    if as_json:
        from escalate.output.case.rows import line_document  # a page needs none, as a document needs no pages

        show_json([line_document(line) for line in lines])
        return
    with paged(not no_pager):
        _show(lines, due, at, limit, of, others)


def _show(
    lines: Sequence[CaseLine], due: Sequence[DueLine], at: datetime, limit: int | None, of: int, others: int
) -> None:
    """Show cases with what is due next in each, and say how many there are beside."""
    from escalate.domain.deadlines.standing import ranked_lines
    from escalate.output.case.lists import cases_table

    if lines:
        # which of a case's own deadlines comes first does not hang on how near is near
        ranked = ranked_lines(due, dict.fromkeys((line.case.calendar for line in due), at), at)
        first = {line.case.ref: line for line in reversed(ranked)}
        show(cases_table(lines, first, at, width()))
        say_how_many(limit, Number(of))
    else:
        say("No cases like that." if others else "No cases.")
    if others:
        say(not_asked_for(Number(others), "other case", "there"))
