"""Listing what is due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, NamedTuple

import typer

from escalate.commands.shared.filters import (
    Agency,
    AtRisk,
    CaseFilter,
    DueFilter,
    OfProtocol,
    Overdue,
    Owner,
    Within,
    allowance,
    not_asked_for,
    say_how_many,
    warn_of_no_match,
)
from escalate.commands.shared.looking import LookAsked, look_asked
from escalate.commands.shared.options import AsOf, Identify, Json, LookReason, NoPager, flag, number
from escalate.commands.shared.session import Session, session
from escalate.domain.deadlines.model import DueLine
from escalate.domain.deadlines.standing import RankedLine, ranked_lines
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import london_date, spoken
from escalate.on_demand import OnDemand
from escalate.output.case.lists import due_summary
from escalate.output.columns import EMPTY, Page
from escalate.output.terminal import complain, paged, say, show, show_json, width
from escalate.storage.lists import DueList, Lists, Number, Reading
from escalate.wording import how_many

SOMETHING_OVERDUE = 3
"""The exit status that says so, where it was asked for."""


def due(
    context: typer.Context,
    overdue: Overdue = False,
    at_risk: AtRisk = False,
    within: Within = None,
    agency: Agency = None,
    owner: Owner = None,
    protocol: OfProtocol = None,
    duties: Annotated[
        bool, flag("--duties", "Every duty with all that is known of it, and not a block for each case.")
    ] = False,
    limit: Annotated[int | None, number("--limit", "At most this many duties, the most urgent first.")] = None,
    as_of: AsOf = None,
    identify: Identify = False,
    reason: LookReason = None,
    exit_code: Annotated[bool, flag("--exit-code", "End with status 3 when something is overdue.")] = False,
    no_pager: NoPager = False,
    as_json: Json = False,
) -> None:
    """Example: escalate due --overdue --agency "Children's Services" """
    here = session(context)
    at = here.as_of(as_of)
    which = DueFilter(
        CaseFilter(agency=agency, protocol=protocol),
        owner,
        overdue=overdue,
        at_risk=at_risk,
        within=allowance(within) if within else None,
    )
    given = {"agency": agency, "protocol": protocol, "limit": limit, "as_of": as_of}
    look = look_asked(here, "due", identify=identify, reason=reason, asked=owner, **given)
    wanted = Wanted(which, limit, duties, look)
    with paged(not (as_json or no_pager)), here.listed(at if as_of else None) as lists:
        urgent = _most_urgent(lists, wanted, at) if isinstance(lists, Lists) else None
        if isinstance(lists, Lists) and urgent:
            lines = _list_most_urgent(here, lists, wanted, urgent, at, as_json)
        else:
            lines = _list_wanted(here, lists, wanted, at, as_json)
    if exit_code and any(line.counts_as_overdue for line in lines):
        raise typer.Exit(SOMETHING_OVERDUE)


class Wanted(NamedTuple):
    """What of all that is due is asked for, and how it is to be shown."""

    which: DueFilter
    """Of which cases, whose, and how it stands."""
    limit: int | None
    """At most so many, the most urgent first; None for all."""
    duties: bool
    """A line for each duty, and not a block for each case."""
    look: LookAsked
    """Whether names are to be shown, and why."""

    @property
    def may_be_most_urgent_alone(self) -> bool:
        """Whether what has run out can be all that is shown, so that the rest need not be read."""
        which = self.which
        filters = not which.cases.wants_all or which.owner or which.at_risk or which.within
        return not filters and bool(which.overdue or self.limit)

    def first(self, lines: list[RankedLine]) -> list[RankedLine]:
        """As many lines as are asked for, the most urgent first: every standing action, and of the rest what there is room for."""
        if self.limit is None:
            return lines
        room = self.limit - _number_of_standing_actions(lines)
        shown = []
        for line in lines:
            if line.deadline.at_any_stage:
                shown.append(line)
            elif room > 0:
                shown.append(line)
                room -= 1
        return shown


def _most_urgent(lists: Lists, wanted: Wanted, at: datetime) -> DueList | None:
    """What has run out, as far as it is shown, where nothing else can be asked for; None where all that is due has to be read."""
    if not wanted.may_be_most_urgent_alone:
        return None
    urgent = lists.late(at, wanted.limit, identify=wanted.look.identify)
    if wanted.which.overdue:
        return urgent
    standing_actions = _number_of_standing_actions(urgent.lines)
    shown = max(wanted.limit or 0, standing_actions)
    if len(urgent.lines) - standing_actions < shown:
        return None
    return DueList(urgent.lines, lists.number_due(shown))


def _list_most_urgent(
    here: Session, lists: Lists, wanted: Wanted, urgent: DueList, at: datetime, as_json: bool
) -> list[RankedLine]:
    """List the most urgent, and return them. Only the horizons of what is not overdue are worked out. Raises StoreError."""
    calendars: dict[str, Calendar] = OnDemand(lambda name: here.calendar_of_cases(lists, name))
    lines = ranked_lines(urgent.lines, OnDemand(lambda name: here.horizon(calendars[name], at)), at)
    chosen = [line for line in lines if wanted.which.stands_so(line, None)]
    others = None if as_json else _others(lists.number_due(len(chosen)), chosen)
    _show(here, wanted, chosen, urgent.of, others, calendars, at, as_json)
    _warn_of_unpublished(lists.beyond_published(), calendars)
    return lines


def _list_wanted(here: Session, lists: Reading | None, wanted: Wanted, at: datetime, as_json: bool) -> list[RankedLine]:
    """List what is asked for of all that is due, and return all of those cases and that owner. Raises StoreError, UnknownName."""
    due_lines = lists.due(identify=wanted.look.identify) if lists else []
    held = lists.held_by(wanted.which.owner, london_date(at)) if lists and wanted.which.owner else set()
    calendars = {name: here.calendar_of_cases(lists, name) for name in {line.case.calendar for line in due_lines}}
    wanted.which.cases.refuse_unknown(here, (line.case.protocol for line in due_lines))
    horizons = {name: here.horizon(calendar, at) for name, calendar in calendars.items()}
    theirs = ranked_lines((line for line in due_lines if wanted.which.is_theirs(line, held)), horizons, at)
    ends = wanted.which.ends(here, calendars, at)
    chosen = [line for line in theirs if wanted.which.stands_so(line, ends.get(line.case.calendar))]
    others = _others(Number(len(due_lines)), chosen)
    _show(here, wanted, chosen, Number(len(chosen)), others, calendars, at, as_json)
    _warn_of_unpublished(theirs, calendars)
    warn_of_no_match(wanted.which.cases.agency, {name for line in due_lines for name in line.case.agencies}, "agency")
    warn_of_no_match(None if held else wanted.which.owner, {line.deadline.owner for line in due_lines}, "owner")
    return theirs


def _number_of_standing_actions(lines: Iterable[DueLine | RankedLine]) -> int:
    return sum(line.deadline.at_any_stage for line in lines)


def _others(due: Number, chosen: Sequence[RankedLine]) -> Number:
    """How many deadlines are due beside those that were asked for."""
    return due._replace(known=due.known - len(chosen))


def _show(
    here: Session,
    wanted: Wanted,
    chosen: Sequence[RankedLine],
    of: Number,
    others: Number | None,
    calendars: Mapping[str, Calendar],
    at: datetime,
    as_json: bool,
) -> None:
    """Show as many of the chosen lines as are asked for, and say how many `others` were not."""
    lines = wanted.first(list(chosen))
    wanted.look.record(dict.fromkeys(line.case.ref for line in lines))
    here.echo(as_json)
    if as_json:
        from escalate.output.case.rows import due_document  # a page needs none, as a document needs no pages

        show_json([due_document(line, line.standing) for line in lines])
        return
    left_out = others if wanted.which.leaves_out and others and others.known else None
    if lines:
        page = _page(lines, calendars, at, wanted.duties)
        show(Page([*page.parts, EMPTY, (f"{spoken(at)}: {due_summary(lines)}", "")]))
    else:
        say(f"{spoken(at)}: {wanted.which.nothing if left_out else 'Nothing is due.'}")
    say_how_many(len(lines), of)
    if left_out:
        say(not_asked_for(left_out, "other deadline", "due"))


def _page(lines: Sequence[RankedLine], calendars: Mapping[str, Calendar], at: datetime, duties: bool) -> Page:
    if duties:
        from escalate.output.case.duties import due_page

        return due_page(lines, calendars.__getitem__, at, width())
    from escalate.output.case.desk import desk_page

    return desk_page(lines, calendars.__getitem__, at, width())


def _warn_of_unpublished(lines: Sequence[RankedLine | DueLine], calendars: Mapping[str, Calendar]) -> None:
    """Say how many open deadlines lie beyond the bank holidays published so far (rule C12)."""
    dates = [(line.case.calendar, london_date(line.deadline.due_at)) for line in lines if line.deadline.due_at]
    beyond = sum(calendars[calendar].is_beyond_published(day) for calendar, day in dates)
    if beyond:
        complain(
            f"{how_many(beyond, 'open deadline')} beyond the bank holidays published so far: provisional until they are."
        )
