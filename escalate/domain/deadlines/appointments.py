"""The dates of a case as other people's calendars keep them: which is which, how often each changed, and when it last did.

All of it comes from the history alone, by replaying it as far as each of its entries, so that nothing has to be remembered of
what was told to whom.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from escalate.domain.case.entries import ASSIGNED, NOTED
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.errors import BeyondCalendar


@dataclass(frozen=True, slots=True)
class Appointment:
    """A deadline that has, or had, a date."""

    key: str
    """Names it within its case, the same however often deadlines are worked out and entries taken back and made again."""
    deadline: Deadline
    """Its dates and whether it was met, without its limits; once it is gone, as it was last."""
    gone: bool
    """It does not fall due any more, or has no date any more; what ended otherwise than by being done says when."""
    changes: int
    """How often any of this became different."""
    made_at: datetime
    """When the first entry that made it so was recorded (UTC)."""
    changed_at: datetime
    """When the last entry that made it so was recorded (UTC)."""


def appointments(file: CaseFile) -> list[Appointment]:
    """Every date a case has had so far, in the order in which they first came up."""
    found: dict[str, Appointment] = {}
    for number, entry in enumerate(file.case.history, 1):
        if entry.kind in (NOTED, ASSIGNED):  # no date hangs on these
            continue
        try:
            dated = _deadlines_with_date(file, number)
        except (Misfit, BeyondCalendar):  # today's rules no longer take what once stood: what follows has put it right
            continue
        found |= dict(_changed(found, dated, entry.recorded_at))
    return list(found.values())


def _changed(
    before: Mapping[str, Appointment], dated: Mapping[str, Deadline], at: datetime
) -> Iterator[tuple[str, Appointment]]:
    """The appointments that are new or different by an entry recorded at an instant, each by its key."""
    for key, each in before.items():
        deadline = dated.get(key, each.deadline)
        gone = key not in dated or deadline.ended_at is not None
        if (deadline, gone) != (each.deadline, each.gone):
            yield key, Appointment(key, deadline, gone, each.changes + 1, each.made_at, at)
    for key in dated:
        if key not in before and dated[key].ended_at is None:
            yield key, Appointment(key, dated[key], False, 0, at, at)


def _deadlines_with_date(file: CaseFile, number: int) -> dict[str, Deadline]:
    """The deadlines with a date that the first so many entries came to, by what held when the last was recorded; each by its key."""
    entries = file.case.history[:number]
    at = entries[-1].recorded_at
    found = deadlines(file.protocol.as_known(at), replay(entries), file.calendar.as_known(at))
    return {_key(each): _what_it_comes_to(each) for each in found if each.due_at is not None and not each.agreement}


def _key(deadline: Deadline) -> str:
    """The name of a deadline within its case; of one owed beside the stages without the stage, for that changes."""
    number = deadline.occurrence or (deadline.call if deadline.call > 1 else 0)
    occasion, time = deadline.occasion, f"/{number}" if number else ""
    if occasion.stay:
        return f"{occasion.stay}/{deadline.route}:{deadline.stage}/{deadline.action}{time}"
    return f"{occasion.number}/{deadline.action}{time}"


def _what_it_comes_to(deadline: Deadline) -> Deadline:
    """A deadline without how it came about; of one owed beside the stages, without the stage as well."""
    outcome = deadline._replace(
        limits=(), read_otherwise=(), other_reading_at=None, contacts=(), ahead_of=None, ahead_at=None, met_entry=None,
        judged_until=None, called_at=None, called_entry=None, first_called=None, ended_entry=None, runs_from=None,
    )  # fmt: skip
    return outcome if deadline.occasion.stay else outcome._replace(route="", stage="", stage_name="")
