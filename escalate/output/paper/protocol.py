"""Papers about protocols: one of them, a ladder on the calendar, and two of them beside each other."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.authoring.comparison import ProtocolDifference, SideBySide
from escalate.domain.authoring.two_plans import Axis
from escalate.domain.deadlines.plan import Plan
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken
from escalate.output.names import Named
from escalate.output.paper.drawing import plan_drawing, plans_drawing
from escalate.output.paper.model import Paper, paper
from escalate.output.paper.parts import Picture
from escalate.output.protocol.comparison import differences_page, side_by_side_page, told_apart
from escalate.output.protocol.ladder import ladder_in_a_page
from escalate.output.protocol.page import protocol_tree
from escalate.output.protocol.plan import plan_table
from escalate.output.protocol.two_plans import axis_page
from escalate.output.terminal import WIDE

Pair = tuple[Protocol, Protocol]

PAPER = 2 * WIDE
"""How wide a terminal would have to be for all that a paper has room for."""


def protocol_paper(protocol: Protocol, route: str | None, at: datetime) -> Paper:
    """A protocol, or one of its ladders. Raises UnknownName for the route."""
    several = "The ladders" if len(protocol.routes) > 1 and route is None else "The ladder"
    caption = f"{several}: who owns each stage, how long it may take, and what starts which clock. The text below says all of it."
    drawing = Picture(ladder_in_a_page(protocol, route), caption, look="sheet")
    return paper(protocol_tree(protocol, route, Named(protocol)), at, _notes(at), pictures=[drawing])


def plan_paper(plan: Plan, calendar: Calendar, at: datetime) -> Paper:
    """A ladder on the calendar."""
    return paper(plan_table(plan, PAPER, Named(plan.protocol)), at, _notes(at), pictures=[plan_drawing(plan, calendar)])


def plans_paper(axis: Axis, remarks: Sequence[str], at: datetime) -> Paper:
    """Two ladders on one calendar."""
    pair = axis.one.protocol, axis.other.protocol
    ladders = zip(told_apart(pair, Named()), (axis.one, axis.other), axis.calendars, strict=True)
    drawing = plans_drawing("Both ladders on one calendar", list(ladders))
    return paper(
        axis_page(axis, PAPER, (Named(pair[0]), Named(pair[1]))), at, [*remarks, *_notes(at)], pictures=[drawing]
    )


def differences_paper(pair: Pair, found: Sequence[ProtocolDifference], at: datetime) -> Paper:
    """What changed from one edition to another."""
    return paper(differences_page(pair, found, PAPER, Named()), at, _notes(at))


def side_by_side_paper(pair: Pair, rows: Sequence[SideBySide], remarks: Sequence[str], at: datetime) -> Paper:
    """Two protocols rung by rung."""
    title = " compared with ".join(told_apart(pair, Named()))
    return paper(
        side_by_side_page(pair, rows, PAPER, (Named(pair[0]), Named(pair[1]))), at, [*remarks, *_notes(at)], title
    )


def _notes(at: datetime) -> list[str]:
    return [f"Made with escalate on {spoken(at)}."]
