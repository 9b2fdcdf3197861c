"""Who asks for an entry, when, and when it happened; and what every entry has to keep to."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import NamedTuple

from escalate.domain.case.entries import (
    Entry,
)
from escalate.domain.case.model import Case
from escalate.domain.worktime.clock import london, london_date, spoken
from escalate.errors import Refused


class Recording(NamedTuple):
    """Who is writing an entry down, when, and when it happened."""

    by: str
    now: datetime
    at: datetime


def new_entry(
    case: Case,
    kind: str,
    recording: Recording,
    data: Mapping[str, object],
    words: Mapping[str, str],
    identities: Mapping[str, str] | None = None,
) -> Entry:
    check_time(case, recording)
    seq = len(case.history) + 1
    return Entry(case.ref, seq, kind, recording.at, recording.now, recording.by, data, words, identities or {})


def check_time(case: Case, recording: Recording) -> None:
    if recording.at > recording.now:
        raise Refused(
            f"{spoken(recording.at)} has not come yet: --at says when something happened, so it lies in the past."
        )
    if recording.at < case.raised_at:
        raise Refused(too_early(recording.at, case.raised_at, f"{case.ref} was raised"))


def not_before_stage(case: Case, recording: Recording) -> None:
    if recording.at < case.visit.entered_at:
        raise Refused(too_early(recording.at, case.visit.entered_at, f"{case.ref} reached stage {case.visit.stage}"))


def too_early(at: datetime, floor: datetime, what: str) -> str:
    day_alone = london(at).time() == time(0) and london_date(at) == london_date(floor)
    hint = ': give the time of day as well, as in "today 14:00"' if day_alone else ""
    return f"{spoken(at)} is before {what} ({spoken(floor)}){hint}."


def must_be_open(case: Case, what: str) -> None:
    if case.status != "open":
        raise Refused(
            f"{case.ref} was {case.status} {spoken(case.visit.left_at or case.raised_at)}, so it cannot {what}; escalate reopen {case.ref} takes it up again."
        )


def as_text(text: str | None) -> dict[str, str]:
    return {"text": text} if text else {}
