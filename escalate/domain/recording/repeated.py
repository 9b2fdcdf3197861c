"""What may be the same thing recorded twice: by two people, or by one who was not sure. It is asked about, and never simply done again."""

from datetime import datetime, timedelta
from typing import NamedTuple

from escalate.domain.case.entries import ADVANCED
from escalate.domain.case.model import Case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import london_date

SOON = timedelta(minutes=10)
"""What was recorded less than this ago may be the same thing."""


class Repeated(NamedTuple):
    """Something that was recorded just now, and may be what is to be recorded again."""

    case: str
    """The reference of the case."""
    entry: int
    """The number of the entry."""
    said: str
    """What was recorded, when and by whom, as a sentence without its end."""


def gone_up(case: Case, recording: Recording) -> Repeated | None:
    """By which entry a case went up just now; None where it did not, or where going up on another day is recorded."""
    last = case.history[case.stay.entry - 1]
    if last.kind != ADVANCED or not _is_soon(last.recorded_at, recording.now):
        return None
    if _is_of_another_day(recording, case.stay.entered_at):
        return None
    when = _ago(last.recorded_at, recording.now)
    said = f"{case.ref} went up to stage {case.stay.stage} {when} (entry {last.seq}, by {last.by})"
    return Repeated(case.ref, last.seq, said)


def opened(case: Case, recording: Recording) -> Repeated | None:
    """That a case was opened just now, of the same day as the one to be opened; None where it was not."""
    first = case.history[0]
    if not _is_soon(first.recorded_at, recording.now) or london_date(case.raised_at) != london_date(recording.at):
        return None
    when = _ago(first.recorded_at, recording.now)
    return Repeated(
        case.ref, 1, f"{case.ref} was opened for {case.subject} under {case.protocol} {when} (by {first.by})"
    )


def _is_soon(recorded_at: datetime, now: datetime) -> bool:
    """Whether something was recorded less than SOON ago, or before that by a clock that is ahead."""
    return abs(now - recorded_at) < SOON


def _is_of_another_day(recording: Recording, at: datetime) -> bool:
    """Whether somebody said when it happened, and that is not the day of an instant: so a history is recorded late."""
    return recording.at != recording.now and london_date(recording.at) != london_date(at)


def _ago(recorded_at: datetime, now: datetime) -> str:
    minutes = (now - recorded_at) // timedelta(minutes=1)
    return "just now" if minutes < 1 else "a minute ago" if minutes == 1 else f"{minutes} minutes ago"
