"""Working out dates, with no case at hand."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from escalate.commands.shared.counted_on import calendar as calendar_for
from escalate.commands.shared.options import Json, argument, option
from escalate.commands.shared.session import Session, session
from escalate.commands.shared.when import read_when
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.counting import act_by, runs_out
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.proof import Step, steps
from escalate.domain.worktime.read_allowance import parse_allowance
from escalate.errors import BadInput, EscalateError
from escalate.on_demand import OnDemand
from escalate.output.dates.calc_document import calc_document
from escalate.output.terminal import complain, show, show_json, show_line
from escalate.wording import how_many


def calc(
    context: typer.Context,
    when: Annotated[str, argument('The moment to count from; "-" reads lines from standard input.', "WHEN")],
    allowance: Annotated[
        str | None, argument('"5 working days", "24 hours", "immediately" and the like.', "ALLOWANCE")
    ] = None,
    calendar: Annotated[
        str | None, option("--calendar", "NAME", "england-and-wales, scotland or northern-ireland.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Example: escalate calc "24 Dec 2026 15:00" "3 working days" --calendar scotland"""
    here = session(context)
    name = calendar or here.settings.calendar
    if when == "-":
        _answer_lines(here, name)
        return
    if allowance is None:
        raise BadInput('How long is allowed is missing: escalate calc "24 Dec 2026 15:00" "3 working days".')
    on = calendar_for(here, name)
    start = here.when(when, "future", calendar=on).at
    worked_out = _worked_out(start, parse_allowance(allowance), on)
    here.echo(as_json)
    if as_json:
        show_json(calc_document(*worked_out))
    else:
        from escalate.output.dates.calc import calc_page  # it loads Rich, which a document does not need

        show(calc_page(*worked_out))


def _worked_out(
    start: datetime, allowance: Allowance, calendar: Calendar
) -> tuple[datetime, Allowance, Calendar, Due, Due | None, ActBy, list[Step]]:
    """Where an allowance and its target run out, when to act, and every day on the way. Raises BeyondCalendar."""
    due = runs_out(start, allowance, calendar)
    target = runs_out(start, allowance.up_to_target, calendar) if allowance.up_to_target else None
    assert due is not None  # only a clock that stands still never runs out
    to_act = act_by(start, due.at, calendar)
    return start, allowance, calendar, due, target, to_act, list(steps(start, allowance, calendar))


def _answer_lines(here: Session, usual_calendar: str) -> None:
    """Answer each line of standard input with a line of JSON; one that cannot be answered with a line that says why."""
    calendars: dict[str, Calendar] = OnDemand(lambda name: calendar_for(here, name))
    refused = 0
    for number, line in enumerate(_lines(), 1):
        try:
            show_line(_answer(here, line, usual_calendar, calendars))
        except EscalateError as problem:
            refused += 1
            show_line({"line": number, "error": problem.sentence})
    here.echo(as_json=True)
    if refused:
        complain(f"{how_many(refused, 'line')} could not be answered; each says why in its place.")


LONGEST_LINE = 1_000_000
"""In bytes. What has no line ends at all would otherwise be gathered without end before it is refused."""


def _lines() -> Iterator[str]:
    """The lines of standard input, whatever their bytes; an empty one for one that is far too long."""
    while sys.stdin and (line := sys.stdin.buffer.readline(LONGEST_LINE)):
        text = line.decode("utf-8", errors="replace").rstrip("\r\n")
        piece = line
        while len(piece) == LONGEST_LINE and not piece.endswith(b"\n"):
            text, piece = "", sys.stdin.buffer.readline(LONGEST_LINE)
        yield text


def _answer(here: Session, line: str, usual_calendar: str, calendars: dict[str, Calendar]) -> dict[str, Any]:
    """The answer to a line. Raises BadInput, BadWhen, BadAllowance, UnknownName, BeyondCalendar."""
    parts = [part.strip() for part in line.split("\t")]
    if len(parts) not in (2, 3):
        raise BadInput("A line is WHEN, ALLOWANCE and, if it is not the usual one, CALENDAR, with tabs between.")
    calendar = calendars[parts[2] if len(parts) == 3 and parts[2] else usual_calendar]
    start = read_when(parts[0], here.now, "future").at
    return calc_document(*_worked_out(start, parse_allowance(parts[1]), calendar))
