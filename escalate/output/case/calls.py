"""What a line says of a call: which of several it is, the questions it hangs on, and what its standing means."""

from collections.abc import Collection, Iterable

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.model import Deadline
from escalate.domain.deadlines.standing import Standing
from escalate.errors import listed
from escalate.output.words import TYPED, Called

Duty = tuple[Occasion, str]
"""What calls are numbered for: an action at one stay, or at any stage."""

MEANINGS = {
    Standing.MISSED: "missed: this date is owed no more, and had run out before it ended; it counts as not met.",
    Standing.CEASED: "ceased: this date is owed no more, and had not run out when it ended; it does not count as missed.",
    Standing.NOT_KNOWN: "not-known: taken over from a log, which does not tell what became of it; nothing of it is owed.",
    Standing.UNDECIDED: "undecided: whether it is owed depends on a question nobody has answered.",
    Standing.LAPSED: "lapsed: a time in which something may be done is over, and it was not used.",
}
"""What stands below a page that has one of these on it."""


def legend(standings: Collection[Standing], called: Called = TYPED) -> list[str]:
    """What the standings mean that do not explain themselves, of those that are shown."""
    return [called.condition(meaning) for stands, meaning in MEANINGS.items() if stands in standings]


def called_several_times(deadlines: Iterable[Deadline]) -> set[Duty]:
    """What was called for more than once; of something to be done again and again nobody counts the times."""
    return {(each.occasion, each.action) for each in deadlines if each.call > 1 and not each.occurrence}


def which_call(deadline: Deadline, several: Collection[Duty]) -> str | None:
    """`call 2`, where there are several; `call 2, the date agreed before` of an agreed date that ran out; None where that says nothing."""
    call = [f"call {deadline.call}"] if several and (deadline.occasion, deadline.action) in several else []
    before = ["the date agreed before"] if deadline.agreement else []
    return ", ".join(call + before) or None


def hangs_on(deadline: Deadline, called: Called = TYPED) -> str | None:
    """`if severity is high; not answered`: the questions that a deadline hangs on; None where there are none (C14).

    Lists are read without limits, and can only name the questions.
    """
    if not deadline.unanswered:
        return None
    decided_by = deadline.decided_by
    condition = decided_by.when if decided_by and decided_by.unanswered else None
    if condition is None:
        return f"depends on {listed([called.key(each) for each in deadline.unanswered], 'and')}; not answered"
    more = [called.key(key) for key in deadline.unanswered if decided_by and key not in decided_by.unanswered]
    also = f"; depends on {listed(more, 'and')} too" if more else ""
    return f"if {called.condition(condition)}; not answered{also}"
