"""Laying a protocol's ladder out on the calendar."""

from datetime import datetime
from typing import Annotated

import typer

from escalate.commands.shared.counted_on import calendar_of
from escalate.commands.shared.facts import given_facts, read_facts
from escalate.commands.shared.options import Concern, Facts, Force, Json, Protocol, Route, ToPage, option
from escalate.commands.shared.session import Session, session
from escalate.domain.deadlines.plan import Plan
from escalate.domain.deadlines.plan import plan as laid_out
from escalate.domain.recording.request import check_concern
from escalate.domain.worktime.calendar import Calendar
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
    to_file: ToPage = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Example: escalate plan hull-east-riding --at "23 Dec 2026 10:00" """
    here = session(context)
    if to_file is not None or force:
        from escalate.commands.shared.written import PAGE, written  # few plans are written
        from escalate.output.paper.formats import in_format
        from escalate.output.paper.protocol import plan_paper

        with written(here, to_file, PAGE, force=force, as_json=as_json) as into:
            planned, calendar = _planned(here, protocol, at, concern, route, facts)
            here.echo(as_json=True)
            into.file.writelines(
                in_format(into.format, lambda: plan_paper(planned, calendar, here.now), lambda: plan_document(planned))
            )
        return
    planned, _ = _planned(here, protocol, at, concern, route, facts)
    here.echo(as_json)
    if as_json:
        show_json(plan_document(planned))
    else:
        show(plan_table(planned, width()))


def _planned(
    here: Session, protocol: str, at: str | None, concern: str | None, route: str | None, facts: list[str] | None
) -> tuple[Plan, Calendar]:
    """The ladder on the calendar, and the calendar it is counted on. Raises BadWhen, UnknownName, Refused, BeyondCalendar."""
    raised_at, concern_at = raised_and_concern(here, at, concern)
    chosen = find_protocol(protocol, here.settings.protocols, london_date(raised_at)).protocol
    known = read_facts(here, chosen, given_facts(facts), raised_at)
    calendar = calendar_of(here, chosen)
    return laid_out(chosen, calendar, raised_at, concern_at, route, known), calendar


def raised_and_concern(here: Session, at: str | None, concern: str | None) -> tuple[datetime, datetime | None]:
    """When a case would be raised, and when its concern arose, if that is said. Raises BadWhen, Refused."""
    raised_at = here.when(at, "future").at if at else here.now
    concern_at = here.when(concern, "past", raised_at).at if concern else None
    check_concern(concern_at, raised_at, "the case is raised")
    return raised_at, concern_at
