"""Comparing two editions of a protocol, or two protocols."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from escalate.commands.plan import raised_and_concern
from escalate.commands.shared.counted_on import calendar_of
from escalate.commands.shared.facts import given_facts, read_facts
from escalate.commands.shared.options import Concern, Facts, Force, Json, Protocol, ToPage, argument, option
from escalate.commands.shared.session import Session, session
from escalate.domain.authoring.comparison import (
    ProtocolDifference,
    SideBySide,
    differences,
    facts_meant,
    remarks,
    routes_taken,
    side_by_side,
)
from escalate.domain.authoring.two_plans import Axis, axis
from escalate.domain.deadlines.plan import plan
from escalate.domain.protocol import model
from escalate.domain.worktime.clock import london_date
from escalate.errors import BadInput, Refused, UnknownName
from escalate.output import terminal
from escalate.output.documents import Document
from escalate.output.protocol.compare_document import comparison_document
from escalate.storage.files.protocols import ProtocolFile, editions_of, find_protocol

if TYPE_CHECKING:  # no cycle, but few comparisons are written
    from escalate.output.paper.model import Paper


def compare(
    context: typer.Context,
    one: Protocol,
    other: Annotated[
        str | None,
        argument("Another protocol, file or edition (as hull-east-riding@2025-06), if not the edition before."),
    ] = None,
    at: Annotated[
        str | None,
        option("--at", "WHEN", "Lay both ladders out on the calendar, as if a case were raised then."),
    ] = None,
    concern: Concern = None,
    routes: Annotated[
        list[str] | None,
        option("--route", "ROUTE", "The route to take; may be repeated, and each takes the first it has."),
    ] = None,
    facts: Facts = None,
    to_file: ToPage = None,
    force: Force = False,
    as_json: Json = False,
) -> None:
    """Example: escalate protocol compare herefordshire lincolnshire --at "23 Dec 2026 10:00" """
    here = session(context)
    if at is None and (concern or facts):
        raise BadInput("--concern and --fact say what a case would be like: give with --at when it would be raised.")
    if to_file is not None or force:
        from escalate.commands.shared.written import PAGE, written  # a look does without all of this
        from escalate.output.paper.formats import in_format

        with written(here, to_file, PAGE, force=force, as_json=as_json) as into:
            found = _compared(here, one, other, at, concern, routes or (), given_facts(facts))
            here.echo(as_json=True)
            into.file.writelines(in_format(into.format, lambda: _paper(found, here.now), lambda: _document(found)))
        return
    found = _compared(here, one, other, at, concern, routes or (), given_facts(facts))
    here.echo(as_json)
    for remark in found.remarks:
        (terminal.complain if as_json else terminal.say)(remark)
    if as_json:
        terminal.show_json(_document(found))
    else:
        _show(found)


class _Compared(NamedTuple):
    """Two protocols, and what of them is beside each other: plans if they are laid out, else differences, else their rungs."""

    pair: tuple[model.Protocol, model.Protocol]
    """The two."""
    remarks: Sequence[str]
    """What has to be known of what was asked for."""
    plans: Axis | None
    """Both ladders on the calendar, where that was asked for."""
    differences: Sequence[ProtocolDifference] | None
    """What differs, where both are editions of one protocol or made from one file."""
    rows: Sequence[SideBySide] | None
    """Rung by rung, where they are not."""


def _compared(
    here: Session,
    one: str,
    other: str | None,
    at: str | None,
    concern: str | None,
    named: Sequence[str],
    given: dict[str, str],
) -> _Compared:
    """Compare what is meant. Raises BadWhen, UnknownName, Refused, BeyondCalendar."""
    raised_at, concern_at = raised_and_concern(here, at, concern)
    files = _both(here, one, other, london_date(raised_at))
    pair = files[0].protocol, files[1].protocol
    taken = routes_taken(*pair, named)
    plans = _two_plans(here, pair, raised_at, concern_at, taken, given) if at else None
    found = differences(*pair, named) if _akin(*files) else None
    rows = side_by_side(*pair, taken if named else None) if found is None else None
    said = list(remarks(*pair, named, given)) if plans or rows else []
    return _Compared(pair, said, plans, found, rows)


def _document(found: _Compared) -> Document:
    return comparison_document(*found.pair, found.differences, found.rows, found.plans)


def _show(found: _Compared) -> None:
    from escalate.output.protocol.comparison import differences_page, side_by_side_page
    from escalate.output.protocol.two_plans import axis_page

    width = terminal.width()
    if found.plans:
        terminal.show(axis_page(found.plans, width))
    elif found.differences is not None:
        terminal.show(differences_page(found.pair, found.differences, width))
    elif found.rows is not None:
        terminal.show(side_by_side_page(found.pair, found.rows, width))


def _paper(found: _Compared, at: datetime) -> "Paper":
    from escalate.output.paper.protocol import differences_paper, plans_paper, side_by_side_paper

    if found.plans:
        return plans_paper(found.plans, found.remarks, at)
    if found.differences is not None:
        return differences_paper(found.pair, found.differences, at)
    return side_by_side_paper(found.pair, found.rows or (), found.remarks, at)


def _both(here: Session, one: str, other: str | None, on: date) -> tuple[ProtocolFile, ProtocolFile]:
    """The two that are meant; of one alone the edition before it, and itself: the newest, if no other is named. Raises Refused."""
    folder = here.settings.protocols
    if other is not None:
        return find_protocol(one, folder, on), find_protocol(other, folder, on)
    newer = find_protocol(one, folder)
    name, edition = newer.protocol.id, newer.protocol.edition
    try:
        editions = editions_of(name, folder)
    except UnknownName:  # a file that lies elsewhere, of an id that no other has
        editions = []
    before = [each for each in editions if each.protocol.edition.begins < edition.begins]
    if before:
        return before[-1], newer
    others = [each.protocol.edition.dated for each in editions if each.protocol.edition.dated != edition.dated]
    if others:
        raise Refused(
            f"There is no edition of {name} before {edition.dated}: name the other one, as in {name}@{others[0]}."
        )
    raise Refused(
        f"There is only one edition of {name}: name what to compare it with, another protocol or a file, or put the file of the"
        f" other edition into {folder}."
    )


def _akin(one: ProtocolFile, other: ProtocolFile) -> bool:
    """Whether keys mean the same in both: they are editions of one protocol, or one of them or both are made from the same file."""
    return one.protocol.id == other.protocol.id or not {one.text, *one.bases}.isdisjoint({other.text, *other.bases})


def _two_plans(
    here: Session,
    pair: tuple[model.Protocol, model.Protocol],
    raised_at: datetime,
    concern_at: datetime | None,
    routes: tuple[str, str],
    given: dict[str, str],
) -> Axis:
    """Both ladders on the calendar, each on its own and with the facts it asks for. Raises UnknownName, Refused, BeyondCalendar."""
    calendars = calendar_of(here, pair[0]), calendar_of(here, pair[1])
    one, other = (
        plan(protocol, calendar, raised_at, concern_at, route, read_facts(here, protocol, facts, raised_at))
        for protocol, calendar, route, facts in zip(pair, calendars, routes, facts_meant(*pair, given), strict=True)
    )
    return axis(one, other, calendars)
