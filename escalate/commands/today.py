"""What escalate says when nothing is typed after its name: what is due today, in at most ten lines, and what to type next."""

from escalate.commands.shared.session import Session
from escalate.commands.shared.urgent import ranked, short_line
from escalate.domain.worktime.clock import spoken
from escalate.output.case.lists import due_summary
from escalate.output.terminal import say, width
from escalate.wording import how_many

MOST = 4
"""So many cases are shown, the most urgent first, where the heading takes one line."""

NARROW = 80
"""So many columns the heading takes at most, in a pipe too."""

NEXT = "Type next: escalate due for all of it, escalate done CASE ACTION, escalate new,\nescalate show CASE, or escalate help."
FIRST = "Type next: escalate demo for five cases to look at, escalate protocol list,\nescalate new to record the first one, or escalate help."


def today(here: Session) -> None:
    """Say what is due. Raises Refused, StoreError."""
    if not here.has_file():
        say(f"There are no cases yet: {here.settings.place} will be made with the first one.", "", FIRST)
        return
    from textwrap import wrap  # most commands fold nothing

    with here.listed(None) as lists:
        lines = ranked(here, lists, lists.due()) if lists else []
        heading = wrap(
            f"{spoken(here.now)}: {due_summary(lines) if lines else 'nothing is due.'}", min(width(), NARROW) - 1
        )
        most = MOST + 1 - len(heading)
        by_case = {line.case.ref: line for line in reversed(lines)}  # the most urgent of each
        first = [line for line in lines if by_case[line.case.ref] is line]
        shown = [short_line(here, lists, line) for line in first[:most]] if lists else []
    say(*heading, "", *shown)
    if len(first) > len(shown):
        say(f"and {how_many(len(first) - len(shown), 'more case')}.")
    say("", NEXT)
