"""Which versions of calendars were kept with the clock set by hand."""

from collections.abc import Sequence

from escalate.domain.worktime.calendar import CALENDARS, KeptByHand, title_of
from escalate.errors import listed
from escalate.output.documents import Document, instant
from escalate.output.words import full, nation


def kept_by_hand_in_words(versions: Sequence[KeptByHand]) -> str | None:
    """Which versions of calendars were kept with the clock set by hand, in a sentence; None where none was."""
    if not versions:
        return None
    named = [
        f"version {each.version} of the calendar {nation(each.calendar) if each.calendar in CALENDARS else title_of(each.calendar)}{f' (from {full(each.since)})' if each.since else ''}"
        for each in versions
    ]
    return f"Recorded with the clock set by hand: {listed(named, 'and')}. Since when those days count goes by the times that were given there."


def kept_by_hand_document(version: KeptByHand) -> Document:
    """A version of a calendar that was kept with the clock set by hand."""
    return {"calendar": version.calendar, "version": version.version, "since": instant(version.since)}
