"""Commands that work dates out, with no case at hand."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from escalate.commands.key_values import given_facts
from escalate.commands.options import Concern, Facts, Json, Protocol, Route
from escalate.commands.session import Desk, desk

if TYPE_CHECKING:
    from escalate.domain.worktime.allowance import Allowance
    from escalate.domain.worktime.calendar import Calendar

CalendarName = Annotated[
    str | None,
    typer.Option(
        "--calendar", metavar="NAME", help="england-and-wales, scotland or northern-ireland.", show_default=False
    ),
]


def plan(
    context: typer.Context,
    protocol: Protocol,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="WHEN", help="When the case would be raised, if not now.", show_default=False),
    ] = None,
    concern: Concern = None,
    route: Route = None,
    facts: Facts = None,
    as_json: Json = False,
) -> None:
    """Lay a protocol's whole ladder out on the calendar, as if every stage took its full time.

    Example: escalate plan hull-east-riding --at "23 Dec 2026 10:00"
    """
    from escalate.domain.deadlines import plan as plan_domain
    from escalate.domain.worktime.clock import london_date
    from escalate.output.case.documents import plan_document
    from escalate.output.protocol.plan import plan_table
    from escalate.output.terminal import show, show_json, width
    from escalate.storage.files.protocols import find_protocol

    here = desk(context)
    raised_at, concern_at = raised_and_concern(here, at, concern)
    raised_on = london_date(raised_at)
    chosen = find_protocol(protocol, here.settings.protocols, raised_on).protocol
    known = here.facts(chosen, given_facts(facts), raised_at)
    planned = plan_domain.plan(chosen, here.calendar_of(chosen), raised_at, concern_at, route, known)
    here.echo(as_json)
    if as_json:
        show_json(plan_document(planned))
    else:
        show(plan_table(planned, width()))


def raised_and_concern(here: Desk, at: str | None, concern: str | None) -> tuple[datetime, datetime | None]:
    """When a case would be raised, and when its concern arose, if that is said. Raises BadWhen, Refused."""
    from escalate.domain.worktime.clock import spoken
    from escalate.errors import Refused

    raised_at = here.when(at, "future").at if at else here.now
    concern_at = here.when(concern, "past", raised_at).at if concern else None
    if concern_at and concern_at > raised_at:
        raise Refused(f"The concern ({spoken(concern_at)}) cannot come after the case is raised ({spoken(raised_at)}).")
    return raised_at, concern_at


def calc(
    context: typer.Context,
    when: Annotated[
        str,
        typer.Argument(
            metavar="WHEN", help='The moment to count from; "-" reads lines from standard input.', show_default=False
        ),
    ],
    allowance: Annotated[
        str | None,
        typer.Argument(
            metavar="ALLOWANCE", help='"5 working days", "24 hours", "immediately" and the like.', show_default=False
        ),
    ] = None,
    calendar: CalendarName = None,
    as_json: Json = False,
) -> None:
    """Work out one date, and show every day on the way. With "-", many: a line each of WHEN, ALLOWANCE and CALENDAR with tabs between.

    Example: escalate calc "24 Dec 2026 15:00" "3 working days" --calendar scotland
    """
    from escalate.domain.worktime.read_allowance import parse_allowance
    from escalate.errors import BadInput
    from escalate.output.terminal import show, show_json

    here = desk(context)
    name = calendar or here.settings.calendar
    if when == "-":
        _calc_lines(here, name)
        return
    if allowance is None:
        raise BadInput('How long is allowed is missing: escalate calc "24 Dec 2026 15:00" "3 working days".')
    start = here.when(when, "future").at
    on = here.calendar(name)
    how_long = parse_allowance(allowance)
    answer: Any = _calculated(start, how_long, on) if as_json else _page(start, how_long, on)
    here.echo(as_json)
    if as_json:
        show_json(answer)
    else:
        show(answer)


def _calc_lines(here: Desk, default_calendar: str) -> None:
    """Answers each line with a line of JSON; one that cannot be answered with a line that says why."""
    from escalate.errors import EscalateError
    from escalate.output.terminal import complain, show_line
    from escalate.output.words import counted

    calendars: dict[str, Calendar] = {}
    refused = 0
    for number, line in enumerate(_lines(), 1):
        try:
            show_line(_calc_line(here, line, default_calendar, calendars))
        except EscalateError as problem:
            refused += 1
            show_line({"line": number, "error": problem.sentence})
    if refused:
        complain(f"{counted(refused, 'line')} could not be answered; each says why in its place.")


LONGEST_LINE = 1_000_000
"""In bytes. What has no line ends at all would otherwise be gathered without end before it is refused."""


def _lines() -> Iterator[str]:
    """The lines of standard input, whatever their bytes; an empty one for one that is far too long."""
    while sys.stdin and (line := sys.stdin.buffer.readline(LONGEST_LINE)):
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            text, rest = "", sys.stdin.buffer.readline(LONGEST_LINE)
        yield text


def _calc_line(here: Desk, line: str, default_calendar: str, calendars: "dict[str, Calendar]") -> dict[str, Any]:
    from escalate.domain.worktime.read_allowance import parse_allowance
    from escalate.errors import BadInput

    parts = [part.strip() for part in line.split("\t")]
    if len(parts) not in (2, 3):
        raise BadInput("A line is WHEN, ALLOWANCE and, if it is not the usual one, CALENDAR, with tabs between.")
    name = parts[2] if len(parts) == 3 and parts[2] else default_calendar
    if name not in calendars:
        calendars[name] = here.calendar(name)
    from escalate.commands.when import read_when

    return _calculated(read_when(parts[0], here.now, "future").at, parse_allowance(parts[1]), calendars[name])


def _calculated(start: datetime, allowance: "Allowance", calendar: "Calendar") -> dict[str, Any]:
    from escalate.output.case.documents import calc_document

    document: dict[str, Any] = calc_document(start, allowance, calendar, *_counted(start, allowance, calendar))
    return document


def _page(start: datetime, allowance: "Allowance", calendar: "Calendar") -> Any:
    from escalate.output.case.proof import calc_page

    return calc_page(start, allowance, calendar, *_counted(start, allowance, calendar))


def _counted(start: datetime, allowance: "Allowance", calendar: "Calendar") -> tuple[Any, ...]:
    from escalate.domain.worktime.counting import act_by, runs_out
    from escalate.domain.worktime.proof import steps

    due = runs_out(start, allowance, calendar)
    target = runs_out(start, allowance.up_to_target, calendar) if allowance.up_to_target else None
    assert due is not None
    return (
        due,
        target,
        act_by(start, due.at, calendar),
        list(steps(start, allowance, calendar)),
    )
