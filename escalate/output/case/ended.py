"""How a call, or an agreed date, ended otherwise than by being done: when, and by which entry."""

from collections.abc import Sequence
from datetime import datetime

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import how_it_ended
from escalate.output.case.sentences import in_brief
from escalate.output.words import short


def ended_in_words(deadline: Deadline, case: Case, now: datetime) -> str:
    """`missed: due Fri 20 Nov 16:00, ended Mon 23 Nov 09:10 by entry 4 (immediate-risk=no)`."""
    assert deadline.ended_at is not None
    due = f"due {short(deadline.due_at, now)}" if deadline.due_at else "no date"
    return f"{how_it_ended(deadline)}: {due}, ended {short(deadline.ended_at, now)}{by_entry(deadline, case.history)}"


def by_entry(deadline: Deadline, history: Sequence[Entry]) -> str:
    """` by entry 4 (immediate-risk=no)`; nothing where no entry is known to say so."""
    number = deadline.ended_entry
    if number is None or not 0 < number <= len(history):
        return ""
    return f" by entry {number} ({in_brief(history[number - 1])})"
