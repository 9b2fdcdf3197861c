"""The most urgent of what is due, a line for each."""

from escalate.commands.shared.session import Session
from escalate.domain.deadlines.model import CaseLine, DueLine
from escalate.domain.deadlines.standing import RankedLine, ranked_lines
from escalate.output.case.deadline import how_long, sooner, target_and_agreed, when_due
from escalate.output.columns import measured
from escalate.output.terminal import width
from escalate.storage.lists import Lists, Reading


def most_urgent(here: Session, lists: Lists, cases: int) -> list[RankedLine]:
    """What is due, the most urgent first: all of it, or where so many cases have something late no more than that. Raises StoreError."""
    late = lists.late(here.now, EACH * cases).lines
    return ranked(here, lists, late if len({line.case.ref for line in late}) >= cases else lists.due())


EACH = 10
"""So many late deadlines are read for each case: hardly a case has more."""


def ranked(here: Session, lists: Reading, lines: list[DueLine]) -> list[RankedLine]:
    """Lines in the order in which they are urgent. Raises StoreError."""
    calendars = {line.case.calendar for line in lines}
    horizons = {name: here.horizon(here.calendar_of_cases(lists, name), here.now) for name in calendars}
    return ranked_lines(lines, horizons, here.now)


def short_line(here: Session, lists: Reading, line: RankedLine) -> str:
    """`E0007 (M-40213)  ring: due Fri 20 Nov 16:00, 1 day late`: the case, the action as it is typed, and when.

    The target and what was agreed stand there as far as the line has room for them.
    """
    deadline, calendar = line.deadline, here.calendar_of_cases(lists, line.case.calendar)
    when = when_due(deadline, here.now)
    parts = [when if deadline.due_at is None else f"due {when}", how_long(deadline, calendar, here.now)]
    parts += sooner(deadline, here.now)  # or what is at risk by a limit further up would look as if it could wait
    said = f"{called(line.case)}  {deadline.action}: {', '.join(part for part in parts if part)}"
    for each in target_and_agreed(deadline, here.now):
        if measured(said) + 2 + measured(each) >= width():
            break
        said = f"{said}, {each}"
    return said


def called(case: CaseLine) -> str:
    """`E0007 (M-40213)`: a case by its reference, and by whom it is about."""
    return f"{case.ref} ({case.subject})" if case.subject else case.ref
