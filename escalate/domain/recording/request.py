"""Who asks for an entry and when it happened, the next entry of a case, and checks that several kinds of entry share."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import NamedTuple

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.worktime.clock import london, london_date, spoken
from escalate.errors import Refused


class Recording(NamedTuple):
    """Who writes an entry down, and when."""

    by: str
    """Who writes it down."""
    now: datetime
    """When it is written down, as an instant."""
    at: datetime
    """When it happened, as an instant."""


def new_entry(
    case: Case,
    kind: str,
    recording: Recording,
    data: Mapping[str, object],
    words: Mapping[str, str],
    identities: Mapping[str, str] | None = None,
) -> Entry:
    """The next entry of a case. Raises Refused where it cannot have happened then."""
    check_time(case, recording)
    return next_entry(case, kind, recording, data, words, identities)


def next_entry(
    case: Case,
    kind: str,
    recording: Recording,
    data: Mapping[str, object],
    words: Mapping[str, str],
    identities: Mapping[str, str] | None = None,
) -> Entry:
    """The next entry of a case, for which the time needs no check, or has had it."""
    seq = len(case.history) + 1
    return Entry(case.ref, seq, kind, recording.at, recording.now, recording.by, data, words, identities or {})


def as_text(text: str | None) -> dict[str, str]:
    """A remark or a reason as an entry has it; nothing where nothing was said."""
    return {"text": text} if text else {}


def check_time(case: Case, recording: Recording) -> None:
    """Raises Refused for what has not happened yet, or before the case was raised."""
    if recording.at > recording.now:
        raise Refused(
            f"{spoken(recording.at)} has not come yet: --at says when something happened, so it lies in the past."
        )
    if recording.at < case.raised_at:
        raise Refused(too_early(recording.at, case.raised_at, f"{case.ref} was raised"))


def check_concern(concern_at: datetime | None, raised_at: datetime, raised: str, hint: str = "") -> None:
    """Raises Refused for a concern that came after `the case was raised`, which words say."""
    if concern_at and concern_at > raised_at:
        raise Refused(f"The concern ({spoken(concern_at)}) cannot come after {raised} ({spoken(raised_at)}){hint}.")


def check_stage_reached(case: Case, recording: Recording) -> None:
    """Raises Refused for what happened before the case reached the stage it is at."""
    if recording.at < case.stay.entered_at:
        raise Refused(too_early(recording.at, case.stay.entered_at, f"{case.ref} reached stage {case.stay.stage}"))


def check_open(case: Case, what: str) -> None:
    """Raises Refused for a closed case: it cannot `go up`, or `be resolved`."""
    if case.status != "open":
        raise Refused(
            f"{case.ref} was {case.status} {spoken(case.stay.left_at or case.raised_at)}, so it cannot {what}; escalate reopen {case.ref} takes it up again."
        )


def too_early(at: datetime, earliest: datetime, what: str) -> str:
    """Says that a time is before what it has to follow, and for a day without a time that one is needed."""
    day_alone = london(at).time() == time(0) and london_date(at) == london_date(earliest)
    hint = ': give the time of day as well, as in "today 14:00"' if day_alone else ""
    return f"{spoken(at)} is before {what} ({spoken(earliest)}){hint}."
