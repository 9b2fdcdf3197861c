"""What escalate says when nothing is typed after its name: what is due today, in at most ten lines, and what to type next."""

from itertools import islice

from escalate.commands.shared.session import Session
from escalate.commands.shared.urgent import ranked, short_line
from escalate.domain.worktime.clock import spoken
from escalate.output.case.lists import due_summary
from escalate.output.terminal import say, width
from escalate.wording import how_many

MOST = 4
"""So many of the most urgent are shown, where the heading takes one line."""

NEXT = "Type next: escalate due for all of it, escalate done CASE ACTION, escalate open,\nescalate show CASE, or escalate help."
FIRST = "Type next: escalate demo for five cases to look at, escalate protocol list,\nescalate open to record the first one, or escalate help."


def today(here: Session) -> None:
    """Say what is due. Raises Refused, StoreError."""
    if not here.has_file():
        say(f"There are no cases yet: {here.settings.place} will be made with the first one.", "", FIRST)
        return
    from textwrap import wrap  # most commands fold nothing

    with here.listed(None) as lists:
        lines = ranked(here, lists, lists.due()) if lists else []
        heading = wrap(f"{spoken(here.now)}: {due_summary(lines) if lines else 'nothing is due.'}", width() - 1)
        most = MOST + 1 - len(heading)
        shown = [short_line(here, lists, line) for line in islice(lines, most)] if lists else []
    say(*heading, "", *shown)
    if len(lines) > len(shown):
        say(f"and {how_many(len(lines) - len(shown), 'more', 'more')}.")
    say("", NEXT)
