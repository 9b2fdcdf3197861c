"""The deadline and its limits, and the rows of lists: as they are worked out, and as they are kept ready to be read.

Nothing here works anything out, so that a list can be shown without loading what does. These are named tuples because
lists have many of them: tuples and their classes are made in a quarter of the time that dataclasses take.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from escalate.domain.case.occasion import AT_ANY_STAGE, Occasion
from escalate.domain.case.people import Holder, holders_on
from escalate.domain.protocol.anchors import Anchor
from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.due import Due, Stop

RULES = 8
"""Raise this whenever the same history, protocol and calendar come to other deadlines than before: files are then worked out anew."""

BY_THE_CLOCK = "hour"
"""The unit of a lateness that is told in hours and days by the clock."""

NOBODY: Mapping[str, str] = MappingProxyType({})
"""Who a person is, where nobody asked for that."""


class CaseLine(NamedTuple):
    """A case as a list shows it."""

    ref: str
    """Its reference."""
    protocol: str
    """The id of its protocol."""
    edition: str
    """The edition it is kept under, as the document dates it."""
    route: str
    """The key of the route it is on."""
    status: str
    """`open`, `resolved` or `withdrawn`."""
    stage: str
    """The key of the stage it is at, or was at when it was closed."""
    stage_name: str
    """The name of that stage."""
    entered_at: datetime
    """When it came to that stage (UTC)."""
    concern_at: datetime
    """When the concern arose (UTC)."""
    raised_at: datetime
    """When it was raised (UTC)."""
    subject: str | None
    """The reference of the person it is about."""
    raising_agency: str | None
    """Who raised it."""
    receiving_agency: str | None
    """To whom it was raised."""
    calendar: str
    """The name of the calendar it counts on."""
    facts: Mapping[str, str]
    """The answers that hold, by the keys of the protocol's facts."""
    involved: tuple[str, ...] = ()
    """Other agencies that have to do with it."""
    themes: tuple[str, ...] = ()
    """What it is about: keys of the protocol's themes, or words of one's own."""
    identity: Mapping[str, str] = NOBODY
    """Who the person is, where that was asked for: `name`, `born`, `address`."""

    @property
    def agencies(self) -> tuple[str, ...]:
        """Every agency that has to do with it."""
        return tuple(name for name in (self.raising_agency, self.receiving_agency, *self.involved) if name)


class Limit(NamedTuple):
    """A timescale, a cap or an agreed date as it falls for one case."""

    within: Allowance | None
    """How long is allowed; None for an agreed date."""
    anchor: Anchor
    """What it counts from: where that has not happened, what it falls back on (C10)."""
    since: datetime | None
    """The instant it counts from, or back from; None while that has not happened."""
    entry: int | None
    """The entry of the history that says so."""
    due: Due | None
    """Where it ends; None while what it counts from has not happened, or its clock stands still."""
    target_at: datetime | None
    """The instant of the target, the lower figure of a range."""
    provisional: bool
    """It counts from something it only falls back on (C10), or ends beyond the published bank holidays (C12)."""
    cite: str
    """Where in the protocol's document it is written."""
    reading: str | None = None
    """How an ambiguous phrase was read."""
    when: str | None = None
    """The condition under which it applies, as the protocol writes it."""
    is_cap: bool = False
    """It is the limit on the whole process."""
    backward: bool = False
    """`since` lies ahead, and it is counted back from there."""
    repeats: bool = False
    """It begins anew each time the action is done."""
    stops: tuple[Stop, ...] = ()
    """The times during which its clock stood still."""
    extended_to: datetime | None = None
    """The later date that was agreed in time, where it may be extended."""
    extendable_to: Allowance | None = None
    """How far it may be extended, counted from the same anchor."""
    extendable: bool = False
    """It may be extended by what is known, or as far as is known."""
    extendable_when: str | None = None
    """The condition under which it may be extended, as the protocol writes it."""
    unanswered: tuple[str, ...] = ()
    """The questions on which it hangs whether it applies at all: keys of facts nobody has answered (C14)."""
    answers: Mapping[str, str] = NOBODY
    """The answers by which it was judged whether it applies."""
    after: "Deadline | None" = None
    """Of time that counts from another action's running out, the deadline of that action (C21)."""
    after_may_be_in_time: bool | None = None
    """Whether that other action can still turn out to have been done in its time; None where it counts from none."""


class ReadOtherwise(NamedTuple):
    """What a deadline comes to by the readings of somebody who reads the protocol otherwise than its file does."""

    read_by: str
    """Who might read it so, by role."""
    limits: tuple[Limit, ...]
    """The limits they read otherwise, as they fall by their reading."""
    due_at: datetime | None
    """When the deadline would be due (UTC), the other limits being as they are; None while none of `limits` has a date."""
    provisional: bool
    """That date may still move."""


class Deadline(NamedTuple):
    """An action of one case and when it is due. Every time is an instant (UTC); None where there is none."""

    occasion: Occasion
    """When it is owed: during one stay at a stage, at any stage, or after a resolution."""
    route: str
    """The key of the route."""
    stage: str
    """The key of the stage; of a standing action, the one the case is at."""
    stage_name: str
    """The name of that stage."""
    action: str
    """The key of the action."""
    action_name: str
    """What is to be done."""
    owner: str
    """Who is to do it, by role."""
    cite: str | None
    """Where in the protocol's document its limit is written."""
    target_at: datetime | None = None
    """The earliest target (C9) before it is due."""
    due_at: datetime | None = None
    """When its time runs out."""
    act_by: datetime | None = None
    """The last working moment before that (C8)."""
    outside_hours: bool = False
    """Its whole time lies outside working hours, so that `act_by` is `due_at` itself."""
    provisional: bool = False
    """Its date may still move (C10, C12)."""
    waiting: bool = False
    """What it counts from has not happened yet, or its clock stands still."""
    agreed_until: datetime | None = None
    """The date the two sides agreed."""
    met_at: datetime | None = None
    """When it was done."""
    met_entry: int | None = None
    """The entry that says so."""
    ends_stage: bool = False
    """It is the action that ends its stage."""
    contacts: tuple[str, ...] = ()
    """Whom to reach, by role."""
    ahead_of: str | None = None
    """Something further up whose time is running already and ends sooner than this one's."""
    ahead_at: datetime | None = None
    """When the time of that runs out."""
    limit_at: datetime | None = None
    """The protocol's own limit, where an agreed date comes before it."""
    occurrence: int = 0
    """Which time it is of something done again and again, from 1; 0 for anything else."""
    is_window: bool = False
    """It is a time in which something may be done, and only closes."""
    side: str | None = None
    """Whose window it is: `raising` or `receiving`."""
    once_passed: str | None = None
    """What holds once its time has passed."""
    then_owner: str | None = None
    """Who then has to do with it as well."""
    stopped_since: datetime | None = None
    """Since when its clock stands still."""
    call: int = 1
    """Which of the calls for the action it answers, from 1: each is one time that it is called for (C15)."""
    agreement: int = 0
    """The entry of an agreed date that ran out and was agreed anew, where the row is of that date; 0 where it is of the call itself."""
    called_at: datetime | None = None
    """When the call began. Lists are read without it."""
    called_entry: int | None = None
    """The entry that began it. Lists are read without it."""
    first_called: int | None = None
    """The entry that began the first of the calls that it carries on. Lists are read without it."""
    runs_from: datetime | None = None
    """When its time begins to run, where that is the time of another action running out, which may still lie ahead (C21); or when what has
    no time limit begins."""
    stands_back: bool = False
    """Its stage has no limit of its own and ends with its duties, one of which is open and dated: no list shows it (C18)."""
    ended_at: datetime | None = None
    """When the call, or the agreed date, ended otherwise than by being done (C15)."""
    ended_entry: int | None = None
    """The entry that says so."""
    unanswered: tuple[str, ...] = ()
    """The questions on which it hangs: keys of facts nobody has answered (C14)."""
    judged_until: datetime | None = None
    """Set where it was judged before the calendar was changed, or the case moved to another edition: by what held until then."""
    not_known: bool = False
    """It belongs to closed history that was taken over from a log, which does not tell what became of it. Lists are read without it."""
    late_in: str = BY_THE_CLOCK
    """The unit in which it is told how late it is, that of the limit which decides (C17): `hour`, `working day`, `school day` and the like."""
    limits: tuple[Limit, ...] = ()
    """Every limit that bears on it, the one that decides (C7) first. Lists are read without them."""
    read_otherwise: tuple[ReadOtherwise, ...] = ()
    """What it comes to by other readings of its protocol, reader by reader. Lists are read without them."""
    other_reading_at: datetime | None = None
    """The earliest date it has by another reading, where that is not `due_at`."""

    @property
    def at_any_stage(self) -> bool:
        """It is of a standing action."""
        return self.occasion == AT_ANY_STAGE  # a list asks this of every line several times: no call

    @property
    def decided_by(self) -> Limit | None:
        """The limit that decides when it is due; None where the protocol gives no time and none was agreed."""
        return self.limits[0] if self.limits else None

    @property
    def comes_first(self) -> bool:
        """It is about somebody's safety, before all else: a standing action, unless it is just done again and again."""
        return self.at_any_stage and not self.occurrence

    @property
    def key(self) -> "DeadlineKey":
        """What tells it from the other deadlines of its case."""
        return self.occasion, self.action, self.call, self.occurrence, self.agreement

    @property
    def is_open(self) -> bool:
        """It is owed still: neither done nor ended."""
        return self.met_at is None and self.ended_at is None

    @property
    def had_run_out(self) -> bool:
        """It ended with its time run out; exactly at the limit it had not (C15)."""
        return self.ended_at is not None and self.due_at is not None and self.due_at < self.ended_at

    @property
    def met_in_time(self) -> bool:
        """It was done before its time ran out, or has none."""
        return self.met_at is not None and (self.due_at is None or self.met_at <= self.due_at)

    def has_begun(self, now: datetime) -> bool:
        """Whether its time has begun, or it has itself, where that may lie ahead."""
        return not self.waiting and (self.runs_from is None or now > self.runs_from)

    def has_passed(self, now: datetime) -> bool:
        """Whether its time has passed without it."""
        return self.is_open and self.due_at is not None and now > self.due_at

    def has_passed_by_another_reading(self, now: datetime) -> bool:
        """Whether its time has passed by another reading of the protocol, and by ours it has not."""
        other = self.other_reading_at
        return other is not None and now > other and self.is_open and not self.has_passed(now)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its time has passed without it, and it is no window: that only closes."""
        return not self.is_window and self.has_passed(now)

    def owner_at(self, now: datetime) -> str:
        """Who has to do with it: once its time has passed, whoever then does as well."""
        return f"{self.owner}; now also {self.then_owner}" if self.then_owner and self.has_passed(now) else self.owner


DeadlineKey = tuple[Occasion, str, int, int, int]
"""What tells a deadline from the others of its case: its occasion and action, which call for that, which time of what repeats, and which
agreed date."""

DeadlinePlace = tuple[str, DeadlineKey]
"""Where a deadline is found: the reference of its case, and its key there."""


class DueLine(NamedTuple):
    """A deadline as a list shows it."""

    case: CaseLine
    """The case it belongs to."""
    deadline: Deadline
    """Without its limits, where it was read from a list."""
    holders: tuple[Holder, ...] = ()
    """Who holds the sides of the case when it is due, on one day or another."""

    @property
    def has_dated_holders(self) -> bool:
        """Whether anybody holds a side on some days alone."""
        return any(each.since or each.until for each in self.holders)

    def on(self, day: date) -> "DueLine":
        """The line with who holds the sides on a day."""
        return self._replace(holders=holders_on(day, self.holders)) if self.holders else self

    @property
    def place(self) -> DeadlinePlace:
        """Where the deadline is found."""
        return self.case.ref, self.deadline.key
