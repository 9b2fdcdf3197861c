"""Agreed dates: which call each belongs to, and which of them counts (C7, C15, C16)."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from escalate.domain.case.model import Agreed
from escalate.domain.deadlines.calls import Call, is_begun_by


def agreed_for(calls: Sequence[Call]) -> list[list[Agreed]]:
    """For each call of an action on one occasion, the dates agreed for it, in the order they were agreed.

    A date belongs to the newest call that was open when it was agreed, as far as that was known when it was written down; or to the
    newest that had begun, or the first one; or to the call that somebody chose.
    What is still running goes on with a call that carries on the one before it.
    """
    if not calls:
        return []
    first = calls[0]
    dates = first.workings.agreed(first.occasion, first.action.key)
    found: list[list[Agreed]] = [[] for _ in calls]
    if not dates:
        return found
    for each in sorted(dates, key=_when_agreed):
        found[_call_of(each, calls)].append(each)
    places = {call.begun_by: n for n, call in enumerate(calls)}
    for call, dates in zip(calls, found, strict=True):
        if call.carries_on in places:
            before = places[call.carries_on]
            is_regraded = calls[before].is_regraded
            dates += [each for each in found[before] if not is_regraded or each.until > call.begins.at]
            dates.sort(key=_when_agreed)
    return [[each for each in dates if _counts(each, call)] for dates, call in zip(found, calls, strict=True)]


def _when_agreed(agreed: Agreed) -> tuple[datetime, int]:
    """Sort key: the date agreed last comes last, whenever it was written down."""
    return agreed.at, agreed.entry


def ran_out_before(dates: Sequence[Agreed], call: Call) -> list[tuple[Agreed, Agreed]]:
    """The dates that ran out before another was agreed for the same call, each with that one."""
    return [
        (each, anew)
        for each, anew in pairwise(dates)
        if each.until < anew.at and (call.judged_at is None or each.until < call.judged_at) and anew.at > call.begins.at
    ]


def _call_of(agreed: Agreed, calls: Sequence[Call]) -> int:
    """The place of the call that an agreed date belongs to."""
    if agreed.call_entry:
        for n, call in enumerate(calls):
            if is_begun_by(call, agreed):
                return n
    begun = [n for n, call in enumerate(calls) if (call.begins.at, call.begins.entry or 0) <= (agreed.at, agreed.entry)]
    open_then = [n for n in begun if not _was_over(calls[n], agreed)]
    known = [n for n in open_then if (calls[n].begins.entry or 0) < agreed.entry]
    return next((found[-1] for found in (known, open_then, begun) if found), 0)


def _was_over(call: Call, agreed: Agreed) -> bool:
    """Whether a call was over when a date was agreed, or was known to be when that was written down."""
    over = call.over
    return over is not None and (
        (over.at, over.entry or 0) <= (agreed.at, agreed.entry) or (over.entry or 0) < agreed.entry
    )


def _counts(agreed: Agreed, call: Call) -> bool:
    """Whether a date was agreed before a call was over: later ones do not bear on it."""
    return call.judged_at is None or agreed.at <= call.judged_at
