"""Up to where a report counts."""

from datetime import datetime, timedelta
from typing import NamedTuple

from escalate.domain.worktime.periods import Period


class Cutoff(NamedTuple):
    """The period of a report, and up to where it is counted."""

    period: Period
    """The days the report is about."""
    until: datetime
    """The last instant counted: the end of the period, or now while it runs."""
    running: bool
    """The period is not over."""
    due_before: datetime
    """What was due before this instant had run out; once the period is over, that includes what was due at its very end."""

    @classmethod
    def at(cls, now: datetime, period: Period) -> "Cutoff":
        """The cutoff of a report that is made now."""
        if now <= period.ends:
            return cls(period, until=now, running=True, due_before=now)
        return cls(period, until=period.ends, running=False, due_before=period.ends + timedelta(seconds=1))
