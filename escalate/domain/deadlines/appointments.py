"""The dates of a case as other people's calendars keep them: which is which, how often each changed, and when it last did.

All of it comes from the history alone, by replaying it as far as each of its entries, so that nothing has to be remembered of
what was told to whom.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalate.domain.case.entries import ASSIGNED, NOTED, Entry
from escalate.domain.case.replay import Misfit, replay
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.engine import deadlines
from escalate.domain.deadlines.model import Deadline
from escalate.errors import BeyondCalendar


@dataclass(frozen=True, slots=True)
class Appointment:
    """A deadline that has, or had, a date.

    `key` names it within its case, the same however often deadlines are worked out and entries taken back and made again.
    `deadline` is only what it comes to, not how. `gone` when it does not fall due any more, or has no date any more; it is
    then as it was last. `changes` counts how often any of this became different, `made_at` and `changed_at` are when the first
    and the last entry that made it so were recorded.
    """

    key: str
    deadline: Deadline
    gone: bool
    changes: int
    made_at: datetime
    changed_at: datetime


def appointments(file: CaseFile) -> list[Appointment]:
    """Every date a case has had so far, in the order in which they first came up."""
    found: dict[str, Appointment] = {}
    history = file.case.history
    for number, entry in enumerate(history, 1):
        if entry.kind in (NOTED, ASSIGNED):  # no date hangs on these
            continue
        try:
            dated = dict(_dated(file, history[:number], entry.recorded_at))
        except (Misfit, BeyondCalendar):  # today's rules no longer take what once stood: what follows has put it right
            continue
        at = entry.recorded_at
        for key, before in found.items():
            gone = key not in dated
            deadline = dated.pop(key, before.deadline)
            if (deadline, gone) != (before.deadline, before.gone):
                found[key] = Appointment(key, deadline, gone, before.changes + 1, before.made_at, at)
        found |= {key: Appointment(key, deadline, False, 0, at, at) for key, deadline in dated.items()}
    return list(found.values())


def _dated(file: CaseFile, entries: Sequence[Entry], at: datetime) -> Iterator[tuple[str, Deadline]]:
    """The deadlines with a date that the beginning of a history came to, by what held at an instant; each by its key."""
    for each in deadlines(file.protocol.as_known(at), replay(entries), file.calendar.as_known(at)):
        if each.due_at is not None:
            what_it_comes_to = each._replace(
                limits=(), contacts=(), ahead_of=None, ahead_at=None, met_entry=None, judged_until=None
            )
            time = f"/{each.occurrence}" if each.occurrence else ""
            if each.occasion.stay:
                yield f"{each.occasion.stay}/{each.route}:{each.stage}/{each.action}{time}", what_it_comes_to
            else:  # it belongs to the case, whatever stage that is at
                yield (
                    f"{each.occasion.number}/{each.action}{time}",
                    what_it_comes_to._replace(route="", stage="", stage_name=""),
                )
