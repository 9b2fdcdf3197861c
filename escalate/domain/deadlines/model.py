"""What lists are made of: cases and deadlines, as they are kept ready to be read.

Nothing here works anything out, so that a list can be shown without loading what does. These are tuples with names because
lists have many of them: they are made, and their classes too, in a quarter of the time that dataclasses take.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from escalate.domain.deadlines.engine import Counted

RULES = 4
"""Raised whenever the same history, protocol and calendar come to other deadlines than before; files are then worked out anew."""


NOBODY: Mapping[str, str] = MappingProxyType({})
"""Who a person is, where that was not asked for."""


class CaseLine(NamedTuple):
    """A case as a list shows it."""

    ref: str
    protocol: str
    edition: str
    route: str
    status: str
    stage: str
    stage_name: str
    entered_at: datetime
    concern_at: datetime
    raised_at: datetime
    subject: str | None
    raising_agency: str | None
    receiving_agency: str | None
    calendar: str
    facts: Mapping[str, str]
    involved: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    identity: Mapping[str, str] = NOBODY

    @property
    def agencies(self) -> tuple[str, ...]:
        """Every agency that has to do with it."""
        return tuple(name for name in (self.raising_agency, self.receiving_agency, *self.involved) if name)


class Holder(NamedTuple):
    """Who holds a side: `raising`, `receiving` or another agency; name and e-mail only where they were asked for."""

    side: str
    role: str | None = None
    name: str | None = None
    email: str | None = None


class Deadline(NamedTuple):
    """An action of one case and when it is due. All moments are instants; None where there is none.

    `visit` numbers the stay at a stage it belongs to; it is 0 for a standing action, and -n for what is owed after the n-th
    resolution; `occurrence` numbers the times of something that has to be done again and again, and is 0 for anything else.
    `ahead_at` is the limit of something further up, `ahead_of`, whose time is running already and ends sooner than this one's.
    `limit_at` is the protocol's own limit, where an agreed date comes before it. A `window` only closes. `stopped_since` is
    when its clock was stopped, while it is. `contacts` says whom to reach, by role. `counted` holds every timescale that bears
    on it, the one that won (C7) first. `judged_until` is set where it was judged before the calendar was changed, or the case
    moved to another edition: by what held until then.
    """

    visit: int
    route: str
    stage: str
    stage_name: str
    action: str
    action_name: str
    owner: str
    cite: str | None
    target_at: datetime | None = None
    due_at: datetime | None = None
    act_by: datetime | None = None
    outside_hours: bool = False
    provisional: bool = False
    waiting: bool = False
    agreed_until: datetime | None = None
    met_at: datetime | None = None
    met_entry: int | None = None
    ends_stage: bool = False
    is_standing: bool = False
    contacts: tuple[str, ...] = ()
    ahead_of: str | None = None
    ahead_at: datetime | None = None
    limit_at: datetime | None = None
    occurrence: int = 0
    is_window: bool = False
    side: str | None = None
    once_passed: str | None = None
    then_owner: str | None = None
    stopped_since: datetime | None = None
    judged_until: datetime | None = None
    counted: tuple["Counted", ...] = ()

    def owner_at(self, now: datetime) -> str:
        """Who has to do with it: once its time has passed, whoever then does as well."""
        return f"{self.owner}; now also {self.then_owner}" if self.then_owner and self.has_passed(now) else self.owner

    def has_passed(self, now: datetime) -> bool:
        """Whether its time has passed without it."""
        return self.met_at is None and self.due_at is not None and now > self.due_at

    @property
    def comes_first(self) -> bool:
        """It is about somebody's safety, before all else: a standing action, unless it is just done again and again."""
        return self.is_standing and not self.occurrence

    @property
    def key(self) -> tuple[int, str, int]:
        """What tells it from the other deadlines of its case."""
        return self.visit, self.action, self.occurrence


Place = tuple[str, tuple[int, str, int]]
"""Where a deadline is found: its case, and what tells it from the others there."""


class DueLine(NamedTuple):
    """A deadline, the case it belongs to, and who holds the sides of that case when it is due."""

    case: CaseLine
    deadline: Deadline
    holders: tuple[Holder, ...] = ()

    @property
    def place(self) -> Place:
        """Where it is found."""
        return self.case.ref, self.deadline.key
