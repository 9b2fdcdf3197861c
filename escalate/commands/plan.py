"""Laying a protocol's ladder out on the calendar."""

from datetime import datetime
from typing import Annotated

import typer

from escalate.commands.shared.counted_on import calendar_of
from escalate.commands.shared.facts import given_facts, read_facts
from escalate.commands.shared.options import Concern, Facts, Json, Protocol, Route, option
from escalate.commands.shared.session import Session, session
from escalate.domain.deadlines.plan import plan as laid_out
from escalate.domain.recording.request import check_concern
from escalate.domain.worktime.clock import london_date
from escalate.output.protocol.documents import plan_document
from escalate.output.protocol.plan import plan_table
from escalate.output.terminal import show, show_json, width
from escalate.storage.files.protocols import find_protocol


def plan(
    context: typer.Context,
    protocol: Protocol,
    at: Annotated[str | None, option("--at", "WHEN", "When the case would be raised, if not now.")] = None,
    concern: Concern = None,
    route: Route = None,
    facts: Facts = None,
    as_json: Json = False,
) -> None:
    """Example: escalate plan hull-east-riding --at "23 Dec 2026 10:00" """
    here = session(context)
    raised_at, concern_at = raised_and_concern(here, at, concern)
    chosen = find_protocol(protocol, here.settings.protocols, london_date(raised_at)).protocol
    known = read_facts(here, chosen, given_facts(facts), raised_at)
    planned = laid_out(chosen, calendar_of(here, chosen), raised_at, concern_at, route, known)
    here.echo(as_json)
    if as_json:
        show_json(plan_document(planned))
    else:
        show(plan_table(planned, width()))


def raised_and_concern(here: Session, at: str | None, concern: str | None) -> tuple[datetime, datetime | None]:
    """When a case would be raised, and when its concern arose, if that is said. Raises BadWhen, Refused."""
    raised_at = here.when(at, "future").at if at else here.now
    concern_at = here.when(concern, "past", raised_at).at if concern else None
    check_concern(concern_at, raised_at, "the case is raised")
    return raised_at, concern_at
