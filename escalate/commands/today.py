"""What escalate says when nothing is typed after its name: what is due today, in at most ten lines, and what to type next."""

from itertools import islice

from escalate.commands.shared.session import Session
from escalate.domain.deadlines.standing import RankedLine, ranked_lines
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.clock import spoken
from escalate.output.case.deadline import beside, how_long, when_due
from escalate.output.case.lists import due_summary
from escalate.output.terminal import say
from escalate.wording import how_many

MOST = 4
"""So many of the most urgent are shown."""

NEXT = "Type next: escalate due for all of it, escalate done CASE ACTION, escalate open,\nescalate show CASE, or escalate help."
FIRST = "Type next: escalate demo for five cases to look at, escalate protocol list,\nescalate open to record the first one, or escalate help."


def today(here: Session) -> None:
    """Say what is due. Raises Refused, StoreError."""
    if not here.has_file():
        say(f"There are no cases yet: {here.settings.place} will be made with the first one.", "", FIRST)
        return
    with here.listed(None) as lists:
        lines = lists.due() if lists else []
        calendars = {name: here.calendar_of_cases(lists, name) for name in {line.case.calendar for line in lines}}
        horizons = {name: here.horizon(calendar, here.now) for name, calendar in calendars.items()}
        ranked = ranked_lines(lines, horizons, here.now)
    say(f"{spoken(here.now)}: {due_summary(ranked) if ranked else 'nothing is due.'}", "")
    for line in islice(ranked, MOST):
        say(_short(here, line, calendars[line.case.calendar]))
    if len(ranked) > MOST:
        say(f"and {how_many(len(ranked) - MOST, 'more', 'more')}.")
    say("", NEXT)


def _short(here: Session, line: RankedLine, calendar: Calendar) -> str:
    """`E0007 (M-40213)  ring: due Fri 20 Nov 16:00, 1 day late`: the case, the action as it is typed, and when."""
    case, deadline = line.case, line.deadline
    when = when_due(deadline, here.now)
    parts = [when if deadline.due_at is None else f"due {when}", how_long(deadline, calendar, here.now)]
    parts += beside(deadline, here.now)  # or what is at risk by a limit further up would look as if it could wait
    who = f"{case.ref} ({case.subject})" if case.subject else case.ref
    return f"{who}  {deadline.action}: {', '.join(part for part in parts if part)}"
