"""The JSON document of a date worked out, and of the days of a proof."""

from collections.abc import Iterable
from datetime import datetime

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.calendar import Calendar
from escalate.domain.worktime.due import ActBy, Due
from escalate.domain.worktime.proof import Step
from escalate.output.documents import Document, instant


def calc_document(
    start: datetime,
    allowance: Allowance,
    calendar: Calendar,
    due: Due,
    target: Due | None,
    act: ActBy,
    days: Iterable[Step],
) -> Document:
    """`calc --json`, and a line of `calc -`."""
    return {
        "start": instant(start),
        "allowance": str(allowance),
        "calendar": calendar.name,
        "due_on": due.on.isoformat(),
        "due_at": instant(due.at),
        "target_at": instant(target.at) if target else None,
        "act_by": instant(act.at),
        "outside_hours": act.outside_hours,
        "provisional": due.provisional,
        "steps": days_document(days),
    }


def days_document(days: Iterable[Step]) -> list[Document]:
    """Every day of a walk, as `calc` and `explain` have it."""
    return [{"on": day.on.isoformat(), "count": day.count, "why": day.why or None} for day in days]
