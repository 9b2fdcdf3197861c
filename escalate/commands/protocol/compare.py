"""Comparing two editions of a protocol, or two protocols."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from escalate.commands.counted_on import calendar_of
from escalate.commands.facts import given_facts, read_facts
from escalate.commands.options import Concern, Facts, Json, Protocol
from escalate.commands.plan import raised_and_concern
from escalate.commands.session import Session, session

if TYPE_CHECKING:
    from escalate.domain.authoring.two_plans import Axis
    from escalate.storage.files.protocols import ProtocolFile


def compare(
    context: typer.Context,
    one: Protocol,
    other: Annotated[
        str | None,
        typer.Argument(
            help="Another protocol, file or edition (as hull-east-riding@2025-06), if not the edition before.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="WHEN",
            help="Lay both ladders out on the calendar, as if a case were raised then.",
            show_default=False,
        ),
    ] = None,
    concern: Concern = None,
    routes: Annotated[
        list[str] | None,
        typer.Option(
            "--route",
            metavar="ROUTE",
            help="The route to take; may be repeated, and each takes the first it has.",
            show_default=False,
        ),
    ] = None,
    facts: Facts = None,
    as_json: Json = False,
) -> None:
    """Example: escalate protocol compare herefordshire lincolnshire --at "23 Dec 2026 10:00" """
    from escalate.domain.authoring.comparison import differences, remarks, routes_taken, side_by_side
    from escalate.domain.worktime.clock import london_date
    from escalate.errors import BadInput
    from escalate.output import terminal
    from escalate.output.protocol.compare_document import comparison_document
    from escalate.output.protocol.comparison import differences_page, side_by_side_page
    from escalate.output.protocol.two_plans import axis_page
    from escalate.output.terminal import complain, say, show, show_json

    here = session(context)
    if at is None and (concern or facts):
        raise BadInput("--concern and --fact say what a case would be like: give with --at when it would be raised.")
    raised_at, concern_at = raised_and_concern(here, at, concern)
    files = _both(here, one, other, london_date(raised_at))
    pair, given, named = (files[0].protocol, files[1].protocol), given_facts(facts), routes or ()
    taken = routes_taken(*pair, named)
    axis = _axis(here, files, raised_at, concern_at, taken, given) if at else None
    found = differences(*pair, named) if _akin(*files) else None
    rows = side_by_side(*pair, taken if named else None) if found is None else None
    here.echo(as_json)
    for remark in remarks(*pair, named, given) if axis or rows else ():
        (complain if as_json else say)(remark)
    if as_json:
        show_json(comparison_document(*pair, found, rows, axis))
        return
    width = terminal.width()
    if axis:
        show(axis_page(axis, width))
    elif found is not None:
        show(differences_page(pair, found, width))
    elif rows is not None:
        show(side_by_side_page(pair, rows, width))


def _both(here: Session, one: str, other: str | None, on: date) -> "tuple[ProtocolFile, ProtocolFile]":
    """The two that are meant; of one alone the edition before it, and itself: the newest, if no other is named. Raises Refused."""
    from escalate.errors import Refused, UnknownName
    from escalate.storage.files import protocols as protocol_files

    files, folder = protocol_files, here.settings.protocols
    if other is not None:
        return files.find_protocol(one, folder, on), files.find_protocol(other, folder, on)
    newer = files.find_protocol(one, folder)
    name, edition = newer.protocol.id, newer.protocol.edition
    try:
        editions = files.editions_of(name, folder)
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


def _akin(one: "ProtocolFile", other: "ProtocolFile") -> bool:
    """Whether keys mean the same in both: they are editions of one protocol, or one of them or both are made from the same file."""
    return one.protocol.id == other.protocol.id or not {one.text, *one.bases}.isdisjoint({other.text, *other.bases})


def _axis(
    here: Session,
    files: "tuple[ProtocolFile, ProtocolFile]",
    raised_at: datetime,
    concern_at: datetime | None,
    routes: tuple[str, str],
    given: dict[str, str],
) -> "Axis":
    """Both ladders on the calendar, each on its own and with the facts it asks for. Raises UnknownName, Refused, BeyondCalendar."""
    from escalate.domain.authoring import two_plans as axis_domain
    from escalate.domain.authoring.comparison import facts_meant
    from escalate.domain.deadlines.plan import plan

    pair = files[0].protocol, files[1].protocol
    known = facts_meant(*pair, given)
    calendars = calendar_of(here, pair[0]), calendar_of(here, pair[1])
    one, other = (
        plan(pair[i], calendars[i], raised_at, concern_at, routes[i], read_facts(here, pair[i], known[i], raised_at))
        for i in (0, 1)
    )
    axis: Axis = axis_domain.axis(one, other, calendars)
    return axis
